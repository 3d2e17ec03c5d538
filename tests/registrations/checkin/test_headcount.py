"""Who is in, as numbers: people and never scans, by door, in the last five minutes, and the phones there."""

from datetime import timedelta

from events.event import Event, next_list_version
from events.ground import clock
from registrations.checkin import checkin, headcount
from registrations.checkin.headcount import Counts, DoorCounts
from registrations.checkin.scan import Admission, read_sent
from registrations.phones.door import DoorPass
from tests.at_the_door import a_phone_at, a_ticket, scan_id, scan_of, undo_of
from tests.people import THE_DAY, a_door, a_phone, a_room, an_event, confirmed, someone

AT_TEN = THE_DAY + timedelta(hours=1)


async def counted(event: Event) -> Counts:
    return await headcount.counts(event.id, AT_TEN, clock.real())


async def test_an_event_without_a_door_expects_people_and_counts_nobody(event: Event) -> None:
    await a_ticket(someone(), event)
    await confirmed(someone(), event)
    assert await counted(event) == Counts(0, 1, [])


async def test_people_count_once_and_doors_count_each(event: Event) -> None:
    entrance, workshop = await a_door(event), await a_room(event)
    sid, wendy = await a_phone_at(entrance), await a_phone_at(workshop, "Workshop 1")
    tickets = [await a_ticket(someone(), event) for _ in range(5)]
    real = clock.real()
    await DoorPass.filter(id=sid.id).update(last_seen_at=real, to_send=3)
    for minutes, ticket in zip((2, 4, 6, 50), tickets, strict=False):
        scans = [await scan_of(ticket), await scan_of(ticket)]
        await checkin.settle(scans, sid, AT_TEN - timedelta(minutes=minutes))
    await checkin.settle([await scan_of(tickets[0]), read_sent({"id": scan_id()})], wendy, AT_TEN)
    assert await counted(event) == Counts(
        4,
        5,
        [
            DoorCounts(
                entrance.id, "Main door", arrived=4, lately=2, phones=1, heard=1, to_send=3, refused=0, quarantined=0
            ),
            DoorCounts(
                workshop.id, "Workshop A", arrived=1, lately=1, phones=1, heard=0, to_send=0, refused=1, quarantined=0
            ),
        ],
    )


async def test_people_are_counted_anew_for_each_version_of_the_list_and_not_before(event: Event) -> None:
    """So no process shows fewer than there are, whichever let them in: with them the version changes."""
    sid = await a_phone_at(await a_door(event))
    await checkin.settle([await scan_of(await a_ticket(someone(), event))], sid, AT_TEN)
    assert (await counted(event)).people == 1
    await Admission.all().delete()  # as nothing of ours does it
    assert (await counted(event)).people == (await counted(event)).doors[0].arrived == 1
    await next_list_version(event.id)
    assert (await counted(event)).people == (await counted(event)).doors[0].arrived == 0


async def test_an_undone_entry_counts_nobody(event: Event) -> None:
    sid = await a_phone_at(await a_door(event))
    scan = await scan_of(await a_ticket(someone(), event))
    await checkin.settle([scan], sid, AT_TEN)
    await checkin.settle([undo_of(scan)], sid, AT_TEN)
    assert (await counted(event)).people == (await counted(event)).lately == 0


async def test_only_live_paired_phones_count(event: Event) -> None:
    door, real = await a_door(event), clock.real()
    dead = [await a_phone(door, f"Phone {n}") for n in range(4)]
    await DoorPass.filter(id=dead[0].id).update(revoked_at=real)
    await DoorPass.filter(id=dead[1].id).update(expires_at=real)
    await DoorPass.filter(id=dead[2].id).update(paired_at=None)
    assert [(door.phones, door.heard) for door in (await counted(event)).doors] == [(1, 0)]


async def test_another_event_is_not_counted(event: Event) -> None:
    other = await an_event()
    sid = await a_phone_at(await a_door(other))
    await checkin.settle([await scan_of(await a_ticket(someone(), other))], sid, AT_TEN)
    await a_door(event)
    assert (await counted(other)).people == 1
    assert (await counted(event)).people == 0
    assert [door.arrived for door in (await counted(event)).doors] == [0]
