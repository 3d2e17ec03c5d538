"""Ticks on paper become scans, settled like any other: nobody counts twice, and what does not fit is listed.

Rules: EV-06.
"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.checkin import checkin, closing, headcount
from registrations.checkin.conflict import Conflict, Outcome
from registrations.checkin.scan import Admission, Scan
from registrations.paper import comparing, typing_up
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.paper.typing_up import Found
from registrations.phones import pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, Stage, WrittenOff
from registrations.tickets.ticket import Ticket, code_of
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, who_is_in
from tests.people import THE_DAY, Person, a_door, an_event, someone
from tests.professional import with_ticket
from tests.registrations.paper.sheets import a_sheet
from tests.registrations.paper.typing import EVENING, HALF_HOUR, Begin, people_in


async def test_a_tick_is_a_scan_in_the_middle_of_its_block_and_uncertain_by_half_of_it(
    event: Event, begun: Begin, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet()
    typed = await begun.types(sheet, "1")
    scan = await Scan.get()
    assert (scan.ticket_id, scan.door_id, scan.verdict, scan.passed) == (ticket.id, begun.door.id, "ok", True)
    assert (scan.source, scan.offline, scan.shown, scan.tap, scan.initials) == ("paper", True, "", "", "")
    assert (scan.happened_at, scan.unsure, scan.held) == (THE_DAY + timedelta(minutes=45), 900.0, False)
    assert (typed.before, typed.tick.line, typed.tick.client_id) == (False, 1, scan.client_id)
    assert (typed.tick.typed_by, typed.tick.typed_at) == (begun.by.actor, EVENING)
    assert await who_is_in() == [(ticket.id, scan.client_id)]
    assert await people_in(event) == 1


async def test_what_is_typed_once_the_door_is_closed_counts(event: Event, begun: Begin, ada: Person) -> None:
    """A phone's scan does not: it waits until an organiser accepts it."""
    ticket, late = await a_ticket(ada, event), await a_ticket(someone(), event)
    phone = await a_phone_at(begun.door)
    sheet = await begun.sheet()
    await closing.begin(event, begun.by, EVENING, clock.real())
    await pairing.write_off(await DoorPass.get(id=phone.id), WrittenOff.LEFT, begun.by, EVENING, clock.real())
    assert await closing.close(event, begun.by, EVENING)
    await begun.types(sheet, ticket.reference)
    await checkin.settle([await scan_of(late)], phone, EVENING)
    assert await rows_of("ticket_id", "verdict") == [[ticket.id, "ok"], [late.id, "device_revoked"]]
    assert [at_door for at_door, _ in await who_is_in()] == [ticket.id]


async def test_without_a_block_it_is_uncertain_over_all_the_time_of_the_door(
    event: Event, begun: Begin, ada: Person
) -> None:
    await a_ticket(ada, event)
    await begun.types(await begun.sheet(), "1", None)
    scan = await Scan.get()
    assert (scan.happened_at, scan.unsure) == (THE_DAY + timedelta(hours=3, minutes=30), 3.5 * 3600), "09:00 to 16:00"


async def test_what_is_typed_while_the_door_is_open_is_never_in_the_future(
    event: Event, begun: Begin, ada: Person
) -> None:
    await a_ticket(ada, event)
    sheet, early = await begun.sheet(), THE_DAY + timedelta(hours=1)
    await begun.types(sheet, "1", None, at=early)
    scan = await Scan.get()
    assert (scan.happened_at, scan.unsure) == (THE_DAY + timedelta(minutes=30), 1800.0)


async def test_a_line_a_reference_and_a_ticket_code_find_the_same_ticket(event: Event, begun: Begin) -> None:
    tickets = [(await with_ticket(someone(), event))[1] for _ in range(12)]
    sheet = await begun.sheet()
    on_line_3 = await Ticket.get(id=sheet.tickets[2])
    late = await a_ticket(someone(), event)
    event = await Event.get(id=event.id)
    reference = on_line_3.reference
    for typed in ("3", " 03 ", reference, reference.lower().replace("-", " "), code_of(event, on_line_3.n)):
        assert await typing_up.find(sheet, event, typed) == Found(on_line_3.id, 3), typed
    assert await typing_up.find(sheet, event, late.reference) == Found(late.id, None)
    for typed, why in (
        ("0", "no line 0"), ("13", "no line 13"), ("99999", "no line"), ("ABCDEF2", "reference of six"),
        ("", "reference of six"), ("O12345", "O is never used"), ("999999", "No ticket"), ("%", "% is never used"),
    ):  # fmt: skip
        found = await typing_up.find(sheet, event, typed)
        assert isinstance(found, str), typed
        assert why in found
    assert len(tickets) == len(sheet.tickets)


