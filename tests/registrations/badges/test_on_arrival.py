"""Whoever comes in without a badge gets one, once, at one badge desk; a print that failed changes nothing at the door.

Rules: EV-02, SE-09.
"""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live
from events.ground.refusal import Refused
from registrations.badges import on_arrival
from registrations.badges.badge_print import BadgePrint
from registrations.badges.papers import PaperName
from registrations.badges.printing import Wanted, Which, print_badges
from registrations.checkin.checkin import settle
from registrations.checkin.scan import Admission, ScanKind
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones.door import Device, topic
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of, who_is_in
from tests.people import MONDAY, THE_DAY, Person, a_door, a_room, an_event, someone, tell_anew

CARD = PaperName.CARD


@pytest.fixture
async def sid(event: Event) -> Device:
    clock.move_to(THE_DAY)
    return await a_phone_at(await a_door(event))


async def comes(ticket: Ticket, sid: Device) -> None:
    await settle([await scan_of(ticket)], sid, clock.now())


async def waiting(event: Event) -> list[str]:
    return [job.badge.name for job in (await on_arrival.jobs(event)).waiting]


async def printed(event: Event, ticket: Ticket, by: Staff) -> bool:
    try:
        await on_arrival.print_waiting(event, ticket.registration_id, CARD, by, THE_DAY)
    except Refused:
        return False
    return True


async def test_who_comes_in_waits_for_a_badge_and_who_has_one_does_not(
    event: Event, ada: Person, bo: Person, cleo: Person, sid: Device, omar: Staff
) -> None:
    first, second = await a_ticket(ada, event), await a_ticket(bo, event)
    await print_badges(event, Wanted(Which.LETTERS, first="o", last="o"), CARD, omar, MONDAY)
    third = await a_ticket(cleo, event)
    assert await waiting(event) == [], "nobody is in"
    for ticket in (third, second, first):
        await comes(ticket, sid)
    assert await waiting(event) == ["Cleo Nguyễn", "Ada Ashdown"], "Bo has his badge in the tray"
    assert await waiting(await an_event()) == []


