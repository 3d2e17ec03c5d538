"""Who has come in and has no badge yet, and whose badges were printed here last: a badge desk works this off.

Nobody's badge is printed twice unasked: whoever has a print of any kind waits no more, also after an undo and another
entry. Rules: EV-02, SE-09.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, moment, query, run_tx
from events.ground.refusal import Refused
from registrations.codes.arrived import at_entrances
from registrations.people.registration import Registration
from registrations.phones.door import topic

from .badge import Badge
from .papers import PaperName
from .printing import HAS_BADGE, LAST_PRINT, OF_GUEST, Guest, guest_of, note
from .workshop_lines import Lines, lines_of

MOST, LAST = 20, 10  # so many wait on the page, and so many prints can be made again
ENTRY = f"FROM ticket o JOIN {at_entrances('o')} WHERE o.id = t.id AND a.left_at IS NULL"
IS_IN, CAME = f"EXISTS (SELECT 1 {ENTRY})", f"(SELECT a.admitted_at {ENTRY})"
WITH_TICKET = "registration r JOIN ticket t ON t.registration_id = r.id AND t.revoked_at IS NULL"
NO_PRINT = "NOT EXISTS (SELECT 1 FROM badge_print p WHERE p.registration_id = r.id)"
WAIT = f"FROM {WITH_TICKET} WHERE t.event_id = ? AND {HAS_BADGE} AND {IS_IN} AND {NO_PRINT}"
WAITING = f"""SELECT {OF_GUEST}, 0 AS printed_n, '' AS text_hash, {CAME} AS at
    {WAIT} ORDER BY at, r.id LIMIT {MOST}"""
HOW_MANY_WAIT = f"SELECT count(*) AS number {WAIT}"
LATELY = f"""SELECT {OF_GUEST}, p.n AS printed_n, p.text_hash, p.printed_at AS at
    FROM {WITH_TICKET} {LAST_PRINT} WHERE p.event_id = ? AND {HAS_BADGE} AND p.on_arrival
    ORDER BY p.id DESC LIMIT {LAST}"""  # noqa: S608  # ours
WAITS = f"""SELECT {OF_GUEST}, 0 AS printed_n, '' AS text_hash
    FROM {WITH_TICKET} WHERE r.id = ? AND t.event_id = ? AND {HAS_BADGE} AND {IS_IN} AND {NO_PRINT}"""  # noqa: S608
WAS_PRINTED = f"""SELECT {OF_GUEST}, p.n AS printed_n, p.text_hash
    FROM {WITH_TICKET} {LAST_PRINT} WHERE r.id = ? AND p.event_id = ? AND {HAS_BADGE} AND p.on_arrival"""  # noqa: S608
MEANWHILE = (
    "This badge does not wait any more: it was printed at another badge desk, or the entry was undone. If it did not"
    " come out of the printer, press Print again beside it."
)


class Job(NamedTuple):
    """A badge that waits for a printer, or was printed: since when, and how often before."""

    id: int  # of the request
    badge: Badge
    n: int
    at: datetime | None


class Jobs(NamedTuple):
    waiting: list[Job]
    more: int  # that wait besides
    printed: list[Job]


async def jobs(event: Event) -> Jobs:
    """Those who came first wait first; the last print comes first."""
    came, had = [await query(sql, [event.id]) for sql in (WAITING, LATELY)]
    lines = await lines_of(event, [*came, *had])
    waiting, printed = _jobs(event, came, lines), _jobs(event, had, lines)
    [counted] = await query(HOW_MANY_WAIT, [event.id]) if len(waiting) == MOST else [{"number": len(waiting)}]
    return Jobs(waiting, counted["number"] - len(waiting), printed)


def _jobs(event: Event, rows: list[dict[str, Any]], lines: Lines) -> list[Job]:
    found = [(guest_of(event, row, lines), row["at"]) for row in rows]
    return [Job(guest.id, guest.badge, guest.printed_n, moment(at)) for guest, at in found if guest]


@run_tx
async def print_waiting(event: Event, registration_id: int, paper: PaperName, by: Staff, at: datetime) -> Badge:
    """For the one badge desk that comes first. Raises Refused for every other."""
    return await _print(event, await query(WAITS, [registration_id, event.id]), paper, by, at)


@run_tx
async def print_again(
    event: Event, registration_id: int, after: int, paper: PaperName, by: Staff, at: datetime
) -> Badge:
    """Because somebody asks for it, who had seen that many prints. Pressed twice, it is printed once more."""
    rows = await query(WAS_PRINTED, [registration_id, event.id])
    return await _print(event, [row for row in rows if row["printed_n"] == after], paper, by, at)


async def _print(
    event: Event, rows: list[dict[str, Any]] | list[Mapping[str, Any]], paper: PaperName, by: Staff, at: datetime
) -> Badge:
    guest: Guest | None = guest_of(event, rows[0], await lines_of(event, rows)) if rows else None
    if guest is None or not await note(event, [guest], by, at, on_arrival=True):
        raise Refused(MEANWHILE)
    person = await Registration.get(id=guest.id)
    await audit.record(Action.BADGES_PRINTED, person, by=by, at=at, event_id=event.id, paper=paper.value, number=1)
    after_commit(live.publish, topic(event.id))
    return guest.badge
