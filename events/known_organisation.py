"""Organisations whose address at a domain tells a reviewer something. It says nothing about who takes part."""

from enum import StrEnum

import idna
from tortoise import fields
from tortoise.models import Model

from .event import Event


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

    class Meta:
        app, table = "events", "known_organisation"


def ascii_domain(domain: str) -> str:
    """Lower case and IDNA; '' when it can be no domain."""
    try:
        return idna.encode(domain.strip().rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return ""
