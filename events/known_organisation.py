"""Organisations whose address at a domain tells a reviewer something. It says nothing about who takes part."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import idna
from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import run_tx
from events.ground.refusal import Refused

from .audit import audit
from .event import Event

DEFAULT_LIST = Path(__file__).with_name("known_organisations.csv")
KNOWN_ALREADY = "This domain is in the list already. Change it there."
NO_DOMAIN = "Enter a domain, like example.org"
LONGEST_AREA = 40
TOO_WIDE = "Enter a domain with a dot in it: all of .{} is not one body's"


class Treatment(StrEnum):
    PARTNER = "partner"  # exact domain of a body verified for this event; still reviewed by a person
    REVIEW = "review"
    PUBLIC_SECTOR = "public-sector"  # a suffix: any body in the country


class KnownOrganisation(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event")
    event_id: int
    domain = fields.CharField(max_length=253)  # lower case, ASCII; a suffix has its leading '*.' cut and suffix set
    suffix = fields.BooleanField(default=False)
    kind = fields.CharField(max_length=40)
    treatment = fields.CharEnumField(Treatment, max_length=20)
    area = fields.CharField(max_length=LONGEST_AREA, db_default="")  # in words: reports count by it

    class Meta:
        app, table = "events", "known_organisation"


def ascii_domain(domain: str) -> str:
    """Lower case and IDNA; '' when it can be no domain."""
    try:
        return idna.encode(domain.strip().rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return ""


def whats_wrong_with(domain: str) -> str:
    """The sentence for a domain that no one body can have; '' when it will do. A leading '*.' is all right."""
    ascii_form = ascii_domain(domain.strip().removeprefix("*."))
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", ascii_form):
        return NO_DOMAIN
    return "" if "." in ascii_form else TOO_WIDE.format(ascii_form)


class Row(NamedTuple):
    domain: str
    kind: str
    treatment: Treatment
    area: str = ""

    @property
    def suffix(self) -> bool:
        return self.treatment is Treatment.PUBLIC_SECTOR


def rows_of(text: str) -> list[Row]:
    """A list as CSV with the columns domain, kind, treatment, and perhaps area. Raises Refused, naming the first line
    that is wrong."""
    lines = csv.DictReader(StringIO(text))
    if not {"domain", "kind", "treatment"} <= set(lines.fieldnames or ()):
        raise Refused("The first line has to name the columns: domain,kind,treatment", 422)
    return [_row(line, lines.line_num) for line in lines]


def _row(line: dict[str, str | None], number: int) -> Row:
    domain, kind, treatment = ((line[name] or "").strip() for name in ("domain", "kind", "treatment"))
    if wrong := whats_wrong_with(domain):
        raise Refused(f"Line {number}: {wrong}", 422)
    if treatment not in set(Treatment):
        raise Refused(f"Line {number}: the treatment has to be one of {', '.join(Treatment)}", 422)
    area = (line.get("area") or "").strip()[:LONGEST_AREA]
    return Row(ascii_domain(domain.removeprefix("*.")), kind[:40], Treatment(treatment), area)


@run_tx
async def load(event: Event, rows: Iterable[Row], *, by: Actor | None, at: datetime) -> int:
    """Puts the rows into the event's list, in place of those with the same domain. Returns how many it read."""
    there = {
        known_organisation.domain: known_organisation
        for known_organisation in await KnownOrganisation.filter(event_id=event.id)
    }
    latest = {row.domain: row for row in rows}
    for row in latest.values():
        known = there.get(row.domain) or KnownOrganisation(event_id=event.id, domain=row.domain)
        known.kind, known.treatment, known.suffix, known.area = row.kind, row.treatment, row.suffix, row.area
        await known.save()
    await audit.record(Action.ORGANISATIONS_LOADED, event, by=by, at=at, event_id=event.id, rows=len(latest))
    return len(latest)


async def add(event: Event, row: Row, *, by: Actor, at: datetime) -> KnownOrganisation:
    """Raises Refused when the list has the domain already."""
    try:
        return await _insert(event, row, by, at)
    except IntegrityError:
        raise Refused(KNOWN_ALREADY) from None


@run_tx
async def _insert(event: Event, row: Row, by: Actor, at: datetime) -> KnownOrganisation:
    known = await KnownOrganisation.create(
        event_id=event.id, domain=row.domain, kind=row.kind, treatment=row.treatment, suffix=row.suffix, area=row.area
    )
    await _note(known, "added", None, by, at)
    return known


@run_tx
async def change(
    known: KnownOrganisation, kind: str, treatment: Treatment, area: str = "", *, by: Actor, at: datetime
) -> None:
    before = known.treatment
    known.kind, known.treatment, known.suffix = kind, treatment, treatment is Treatment.PUBLIC_SECTOR
    known.area = area
    await known.save(update_fields=["kind", "treatment", "suffix", "area"])
    await _note(known, "changed", before, by, at)


@run_tx
async def remove(known: KnownOrganisation, *, by: Actor, at: datetime) -> None:
    await _note(known, "removed", known.treatment, by, at)
    await KnownOrganisation.filter(id=known.id).delete()


async def _note(known: KnownOrganisation, act: str, before: Treatment | None, by: Actor, at: datetime) -> None:
    """Alerts all leads: an organisation that counts as checked puts reviewers at ease."""
    details: dict[str, Any] = {"act": act, "domain": known.domain, "treatment": known.treatment.value}
    if known.treatment is not Treatment.PARTNER or before is Treatment.PARTNER:
        await audit.record(Action.ORGANISATION_CHANGED, known, by=by, at=at, **details)
        return
    old, new = {known.domain: before.value if before else ""}, {known.domain: "checked"}
    await audit.record_and_alert(
        Action.ORGANISATION_CHANGED, known, by=by, at=at, event_id=known.event_id, old=old, new=new, **details
    )
