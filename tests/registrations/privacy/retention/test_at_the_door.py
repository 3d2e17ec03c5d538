"""What led to whoever came goes with the names; how many came, by door and by kind of organisation, stays.

Rules: DP-07.
"""

from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise.exceptions import BaseORMException

from events.accounts.staff import Staff
from events.audit import triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from registrations.checkin import headcount
from registrations.checkin.attendance import Attendance
from registrations.checkin.checkin import settle
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.phones import door_changes, finding
from registrations.phones.door import PHONE, Device, Door, DoorPass, name_columns
from registrations.privacy.retention import deleting, report
from registrations.privacy.retention.deletion import Deletion
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, a_door, an_event, someone
from tests.registrations.privacy.retention.going import long_after, went

DAY = timedelta(days=1)
TABLES = (Admission, Conflict, Scan, Ticket, DoorPass)
AT_TEN = THE_DAY + timedelta(hours=1)


async def left() -> list[int]:
    return [await table.all().count() for table in TABLES]


async def turn(at: datetime) -> None:
    await deleting.turn(at, clock.real() + 100 * DAY)


async def counted() -> dict[tuple[str, str], int]:
    """How many people, by (door, kind of organisation): '' stands for all of them."""
    first, second = [door.id for door in await Door.all().order_by("id")]
    names: dict[int | None, str] = {None: "", first: "Main door", second: "Side door"}
    return {(names[row.door_id], row.kind): row.people for row in await Attendance.all()}


@pytest.fixture
async def doors(event: Event) -> list[Door]:
    return [await a_door(event), await a_door(event, "Side door")]


@pytest.fixture
async def phones(doors: list[Door]) -> list[Device]:
    return [await a_phone_at(door, f"{door.name} 1") for door in doors]


async def come(event: Event, phone: Device, *people: Person) -> list[Ticket]:
    tickets = [await a_ticket(person, event) for person in people]
    await settle([(await scan_of(ticket))._replace(initials="SD") for ticket in tickets], phone, AT_TEN)
    return tickets


@pytest.fixture
async def a_morning(event: Event, phones: list[Device], ada: Person, bo: Person, cleo: Person) -> None:
    """Ada at both doors, Bo by his second ticket, Cleo whose entry is taken back, two more of charities, one who never
    came, and a conflict."""
    main, side = phones
    adas, _ = await come(event, main, ada, someone())
    await settle([await scan_of(adas)], side, AT_TEN)
    [bos] = await come(event, side, bo)
    registration = await bos.registration
    await Ticket.filter(id=bos.id).update(revoked_at=AT_TEN)
    again = await ticketing.issue(registration, AT_TEN)
    await settle([await scan_of(again)], main, AT_TEN)
    cleos = await a_ticket(cleo, event)
    scan = await scan_of(cleos)
    await settle([scan], main, AT_TEN)
    await settle([undo_of(scan)], main, AT_TEN)
    await come(event, side, someone())
    await a_ticket(someone(), event)
    both = [row.client_id for row in await Scan.all().order_by("id").limit(2)]
    await Conflict.create(door_id=main.door_id, ticket=adas, kind=ConflictKind.TWICE, first_scan=both[0],
                          second_scan=both[1], opened_at=AT_TEN)  # fmt: skip


CAME = {
    ("", ""): 4, ("", "charity"): 3, ("", "police"): 1,
    ("Main door", "charity"): 2, ("Main door", "police"): 1,
    ("Side door", "charity"): 1, ("Side door", "police"): 1,
}  # fmt: skip


async def test_ninety_days_after_the_event_only_numbers_of_people_are_left(event: Event, a_morning: None) -> None:
    assert min(await left()) > 0, "the control: there is something of each"
    board = await headcount.counts(event.id, AT_TEN, clock.real())
    before = await left()
    await turn(long_after(89))
    assert (await left(), await counted()) == (before, {})
    await turn(long_after(90))
    assert (await left(), await counted()) == ([0] * 5, CAME)
    assert board.people == CAME["", ""], "the board said the same"
    went_by = {row.kind: row.number for row in await Deletion.filter(event_id=event.id)}
    assert [went_by[kind] for kind in ("admissions", "conflicts", "scans", "tickets", "phones")] == before
    entries = await AuditEntry.filter(action=Action.DELETED, event_id=event.id).order_by("id")
    assert [(entry.details["what"], entry.details["number"]) for entry in entries] == list(
        zip(["Who came in", "Conflicts at doors", "Scans", "Tickets", "Phones at doors"], before, strict=True)
    )


async def test_the_names_of_doors_go_with_the_data_key_and_their_numbers_stay(
    event: Event, doors: list[Door], a_morning: None, omar: Staff
) -> None:
    await turn(long_after(89))
    before = [door.name for door in (await headcount.counts(event.id, AT_TEN, clock.real())).doors]
    assert (before, await Door.filter(name_tag="").count()) == (["Main door", "Side door"], 0), "the control"
    await turn(long_after(90))
    with capture_logs() as logged:
        after = [door.name for door in (await headcount.counts(event.id, AT_TEN, clock.real())).doors]
        [came] = await report.who_came(await Event.get(id=event.id))
    numbers = [f"Door {door.id}" for door in doors]
    assert (after, sorted(came.by_door), logged) == (numbers, sorted(numbers), [])
    assert await Door.filter(name_sealed=None, name_tag="").count() == 2
    with pytest.raises(Refused, match="data key of this event is destroyed"):
        await door_changes.make_door(event, "Main door", omar, long_after(91))


