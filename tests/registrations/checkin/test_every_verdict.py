"""Every verdict that the closed list says the server gives is one that it does give."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from events.event import Event
from events.ground import clock
from events.programme.programme import Slot
from registrations.booking import own_needs
from registrations.checkin import checkin
from registrations.checkin.scan import NOT_LET_IN, Scan, ScanKind, Sent
from registrations.codes.room import ComesIn, Entrance, Room
from registrations.codes.verdict import RULES
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones.door import Device, Door
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_scan, a_ticket, scan_id, scan_of, undo_of
from tests.people import THE_DAY, a_door, someone

LATER = THE_DAY + timedelta(minutes=5)
Scene = Callable[[Event, Device], Awaitable[None]]


async def a_scan_of_a_new_ticket(event: Event) -> tuple[Ticket, Sent]:
    ticket = await a_ticket(someone(), event)
    return ticket, await scan_of(ticket)


async def all_standings(event: Event, sid: Device) -> None:
    for state in (State.CANCELLED, State.CONFIRMED, State.WAITING):
        ticket, scan = await a_scan_of_a_new_ticket(event)
        await Registration.filter(id=ticket.registration_id).update(state=state)
        await checkin.settle([scan], sid, THE_DAY)
    ticket, scan = await a_scan_of_a_new_ticket(event)
    registration = await Registration.get(id=ticket.registration_id)
    await ticketing.revoke(registration, THE_DAY)
    await checkin.settle([scan], sid, THE_DAY)


async def in_and_out(event: Event, sid: Device) -> None:
    ticket, scan = await a_scan_of_a_new_ticket(event)
    again = await scan_of(ticket)
    out = scan._replace(id=scan_id(), kind=ScanKind.OUT)
    never_seen = (await a_scan_of_a_new_ticket(event))[1]._replace(kind=ScanKind.OUT)
    for sent in (scan, again, out, out._replace(id=scan_id()), never_seen):
        await checkin.settle([sent], sid, THE_DAY)


async def taken_back(event: Event, sid: Device) -> None:
    _, scan = await a_scan_of_a_new_ticket(event)
    await checkin.settle([scan], sid, THE_DAY)
    await checkin.settle([undo_of(scan)], sid, LATER)
    undo = undo_of(scan)
    await checkin.settle([undo], sid, THE_DAY)
    await checkin.settle([undo_of(scan)], sid, THE_DAY)


async def not_ours_and_not_read(event: Event, sid: Device) -> None:
    kept_out = (await a_scan_of_a_new_ticket(event))[1]._replace(offline=True, shown="check_id", tap=NOT_LET_IN)
    misread = Sent(scan_id(), ScanKind.INVALID, length=12)
    unreadable = Sent(scan_id(), ScanKind.IN, fault="age")
    for sent in (a_scan(bytes(16)), kept_out, misread, unreadable):
        await checkin.settle([sent], sid, THE_DAY)


async def outside_the_hours_and_after_the_pass(event: Event, sid: Device) -> None:
    early, late = (await a_scan_of_a_new_ticket(event))[1], (await a_scan_of_a_new_ticket(event))[1]
    opens, closes = THE_DAY + timedelta(hours=1), THE_DAY - timedelta(hours=1)
    await checkin.settle([early], sid._replace(opens_at=opens), THE_DAY)
    await checkin.settle([late], sid._replace(opens_at=None, closes_at=closes), THE_DAY)
    _, scan = await a_scan_of_a_new_ticket(event)
    await checkin.settle([scan], sid._replace(live=False), THE_DAY)


async def into_a_full_room(event: Event, sid: Device) -> None:
    await Door.filter(id=sid.door_id).update(capacity=1)
    for _ in range(2):
        await checkin.settle([(await a_scan_of_a_new_ticket(event))[1]], sid._replace(limit=1), THE_DAY)


async def into_the_room_of_others(event: Event, sid: Device) -> None:
    slot = await Slot.create(event=event, starts=600, ends=660)
    room = Room(ComesIn.REGISTERED, slot.id)
    await checkin.settle([(await a_scan_of_a_new_ticket(event))[1]], sid._replace(room=room), THE_DAY)


async def into_a_room_before_the_entrance(event: Event, sid: Device) -> None:
    entrance = Entrance((await a_door(event, "Side door")).id)
    await checkin.settle(
        [(await a_scan_of_a_new_ticket(event))[1]], sid._replace(presence=99, entrance=entrance), THE_DAY
    )


async def for_the_lead(event: Event, sid: Device) -> None:
    ticket, scan = await a_scan_of_a_new_ticket(event)
    registration = await Registration.get(id=ticket.registration_id)
    await own_needs.switch(registration, [Switch.OTHER_ENTRANCE], THE_DAY, clock.real())
    await checkin.settle([scan], sid, THE_DAY)


SCENES: tuple[Scene, ...] = (
    all_standings,
    in_and_out,
    taken_back,
    not_ours_and_not_read,
    outside_the_hours_and_after_the_pass,
    into_a_full_room,
    into_the_room_of_others,
    into_a_room_before_the_entrance,
    for_the_lead,
)


async def test_the_server_gives_each_verdict_that_the_list_says_it_gives_and_no_other(
    event: Event, sid: Device
) -> None:
    for scene in SCENES:
        await scene(event, sid)
    given = {row.verdict for row in await Scan.all()}
    assert given == {verdict.value for verdict, rule in RULES.items() if rule.server}
