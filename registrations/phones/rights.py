"""Whom a room is for: those who take part in its workshop, and whoever comes along with one of them.

Where somebody else is due is read when it is said, and kept nowhere beside the programme. Rules: EV-01, EV-05.
"""

from collections.abc import Collection
from typing import NamedTuple

from events.ground.database import among, find_rows, query
from events.programme.programme import UNREADABLE, ProgrammeItem, Words
from registrations.codes.room import ComesIn, Room

LONGEST = 40  # bytes of where somebody is due, in a row of the guest list; fewer where it says that they are in
LONGEST_INSIDE = 12
PLACES = """SELECT t.id AS ticket_id, p.workshop_id,
    CASE WHEN p.registration_id = t.registration_id THEN 0 ELSE 1 END AS along
    FROM ticket t JOIN registration r ON r.id = t.registration_id
    JOIN workshop_place p ON (p.registration_id = r.id OR p.registration_id = r.comes_with_id) AND p.slot_id = ?
    WHERE {wanted} ORDER BY along"""


class Right(NamedTuple):
    """Of one ticket at the door of one room."""

    here: bool = False
    joins: bool = False  # they take part in none at that time, and may come in where a place is left
    due: int | None = None  # the workshop that they take part in then: their own, else that of whom they come with

    @property
    def is_elsewhere(self) -> bool:
        return not self.here and not self.joins


AS_ANYBODY = Right(here=True)


async def rights(room: Room, tickets: Collection[int]) -> dict[int, Right]:
    """By ticket."""
    if not room.is_for_some:
        return dict.fromkeys(tickets, AS_ANYBODY)
    due = await _workshops_of(room, tickets)
    return {ticket: _right(room, due.get(ticket, [])) for ticket in tickets}


def _right(room: Room, workshops: Collection[int]) -> Right:
    here = any(room.workshop in (None, workshop) for workshop in workshops)
    joins = room.comes_in is ComesIn.JOINING and not workshops
    return Right(here, joins, next(iter(workshops), None))


async def _workshops_of(room: Room, tickets: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    if tickets:
        wanted, values = among("t.id", "int", sorted(tickets))
        for row in await query(PLACES.format(wanted=wanted), [room.slot, *values]):
            found.setdefault(row["ticket_id"], []).append(row["workshop_id"])
    return found


async def named(workshops: Collection[int]) -> dict[int, str]:
    """Workshop B, Room 2. By workshop."""
    if not workshops:
        return {}
    wanted, values = among("id", "int", sorted(workshops))
    found = await find_rows(ProgrammeItem, f"SELECT * FROM programme_item WHERE {wanted}", values)  # noqa: S608
    words = {workshop.id: workshop.words for workshop in found}
    return {id_: _named(words.get(id_) or UNREADABLE) for id_ in workshops}


def _named(words: Words) -> str:
    return ", ".join(text for text in (words.title, words.room) if text)


async def due_of(room: Room, tickets: Collection[int]) -> dict[int, str]:
    """Where these tickets are due, in words. By ticket; nothing of who takes part in no workshop then."""
    due = await _workshops_of(room, tickets)
    words = await named({workshops[0] for workshops in due.values()})
    return {ticket: words[workshops[0]] for ticket, workshops in due.items()}


def short(words: str, longest: int = LONGEST) -> str:
    return words if len(words.encode()) <= longest else words.encode()[: longest - 3].decode(errors="ignore") + "…"
