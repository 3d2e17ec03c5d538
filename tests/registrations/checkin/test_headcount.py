"""Who is in, as numbers: people and never scans, by door, in the last five minutes, and the phones there."""

from datetime import timedelta

from events.event import Event, next_list_version
from events.ground import clock
from registrations.checkin import checkin, headcount
from registrations.checkin.conflict import Conflict
from registrations.checkin.headcount import Counts, DoorCounts
from registrations.checkin.scan import Admission, ScanKind, read_sent
from registrations.phones.door import DoorPass
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
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
                workshop.id,
                "Workshop A",
                arrived=1,
                lately=1,
                phones=1,
                heard=0,
                to_send=0,
                refused=1,
                quarantined=0,
                room=True,
                presence=workshop.id,
            ),
        ],
    )


def by_person(counts: Counts) -> tuple[int, int, int]:
    return counts.people, counts.inside, counts.left


async def test_dr49_arrived_inside_and_left_count_each_person_once_whatever_doors_they_take(event: Event) -> None:
    main, side = await a_door(event), await a_door(event, "Side door")
    sid, sue = await a_phone_at(main), await a_phone_at(side, "Side door 1")
    room = await a_phone_at(await a_room(event), "Workshop 1")
    ada, bo, cleo = [await a_ticket(someone(), event) for _ in range(3)]
    seen = []
    for ticket, by, way in (
        (ada, sid, "in"), (ada, sue, "in"), (bo, sue, "in"), (ada, sue, "out"), (ada, sid, "out"), (bo, sid, "out"),
        (ada, sid, "in"), (cleo, room, "in"), (cleo, room, "out"), (cleo, sue, "out"),
    ):  # fmt: skip
        scan = (await scan_of(ticket))._replace(kind=ScanKind(way))
        await checkin.settle([scan], by, AT_TEN)
        seen.append(by_person(await counted(event)))
    first = [(1, 1, 0), (1, 1, 0), (2, 2, 0), (2, 1, 1), (2, 1, 1), (2, 0, 2), (2, 1, 1)]
    assert seen == [*first, (3, 2, 1), (3, 2, 1), (3, 1, 2)], (
        "who is in a room is in the building until they leave that"
    )
    doors = {door.name: (door.arrived, door.room and door.inside) for door in (await counted(event)).doors}
    assert doors == {"Main door": (2, False), "Side door": (1, False), "Workshop A": (1, 0)}


async def test_an_undo_a_late_entry_and_a_conflict_leave_each_person_once(event: Event) -> None:
    sid, sue = [await a_phone_at(await a_door(event, name), f"{name} 1") for name in ("Main door", "Side door")]
    ada, bo = [await a_ticket(someone(), event) for _ in range(2)]
    exit_ = (await scan_of(ada))._replace(kind=ScanKind.OUT)
    await checkin.settle([await scan_of(ada)], sid, AT_TEN)
    await checkin.settle([exit_], sue, AT_TEN)
    assert by_person(await counted(event)) == (1, 0, 1)
    await checkin.settle([undo_of(exit_)], sue, AT_TEN)
    assert by_person(await counted(event)) == (1, 1, 0)
    for by, age in ((sid, 500.0), (sue, 900.0)):
        offline = (await scan_of(bo, age=age))._replace(offline=True, shown="ok")
        await checkin.settle([offline], by, AT_TEN)
    assert await Conflict.all().count() == 1
    assert by_person(await counted(event)) == (2, 2, 0)


async def test_whoever_came_in_by_two_of_their_tickets_counts_by_the_later_one(event: Event) -> None:
    sid, sue = [await a_phone_at(await a_door(event, name), f"{name} 1") for name in ("Main door", "Side door")]
    first = await a_ticket(someone(), event)
    await checkin.settle([await scan_of(first)], sid, AT_TEN)
    registration = await first.registration
    await Ticket.filter(id=first.id).update(revoked_at=AT_TEN)
    second = await ticketing.issue(registration, AT_TEN)
    await checkin.settle([await scan_of(second)], sue, AT_TEN)
    assert by_person(await counted(event)) == (1, 1, 0)
    await checkin.settle([(await scan_of(second))._replace(kind=ScanKind.OUT)], sid, AT_TEN)
    assert by_person(await counted(event)) == (1, 0, 1)


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
