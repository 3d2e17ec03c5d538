"""The history on somebody's page says what the doors did with their tickets, and who decided."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin import checkin, conflicts
from registrations.checkin.conflict import Conflict, Outcome
from registrations.desk import person_history
from registrations.people.registration import Registration
from registrations.phones.door import Device, Door, DoorPass, PassRole
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of
from tests.people import THE_DAY, Person, someone
from tests.registrations.checkin.test_by_card import a_card
from tests.registrations.paper.typing import Begin

pytestmark = pytest.mark.usefixtures("the_day")
Told = list[tuple[int, str, str]]


async def told(registration_id: int) -> Told:
    """Minutes after nine, who, and what, oldest first, of what happened at a door."""
    person = await Registration.get(id=registration_id)
    whole = await person_history.history(person, at_the_door=True)
    known = await person_history.history(person, at_the_door=False)
    new = [happening for happening in whole if happening not in known]
    return [(int((h.at - THE_DAY).total_seconds()) // 60, h.who, h.what) for h in reversed(new)]


def after(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


async def test_each_scan_is_told_with_door_verdict_phone_and_source(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket, other = await a_ticket(ada, event), await a_ticket(someone(), event)
    await checkin.settle([await scan_of(ticket), await scan_of(other)], sid, THE_DAY)
    await checkin.settle([await scan_of(ticket)], kim, THE_DAY + after(5))
    alone = (await scan_of(other))._replace(offline=True, shown="check_id", tap="id_seen")
    await checkin.settle([alone], kim, THE_DAY + after(6))
    assert await told(ticket.registration_id) == [
        (0, "Main door 1", "In at Main door: COME IN. Online"),
        (5, "Main door 2", "In at Main door: ALREADY IN. Online"),
    ]
    assert (6, "Main door 2", "In at Main door: ALREADY IN. Let in all the same. Work ID seen. Offline") in await told(
        other.registration_id
    )


async def test_a_lead_decides_without_a_network_by_a_card_a_card_that_is_none_or_a_tap(
    event: Event, door: Door, sid: Device, lena: Staff, ada: Person
) -> None:
    lead = await DoorPass.get(id=(await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)).id)
    card, ticket = await a_card(lead, lena), await a_ticket(ada, event)
    for minute, shown in enumerate((card, b"0123456789abcdef", b"")):
        scan = (await scan_of(ticket))._replace(offline=True, shown="old_list", tap="lead", card=shown)
        await checkin.settle([scan], sid, THE_DAY + after(60 + minute))
    assert [what.split(". ")[-2:] for _, _, what in await told(ticket.registration_id) if what.startswith("In")] == [
        ["The lead decided, by the card of Lead", "Offline"],
        ["The lead decided, by a card that is none", "Offline"],
        ["The lead decided, by a tap", "Offline"],
    ]


async def test_a_tick_on_paper_is_told_as_one_and_no_lead_decided_that_it_was_taken_back(
    event: Event, door: Door, lena: Staff, ada: Person
) -> None:
    ticket, paper = await a_ticket(ada, event), Begin(event, door, lena)
    sheet = await paper.sheet()
    await paper.takes_back(sheet, await paper.types(sheet, ticket.reference))
    assert await told(ticket.registration_id) == [
        (45, "Paper, sheet 1", "In at Main door: COME IN. Ticked on paper. Undone since"),
        (540, "Paper, sheet 1", "Undo at Main door: UNDONE. Ticked on paper"),
    ]


async def test_an_undo_stands_at_the_scan_and_by_itself(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    await checkin.settle([scan], sid, THE_DAY)
    await checkin.settle([undo_of(scan)], sid, THE_DAY + timedelta(seconds=20))
    assert await told(ticket.registration_id) == [
        (0, "Main door 1", "In at Main door: COME IN. Online. Undone since"),
        (0, "Main door 1", "Undo at Main door: UNDONE. Online"),
    ]


async def test_which_lead_decided_is_told_by_their_phone(event: Event, sid: Device, lee: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY)
    decided = (await scan_of(ticket))._replace(code="left_without_scan", tap="lead")
    await checkin.settle([decided], sid._replace(lead=lee.id), THE_DAY + after(9))
    await checkin.settle([undo_of(decided)._replace(code="wrong_person")], lee, THE_DAY + after(30))
    assert (await told(ticket.registration_id))[1:] == [
        (9, "Main door 1", "In at Main door: COME IN. The lead decided, by the PIN of Lead: left without scan. Online."
                           " Undone since"),
        (30, "Lead", "Undo at Main door: UNDONE. The lead decided, by the PIN of Lead: wrong person. Online"),
    ]  # fmt: skip


async def test_which_of_the_four_that_look_the_same_it_was_is_told_here(event: Event, sid: Device, lena: Staff) -> None:
    from registrations.deciding import vetting

    ticket = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), lena, THE_DAY)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY + after(1))
    assert (await told(ticket.registration_id))[-1][2] == (
        "In at Main door: ASK THE LEAD. The ticket is replaced or withdrawn. Online"
    )


async def test_a_conflict_is_told_with_who_settled_it(
    event: Event, sid: Device, kim: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY)
    again = (await scan_of(ticket))._replace(offline=True, shown="ok")
    await checkin.settle([again], kim, THE_DAY + after(3))
    conflict = await Conflict.get()
    await conflicts.settle(event, conflict.id, Outcome.TWO_PEOPLE, omar, THE_DAY + after(20))
    assert [(at, who, what) for at, who, what in await told(ticket.registration_id) if "Conflict" in what] == [
        (3, "Muster", "Conflict at Main door: twice"),
        (20, "Omar Organiser", "Conflict at Main door settled: two people"),
    ]


async def test_nobody_without_scans_has_any(database: Database, event: Event, ada: Person) -> None:
    assert await told((await a_ticket(ada, event)).registration_id) == []
