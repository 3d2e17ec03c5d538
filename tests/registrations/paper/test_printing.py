"""Who stands on which sheet, what is kept of a sheet, and what the audit log says of it. Rules: EV-06, SG-15."""

from datetime import date, timedelta

import pytest

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, limits
from events.ground.database import query
from events.ground.refusal import Refused
from registrations.booking import own_needs
from registrations.checkin import checkin
from registrations.paper import lines, printing
from registrations.paper.sheet import ROLL_CALL_HEADER, Sheet, SheetKind
from registrations.people.choices import Switch
from registrations.people.registration import State
from registrations.phones.door import Device
from tests.at_the_door import a_ticket, scan_of
from tests.people import MONDAY, THE_DAY, Person, confirmed, someone
from tests.professional import with_ticket

DOOR_LIST, WALK_IN, ROLL_CALL = SheetKind.DOOR_LIST, SheetKind.WALK_IN, SheetKind.ROLL_CALL


async def printed(event: Event, kind: SheetKind, by: Staff) -> printing.Made:
    return await printing.make(event, kind, by, THE_DAY, clock.real())


async def test_the_door_list_has_all_with_a_ticket_by_surname_as_a_phone_shows_them(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    tickets = {person.name: await with_ticket(person, event) for person in (bo, cleo, ada)}
    await confirmed(someone(), event)
    await own_needs.switch(tickets[bo.name][0], [Switch.NO_ORGANISATION], MONDAY, clock.real())
    made = await printed(event, DOOR_LIST, omar)
    assert [(line.surname, line.names, line.organisation) for line in made.lines] == [
        ("Ashdown", "Ada", "Wardens of Westmoor"), ("Nguyễn", "Cleo", "Westmoor Council"), ("Okafor", "Bo", ""),
    ]  # fmt: skip
    by_name = [tickets[name][1] for name in (ada.name, cleo.name, bo.name)]
    assert [line.reference for line in made.lines] == [ticket.reference for ticket in by_name]
    assert made.sheet.tickets == [ticket.id for ticket in by_name]
    assert {line.badge_name for line in made.lines} == {""}


async def test_a_list_that_is_read_in_parts_has_everybody_once(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = {(await with_ticket(someone(), event))[1].id for _ in range(7)}
    monkeypatch.setattr(lines, "A_PART", 3)
    monkeypatch.setattr(lines, "WITH_A_TICKET", lines.WITH_A_TICKET.replace("LIMIT 1000", "LIMIT 3"))
    made = await printed(event, DOOR_LIST, omar)
    assert (set(made.sheet.tickets), len(made.lines)) == (tickets, 7)


async def test_the_roll_call_has_who_is_checked_in_now_and_nothing_but_surname_badge_name_and_time(
    event: Event, omar: Staff, sid: Device, ada: Person, bo: Person, cleo: Person
) -> None:
    inside, left, never = [await a_ticket(person, event) for person in (ada, bo, cleo)]
    await checkin.settle([await scan_of(inside), await scan_of(left)], sid, THE_DAY + timedelta(minutes=12))
    assert [line.surname for line in (await printed(event, ROLL_CALL, omar)).lines] == ["Ashdown", "Okafor"]
    await query("UPDATE admission SET left_at = admitted_at WHERE ticket_id = ? RETURNING id", [left.id])
    made = await printed(event, ROLL_CALL, omar)
    [line] = made.lines
    came_in = THE_DAY + timedelta(minutes=12)
    assert line == lines.Line(inside.id, "Ashdown", badge_name="Ada Ashdown", came_in=came_in)
    assert never.id not in made.sheet.tickets


async def test_somebody_who_is_in_by_two_tickets_stands_on_the_roll_call_once(
    event: Event, omar: Staff, sid: Device, ada: Person
) -> None:
    ticket, other = await a_ticket(ada, event), await a_ticket(someone(), event)
    await checkin.settle([await scan_of(ticket), await scan_of(other)], sid, THE_DAY)
    assert (await printed(event, ROLL_CALL, omar)).sheet.lines == 2
    await query("UPDATE ticket SET revoked_at = issued_at WHERE id = ? RETURNING id", [ticket.id])
    await query("UPDATE ticket SET registration_id = ? WHERE id = ? RETURNING id", [ticket.registration_id, other.id])
    assert (await printed(event, ROLL_CALL, omar)).sheet.lines == 1


def test_the_header_of_the_roll_call_never_changes() -> None:
    assert ROLL_CALL_HEADER == ("Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep.")


async def test_a_walk_in_sheet_names_nobody(event: Event, omar: Staff, ada: Person) -> None:
    await with_ticket(ada, event)
    made = await printed(event, WALK_IN, omar)
    assert (made.lines, made.sheet.tickets, made.sheet.lines) == ([], [], lines.EMPTY_ROWS)


async def test_each_sheet_has_a_number_and_a_row_with_who_and_when(event: Event, omar: Staff, lena: Staff) -> None:
    for kind, by in ((DOOR_LIST, omar), (WALK_IN, lena), (DOOR_LIST, lena)):
        await printed(event, kind, by)
    sheets = await Sheet.all().order_by("id")
    assert [(sheet.number, sheet.kind, sheet.printed_by) for sheet in sheets] == [
        (1, DOOR_LIST, omar.actor), (2, WALK_IN, lena.actor), (3, DOOR_LIST, lena.actor),
    ]  # fmt: skip
    assert {sheet.printed_at for sheet in sheets} == {THE_DAY}
    assert [sheet.title for sheet in sheets] == ["Door list, sheet 1", "Walk-in sheet 2", "Door list, sheet 3"]
    assert [sheet.destroy_by for sheet in sheets] == [date(2019, 4, 22)] * 3


async def test_the_audit_log_says_how_many_lines_and_which_sheet_and_never_who(
    event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    made = await printed(event, DOOR_LIST, omar)
    await printed(event, WALK_IN, omar)
    named, empty = await AuditEntry.filter(actor=omar.actor).order_by("id")
    assert (named.action, named.subject) == (Action.SHEET_PRINTED, f"paper_sheet:{made.sheet.id}")
    assert named.details == {"kind": "door list", "sheet": 1, "lines": 1}
    assert (empty.action, empty.details["lines"]) == (Action.EMPTY_SHEET_PRINTED, lines.EMPTY_ROWS)


async def test_whoever_prints_far_more_than_anybody_needs_is_refused_and_makes_no_sheet(
    event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    real = clock.real()
    for _ in range(reading.AT_MOST.tries):
        await limits.count(reading.AT_MOST, str(omar.id), real)
    with pytest.raises(Refused, match="very many pages"):
        await printed(event, DOOR_LIST, omar)
    assert await Sheet.all().count() == 0
    await printed(event, WALK_IN, omar)
    assert await Sheet.all().count() == 1, "an empty one reads nobody"


async def test_a_sheet_is_noted_as_destroyed_once(event: Event, omar: Staff, lena: Staff) -> None:
    made = await printed(event, WALK_IN, omar)
    await printed(event, WALK_IN, omar)
    await printing.destroy(made.sheet, lena, THE_DAY + timedelta(hours=9))
    with pytest.raises(Refused, match="already"):
        await printing.destroy(made.sheet, omar, THE_DAY + timedelta(hours=10))
    listed = [(row.sheet.number, row.printed_by, row.destroyed_by) for row in await printing.of_event(event)]
    assert listed == [(2, "Omar Organiser", ""), (1, "Omar Organiser", "Lena Lead")], "those still out come first"
    entry = await AuditEntry.get(action=Action.SHEET_DESTROYED)
    assert (entry.actor, entry.details) == (lena.actor, {"sheet": 1})


async def test_nothing_is_printed_once_the_event_is_over(event: Event, omar: Staff) -> None:
    with pytest.raises(Refused, match="over"):
        await printing.make(event, DOOR_LIST, omar, THE_DAY + timedelta(days=1), clock.real())
    assert await Sheet.all().count() == 0


async def test_only_who_may_come_in_stands_on_the_door_list(event: Event, omar: Staff, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    assert (await printed(event, DOOR_LIST, omar)).sheet.lines == 1
    assert await asked.become(State.RECHECKING)
    assert (await printed(event, DOOR_LIST, omar)).sheet.lines == 0