@pytest.mark.parametrize("fresh", [True, False], ids=["after a restart", "in a process that remembers"])
async def test_the_counts_are_the_same_and_the_board_tells_no_small_number_of_them(
    database: Database, event: Event, a_morning: None, omar: Staff, fresh: bool
) -> None:
    before = await headcount.counts(event.id, AT_TEN, clock.real())
    assert [door.arrived for door in before.doors] == [3, 2]
    await turn(long_after(90))
    if fresh:
        headcount._arrived.clear()
    clock.move_to(long_after(91))
    after = await headcount.counts(event.id, long_after(91), clock.real())
    assert (after.people, [door.arrived for door in after.doors]) == (before.people, [3, 2])
    async with browsing(database, omar) as client:
        said, wall = [words((await client.get(desk(event, path))).text) for path in ("board", "board/wall")]
    assert "The scans of this event are deleted. Who came Fewer than five people came in" in said
    assert "The scans of this event are deleted." in wall
    assert [page for page in (said, wall) if "Arrived" in page or "4 of" in page] == []


REFUSED = (BaseORMException, asyncpg.PostgresError)


async def may_not_delete_scans() -> None:
    with pytest.raises(REFUSED, match="never changed"):
        await query("DELETE FROM scan")


async def test_the_database_lets_no_scan_go_before_people_are_counted_nor_any_of_another_day(
    event: Event, phones: list[Device], ada: Person
) -> None:
    await come(event, phones[0], ada)
    await may_not_delete_scans()
    await went("admissions", long_after(90))
    await Event.filter(id=event.id).update(day=date(2020, 4, 20))
    await may_not_delete_scans()
    await Event.filter(id=event.id).update(day=date(2019, 4, 15))
    await Attendance.filter(kind="").update(kind="charity of another kind")
    await may_not_delete_scans()
    await Attendance.filter(kind="charity of another kind").update(kind="")
    for column in Scan._meta.fields_db_projection.values():
        with pytest.raises(REFUSED, match="never changed"):
            await query(f"UPDATE scan SET {column} = {column}")  # noqa: S608
    await query("DELETE FROM scan")
    assert (await Scan.all().count(), await triggers.strange()) == (0, [])


async def test_scans_that_come_in_later_go_at_the_next_turn_and_change_no_number(
    event: Event, doors: list[Door], phones: list[Device], ada: Person, bo: Person
) -> None:
    await come(event, phones[0], ada)
    real = clock.real()
    found_in_a_drawer: dict[str, Any] = {
        "event_id": event.id, "door": doors[0], **name_columns(PHONE, event, "Main door 2"), "code_expires_at": real,
        "made_at": THE_DAY, "paired_at": real, "expires_at": real + DAY, "token_hash": "found",
    }  # fmt: skip
    await turn(long_after(90))
    late = await finding.device_of(await DoorPass.create(**found_in_a_drawer), clock.real())
    await come(event, late, bo)
    await turn(long_after(91))
    assert (await left(), (await counted())["", ""]) == ([0] * 5, 1)
    assert (await Deletion.get(kind="scans")).number == 2


async def test_an_event_that_is_put_off_is_counted_anew_on_its_day(
    event: Event, doors: list[Door], phones: list[Device], ada: Person, bo: Person
) -> None:
    await come(event, phones[0], ada)
    await turn(long_after(90))
    anew = {"day": date(2020, 4, 20), "state": EventState.OPEN, "data_key": event.data_key}
    await Event.filter(id=event.id).update(**anew)
    later = clock.at_venue(date(2020, 4, 20), 10, 0)
    board = await headcount.counts(event.id, later, clock.real())
    assert (board.people, board.stayed) == (0, False)
    phone = await a_phone_at(doors[0], "Main door 2")
    for person in (bo, someone()):
        await settle([await scan_of(await a_ticket(person, event))], phone, later)
    await turn(later + 90 * DAY)
    totals = await Attendance.filter(kind="", door_id=None).order_by("day").values_list("day", "people")
    assert totals == [(date(2019, 4, 15), 1), (date(2020, 4, 20), 2)]


async def test_nothing_of_an_event_whose_time_is_not_over_goes_and_one_without_doors_is_not_counted(
    event: Event, phones: list[Device], ada: Person, bo: Person
) -> None:
    await come(event, phones[0], ada)
    later = await an_event()
    await Event.filter(id=later.id).update(day=date(2019, 5, 15))
    await come(later, await a_phone_at(await a_door(later)), bo)
    empty = await an_event()
    await turn(long_after(90))
    assert (await left(), await Attendance.filter(event_id=empty.id).exists()) == ([1, 0, 1, 1, 1], False)
    assert await Ticket.filter(event_id=later.id).count() == 1


async def test_where_nobody_came_that_stays_too(event: Event, phones: list[Device], ada: Person) -> None:
    await a_ticket(ada, event)
    await turn(long_after(90))
    assert (await counted(), await left()) == ({("", ""): 0}, [0] * 5)