async def test_each_badge_is_printed_once_whichever_desk_asks(
    event: Event, ada: Person, sid: Device, omar: Staff, lena: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    assert not await printed(event, ticket, omar), "they are not in"
    await comes(ticket, sid)
    asked = await asyncio.gather(*(printed(event, ticket, by) for by in (omar, lena) * 4))
    assert asked.count(True) == 1
    assert not await printed(event, ticket, omar)
    assert await BadgePrint.all().count() == 1
    assert await AuditEntry.filter(action=Action.BADGES_PRINTED).count() == 1


async def test_a_file_of_all_that_is_new_and_a_badge_desk_print_none_twice(
    event: Event, ada: Person, sid: Device, omar: Staff, lena: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await comes(ticket, sid)
    in_file = print_badges(event, Wanted(Which.NEW), CARD, lena, THE_DAY)
    found = await asyncio.gather(printed(event, ticket, omar), in_file, return_exceptions=True)
    assert [found[0], not isinstance(found[1], Refused)].count(True) == 1
    assert await BadgePrint.all().count() == 1


async def test_none_is_printed_again_after_an_undo_and_another_entry(
    event: Event, ada: Person, sid: Device, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    await settle([scan], sid, clock.now())
    assert await printed(event, ticket, omar)
    await settle([undo_of(scan)], sid, clock.now())
    assert await who_is_in() == []
    await comes(ticket, sid)
    assert (len(await who_is_in()), await waiting(event)) == (1, [])
    assert not await printed(event, ticket, omar)


async def test_who_was_taken_back_or_has_left_waits_no_more(
    event: Event, ada: Person, bo: Person, sid: Device, omar: Staff
) -> None:
    ticket, other = await a_ticket(ada, event), await a_ticket(bo, event)
    scan = await scan_of(ticket)
    await settle([await scan_of(other)], sid, clock.now())
    await settle([scan], sid, clock.now())
    assert len(await waiting(event)) == 2
    await settle([undo_of(scan)], sid, clock.now())
    out = (await scan_of(other))._replace(kind=ScanKind.OUT)
    await settle([out], sid, clock.now())
    assert await waiting(event) == []
    assert not await printed(event, ticket, omar)


async def test_a_print_that_failed_is_made_again_by_whoever_asks_and_leaves_the_entry(
    event: Event, ada: Person, sid: Device, omar: Staff, lena: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await comes(ticket, sid)
    await printed(event, ticket, omar)
    entered = await Admission.get()
    [job] = (await on_arrival.jobs(event)).printed
    assert (job.badge.name, job.n) == ("Ada Ashdown", 1)

    async def again(by: Staff) -> bool:
        try:
            await on_arrival.print_again(event, job.id, job.n, CARD, by, THE_DAY)
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(again(omar), again(omar), again(lena))) == [False, False, True], "pressed thrice"
    [job] = (await on_arrival.jobs(event)).printed
    assert (job.n, await BadgePrint.all().count()) == (2, 2)
    assert (await Admission.get()).admitted_at == entered.admitted_at


async def test_what_is_printed_again_says_what_stands_on_it_now(
    event: Event, ada: Person, sid: Device, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await comes(ticket, sid)
    await printed(event, ticket, omar)
    await tell_anew(await Registration.get(id=ticket.registration_id), badge_name="Addie")
    assert await waiting(event) == [], "changed since, but nobody asked"
    badge = await on_arrival.print_again(event, ticket.registration_id, 1, CARD, omar, THE_DAY)
    assert badge.name == "Addie"


async def test_a_badge_desk_prints_again_only_what_was_printed_at_one(event: Event, ada: Person, omar: Staff) -> None:
    ticket = await a_ticket(ada, event)
    await print_badges(event, Wanted(Which.ALL), CARD, omar, MONDAY)
    assert (await on_arrival.jobs(event)).printed == []
    with pytest.raises(Refused):
        await on_arrival.print_again(event, ticket.registration_id, 1, CARD, omar, THE_DAY)


async def test_nothing_is_printed_of_another_event_or_for_who_lost_the_place(
    event: Event, ada: Person, sid: Device, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await comes(ticket, sid)
    assert not await printed(await an_event(), ticket, omar)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY)
    assert (await waiting(event), await printed(event, ticket, omar)) == ([], False)


async def test_those_who_came_first_are_first_and_the_rest_is_counted(
    event: Event, sid: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_arrival, "MOST", 2)
    monkeypatch.setattr(on_arrival, "WAITING", on_arrival.WAITING.replace("LIMIT 20", "LIMIT 2"))
    for _ in range(5):
        await comes(await a_ticket(someone(), event), sid)
    found = await on_arrival.jobs(event)
    assert (len(found.waiting), found.more) == (2, 3)


async def test_other_badge_desks_hear_of_it(event: Event, ada: Person, sid: Device, omar: Staff) -> None:
    ticket = await a_ticket(ada, event)
    await comes(ticket, sid)
    with live.hub().waking(topic(event.id)) as heard:
        assert not heard.is_set()
        await printed(event, ticket, omar)
        assert heard.is_set()


async def test_who_has_left_waits_for_no_badge_and_who_is_in_a_room_does(
    event: Event, ada: Person, bo: Person, sid: Device, omar: Staff
) -> None:
    """Nobody scans the way out of a room."""
    room = await a_phone_at(await a_room(event), "Workshop 1")
    first, second = await a_ticket(ada, event), await a_ticket(bo, event)
    await comes(first, sid)
    for ticket in (first, second):
        await comes(ticket, room)
    assert await waiting(event) == ["Ada Ashdown", "Bo Okafor"], "whom no entrance has seen"
    await settle([(await scan_of(first))._replace(kind=ScanKind.OUT)], sid, clock.now())
    assert await waiting(event) == ["Bo Okafor"]
    assert not await printed(event, first, omar)
