"""Sheets are made, and are noted as destroyed. Each has a number and a row; the audit log says how many lines it had,
and never who was on it. The numbers of a release list are made with it, and end with it.

Rules: EV-06, SG-06, SG-15, SE-12.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff, names_of
from events.audit import audit
from events.audit.action import Action
from events.event import Event, held_event
from events.ground.database import run_tx
from events.ground.refusal import Refused

from . import lines, release
from .lines import EMPTY_ROWS, Line
from .sheet import ROWS_TO_WRITE_IN, Sheet, SheetKind, destroy_by

SHOWN = [name for name in Sheet._meta.db_fields if name != "tickets"]  # thousands of numbers each
OVER = "The event is over, so nobody needs a sheet for the doors any more."
TOO_LONG = (
    "A PDF has room for {} lines, and this sheet has more. Go back, and make a page to print: it has room for all."
)
DESTROYED_ALREADY = "This sheet was noted as destroyed already."
ENDED_ALREADY = "The numbers of this list have ended already, or it has none."


class Made(NamedTuple):
    sheet: Sheet
    lines: list[Line]
    workshop: str = ""  # of a room list: which, when and where


class OfWorkshop(NamedTuple):
    """That a room list is of: its number, and which, when and where."""

    id: int = 0
    words: str = ""


NO_WORKSHOP = OfWorkshop()


class Listed(NamedTuple):
    """A sheet, and the names of who printed it and of who noted that it is destroyed."""

    sheet: Sheet
    printed_by: str
    destroyed_by: str
    used: int  # of a release list: numbers with which a line was typed up


async def make(
    event: Event,
    kind: SheetKind,
    by: Staff,
    at: datetime,
    real: datetime,
    most: int | None = None,
    workshop: OfWorkshop = NO_WORKSHOP,
) -> Made:
    """A new sheet of this kind, with all who belong on it now. Raises Refused once the event is over, where it has more
    lines than `most`, and for whoever has read more than anybody can in an hour."""
    if event.is_over(at):
        raise Refused(OVER)
    on_it = await lines.of_sheet(event, kind, workshop.id)
    if most is not None and len(on_it) > most:
        raise Refused(TOO_LONG.format(most))
    return (await _keep(event, kind, on_it, by, at, real))._replace(workshop=workshop.words)


@run_tx
async def _keep(event: Event, kind: SheetKind, on_it: list[Line], by: Staff, at: datetime, real: datetime) -> Made:
    """Holds the event, so that two who print at once have two numbers."""
    await held_event(event.id)
    before = await Sheet.filter(event_id=event.id).order_by("-number").first()
    sheet = await Sheet.create(
        event_id=event.id,
        number=before.number + 1 if before else 1,
        kind=kind,
        lines=len(on_it) or (EMPTY_ROWS if kind in ROWS_TO_WRITE_IN else 0),
        tickets=[line.ticket_id for line in on_it if line.ticket_id],
        printed_at=at,
        printed_by=by.actor,
        destroy_by=destroy_by(event, kind),
    )
    facts: dict[str, str | int] = {"kind": kind.value, "sheet": sheet.number, "lines": sheet.lines}
    if on_it:
        await reading.printed(event, sheet, facts, by=by, at=at, real=real)
    else:
        await audit.record_all([(Action.EMPTY_SHEET_PRINTED, sheet, facts)], by=by, at=at)
    if kind is SheetKind.RELEASE:
        on_it = [Line(0, "", reference=number) for number in await release.draw(sheet, event)]
    return Made(sheet, on_it)


@run_tx
async def destroy(sheet: Sheet, by: Staff, at: datetime) -> None:
    """Notes that the paper is destroyed. Raises Refused where somebody else has noted it."""
    if await Sheet.filter(id=sheet.id, destroyed_at=None).update(destroyed_at=at, destroyed_by=by.actor) != 1:
        raise Refused(DESTROYED_ALREADY)
    await audit.record(Action.SHEET_DESTROYED, sheet, by=by, at=at, sheet=sheet.number)


@run_tx
async def end_releases(sheet: Sheet, by: Staff, at: datetime) -> None:
    """The list is lost: from now on none of its numbers counts. Raises Refused where somebody else has said so."""
    lists = Sheet.filter(id=sheet.id, kind=SheetKind.RELEASE, ended_at=None, destroyed_at=None)
    if await lists.update(ended_at=at, ended_by=by.actor) != 1:
        raise Refused(ENDED_ALREADY)
    await audit.record(Action.RELEASES_ENDED, sheet, by=by, at=at, sheet=sheet.number)


async def of_event(event: Event, kinds: Collection[SheetKind] = tuple(SheetKind)) -> list[Listed]:
    """All sheets of these kinds, those that are still out first, the newest first among each."""
    sheets = await Sheet.filter(event_id=event.id, kind__in=list(kinds)).order_by("-number").only(*SHOWN)
    names = await names_of(actor for sheet in sheets for actor in (sheet.printed_by, sheet.destroyed_by))
    lists = any(sheet.kind is SheetKind.RELEASE for sheet in sheets)
    used = await release.used_of_sheets(event.id) if lists else {}
    listed = [
        Listed(sheet, names.get(sheet.printed_by, ""), names.get(sheet.destroyed_by, ""), used.get(sheet.id, 0))
        for sheet in sheets
    ]
    return sorted(listed, key=lambda row: row.sheet.destroyed_at is not None)
