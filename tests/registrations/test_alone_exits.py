"""What phones did alone with people who left, came again or were taken back, settled when they are online again."""

from datetime import timedelta
from itertools import permutations

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict, ConflictKind, Outcome
from registrations.checkin.scan import ScanKind, Sent
from registrations.phones.door import Device, Door
from registrations.tickets.ticket import Ticket
from tests.at_the_door import (
    a_phone_at,
    a_ticket,
    rows_of,
    scan_of,
    undo_of,
    who_is_in,
)
from tests.people import Person
from tests.registrations.offline import MINUTE, NINE, admissions, conflicts, let_in, said_of, way_out


async def test_dr31_out_and_in_again(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    entry, back = await scan_of(ticket), await scan_of(ticket)
    await said_of(entry, sid, NINE)
    assert await said_of(await way_out(ticket), sid, NINE + 10 * MINUTE) == {"verdict": "out", "at": "09:10"}
    assert await said_of(await way_out(ticket), sid, NINE + 20 * MINUTE) == {"verdict": "already_out", "at": "09:10"}
    assert await admissions() == [[entry.id, NINE, NINE + 10 * MINUTE]]
    assert await said_of(back, sid, NINE + 30 * MINUTE) == {"verdict": "ok"}
    assert await admissions() == [[entry.id, NINE, None]]
    assert await conflicts() == []


async def test_dr31_out_without_in_is_a_question_and_the_answer_writes_both(
    event: Event, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    assert await said_of(await way_out(ticket), sid, NINE) == {"verdict": "came_in_elsewhere"}
    assert await who_is_in() == []
    answered = await way_out(ticket, code="came_in_elsewhere")
    assert await said_of(answered, sid, NINE + MINUTE) == {"verdict": "out", "at": "09:01"}
    assert await rows_of("kind", "verdict", "inferred") == [
        ["out", "came_in_elsewhere", False], ["in", "ok", True], ["out", "out", True],
    ]  # fmt: skip
    assert [row[1:] for row in await admissions()] == [[NINE + MINUTE, NINE + MINUTE]]
    assert await said_of(answered, sid, NINE + 9 * MINUTE) == {"verdict": "out", "at": "09:01"}
    assert len(await rows_of("id")) == 3


@pytest.mark.parametrize("order", list(permutations(("in", "out", "in again"))), ids=" then ".join)
async def test_in_out_and_in_again_by_three_phones_contradict_nothing_in_whatever_order_they_come(
    event: Event, sid: Device, ada: Person, order: tuple[str, ...]
) -> None:
    ticket, door, later = await a_ticket(ada, event), await Door.get(id=sid.door_id), NINE + 60 * MINUTE
    out = (await let_in(ticket, sent=later, at=NINE + 20 * MINUTE))._replace(
        kind=ScanKind.OUT, shown="came_in_elsewhere", tap="id_seen"
    )
    scans = {
        "in": await let_in(ticket, sent=later, at=NINE + 10 * MINUTE),
        "out": out,
        "in again": await let_in(ticket, sent=later, at=NINE + 30 * MINUTE),
    }
    for name in order:
        await checkin.settle([scans[name]], await a_phone_at(door, name), later)
    still_open = await Conflict.filter(settled_at=None).count()
    assert (still_open, len(await admissions())) == (0, 1)
    shown = {outcome for _, _, _, outcome in await conflicts()}
    assert shown <= {Outcome.EXIT_BETWEEN}, "shown only while the exit had not arrived"


async def test_an_entry_that_arrives_after_its_exit_was_counted_in_and_out_contradicts_nothing(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket, later = await a_ticket(ada, event), NINE + 60 * MINUTE
    await checkin.settle([await way_out(ticket, code="came_in_elsewhere")], kim, NINE + 40 * MINUTE)
    await checkin.settle([await let_in(ticket, sent=later, at=NINE + 10 * MINUTE)], sid, later)
    assert await conflicts() == []
    await checkin.settle([await let_in(ticket, sent=later, at=NINE + 20 * MINUTE)], kim, later)
    assert len(await conflicts()) == 1, "two that were scanned, with no exit between them, are shown"


async def test_an_exit_that_arrives_before_its_entry_counts_once_the_entry_is_there(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    leaves = await let_in(ticket, sent=sent, at=NINE + 30 * MINUTE, kind=ScanKind.OUT, shown="out")
    assert await said_of(leaves, kim, sent) == {"verdict": "came_in_elsewhere"}
    entry = await let_in(ticket, sent=sent, at=NINE)
    assert await said_of(entry, sid, sent) == {"verdict": "ok"}
    assert await admissions() == [[entry.id, NINE, NINE + 30 * MINUTE]]


async def test_dr30_an_undone_double_entry_leaves_the_other_and_no_open_conflict(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    first, second = await let_in(ticket, sent=sent, at=NINE), await let_in(ticket, sent=sent, at=NINE + MINUTE)
    await said_of(first, sid, sent)
    await said_of(second, kim, sent)
    undo = undo_of(first, age=(sent - NINE).total_seconds() - 50)
    assert await said_of(undo, sid, sent) == {"verdict": "undone"}
    assert await admissions() == [[second.id, NINE + MINUTE, None]]
    assert [row[3] for row in await conflicts()] == [Outcome.UNDONE]
    assert (await Conflict.get()).settled_by == f"pass:{sid.id}"


async def test_dr30_an_exit_is_taken_back_unless_they_have_come_in_again(
    event: Event, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    entry, left = await scan_of(ticket), await way_out(ticket)
    await said_of(entry, sid, NINE)
    await said_of(left, sid, NINE + MINUTE)
    assert await said_of(undo_of(left), sid, NINE + MINUTE) == {"verdict": "undone"}
    assert await admissions() == [[entry.id, NINE, None]]
    left = await way_out(ticket)
    await said_of(left, sid, NINE + 2 * MINUTE)
    await said_of(await scan_of(ticket), sid, NINE + 3 * MINUTE)
    assert (await said_of(undo_of(left), sid, NINE + 3 * MINUTE))["verdict"] == "undo_needs_lead"


async def test_dr30_a_lead_undoes_with_a_code_that_the_record_keeps(
    event: Event, sid: Device, lee: Device, ada: Person
) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    await said_of(scan, sid, NINE)
    await said_of(undo_of(scan)._replace(code="wrong_person"), lee, NINE + 30 * MINUTE)
    [entry] = await AuditEntry.filter(action=Action.SCANS_UNDONE)
    assert entry.details == {"door": sid.door_id, "code": "wrong_person", "lead": lee.id}
    assert await rows_of("kind", "code") == [["in", ""], ["undo", "wrong_person"]]


async def test_dr30_older_scans_that_are_sent_late_do_not_take_the_last_ones_undo(
    event: Event, sid: Device, ada: Person, bo: Person
) -> None:
    """A fresh scan goes ahead of the queue: the last one is whom the phone let in last, not what came last."""
    older, last = await a_ticket(ada, event), await a_ticket(bo, event)
    queued = await let_in(older, sent=NINE + 30 * MINUTE, at=NINE + 29 * MINUTE)
    fresh = await scan_of(last)
    await said_of(fresh, sid, NINE + 30 * MINUTE)
    await said_of(queued, sid, NINE + 30 * MINUTE)
    assert (await said_of(undo_of(queued), sid, NINE + 30 * MINUTE))["verdict"] == "undo_needs_lead"
    assert await said_of(undo_of(fresh), sid, NINE + 30 * MINUTE) == {"verdict": "undone"}
    assert await who_is_in() == [(older.id, queued.id)]


async def asked_in_vain(ticket: Ticket, sid: Device, kim: Device) -> tuple[Sent, Sent]:
    """Sid's phone let them in; Kim's asks a minute later, and is told so."""
    first, asked = await scan_of(ticket), await scan_of(ticket)
    await said_of(first, sid, NINE)
    assert await said_of(asked, kim, NINE + MINUTE) == {"verdict": "already_in", "at": "09:00"}
    return first, asked


async def test_dr14_a_no_that_came_too_late_stays_and_what_the_phone_did_meanwhile_is_settled(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    first, asked = await asked_in_vain(ticket, sid, kim)
    again = asked._replace(offline=True, shown="ok", age=30.0)
    for n in range(3):
        assert await said_of(again, kim, NINE + MINUTE + timedelta(seconds=30 + n)) == {
            "verdict": "already_in",
            "at": "09:00",
        }
    [row] = await conflicts()
    assert row[0] is ConflictKind.TWICE
    assert first.id in row[1]
    assert await rows_of("inferred", "passed", "verdict") == [
        [False, True, "ok"], [False, False, "already_in"], [True, True, "already_in"],
    ]  # fmt: skip
    assert await who_is_in() == [(ticket.id, first.id)]


async def test_dr14_what_a_phone_did_after_all_is_undone_by_the_id_that_the_phone_knows(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    first, asked = await asked_in_vain(ticket, sid, kim)
    assert (await said_of(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "nothing_to_undo"
    await said_of(asked._replace(offline=True, shown="ok"), kim, NINE + MINUTE)
    assert (await said_of(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "undone"
    assert (await said_of(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "nothing_to_undo"
    assert [conflict.outcome for conflict in await Conflict.all()] == [Outcome.UNDONE]
    assert await who_is_in() == [(ticket.id, first.id)]


async def test_a_second_exit_counts_once_an_entry_between_the_two_arrives(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    """Found by the simulation, seed 712."""
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    first = await let_in(ticket, sent=sent, at=NINE)
    out = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE, kind=ScanKind.OUT, shown="out") for n in (10, 30)]
    said = [(await said_of(scan, sid, sent))["verdict"] for scan in (first, *out)]
    assert said == ["ok", "out", "already_out"]
    assert await admissions() == [[first.id, NINE, NINE + 10 * MINUTE]], "they left when they first left"
    between = await let_in(ticket, sent=sent, at=NINE + 20 * MINUTE)
    assert await said_of(between, kim, sent) == {"verdict": "ok"}
    assert await admissions() == [[first.id, NINE, NINE + 30 * MINUTE]]
