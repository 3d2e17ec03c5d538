"""Who stands on a sheet, in the order of their surnames. Read in parts and opened in a thread: others are answered
meanwhile, however many there are.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from anyio import to_thread

from events.event import Event
from events.ground.database import moment, query
from registrations.codes.arrived import IS_INSIDE, at_entrances
from registrations.codes.badge_type import BadgeType
from registrations.people import choices, needs
from registrations.people.choices import Choices
from registrations.people.consent import Subject
from registrations.people.names.surname import order, rest, surname
from registrations.people.needs import Adjustment
from registrations.people.person import COLUMNS, Person, of_row
from registrations.people.registration import State
from registrations.tickets.ticket import REFERENCE_COLUMNS, reference_in
from registrations.workshops.place import TAKES_PART_BY

from .sheet import SheetKind

A_PART = 1000  # rows read at once
EMPTY_ROWS = 24  # of a walk-in sheet
ASK_LEAD = "Ask the lead"  # in place of the organisation of whom the lead meets
HELP = "Help to leave"  # of who wrote nothing more
NAME_IS_DELETED = "Name deleted"  # of somebody who came in and was erased since
WITH_A_TICKET = f"""SELECT t.id AS ticket_id, {REFERENCE_COLUMNS}, {COLUMNS} FROM ticket t
    JOIN registration r ON r.id = t.registration_id
    WHERE t.event_id = ? AND t.id > ? AND t.revoked_at IS NULL AND r.state = '{State.APPROVED}'
    ORDER BY t.id LIMIT {A_PART}"""  # noqa: S608  # ours
WITH_NEEDS = WITH_A_TICKET.replace("r.state =", "r.needs_sealed IS NOT NULL AND r.state =").replace(
    "AS ticket_id,", "AS ticket_id, r.needs_sealed,"
)
WITH_WORKSHOP = WITH_A_TICKET.replace(
    "WHERE t.event_id = ?", f"JOIN workshop_place w ON {TAKES_PART_BY} WHERE w.workshop_id = ? AND t.event_id = ?"
)
CHECKED_IN = f"""SELECT t.id AS ticket_id, {REFERENCE_COLUMNS}, {COLUMNS}, a.admitted_at AS came_in FROM ticket t
    JOIN registration r ON r.id = t.registration_id JOIN {at_entrances()}
    WHERE t.event_id = ? AND t.id > ? AND {IS_INSIDE}
    ORDER BY t.id LIMIT {A_PART}"""  # noqa: S608  # ours


class Line(NamedTuple):
    """What a sheet may say of one person; what its kind does not show is empty."""

    ticket_id: int
    surname: str
    names: str = ""  # the rest of the full name
    badge_name: str = ""
    organisation: str = ""
    reference: str = ""
    came_in: datetime | None = None
    need: str = ""  # what helps them to leave the building


async def of_sheet(event: Event, kind: SheetKind, workshop_id: int = 0) -> list[Line]:
    """As it stands now. Nobody stands on a walk-in sheet. `workshop_id`: of a room list."""
    if kind is SheetKind.DOOR_LIST:
        return await _sorted(await _read(WITH_A_TICKET, event), _on_door_list)
    if kind is SheetKind.ROLL_CALL:
        return await _sorted(_once(await _read(CHECKED_IN, event)), _on_roll_call)
    if kind is SheetKind.ACCESS:
        lines = await _sorted(await _read(WITH_NEEDS, event), _on_access_sheet)
        return _by_badge(line for line in lines if line.need)
    if kind is SheetKind.ROOM_LIST:
        return _by_badge(await _sorted(await _read(WITH_WORKSHOP, event, workshop_id), _on_room_list))
    return []


def _by_badge(lines: Iterable[Line]) -> list[Line]:
    """In the order of the names on the badges, so that it tells no other name."""
    return sorted(lines, key=lambda line: order(line.badge_name))


async def _read(sql: str, event: Event, *more: int) -> list[dict[str, Any]]:
    """`more`: values before that of the event."""
    rows: list[dict[str, Any]] = []
    while part := await query(sql, [*more, event.id, rows[-1]["ticket_id"] if rows else 0]):
        rows += part
        if len(part) < A_PART:
            break
    return rows


def _once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A person who came in by two tickets, one given out after the other, is one."""
    return list({row["registration_id"]: row for row in reversed(rows)}.values())


async def _sorted(rows: Sequence[dict[str, Any]], line_of: Any) -> list[Line]:
    return await to_thread.run_sync(_open, rows, line_of)


def _open(rows: Sequence[dict[str, Any]], line_of: Any) -> list[Line]:
    people = [(of_row(row), choices.of_row(row), row) for row in rows]
    people.sort(key=lambda opened: (order(opened[1].listed_name(opened[0])), opened[2]["ticket_id"]))
    return [line_of(person, chosen, row) for person, chosen, row in people]


def _on_door_list(person: Person, chosen: Choices, row: dict[str, Any]) -> Line:
    """What a phone at the door shows of them."""
    organisation = _organisation(person, chosen, row)
    listed = chosen.listed_name(person)
    name, others = surname(listed), rest(listed)
    reference = reference_in(row).shown
    return Line(row["ticket_id"], name, others, organisation=organisation, reference=reference)


def _on_roll_call(person: Person, chosen: Choices, row: dict[str, Any]) -> Line:
    """Surname, name on the badge and the time at the door, and nothing else (SG-15)."""
    name, badge = surname(chosen.listed_name(person)) or NAME_IS_DELETED, chosen.badge_name(person)
    return Line(row["ticket_id"], name, badge_name=badge, came_in=moment(row["came_in"]))


def _on_room_list(person: Person, chosen: Choices, row: dict[str, Any]) -> Line:
    """What their badge shows."""
    organisation = _organisation(person, chosen, row)
    return Line(row["ticket_id"], "", badge_name=chosen.badge_name(person), organisation=organisation)


def _organisation(person: Person, chosen: Choices, row: dict[str, Any]) -> str:
    """As on their badge, with the badge type of whoever is no delegate: Lantern Advocacy (Speaker)."""
    if chosen.meets_lead:
        return ASK_LEAD
    organisation, badge_type = chosen.badge_organisation(person), BadgeType(row["badge_type"])
    if badge_type is BadgeType.DELEGATE:
        return organisation
    return f"{organisation} ({badge_type.words})" if organisation else badge_type.words


def _on_access_sheet(person: Person, chosen: Choices, row: dict[str, Any]) -> Line:
    """Name on the badge and what helps, of who has agreed that marshals know. Of nobody else it says anything."""
    told = needs.opened(row["needs_sealed"], row["registration_id"], row["person_of"], row["public_id"])
    asked = Adjustment.EVACUATION.value in told.adjustments and Subject.MARSHALS.value in told.consents
    name = chosen.badge_name(person)
    return Line(0, "", badge_name=name, need=told.leaving_words or HELP) if asked else Line(0, "")
