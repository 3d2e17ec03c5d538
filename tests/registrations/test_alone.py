"""What phones did alone, settled when they are back: nothing lost, nothing changed unseen, and doubt is shown."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event
from registrations.checkin import checkin, headcount
from registrations.checkin.conflict import Conflict, ConflictKind, Outcome
from registrations.checkin.conflicts import settle as settle_conflict
from registrations.checkin.scan import Admission, Scan, ScanKind, Sent, read_sent
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones.door import Door, PassRole, Phone, Policy
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import (
    a_phone_at,
    a_scan,
    a_ticket,
    rows_of,
    scan_id,
    scan_of,
    undo_of,
    who_is_in,
    with_the_override_of,
)
from tests.people import THE_DAY, Person, someone

NINE = THE_DAY
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def let_in(ticket: Ticket, *, sent: datetime, at: datetime, **more: Any) -> Sent:
    """A phone alone showed COME IN at that moment, and sends it now."""
    scan = await scan_of(ticket, age=(sent - at).total_seconds())
    alone: dict[str, Any] = {"offline": True, "shown": "ok"} | more
    return scan._replace(**alone)


async def way_out(ticket: Ticket, **more: Any) -> Sent:
    return (await scan_of(ticket))._replace(kind=ScanKind.OUT, **more)


async def told(scan: Sent, by: Phone, at: datetime) -> dict[str, Any]:
    answer: Answer = (await checkin.settle([scan], by, at))[0]
    return {name: answer.get(name) for name in ("verdict", "at", "conflict") if name in answer}


async def admissions() -> list[list[Any]]:
    return [
        [admission.client_id, admission.admitted_at, admission.left_at]
        for admission in await Admission.all().order_by("id")
    ]


async def conflicts() -> list[list[Any]]:
    return [[conflict.kind, {conflict.first_scan, conflict.second_scan}, conflict.uncertain, conflict.outcome]
            for conflict in await Conflict.all().order_by("id")]  # fmt: skip


async def test_dr16_the_earlier_scan_takes_the_admission_though_it_came_second(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE, unsure=1.0)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE, unsure=1.0)
    assert await told(late, kim, NINE + 20 * MINUTE) == {"verdict": "ok"}
    assert await told(early, sid, NINE + 30 * MINUTE) == {"verdict": "ok", "conflict": True}
    assert await admissions() == [[early.id, NINE, None]]
    assert await conflicts() == [[ConflictKind.TWICE, {early.id, late.id}, False, None]]
    assert (await headcount.counts(event.id, NINE, NINE)).people == 1
    [moved] = await AuditEntry.filter(action=Action.ADMISSION_MOVED)
    assert (moved.actor, moved.subject, moved.details) == (
        f"pass:{sid.id}", f"ticket:{ticket.id}",
        {"door": sid.door_id, "from_scan": late.id, "to_scan": early.id},
    )  # fmt: skip
    assert await told(late, kim, NINE + 40 * MINUTE) == {"verdict": "ok"}, "an answer never changes"


async def test_dr16_the_later_scan_is_told_who_was_first(event: Event, sid: Phone, kim: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 10 * MINUTE, at=NINE)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE)
    await told(early, sid, NINE + 10 * MINUTE)
    assert await told(late, kim, NINE + 20 * MINUTE) == {"verdict": "already_in", "at": "09:00", "conflict": True}
    assert await admissions() == [[early.id, NINE, None]]
    assert len(await conflicts()) == 1


async def test_dr16_where_the_times_overlap_the_first_received_keeps_it_and_the_order_is_not_certain(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE, unsure=120.0)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE, unsure=60.0)
    await told(late, kim, NINE + 20 * MINUTE)
    assert await told(early, sid, NINE + 30 * MINUTE) == {"verdict": "already_in", "at": "09:03", "conflict": True}
    assert await admissions() == [[late.id, NINE + 3 * MINUTE, None]]
    assert await conflicts() == [[ConflictKind.TWICE, {early.id, late.id}, True, None]]


async def test_three_entries_with_one_ticket_are_two_conflicts_in_whatever_order_they_come(
    event: Event, sid: Phone, ada: Person
) -> None:
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)):
        ticket = await a_ticket(someone(), event)
        sent = NINE + 60 * MINUTE
        scans = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE) for n in range(3)]
        for n in order:
            await told(scans[n], sid, sent)
        assert (await Admission.get(ticket_id=ticket.id)).client_id == scans[0].id
        assert await Conflict.filter(ticket_id=ticket.id).count() == 2


async def test_a_scan_that_let_nobody_in_moves_nothing(event: Event, sid: Phone, kim: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    entry = await let_in(ticket, sent=sent, at=NINE + 5 * MINUTE)
    await told(entry, sid, sent)
    asked = await let_in(ticket, sent=sent, at=NINE, shown="old_list")
    assert await told(asked, kim, sent) == {"verdict": "already_in", "at": "09:05"}
    assert await admissions() == [[entry.id, NINE + 5 * MINUTE, None]]
    assert await conflicts() == []


@pytest.mark.parametrize("tap", ["id_seen", "lead"])
async def test_a_tap_that_let_them_in_counts_whatever_was_shown(
    event: Event, sid: Phone, ada: Person, tap: str
) -> None:
    scan = await let_in(await a_ticket(ada, event), sent=NINE + 30 * MINUTE, at=NINE, shown="check_id", tap=tap)
    assert await told(scan, sid, NINE + 30 * MINUTE) == {"verdict": "ok"}
    assert await rows_of("offline", "shown", "tap", "passed") == [[True, "check_id", tap, True]]


async def test_whom_a_steward_did_not_let_in_is_not_in_and_comes_in_later(
    event: Event, sid: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    for age in (sent - NINE, timedelta(seconds=5)):
        refused = await let_in(ticket, sent=sent, at=sent - age, shown="check_id", tap="no")
        assert await told(refused, sid, sent) == {"verdict": "turned_away"}
        assert await told(refused, sid, sent) == {"verdict": "turned_away"}
    assert (await who_is_in(), await conflicts()) == ([], [])
    entry = await scan_of(ticket)
    assert await told(entry, sid, sent + MINUTE) == {"verdict": "ok"}
    stays = await let_in(ticket, sent=sent + 9 * MINUTE, at=sent + 5 * MINUTE, kind=ScanKind.OUT, tap="no")
    assert await told(stays, sid, sent + 9 * MINUTE) == {"verdict": "turned_away"}
    assert await admissions() == [[entry.id, sent + MINUTE, None]]


async def test_another_phones_word_that_it_let_them_in_all_the_same_counts_for_nothing(
    event: Event, sid: Phone, kim: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE)
    refused = await scan_of(ticket)
    assert await told(refused, sid, NINE) == {"verdict": "ask_lead"}
    assert await told(refused._replace(offline=True, shown="ok"), kim, NINE + MINUTE) == {"verdict": "error"}
    assert (await who_is_in(), await conflicts()) == ([], [])


async def test_a_scan_that_was_sent_late_and_let_nobody_in_yet_is_answered_by_the_ticket_as_it_is_now(
    event: Event, sid: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE + MINUTE)
    assert await told(await scan_of(ticket, age=120.0), sid, NINE + 2 * MINUTE) == {"verdict": "ask_lead"}
    assert await who_is_in() == []


async def test_who_left_before_a_late_scan_of_their_entry_came_is_out(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    left = await way_out(ticket, age=60.0, offline=True, shown="out")
    assert await told(left, kim, NINE + 11 * MINUTE) == {"verdict": "came_in_elsewhere"}
    entry = await scan_of(ticket, age=900.0)
    assert (await told(entry, sid, NINE + 20 * MINUTE))["verdict"] == "ok"
    assert await admissions() == [[entry.id, NINE + 5 * MINUTE, NINE + 10 * MINUTE]]


async def test_whom_a_lead_let_out_at_a_phone_alone_had_come_in(event: Event, sid: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    left = await way_out(ticket, age=60.0, offline=True, shown="not_on_phone", tap="lead")
    assert (await told(left, sid, NINE + MINUTE))["verdict"] == "out"
    assert [row[1:] for row in await admissions()] == [[NINE, NINE]]


async def test_who_is_counted_out_twice_left_the_first_time(event: Event, sid: Phone, kim: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    entry = await scan_of(ticket)
    await told(entry, sid, NINE)
    assert (await told(await way_out(ticket), sid, NINE + 5 * MINUTE))["verdict"] == "out"
    again = await way_out(ticket, age=60.0, offline=True, shown="out")
    assert (await told(again, kim, NINE + 11 * MINUTE))["verdict"] == "already_out"
    assert await admissions() == [[entry.id, NINE, NINE + 5 * MINUTE]]


async def test_dr30_an_exit_is_not_undone_once_they_have_come_in_again(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    left, again = await way_out(ticket), await scan_of(ticket)
    await told(await scan_of(ticket), sid, NINE)
    await told(left, sid, NINE + 5 * MINUTE)
    assert (await told(again, kim, NINE + 5 * MINUTE + 20 * SECOND))["verdict"] == "ok"
    assert (await told(undo_of(left), sid, NINE + 5 * MINUTE + 40 * SECOND))["verdict"] == "nothing_to_undo"
    assert ([row[2] for row in await admissions()], await conflicts()) == ([None], [])


async def test_an_undo_leaves_a_conflict_as_somebody_has_settled_it(
    event: Event, sid: Phone, kim: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    later = NINE + 5 * MINUTE
    await told(await let_in(ticket, sent=later, at=NINE), kim, later)
    second = await let_in(ticket, sent=later, at=later)
    await told(second, sid, later)
    await settle_conflict(event, (await Conflict.get()).id, Outcome.SAME_PERSON, omar, later + 10 * SECOND)
    assert (await told(undo_of(second), sid, later + 30 * SECOND))["verdict"] == "undone"
    settled = await Conflict.get()
    assert (settled.outcome, settled.settled_by) == (Outcome.SAME_PERSON, omar.actor)


async def test_whom_a_steward_did_not_let_in_is_told_of_as_the_ticket_is(
    event: Event, sid: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE)
    refused = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE + 9 * MINUTE, shown="check_id", tap="no")
    assert await told(refused, sid, NINE + 30 * MINUTE) == {"verdict": "ask_lead"}
    assert (await who_is_in(), await conflicts()) == ([], [])


async def test_dr17_an_impossible_time_is_pulled_to_the_nearest_possible_and_marked(event: Event, sid: Phone) -> None:
    ages = {-86_400: 0, 10**9: 7200, 7204: 7200, 60: 60}
    for age in ages:
        told_so = read_sent({"id": scan_id(), "kind": "invalid", "age": age, "unsure": 2})
        await checkin.settle([told_so], sid._replace(longest_age=7200.0), NINE)
    kept = [[scan.arrived_at - scan.happened_at, scan.held, scan.unsure] for scan in await Scan.all().order_by("id")]
    assert kept == [
        [timedelta(0), True, 7200.0], [timedelta(seconds=7200), True, 7200.0],
        [timedelta(seconds=7200), False, 5.0], [MINUTE, False, 2.0],
    ]  # fmt: skip


async def test_dr17_a_time_that_crossed_the_last_contact_may_be_as_much_earlier_as_it_was_pulled(
    event: Event, sid: Phone
) -> None:
    """The phone said that nothing was left, and somebody was scanned while that was on its way."""
    for age, unsure in [(10.0, 0.25), (12.0, 0.25), (13.0, 0.0), (16.0, 3.0), (30.0, 40.0)]:
        crossed = read_sent({"id": scan_id(), "kind": "invalid", "age": age, "unsure": unsure})
        await checkin.settle([crossed], sid._replace(longest_age=10.0), NINE)
    assert await rows_of("held", "unsure") == [[False, 0.25], [False, 2.25], [False, 3.0], [False, 5.0], [False, 40.0]]


async def test_dr16_who_came_first_is_uncertain_where_a_scan_crossed_the_last_contact(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    crossed = await let_in(ticket, sent=NINE + 13 * SECOND, at=NINE, unsure=0.1)
    await told(crossed, sid._replace(longest_age=10.0), NINE + 13 * SECOND)
    other = await let_in(ticket, sent=NINE + 14 * SECOND, at=NINE + 1 * SECOND, unsure=0.1)
    await told(other, kim, NINE + 14 * SECOND)
    assert (await admissions())[0][0] == crossed.id
    assert [row[2] for row in await conflicts()] == [True]


async def test_dr17_an_impossible_time_takes_no_admission_away(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    first = await let_in(ticket, sent=sent, at=NINE + 5 * MINUTE, unsure=1.0)
    await told(first, sid, sent)
    from_1970 = await let_in(ticket, sent=sent, at=NINE - timedelta(days=900))
    assert (await told(from_1970, kim._replace(longest_age=3500.0), sent))["verdict"] == "already_in"
    assert await admissions() == [[first.id, NINE + 5 * MINUTE, None]]
    assert [row[2] for row in await conflicts()] == [True]


async def test_dr18_withdrawn_before_they_were_let_in_is_loud_and_they_are_in(
    event: Event, sid: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE - 10 * MINUTE)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE)
    assert await told(scan, sid, NINE + 20 * MINUTE) == {"verdict": "ask_lead", "conflict": True}
    assert await who_is_in() == [(ticket.id, scan.id)]
    assert await conflicts() == [[ConflictKind.NOT_VALID, {scan.id, ""}, False, None]]
    assert (await Conflict.get()).loud
    assert (await headcount.counts(event.id, NINE, NINE)).people == 1


async def test_dr18_withdrawn_after_they_were_let_in_is_no_conflict(
    event: Event, sid: Phone, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE + 10 * MINUTE)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE)
    assert await told(scan, sid, NINE + 20 * MINUTE) == {"verdict": "ok"}
    assert await conflicts() == []


async def test_let_in_by_a_phone_alone_before_the_door_opened_stands_and_is_shown(
    event: Event, sid: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE - MINUTE)
    assert await told(scan, sid, NINE + 20 * MINUTE) == {"verdict": "too_early", "conflict": True}
    assert await who_is_in() == [(ticket.id, scan.id)]
    assert [row[0] for row in await conflicts()] == [ConflictKind.HOURS]


async def test_let_in_by_the_leads_override_without_any_ticket_is_loud(event: Event, sid: Phone) -> None:
    scan = a_scan(b"0123456789abcdef", age=60)._replace(offline=True, shown="not_on_phone", tap="lead")
    assert await told(scan, sid, NINE + MINUTE) == {"verdict": "unknown", "conflict": True}
    assert await conflicts() == [[ConflictKind.NO_TICKET, {scan.id, ""}, False, None]]


async def test_dr11_a_queue_with_refused_rows_is_settled_whole_and_ten_syncs_change_nothing(
    event: Event, sid: Phone
) -> None:
    sent = NINE + 60 * MINUTE
    good = [await let_in(await a_ticket(someone(), event), sent=sent, at=NINE + n * MINUTE) for n in range(18)]
    bad = [read_sent({"id": scan_id(), "kind": "cartwheel"}), read_sent({"id": scan_id(), "kind": "in", "proof": 7})]
    queue = [*good[:9], bad[0], *good[9:], bad[1]]
    first = await checkin.settle(queue, sid, sent)
    assert [await checkin.settle(queue, sid, sent + n * MINUTE) for n in range(10)] == [first] * 10
    assert [answer["verdict"] for answer in first].count("ok") == 18
    counts = await headcount.counts(event.id, sent, sent)
    assert (counts.people, counts.refused) == (18, 2)


async def test_dr31_out_and_in_again(event: Event, sid: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    entry, back = await scan_of(ticket), await scan_of(ticket)
    await told(entry, sid, NINE)
    assert await told(await way_out(ticket), sid, NINE + 10 * MINUTE) == {"verdict": "out", "at": "09:10"}
    assert await told(await way_out(ticket), sid, NINE + 20 * MINUTE) == {"verdict": "already_out", "at": "09:10"}
    assert await admissions() == [[entry.id, NINE, NINE + 10 * MINUTE]]
    assert await told(back, sid, NINE + 30 * MINUTE) == {"verdict": "ok"}
    assert await admissions() == [[entry.id, NINE, None]]
    assert await conflicts() == []


async def test_dr31_out_without_in_is_a_question_and_the_answer_writes_both(
    event: Event, sid: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    assert await told(await way_out(ticket), sid, NINE) == {"verdict": "came_in_elsewhere"}
    assert await who_is_in() == []
    answered = await way_out(ticket, code="came_in_elsewhere")
    assert await told(answered, sid, NINE + MINUTE) == {"verdict": "out", "at": "09:01"}
    assert await rows_of("kind", "verdict", "inferred") == [
        ["out", "came_in_elsewhere", False], ["in", "ok", True], ["out", "out", True],
    ]  # fmt: skip
    assert [row[1:] for row in await admissions()] == [[NINE + MINUTE, NINE + MINUTE]]
    assert await told(answered, sid, NINE + 9 * MINUTE) == {"verdict": "out", "at": "09:01"}
    assert len(await rows_of("id")) == 3


@pytest.mark.parametrize("order", list(permutations(("in", "out", "in again"))), ids=" then ".join)
async def test_in_out_and_in_again_by_three_phones_contradict_nothing_in_whatever_order_they_come(
    event: Event, sid: Phone, ada: Person, order: tuple[str, ...]
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
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket, later = await a_ticket(ada, event), NINE + 60 * MINUTE
    await checkin.settle([await way_out(ticket, code="came_in_elsewhere")], kim, NINE + 40 * MINUTE)
    await checkin.settle([await let_in(ticket, sent=later, at=NINE + 10 * MINUTE)], sid, later)
    assert await conflicts() == []
    await checkin.settle([await let_in(ticket, sent=later, at=NINE + 20 * MINUTE)], kim, later)
    assert len(await conflicts()) == 1, "two that were scanned, with no exit between them, are shown"


async def test_an_exit_that_arrives_before_its_entry_counts_once_the_entry_is_there(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    leaves = await let_in(ticket, sent=sent, at=NINE + 30 * MINUTE, kind=ScanKind.OUT, shown="out")
    assert await told(leaves, kim, sent) == {"verdict": "came_in_elsewhere"}
    entry = await let_in(ticket, sent=sent, at=NINE)
    assert await told(entry, sid, sent) == {"verdict": "ok"}
    assert await admissions() == [[entry.id, NINE, NINE + 30 * MINUTE]]


async def test_dr32_a_door_that_lets_in_once_needs_the_lead_for_a_second_time(
    event: Event, door: Door, ada: Person
) -> None:
    await Door.filter(id=door.id).update(policy=Policy.ONCE)
    sid = await a_phone_at(door, "Once 1")
    lee = with_the_override_of(await a_phone_at(door, "Once lead", PassRole.DOOR_LEAD))
    ticket = await a_ticket(ada, event)
    await told(await scan_of(ticket), sid, NINE)
    await told(await way_out(ticket), sid, NINE + MINUTE)
    assert await told(await scan_of(ticket), sid, NINE + 2 * MINUTE) == {"verdict": "already_in", "at": "09:00"}
    again = (await scan_of(ticket))._replace(code="left_without_scan")
    assert (await told(again, sid, NINE + 3 * MINUTE))["verdict"] == "already_in", "a steward's code counts nothing"
    again = again._replace(id=scan_id())
    assert await told(again, lee, NINE + 4 * MINUTE) == {"verdict": "ok"}
    assert [row[2] for row in await admissions()] == [None]
    assert await conflicts() == []


async def test_a_lead_lets_in_again_with_a_code_and_two_people_stay_a_conflict(
    event: Event, sid: Phone, lee: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    await told(await scan_of(ticket), sid, NINE)
    left = (await scan_of(ticket))._replace(code="left_without_scan")
    assert await told(left, lee, NINE + MINUTE) == {"verdict": "ok"}
    shared = (await scan_of(ticket))._replace(code="code_shared")
    assert await told(shared, lee, NINE + 2 * MINUTE) == {"verdict": "ok", "conflict": True}
    assert len(await conflicts()) == 1


async def test_a_lead_lets_in_early_and_never_a_dead_ticket(event: Event, lee: Phone, ada: Person, omar: Staff) -> None:
    ticket = await a_ticket(ada, event)
    early = (await scan_of(ticket))._replace(code="early")
    assert await told(early, lee, NINE - 5 * MINUTE) == {"verdict": "ok"}
    dead = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=dead.registration_id), omar, NINE)
    assert await told((await scan_of(dead))._replace(code="code_shared"), lee, NINE + MINUTE) == {"verdict": "ask_lead"}


async def test_dr30_an_undone_double_entry_leaves_the_other_and_no_open_conflict(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    first, second = await let_in(ticket, sent=sent, at=NINE), await let_in(ticket, sent=sent, at=NINE + MINUTE)
    await told(first, sid, sent)
    await told(second, kim, sent)
    undo = undo_of(first, age=(sent - NINE).total_seconds() - 50)
    assert await told(undo, sid, sent) == {"verdict": "undone"}
    assert await admissions() == [[second.id, NINE + MINUTE, None]]
    assert [row[3] for row in await conflicts()] == [Outcome.UNDONE]
    assert (await Conflict.get()).settled_by == f"pass:{sid.id}"


async def test_dr30_an_exit_is_taken_back_unless_they_have_come_in_again(event: Event, sid: Phone, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    entry, left = await scan_of(ticket), await way_out(ticket)
    await told(entry, sid, NINE)
    await told(left, sid, NINE + MINUTE)
    assert await told(undo_of(left), sid, NINE + MINUTE) == {"verdict": "undone"}
    assert await admissions() == [[entry.id, NINE, None]]
    left = await way_out(ticket)
    await told(left, sid, NINE + 2 * MINUTE)
    await told(await scan_of(ticket), sid, NINE + 3 * MINUTE)
    assert (await told(undo_of(left), sid, NINE + 3 * MINUTE))["verdict"] == "undo_needs_lead"


async def test_dr30_a_lead_undoes_with_a_code_that_the_record_keeps(
    event: Event, sid: Phone, lee: Phone, ada: Person
) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    await told(scan, sid, NINE)
    await told(undo_of(scan)._replace(code="wrong_person"), lee, NINE + 30 * MINUTE)
    [entry] = await AuditEntry.filter(action=Action.SCANS_UNDONE)
    assert entry.details == {"door": sid.door_id, "code": "wrong_person", "lead": lee.id}
    assert await rows_of("kind", "code") == [["in", ""], ["undo", "wrong_person"]]


async def test_dr30_older_scans_that_are_sent_late_do_not_take_the_last_ones_undo(
    event: Event, sid: Phone, ada: Person, bo: Person
) -> None:
    """A fresh scan goes ahead of the queue: the last one is whom the phone let in last, not what came last."""
    older, last = await a_ticket(ada, event), await a_ticket(bo, event)
    queued = await let_in(older, sent=NINE + 30 * MINUTE, at=NINE + 29 * MINUTE)
    fresh = await scan_of(last)
    await told(fresh, sid, NINE + 30 * MINUTE)
    await told(queued, sid, NINE + 30 * MINUTE)
    assert (await told(undo_of(queued), sid, NINE + 30 * MINUTE))["verdict"] == "undo_needs_lead"
    assert await told(undo_of(fresh), sid, NINE + 30 * MINUTE) == {"verdict": "undone"}
    assert await who_is_in() == [(older.id, queued.id)]


async def test_dr14_a_no_that_came_too_late_stays_and_what_the_phone_did_meanwhile_is_settled(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    first, asked = await scan_of(ticket), await scan_of(ticket)
    await told(first, sid, NINE)
    said = await told(asked, kim, NINE + MINUTE)
    assert said == {"verdict": "already_in", "at": "09:00"}
    again = asked._replace(offline=True, shown="ok", age=30.0)
    for n in range(3):
        assert await told(again, kim, NINE + MINUTE + timedelta(seconds=30 + n)) == said
    [row] = await conflicts()
    assert row[0] is ConflictKind.TWICE
    assert first.id in row[1]
    assert await rows_of("inferred", "passed", "verdict") == [
        [False, True, "ok"], [False, False, "already_in"], [True, True, "already_in"],
    ]  # fmt: skip
    assert await who_is_in() == [(ticket.id, first.id)]


async def test_dr14_what_a_phone_did_after_all_is_undone_by_the_id_that_the_phone_knows(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    first, asked = await scan_of(ticket), await scan_of(ticket)
    await told(first, sid, NINE)
    await told(asked, kim, NINE + MINUTE)
    assert (await told(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "nothing_to_undo"
    await told(asked._replace(offline=True, shown="ok"), kim, NINE + MINUTE)
    assert (await told(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "undone"
    assert (await told(undo_of(asked), kim, NINE + MINUTE))["verdict"] == "nothing_to_undo"
    assert [conflict.outcome for conflict in await Conflict.all()] == [Outcome.UNDONE]
    assert await who_is_in() == [(ticket.id, first.id)]


async def test_a_second_exit_counts_once_an_entry_between_the_two_arrives(
    event: Event, sid: Phone, kim: Phone, ada: Person
) -> None:
    """Found by the simulation, seed 712."""
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    first = await let_in(ticket, sent=sent, at=NINE)
    out = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE, kind=ScanKind.OUT, shown="out") for n in (10, 30)]
    said = [(await told(scan, sid, sent))["verdict"] for scan in (first, *out)]
    assert said == ["ok", "out", "already_out"]
    between = await let_in(ticket, sent=sent, at=NINE + 20 * MINUTE)
    assert await told(between, kim, sent) == {"verdict": "ok"}
    assert await admissions() == [[first.id, NINE, NINE + 30 * MINUTE]]
