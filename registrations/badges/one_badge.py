"""One person's badge: how it stands, and printed again because somebody asks for it.

Rules: EV-02.
"""

from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground.database import find_row, query, run_tx
from events.ground.refusal import Refused
from registrations.people.registration import Registration

from .badge import Badge
from .badge_print import BadgePrint
from .papers import PaperName
from .printing import HAS_BADGE, LAST_PRINT, OF_GUEST, Guest, guest_of, note
from .workshop_lines import lines_of

ONE = f"""SELECT {OF_GUEST}, coalesce(p.n, 0) AS printed_n, p.text_hash
    FROM registration r JOIN ticket t ON t.registration_id = r.id AND t.revoked_at IS NULL {LAST_PRINT}
    WHERE r.id = ? AND r.event_id = ? AND {HAS_BADGE}"""  # noqa: S608  # ours
NO_BADGE = "They have no ticket now, or their details cannot be read, so there is no badge to print."


class Standing(NamedTuple):
    """None for a badge where there is none to print, and for the last print where it was never printed."""

    guest: Guest | None
    last: BadgePrint | None


async def standing(event: Event, person: Registration) -> Standing:
    last = await find_row(BadgePrint, "registration_id = ? ORDER BY n DESC LIMIT 1", [person.id])
    return Standing(await _guest(event, person.id), last)


async def _guest(event: Event, registration_id: int) -> Guest | None:
    rows = await query(ONE, [registration_id, event.id])
    return guest_of(event, rows[0], await lines_of(event, rows)) if rows else None


@run_tx
async def print_again(event: Event, person: Registration, paper: PaperName, by: Staff, at: datetime) -> Badge:
    """What stands on it now, however often it was printed. Raises Refused for somebody without a ticket."""
    guest = await _guest(event, person.id)
    if guest is None or not await note(event, [guest], by, at, again=True):
        raise Refused(NO_BADGE)
    await audit.record(Action.BADGES_PRINTED, person, by=by, at=at, paper=paper.value, number=1)
    return guest.badge
