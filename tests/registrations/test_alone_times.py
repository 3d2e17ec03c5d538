"""Times that cannot be, tickets that were withdrawn, and doors that were closed, when phones let people in alone."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from registrations.checkin import checkin, headcount
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Scan, read_sent
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests.at_the_door import (
    a_scan,
    a_ticket,
    rows_of,
    scan_id,
    who_is_in,
)
from tests.people import Person
from tests.registrations.offline import MINUTE, NINE, SECOND, admissions, conflicts, let_in, said_of


async def test_dr17_an_impossible_time_is_pulled_to_the_nearest_possible_and_marked(event: Event, sid: Device) -> None:
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
    event: Event, sid: Device
) -> None:
    """The phone said that nothing was left, and somebody was scanned while that was on its way."""
    for age, unsure in [(10.0, 0.25), (12.0, 0.25), (13.0, 0.0), (16.0, 3.0), (30.0, 40.0)]:
        crossed = read_sent({"id": scan_id(), "kind": "invalid", "age": age, "unsure": unsure})
        await checkin.settle([crossed], sid._replace(longest_age=10.0), NINE)
    assert await rows_of("held", "unsure") == [[False, 0.25], [False, 2.25], [False, 3.0], [False, 5.0], [False, 40.0]]


async def test_dr16_who_came_first_is_uncertain_where_a_scan_crossed_the_last_contact(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    crossed = await let_in(ticket, sent=NINE + 13 * SECOND, at=NINE, unsure=0.1)
    await said_of(crossed, sid._replace(longest_age=10.0), NINE + 13 * SECOND)
    other = await let_in(ticket, sent=NINE + 14 * SECOND, at=NINE + 1 * SECOND, unsure=0.1)
    await said_of(other, kim, NINE + 14 * SECOND)
    assert (await admissions())[0][0] == crossed.id
    assert [row[2] for row in await conflicts()] == [True]


async def test_dr17_an_impossible_time_takes_no_admission_away(
    event: Event, sid: Device, kim: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    sent = NINE + 60 * MINUTE
    first = await let_in(ticket, sent=sent, at=NINE + 5 * MINUTE, unsure=1.0)
    await said_of(first, sid, sent)
    from_1970 = await let_in(ticket, sent=sent, at=NINE - timedelta(days=900))
    assert (await said_of(from_1970, kim._replace(longest_age=3500.0), sent))["verdict"] == "already_in"
    assert await admissions() == [[first.id, NINE + 5 * MINUTE, None]]
    assert [row[2] for row in await conflicts()] == [True]


async def test_dr18_withdrawn_before_they_were_let_in_is_loud_and_they_are_in(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE - 10 * MINUTE)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE)
    assert await said_of(scan, sid, NINE + 20 * MINUTE) == {"verdict": "ask_lead", "conflict": True}
    assert await who_is_in() == [(ticket.id, scan.id)]
    assert await conflicts() == [[ConflictKind.NOT_VALID, {scan.id, ""}, False, None]]
    assert (await Conflict.get()).loud
    assert (await headcount.counts(event.id, NINE, NINE)).people == 1


async def test_dr18_withdrawn_after_they_were_let_in_is_no_conflict(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, NINE + 10 * MINUTE)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE)
    assert await said_of(scan, sid, NINE + 20 * MINUTE) == {"verdict": "ok"}
    assert await conflicts() == []


async def test_let_in_by_a_phone_alone_before_the_door_opened_stands_and_is_shown(
    event: Event, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    scan = await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE - MINUTE)
    assert await said_of(scan, sid, NINE + 20 * MINUTE) == {"verdict": "too_early", "conflict": True}
    assert await who_is_in() == [(ticket.id, scan.id)]
    assert [row[0] for row in await conflicts()] == [ConflictKind.HOURS]


async def test_let_in_by_the_leads_override_without_any_ticket_is_loud(event: Event, sid: Device) -> None:
    scan = a_scan(b"0123456789abcdef", age=60)._replace(offline=True, shown="not_on_phone", tap="lead")
    assert await said_of(scan, sid, NINE + MINUTE) == {"verdict": "unknown", "conflict": True}
    assert await conflicts() == [[ConflictKind.NO_TICKET, {scan.id, ""}, False, None]]
