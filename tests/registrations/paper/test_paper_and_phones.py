"""Paper beside phones, and two who type the same sheet: everybody counts once, and what disagrees is a conflict.

Rules: EV-06.
"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from registrations.checkin import checkin
from registrations.checkin.conflict import ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.paper import comparing, typing_up
from registrations.paper.sheet import Tick
from registrations.paper.typing_up import Block, Found
from registrations.phones import door_changes
from registrations.phones.door import ENTRANCES, Device, Door, DoorKind
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of, who_is_in
from tests.people import THE_DAY, Person, a_door, a_room, someone
from tests.professional import with_ticket
from tests.registrations.offline import let_in, way_out
from tests.registrations.paper.typing import EVENING, HALF_HOUR, IN_IT, Begin, open_conflicts, people_in


async def test_dr40_a_sheet_typed_by_two_with_half_of_it_scanned_counts_each_once(
    event: Event, begun: Begin, sid: Device, lena: Staff
) -> None:
    """Twenty ticks; ten of them were scanned in the block, one more hours later. Both organisers type all of it."""
    tickets = {(ticket := (await with_ticket(someone(), event))[1]).id: ticket for _ in range(20)}
    sheet = await begun.sheet(ticks=21)
    order = [tickets[id_] for id_ in sheet.tickets]
    await checkin.settle([await scan_of(ticket) for ticket in order[:10]], sid, IN_IT)
    await checkin.settle([await scan_of(order[10])], sid, THE_DAY + timedelta(hours=5))
    both = [(line, by) for line in range(1, 21) for by in (begun.by, lena)]
    typed = await asyncio.gather(*(begun.types(sheet, str(line), by=by) for line, by in both))
    assert Counter(line.before for line in typed) == {False: 20, True: 20}
    assert await people_in(event) == 20
    assert Counter(ticket for ticket, _ in await who_is_in()) == dict.fromkeys(tickets, 1)
    assert await Scan.filter(source="paper").count() == await Tick.all().count() == 20
    found = await comparing.compared(sheet)
    assert (found.ticks, found.typed, found.missing) == (21, 20, 1)
    assert [line.line for line in found.in_doubt] == [11], "five hours are more than a block"
    assert sorted(line.line or 0 for line in found.scanned_too) == list(range(1, 11))
    assert (found.on_no_line, found.taken_back) == ([], [])
    assert await open_conflicts() == [ConflictKind.TWICE]


async def test_two_who_type_a_line_at_the_same_instant_count_it_once(
    event: Event, begun: Begin, lena: Staff, ada: Person
) -> None:
    """DR-40. The database keeps the second out: without its index both are counted, and this fails."""
    await a_ticket(ada, event)
    sheet = await begun.sheet()
    typed = await asyncio.gather(*(begun.types(sheet, "1", by=by) for by in (begun.by, lena) * 8))
    assert Counter(line.before for line in typed) == {False: 1, True: 15}
    assert len({line.tick.id for line in typed}) == 1, "all are told of the same line"
    assert (await Tick.all().count(), await Scan.all().count(), await Admission.all().count()) == (1, 1, 1)


async def test_without_the_index_that_race_counts_a_line_twice(
    event: Event, begun: Begin, lena: Staff, ada: Person
) -> None:
    """The control: it is the indexes, of the ticket and of the line, that settle it."""
    await a_ticket(ada, event)
    sheet = await begun.sheet()
    await query("DROP INDEX one_tick_a_ticket")
    await query("DROP INDEX one_tick_a_line")
    await begun.types(sheet, "1")
    found = await typing_up.find(sheet, await Event.get(id=event.id), "1")
    assert isinstance(found, Found)
    again = await typing_up.tick(sheet, await Event.get(id=event.id), found, HALF_HOUR, lena, EVENING, clock.real())
    assert (again.before, await Tick.all().count(), await Scan.all().count()) == (False, 2, 2)


async def test_a_phone_and_paper_that_agree_within_the_block_are_one_entry_whichever_comes_first(
    event: Event, begun: Begin, sid: Device
) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(2)]
    sheet = await begun.sheet(ticks=2)
    line = {ticket.id: str(sheet.tickets.index(ticket.id) + 1) for ticket in tickets}
    await checkin.settle([await scan_of(tickets[0])], sid, IN_IT)
    await begun.types(sheet, line[tickets[0].id])
    await begun.types(sheet, line[tickets[1].id])
    late = sid._replace(longest_age=24 * 3600.0)
    await checkin.settle([await let_in(tickets[1], sent=EVENING, at=IN_IT)], late, EVENING)
    assert await open_conflicts() == []
    admissions = {row.ticket_id: row for row in await Admission.all()}
    assert {row.admitted_at for row in admissions.values()} == {IN_IT}, "the phone knows it to the second"
    assert await people_in(event) == 2


async def test_times_that_disagree_by_more_than_the_block_are_a_conflict(
    event: Event, begun: Begin, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet()
    after = HALF_HOUR.ends + timedelta(minutes=1)
    await checkin.settle([await scan_of(ticket)], sid, after)
    await begun.types(sheet, "1")
    assert await open_conflicts() == [ConflictKind.TWICE]
    assert (await Admission.get()).admitted_at == HALF_HOUR.middle, "the earliest keeps it"
    assert await people_in(event) == 1
    [listed] = (await comparing.compared(sheet)).in_doubt
    assert listed.called == f"Line 1, {ticket.reference}"


async def test_two_phones_that_contradict_each_other_still_do_when_paper_agrees_with_both(
    event: Event, begun: Begin, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet()
    await begun.types(sheet, "1")
    for phone, at in ((sid, IN_IT), (kim, IN_IT + timedelta(minutes=5))):
        scan = await let_in(ticket, sent=EVENING, at=at)
        await checkin.settle([scan], phone._replace(longest_age=24 * 3600.0), EVENING)
    assert await open_conflicts() == [ConflictKind.TWICE]


async def test_somebody_who_left_is_not_inside_again_by_a_tick_without_a_time(
    event: Event, begun: Begin, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet()
    await checkin.settle([await scan_of(ticket)], sid, IN_IT)
    await checkin.settle([await way_out(ticket)], sid, THE_DAY + timedelta(hours=2))
    left_at = (await Admission.get()).left_at
    assert left_at is not None
    await begun.types(sheet, "1", None)
    assert ((await Admission.get()).left_at, await open_conflicts()) == (left_at, [])


async def test_a_ticket_withdrawn_before_its_block_is_a_loud_conflict_and_one_withdrawn_after_is_none(
    event: Event, begun: Begin
) -> None:
    _, before = await with_ticket(someone(), event)
    _, after = await with_ticket(someone(), event)
    sheet = await begun.sheet(ticks=2)
    await Ticket.filter(id=before.id).update(revoked_at=THE_DAY)
    await Ticket.filter(id=after.id).update(revoked_at=THE_DAY + timedelta(hours=3))
    for line in ("1", "2"):
        await begun.types(sheet, line)
    assert await open_conflicts() == [ConflictKind.NOT_VALID]
    assert await Admission.all().count() == 2, "what happened stays a fact"


async def test_somebody_ticked_on_two_sheets_came_in_once_unless_their_blocks_lie_apart(
    event: Event, begun: Begin, ada: Person
) -> None:
    await a_ticket(ada, event)
    first, second, third = [await begun.sheet() for _ in range(3)]
    await begun.types(first, "1")
    await begun.types(second, "1", Block(IN_IT, IN_IT + timedelta(hours=1)))
    assert (await open_conflicts(), await people_in(event)) == ([], 1)
    await begun.types(third, "1", Block(IN_IT + timedelta(hours=2), IN_IT + timedelta(hours=3)))
    assert (await open_conflicts(), await people_in(event)) == ([ConflictKind.TWICE], 1)


async def test_paper_of_an_entry_that_was_scanned_moves_nobody_out_of_the_room_where_they_are(
    event: Event, begun: Begin, ada: Person
) -> None:
    """The middle of its block may lie after they went on to another room: it is the same entry all the same."""
    ticket, rooms = await a_ticket(ada, event), [await a_room(event, f"Workshop {letter}") for letter in "AB"]
    await Door.filter(id__in=[room.id for room in rooms]).update(one_place=True)
    a, b = [await a_phone_at(room, f"{room.id} 1") for room in rooms]
    await checkin.settle([await scan_of(ticket)], a, THE_DAY + timedelta(minutes=32))
    await checkin.settle([await scan_of(ticket)], b, THE_DAY + timedelta(minutes=38))
    before = await Admission.all().order_by("id").values_list("door_id", "admitted_at", "left_at")
    assert {door: left_at is None for door, _, left_at in before} == {
        begun.door.id: True,
        a.door_id: False,
        b.door_id: True,
    }
    await begun.types(await begun.sheet(door=rooms[0]), "1")
    assert await Admission.all().order_by("id").values_list("door_id", "admitted_at", "left_at") == before
    assert await Scan.filter(inferred=True).count() == 2


@pytest.mark.parametrize("order", ["apb", "abp", "pab", "pba", "bap", "bpa"])
async def test_paper_a_late_scan_and_the_next_room_end_alike_in_whatever_order_they_come(
    event: Event, begun: Begin, ada: Person, order: str
) -> None:
    """p: paper of the first room; a: the scan there, made without a network within the block; b: in the next room."""
    ticket, rooms = await a_ticket(ada, event), [await a_room(event, f"Workshop {letter}") for letter in "AB"]
    await Door.filter(id__in=[room.id for room in rooms]).update(one_place=True)
    phones = [(await a_phone_at(room, f"{room.id} 1"))._replace(longest_age=24 * 3600.0) for room in rooms]
    sheet, into_b = await begun.sheet(door=rooms[0]), THE_DAY + timedelta(minutes=38)
    scan = await let_in(ticket, sent=EVENING, at=THE_DAY + timedelta(minutes=32))
    for came in order:
        if came == "p":
            await begun.types(sheet, "1")
        else:
            at = THE_DAY + timedelta(minutes=32 if came == "a" else 38)
            sent = scan if came == "a" else await let_in(ticket, sent=EVENING, at=at)
            await checkin.settle([sent], phones["ab".index(came)], EVENING)
    stays = {stay.door_id: stay.left_at for stay in await Admission.exclude(presence=ENTRANCES)}
    assert stays == {rooms[0].id: into_b, rooms[1].id: None}
    undo = undo_of(scan)._replace(code="test", offline=True, tap="lead")
    [undone] = await checkin.settle([undo], phones[0]._replace(lead=phones[0].id), EVENING)
    stays = {stay.door_id: stay.left_at for stay in await Admission.exclude(presence=ENTRANCES)}
    assert (undone["verdict"], stays) == ("undone", {rooms[0].id: None, rooms[1].id: HALF_HOUR.middle}), "paper again"


async def test_paper_of_a_room_that_no_phone_saw_is_an_entry_into_it(event: Event, begun: Begin, ada: Person) -> None:
    ticket, rooms = await a_ticket(ada, event), [await a_room(event, f"Workshop {letter}") for letter in "AB"]
    await Door.filter(id__in=[room.id for room in rooms]).update(one_place=True)
    b = await a_phone_at(rooms[1], "Workshop B 1")
    await checkin.settle([await scan_of(ticket)], b, THE_DAY + timedelta(hours=2))
    await begun.types(await begun.sheet(door=rooms[0]), "1")
    stays = {stay.door_id: stay.left_at for stay in await Admission.exclude(presence=ENTRANCES)}
    assert stays == {rooms[0].id: THE_DAY + timedelta(hours=2), rooms[1].id: None}


async def test_a_door_of_which_paper_was_typed_up_stays_what_it_is(event: Event, begun: Begin, ada: Person) -> None:
    """Its scans were counted in its presence group, as those of a phone."""
    await a_ticket(ada, event)
    unused = await a_door(event, "Side door")
    sheet = await begun.sheet()
    with pytest.raises(Refused):
        await door_changes.set_kind(begun.door, DoorKind.ROOM, begun.by, EVENING, clock.real())
    await begun.types(sheet, "1")
    assert await people_in(event) == 1
    await door_changes.set_kind(unused, DoorKind.ROOM, begun.by, EVENING, clock.real())
    assert (await Door.get(id=unused.id)).kind is DoorKind.ROOM, "nothing was counted there"
