"""What phones did alone, settled when they are back: nothing lost, nothing changed unseen, and doubt is shown."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from registrations.checkin import checkin, headcount
from registrations.checkin.conflict import Conflict, ConflictKind, Outcome
from registrations.checkin.conflicts import settle as settle_conflict
from registrations.checkin.scan import Admission, ScanKind, read_sent
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones.door import Device, Door, PassRole, Policy
from tests.at_the_door import (
    a_phone_at,
    a_ticket,
    rows_of,
    scan_id,
    scan_of,
    undo_of,
    who_is_in,
    with_the_override_of,
)
from tests.people import Person, someone
from tests.registrations.offline import MINUTE, NINE, SECOND, admissions, conflicts, let_in, said_of, way_out


async def test_dr16_the_earlier_scan_takes_the_admission_though_it_came_second(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE, unsure=1.0)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE, unsure=1.0)
    assert await said_of(late, kim, NINE + 20 * MINUTE) == {"verdict": "ok"}
    assert await said_of(early, sid, NINE + 30 * MINUTE) == {"verdict": "ok", "conflict": True}
    assert await admissions() == [[early.id, NINE, None]]
    assert await conflicts() == [[ConflictKind.TWICE, {early.id, late.id}, False, None]]
    assert (await headcount.counts(event.id, NINE, NINE)).people == 1
    [moved] = await AuditEntry.filter(action=Action.ADMISSION_MOVED)
    assert (moved.actor, moved.subject, moved.details) == (
        f"pass:{sid.id}", f"ticket:{ticket.id}",
        {"door": sid.door_id, "from_scan": late.id, "to_scan": early.id},
    )  # fmt: skip
    assert await said_of(late, kim, NINE + 40 * MINUTE) == {"verdict": "ok"}, "an answer never changes"


async def test_dr16_the_later_scan_is_told_who_was_first(event: Event, sid: Device, kim: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 10 * MINUTE, at=NINE)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE)
    await said_of(early, sid, NINE + 10 * MINUTE)
    assert await said_of(late, kim, NINE + 20 * MINUTE) == {"verdict": "already_in", "at": "09:00", "conflict": True}
    assert await admissions() == [[early.id, NINE, None]]
    assert len(await conflicts()) == 1


async def test_dr16_where_the_times_overlap_the_first_received_keeps_it_and_the_order_is_not_certain(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    early = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE, unsure=120.0)
    late = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE + 3 * MINUTE, unsure=60.0)
    await said_of(late, kim, NINE + 20 * MINUTE)
    assert await said_of(early, sid, NINE + 30 * MINUTE) == {"verdict": "already_in", "at": "09:03", "conflict": True}
    assert await admissions() == [[late.id, NINE + 3 * MINUTE, None]]
    assert await conflicts() == [[ConflictKind.TWICE, {early.id, late.id}, True, None]]


async def test_three_entries_with_one_ticket_are_two_conflicts_in_whatever_order_they_come(
    event: Event, sid: Device, ada: Person
) -> None:
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)):
        ticket = await a_ticket(someone(), event)
        sent = NINE + 60 * MINUTE
        scans = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE) for n in range(3)]
        for n in order:
            await said_of(scans[n], sid, sent)
        assert (await Admission.get(ticket_id=ticket.id)).client_id == scans[0].id
        assert await Conflict.filter(ticket_id=ticket.id).count() == 2


async def test_a_scan_that_let_nobody_in_moves_nothing(event: Event, sid: Device, kim: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    entry = await let_in(ticket, sent=sent, at=NINE + 5 * MINUTE)
    await said_of(entry, sid, sent)
    asked = await let_in(ticket, sent=sent, at=NINE, shown="old_list")
    assert await said_of(asked, kim, sent) == {"verdict": "already_in", "at": "09:05"}
    assert await admissions() == [[entry.id, NINE + 5 * MINUTE, None]]
    assert await conflicts() == []


@pytest.mark.parametrize("tap", ["id_seen", "lead"])
async def test_a_tap_that_let_them_in_counts_whatever_was_shown(
    event: Event, sid: Device, ada: Person, tap: str
) -> None:
    scan = await let_in(await a_ticket(ada, event), sent=NINE + 30 * MINUTE, at=NINE, shown="check_id", tap=tap)
    assert await said_of(scan, sid, NINE + 30 * MINUTE) == {"verdict": "ok"}
    assert await rows_of("offline", "shown", "tap", "passed") == [[True, "check_id", tap, True]]


async def test_whom_a_steward_did_not_let_in_is_not_in_and_comes_in_later(
    event: Event, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 30 * MINUTE
    for age in (sent - NINE, timedelta(seconds=5)):
        refused = await let_in(ticket, sent=sent, at=sent - age, shown="check_id", tap="no")
        assert await said_of(refused, sid, sent) == {"verdict": "turned_away"}
        assert await said_of(refused, sid, sent) == {"verdict": "turned_away"}
    assert (await who_is_in(), await conflicts()) == ([], [])
    entry = await scan_of(ticket)
    assert await said_of(entry, sid, sent + MINUTE) == {"verdict": "ok"}
    stays = await let_in(ticket, sent=sent + 9 * MINUTE, at=sent + 5 * MINUTE, kind=ScanKind.OUT, tap="no")
    assert await said_of(stays, sid, sent + 9 * MINUTE) == {"verdict": "turned_away"}
    assert await admissions() == [[entry.id, sent + MINUTE, None]]


async def test_another_phones_word_that_it_let_them_in_all_the_same_counts_for_nothing(
    event: Event, sid: Device, kim: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE)
    refused = await scan_of(ticket)
    assert await said_of(refused, sid, NINE) == {"verdict": "ask_lead"}
    assert await said_of(refused._replace(offline=True, shown="ok"), kim, NINE + MINUTE) == {"verdict": "error"}
    assert (await who_is_in(), await conflicts()) == ([], [])


async def test_a_scan_that_was_sent_late_and_let_nobody_in_yet_is_answered_by_the_ticket_as_it_is_now(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE + MINUTE)
    assert await said_of(await scan_of(ticket, age=120.0), sid, NINE + 2 * MINUTE) == {"verdict": "ask_lead"}
    assert await who_is_in() == []


async def test_who_left_before_a_late_scan_of_their_entry_came_is_out(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    left = await way_out(ticket, age=60.0, offline=True, shown="out")
    assert await said_of(left, kim, NINE + 11 * MINUTE) == {"verdict": "came_in_elsewhere"}
    entry = await scan_of(ticket, age=900.0)
    assert (await said_of(entry, sid, NINE + 20 * MINUTE))["verdict"] == "ok"
    assert await admissions() == [[entry.id, NINE + 5 * MINUTE, NINE + 10 * MINUTE]]


async def test_whom_a_lead_let_out_at_a_phone_alone_had_come_in(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    left = await way_out(ticket, age=60.0, offline=True, shown="not_on_phone", tap="lead")
    assert (await said_of(left, sid, NINE + MINUTE))["verdict"] == "out"
    assert [row[1:] for row in await admissions()] == [[NINE, NINE]]


async def test_who_is_counted_out_twice_left_the_first_time(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    entry = await scan_of(ticket)
    await said_of(entry, sid, NINE)
    assert (await said_of(await way_out(ticket), sid, NINE + 5 * MINUTE))["verdict"] == "out"
    again = await way_out(ticket, age=60.0, offline=True, shown="out")
    assert (await said_of(again, kim, NINE + 11 * MINUTE))["verdict"] == "already_out"
    assert await admissions() == [[entry.id, NINE, NINE + 5 * MINUTE]]


async def test_dr30_an_exit_is_not_undone_once_they_have_come_in_again(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    left, again = await way_out(ticket), await scan_of(ticket)
    await said_of(await scan_of(ticket), sid, NINE)
    await said_of(left, sid, NINE + 5 * MINUTE)
    assert (await said_of(again, kim, NINE + 5 * MINUTE + 20 * SECOND))["verdict"] == "ok"
    assert (await said_of(undo_of(left), sid, NINE + 5 * MINUTE + 40 * SECOND))["verdict"] == "nothing_to_undo"
    assert ([row[2] for row in await admissions()], await conflicts()) == ([None], [])


async def test_an_undo_leaves_a_conflict_as_somebody_has_settled_it(
    event: Event, sid: Device, kim: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    later = NINE + 5 * MINUTE
    await said_of(await let_in(ticket, sent=later, at=NINE), kim, later)
    second = await let_in(ticket, sent=later, at=later)
    await said_of(second, sid, later)
    await settle_conflict(event, (await Conflict.get()).id, Outcome.SAME_PERSON, omar, later + 10 * SECOND)
    assert (await said_of(undo_of(second), sid, later + 30 * SECOND))["verdict"] == "undone"
    settled = await Conflict.get()
    assert (settled.outcome, settled.settled_by) == (Outcome.SAME_PERSON, omar.actor)


async def test_whom_a_steward_did_not_let_in_is_told_of_as_the_ticket_is(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE)
    refused = await let_in(ticket, sent=NINE + 30 * MINUTE, at=NINE + 9 * MINUTE, shown="check_id", tap="no")
    assert await said_of(refused, sid, NINE + 30 * MINUTE) == {"verdict": "ask_lead"}
    assert (await who_is_in(), await conflicts()) == ([], [])


async def test_dr11_a_queue_with_refused_rows_is_settled_whole_and_ten_syncs_change_nothing(
    event: Event, sid: Device
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


async def test_dr32_a_door_that_lets_in_once_needs_the_lead_for_a_second_time(
    event: Event, door: Door, ada: Person
) -> None:
    await Door.filter(id=door.id).update(policy=Policy.ONCE)
    sid = await a_phone_at(door, "Once 1")
    lee = with_the_override_of(await a_phone_at(door, "Once lead", PassRole.DOOR_LEAD))
    ticket = await a_ticket(ada, event)
    await said_of(await scan_of(ticket), sid, NINE)
    await said_of(await way_out(ticket), sid, NINE + MINUTE)
    assert await said_of(await scan_of(ticket), sid, NINE + 2 * MINUTE) == {"verdict": "already_in", "at": "09:00"}
    again = (await scan_of(ticket))._replace(code="left_without_scan")
    assert (await said_of(again, sid, NINE + 3 * MINUTE))["verdict"] == "already_in", "a steward's code counts nothing"
    again = again._replace(id=scan_id())
    assert await said_of(again, lee, NINE + 4 * MINUTE) == {"verdict": "ok"}
    assert [row[2] for row in await admissions()] == [None]
    assert await conflicts() == []


async def test_a_lead_lets_in_again_with_a_code_and_two_people_stay_a_conflict(
    event: Event, sid: Device, lee: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    await said_of(await scan_of(ticket), sid, NINE)
    left = (await scan_of(ticket))._replace(code="left_without_scan")
    assert await said_of(left, lee, NINE + MINUTE) == {"verdict": "ok"}
    shared = (await scan_of(ticket))._replace(code="code_shared")
    assert await said_of(shared, lee, NINE + 2 * MINUTE) == {"verdict": "ok", "conflict": True}
    assert len(await conflicts()) == 1


async def test_a_lead_lets_in_early_and_never_a_dead_ticket(
    event: Event, lee: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    early = (await scan_of(ticket))._replace(code="early")
    assert await said_of(early, lee, NINE - 5 * MINUTE) == {"verdict": "ok"}
    dead = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=dead.registration_id), omar, NINE)
    assert await said_of((await scan_of(dead))._replace(code="code_shared"), lee, NINE + MINUTE) == {
        "verdict": "ask_lead"
    }