async def test_a_walk_in_sheet_takes_references_alone(event: Event, begun: Begin, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet(kind=SheetKind.WALK_IN)
    assert await typing_up.find(sheet, event, "1") == typing_up.NO_LINES
    assert not (await begun.types(sheet, ticket.reference)).before
    assert await people_in(event) == 1


async def test_a_ticket_of_another_event_is_not_found(event: Event, begun: Begin) -> None:
    other_event = await an_event()
    theirs = await a_ticket(someone(), other_event)
    sheet = await begun.sheet()
    for typed in (theirs.reference, code_of(await Event.get(id=other_event.id), theirs.n)):
        assert isinstance(await typing_up.find(sheet, event, typed), str)


async def test_a_wrong_line_is_taken_back_like_a_scan_and_can_be_typed_again(
    event: Event, begun: Begin, ada: Person
) -> None:
    await a_ticket(ada, event)
    sheet = await begun.sheet()
    typed = await begun.types(sheet, "1")
    await begun.takes_back(sheet, typed)
    assert (await Admission.all().count(), await people_in(event)) == (0, 0)
    assert [(row.kind.value, row.verdict, row.source) for row in await Scan.all().order_by("id")] == [
        ("in", "ok", "paper"), ("undo", "undone", "paper"),
    ]  # fmt: skip
    taken = await Tick.get()
    assert (taken.undone_by, taken.undone_at) == (begun.by.actor, EVENING)
    with pytest.raises(Refused, match="already"):
        await begun.takes_back(sheet, typed)
    assert not (await begun.types(sheet, "1")).before
    found = await comparing.compared(sheet)
    assert (found.typed, [line.line for line in found.taken_back], await people_in(event)) == (1, [1], 1)
    entry = await AuditEntry.get(action=Action.LINE_TAKEN_BACK)
    assert (entry.actor, entry.details) == (begun.by.actor, {"sheet": sheet.number, "line": 1})


async def test_taking_back_a_tick_leaves_whoever_a_phone_let_in(
    event: Event, begun: Begin, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sheet = await begun.sheet()
    await checkin.settle([await scan_of(ticket)], sid, HALF_HOUR.ends + timedelta(minutes=20))
    typed = await begun.types(sheet, "1")
    await begun.takes_back(sheet, typed)
    assert [conflict.outcome for conflict in await Conflict.all()] == [Outcome.UNDONE]
    assert (await Admission.get()).admitted_at == HALF_HOUR.ends + timedelta(minutes=20)
    assert await people_in(event) == 1


async def test_a_tick_that_is_taken_back_by_two_is_undone_once(
    event: Event, begun: Begin, lena: Staff, ada: Person
) -> None:
    await a_ticket(ada, event)
    sheet = await begun.sheet()
    typed = await begun.types(sheet, "1")
    done = await asyncio.gather(*(begun.takes_back(sheet, typed) for _ in range(6)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in done) == {type(None): 1, Refused: 5}
    assert await Scan.filter(kind="undo").count() == 1


async def test_a_sheet_is_begun_once_and_says_by_whom_where_and_how_many(
    event: Event, begun: Begin, lena: Staff
) -> None:
    sheet = await begun.sheet(ticks=87)
    other = await a_door(event, "Side door")
    with pytest.raises(Refused, match="Somebody else"):
        await typing_up.begin(sheet, other, 86, lena, EVENING, clock.real())
    assert (sheet.ticks, sheet.door_id, sheet.begun_by, sheet.begun_at) == (87, begun.door.id, begun.by.actor, EVENING)
    entry = await AuditEntry.get(action=Action.SHEET_BEGUN)
    assert entry.details == {"sheet": 1, "door": begun.door.id, "ticks": 87}
    assert await DoorPass.filter(role=PassRole.PAPER).count() == 1, "what the second one made went with it"


async def test_the_pass_of_a_sheet_is_no_phone(event: Event, begun: Begin, sid: Device) -> None:
    sheet = await begun.sheet()
    made = await DoorPass.get(id=sheet.door_pass_id)
    assert (made.name, made.role, made.stage(clock.real())) == ("Paper, sheet 1", PassRole.PAPER, Stage.LAPSED)
    assert (made.code_hash, made.typed_hash, made.token_hash, made.pin_hash) == (None,) * 4
    assert [phone.name for phone in await headcount.phones(event.id, clock.real())] == [sid.name]


async def test_nothing_is_typed_up_before_the_door_has_opened_or_of_a_roll_call(
    event: Event, begun: Begin, door: Door
) -> None:
    sheet = await a_sheet(event, begun.by)
    with pytest.raises(Refused, match="not opened yet"):
        await typing_up.begin(sheet, door, 1, begun.by, THE_DAY, clock.real())
    roll_call = await a_sheet(event, begun.by, SheetKind.ROLL_CALL)
    with pytest.raises(Refused, match="Nothing of this sheet"):
        await typing_up.begin(roll_call, door, 1, begun.by, EVENING, clock.real())
    assert await DoorPass.filter(role=PassRole.PAPER).count() == 0


async def test_what_was_counted_and_typed_is_recorded_at_the_end(event: Event, begun: Begin, ada: Person) -> None:
    await a_ticket(ada, event)
    for act in (typing_up.count_anew, typing_up.finish):
        with pytest.raises(Refused, match="Nobody has begun"):
            await act(await a_sheet(event, begun.by), 1, begun.by, EVENING)
    sheet = await begun.sheet(ticks=3)
    await begun.types(sheet, "1")
    await typing_up.count_anew(sheet, 2, begun.by, EVENING)
    sheet = await Sheet.get(id=sheet.id)
    assert (await comparing.compared(sheet)).missing == 1
    await typing_up.finish(sheet, await comparing.number_typed(sheet), begun.by, EVENING)
    entry = await AuditEntry.get(action=Action.SHEET_TYPED)
    assert entry.details == {"sheet": sheet.number, "ticks": 2, "typed": 1}
    assert (await Sheet.get(id=sheet.id)).finished_by == begun.by.actor
