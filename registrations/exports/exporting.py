"""Somebody asks for a file, and fetches it: once, within an hour after it was made. Each is an entry of the audit log,
which says what kind of file, which columns and how many people; never who.

The database deletes a file that waits with what anybody told us who may stand in it, and one about needs with any
change of those. Whoever never confirmed their request, and did not come as a walk-in, stands in files of emails and of
the people list alone.

Rules: SE-13, SE-12, SE-20, DP-05. `at` is the event's time, `real` the machine's.
"""

import base64
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff, names_of
from events.audit import audit, triggers
from events.audit.action import Action
from events.event import Event
from events.ground import clock, live, tokens
from events.ground.database import after_commit, places, query, run_tx
from events.ground.refusal import Refused
from registrations.people.person import IS_DELETED

from . import email_rows, rows
from .columns import REPORTS
from .export import (
    FILE_LASTS,
    Export,
    ExportKind,
    ExportPart,
    Format,
    Stage,
    destroy_by,
    sealed_purpose,
)

TOPIC = "exports"  # whoever makes files wakes by it
MOST = 200_000  # people, or emails
TOO_MANY = "A file has room for {:,} lines, and this one would have more. Nothing was made."
GONE = (
    "This file cannot be fetched any more: it was fetched already, its hour is over, or data in it were deleted"
    " since. Make it again."
)
FETCH = """UPDATE export SET fetched_at = ? WHERE id = ? AND asked_by_id = ? AND fetched_at IS NULL AND made_at > ?
    RETURNING id"""
WITH_FILE = "SELECT export_id FROM export_part WHERE n = 0 AND export_id IN ({ids})"
NEEDS_CHANGED = "OLD.needs_sealed IS NOT NULL AND (NEW.needs_sealed IS NULL OR NEW.needs_sealed <> OLD.needs_sealed)"
FILES = "DELETE FROM export_part WHERE event_id = NEW.event_id"
IN_ALL = "OLD.confirmed_at IS NOT NULL OR EXISTS (SELECT 1 FROM walk_in WHERE registration_id = OLD.id)"
THEIRS = f"{FILES} AND ({IN_ALL} OR export_id IN (SELECT id FROM export WHERE kind IN ('emails', 'people')))"  # noqa: S608  # ours
OF_NEEDS = f"{FILES} AND export_id IN (SELECT id FROM export WHERE kind IN ('access', 'catering'))"  # noqa: S608  # ours
triggers.ended_with("registration", IS_DELETED, "exports_ended", [THEIRS])
triggers.ended_with("registration", NEEDS_CHANGED, "needs_exports_ended", [OF_NEEDS])


class Wanted(NamedTuple):
    """`columns`: their codes, in the order of the report. `people`: of a people list, by their ids in its order, and by
    what they were `filtered`, in words."""

    kind: ExportKind
    format: Format
    columns: Sequence[str]
    purpose: str
    people: Sequence[int] = ()
    filtered: str = ""


class Listed(NamedTuple):
    """An export, who asked for it, and how far it is."""

    export: Export
    asked_by: str
    stage: Stage


async def ask(event: Event, wanted: Wanted, by: Staff, at: datetime, real: datetime) -> Export:
    """Keeps what is to be made, for whoever makes files. Raises Refused for too many people, and for whoever has read
    more than anybody can in an hour."""
    total = await _total(event, wanted)
    if total > MOST:
        raise Refused(TOO_MANY.format(MOST))
    return await _keep(event, wanted, total, by, at, real)


async def _total(event: Event, wanted: Wanted) -> int:
    if wanted.kind is ExportKind.PEOPLE:
        return len(wanted.people)
    return await (email_rows.total(event) if wanted.kind is ExportKind.EMAILS else rows.total(event, wanted.kind))


@run_tx
async def _keep(event: Event, wanted: Wanted, total: int, by: Staff, at: datetime, real: datetime) -> Export:
    public_id, report = tokens.new_public_id(), REPORTS[wanted.kind]
    export = await Export.create(
        event_id=event.id,
        public_id=public_id,
        kind=wanted.kind,
        format=wanted.format,
        columns=list(wanted.columns),
        people=list(wanted.people),
        filtered=wanted.filtered,
        purpose_sealed=sealed_purpose(wanted.purpose, event, public_id),
        asked_by=by,
        asked_at=at,
        destroy_by=destroy_by(event, report.kept, clock.local(at).date()),
        total=total,
    )
    facts: dict[str, audit.Detail] = {
        "kind": wanted.kind.value,
        "format": wanted.format.value,
        "columns": list(wanted.columns),
        "number": total,
    }
    facts |= {"filtered": wanted.filtered} if wanted.filtered else {}
    lines, words = total if report.tells_who(wanted.columns) else 0, report.in_words(wanted.columns, total)
    await reading.exported(event, export, facts, lines=lines, file=words, by=by, at=at, real=real)
    after_commit(live.publish, TOPIC)
    return export


async def of_event(event: Event, kinds: Collection[ExportKind], real: datetime) -> list[Listed]:
    """The exports of these kinds, the newest first."""
    found = await Export.filter(event_id=event.id, kind__in=list(kinds)).order_by("-id").limit(200)
    names = await names_of({f"staff:{export.asked_by_id}" for export in found})
    there = await _with_file(found)
    return [
        Listed(export, names.get(f"staff:{export.asked_by_id}", ""), _stage(export, there, real)) for export in found
    ]


async def stage_of(export: Export, real: datetime) -> Stage:
    return _stage(export, await _with_file([export]), real)


def _stage(export: Export, there: set[int], real: datetime) -> Stage:
    """Within its hour a file goes only with data that were deleted."""
    stage = export.stage(real)
    return Stage.DELETED if stage is Stage.READY and export.id not in there else stage


async def _with_file(exports: Sequence[Export]) -> set[int]:
    if not exports:
        return set()
    rows = await query(WITH_FILE.format(ids=places(len(exports))), [export.id for export in exports])
    return {row["export_id"] for row in rows}


@run_tx
async def fetch(export: Export, by: Staff, at: datetime, real: datetime) -> bytes:
    """The file, for one caller: from then on there is none. Raises Refused for everybody else, and once it is over."""
    if not await query(FETCH, [real, export.id, by.id, real - FILE_LASTS]):
        raise Refused(GONE)
    parts = await ExportPart.filter(export_id=export.id).order_by("n")
    pieces = [part.opened for part in parts]
    if not pieces or None in pieces:
        raise Refused(GONE)
    content = b"".join(base64.b64decode(piece or "") for piece in pieces)
    await ExportPart.filter(export_id=export.id).delete()
    await audit.record(Action.EXPORT_FETCHED, export, by=by, at=at, kind=export.kind.value, rows=export.rows)
    return content
