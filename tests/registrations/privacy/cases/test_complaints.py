"""A complaint about data protection is kept sealed and once, is due 29 days later, and is closed with its outcome.

Rules: DP-09.
"""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, limits
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.mail.outbox import EPOCH, Message
from registrations.privacy import reminders
from registrations.privacy.cases import casework, complaints
from registrations.privacy.cases.complaint import Complaint, Outcome, last_day
from registrations.privacy.retention import deleting
from tests.people import MONDAY, audit_of, queued
from tests.registrations.privacy.cases.complaining import ADAS, NETWORK, a_complaint, complain, newest
from tests.waiting import WITHIN

FOUND = "We had put her name on a list at the door."


def at_nine(days: int) -> datetime:
    """On the day so many days after Monday 8 April."""
    return clock.at_venue(date(2019, 4, 8) + timedelta(days=days), 9, 0)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2019, 4, 8), date(2019, 5, 7)),
        (date(2019, 1, 31), date(2019, 3, 1)),  # over the end of February
        (date(2020, 2, 1), date(2020, 3, 1)),  # in a leap year
    ],
)
def test_the_day_of_receipt_is_the_first_of_thirty(received: date, due: date) -> None:
    assert last_day(received) == due


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (clock.at_venue(date(2019, 4, 8), 0, 0), "Tuesday 7 May 2019"),
        (clock.at_venue(date(2019, 4, 8), 23, 59), "Tuesday 7 May 2019"),  # the same day in London; in UTC too
        (datetime.fromisoformat("2019-04-08T23:30:00+00:00"), "Wednesday 8 May 2019"),  # half past midnight in London
    ],
)
def test_the_day_is_the_venues(received: datetime, due: str) -> None:
    complaint = Complaint(received_at=received)
    assert clock.day_words(complaint.due_at) == due
    assert (complaint.is_overdue(complaint.due_at), complaint.is_overdue(complaint.due_at + timedelta(minutes=1))) == (
        False,
        True,
    )


async def test_adas_complaint_is_kept_sealed_acknowledged_and_both_hosts_leads_are_told(
    event: Event, lena: Staff, marcus: Staff, omar: Staff
) -> None:
    await complain(event)
    [row] = await query("SELECT * FROM complaint")
    made = await Complaint.get()
    assert (made.name, made.email, made.account, made.finding) == (*ADAS, "")
    assert not [value for value in row.values() for typed in ADAS if typed.encode() in str(value).encode()]
    assert made.reference.startswith("C-")
    assert await queued() == [
        ("complaint_received", made.id),
        ("complaint_alert", lena.id),
        ("complaint_alert", marcus.id),
    ]
    assert await audit_of(made) == [("received a complaint", "system", MONDAY)]


async def test_what_was_written_opens_in_its_own_row_alone_and_its_length_tells_nothing(event: Event) -> None:
    first, second = await a_complaint(event), await a_complaint(event)
    await Complaint.filter(id=second.id).update(name_sealed=first.name_sealed)
    assert (await newest(second)).name is None
    assert (await newest(first)).name == first.name
    await complain(event, ADAS._replace(account="Short."))
    lengths = {len(made.account_sealed) for made in await Complaint.all()}
    assert len(lengths) == 1


async def test_who_was_disabled_or_leads_another_event_is_not_told(event: Event, lena: Staff, marcus: Staff) -> None:
    await Staff.filter(id=marcus.id).update(disabled_at=MONDAY)
    await complain(event)
    assert [to for template, to in await queued() if template == "complaint_alert"] == [lena.id]


async def test_the_same_words_sent_twice_are_one_complaint_as_long_as_it_is_open(
    event: Event, lena: Staff, omar: Staff
) -> None:
    await asyncio.gather(*(complain(event) for _ in range(5)))
    made = await Complaint.get()
    assert len(await queued()) == 2
    await complain(event, ADAS._replace(account="Something else."))
    assert await Complaint.all().count() == 2, "other words are another one"
    await complaints.note_outcome(made, Outcome.UPHELD, FOUND, 0, omar, MONDAY)
    await casework.close(made, 1, omar, MONDAY)
    await complain(event)
    assert await Complaint.all().count() == 3, "it happened again"


async def test_a_reference_that_is_taken_is_drawn_anew(event: Event) -> None:
    drawn = iter(["HK7-4QD", "HK7-4QD", "HK7-4QE"])
    for written in (ADAS, ADAS._replace(account="Something else.")):
        await complaints.make(event, written, NETWORK, MONDAY, clock.real(), draw=lambda: next(drawn))
    assert [made.reference for made in await Complaint.all().order_by("id")] == ["C-HK7-4QD", "C-HK7-4QE"]


async def test_one_network_that_sends_very_many_is_slowed_down_and_another_is_not(event: Event) -> None:
    most = limits.COMPLAINTS_FROM_NETWORK.tries
    for number in range(most):
        await complain(event, ADAS._replace(account=f"Number {number}"))
    with pytest.raises(Refused, match="Too many requests") as refused:
        await complain(event, ADAS._replace(account="One more"))
    assert (refused.value.status, await Complaint.all().count()) == (429, most)
    await complain(event, ADAS._replace(account="One more"), network="192.0.2.2")
    assert await Complaint.all().count() == most + 1


async def test_what_goes_to_one_mailbox_too_often_waits_and_the_complaint_is_kept_at_once(event: Event) -> None:
    most = limits.ACKNOWLEDGEMENTS_TO_MAILBOX.tries
    for number in range(most + 1):
        tagged = ADAS._replace(email=f"ada+{number}@wardens.example.org", account=f"Number {number}")
        await complain(event, tagged, network=f"192.0.2.{number}")
    due = [message.next_try_at for message in await Message.filter(template="complaint_received").order_by("id")]
    assert due[:most] == [EPOCH] * most
    assert due[most] > clock.real() + timedelta(minutes=50)
    assert await Complaint.all().count() == most + 1


async def test_leads_are_not_flooded_by_what_anybody_can_send(event: Event, lena: Staff) -> None:
    most = limits.COMPLAINTS_TOLD.tries
    for _ in range(most + 2):
        await a_complaint(event)
    assert await Message.filter(template="complaint_alert").count() == most
    assert await Complaint.all().count() == most + 2


async def test_a_flood_from_six_networks_is_one_email_an_hour_and_hides_nobody_elses_complaint(
    event: Event, lena: Staff
) -> None:
    for number in range(60):
        await complain(event, ADAS._replace(account=f"Number {number}"), network=f"203.0.113.{number % 6}")
    theirs = await a_complaint(event)
    alerts = await Message.filter(template="complaint_alert").order_by("id")
    assert len(alerts) == 7, "the first of each network"
    assert (alerts[-1].cause, alerts[-1].next_try_at) == (f"complaint {theirs.id} 0", EPOCH)
    [digest] = (await Message.filter(template="complaint_digest"))[:1]
    assert await Message.filter(template="complaint_digest").count() <= 2, "two, where an hour ends between"
    assert timedelta() < digest.next_try_at - clock.real() <= timedelta(hours=1)


async def test_of_many_reminders_at_once_five_are_an_email_each_and_the_rest_one(event: Event, lena: Staff) -> None:
    for _ in range(9):
        await a_complaint(event)
    await Message.all().delete()
    assert [await casework.remind(Complaint, at_nine(days)) for days in (14, 22)] == [9, 9]
    sent = [template for template, _ in await queued()]
    assert (sent.count("complaint_alert"), sent.count("complaint_digest")) == (10, 2)
    assert await Complaint.filter(reminded=2).count() == 9


async def test_leads_are_reminded_of_it_three_times_until_the_last_day(
    event: Event, lena: Staff, marcus: Staff
) -> None:
    made = await a_complaint(event)
    await Message.all().delete()
    moments = [at_nine(day) + timedelta(minutes=minutes) for day in range(60) for minutes in (-1, 0, 480)]
    sent = [moment for moment in moments if await casework.remind(Complaint, moment)]
    assert sent == [at_nine(days) for days in (14, 22, 29)]
    assert clock.local(sent[2]).date() == last_day(date(2019, 4, 8))
    assert sorted(await queued()) == sorted([("complaint_alert", lead.id) for lead in (lena, marcus)] * 3)
    assert [act for act, _, _ in await audit_of(made)][1:] == ["reminded the leads of a complaint"] * 3


async def test_omar_notes_the_outcome_sealed_and_closes_it(event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    with pytest.raises(Refused, match="Note the outcome first"):
        await casework.close(made, 0, omar, MONDAY)
    assert await complaints.note_outcome(made, Outcome.PARTLY_UPHELD, FOUND, 0, omar, MONDAY)
    [row] = await query("SELECT * FROM complaint")
    assert FOUND.encode() not in bytes(row["finding_sealed"])
    await casework.close(made, 1, omar, MONDAY)
    now = await newest(made)
    assert (now.outcome, now.finding, now.closed_at) == (Outcome.PARTLY_UPHELD, FOUND, MONDAY)
    assert [act for act, by, _ in await audit_of(made) if by == omar.actor] == [
        "noted the outcome of a complaint", "closed a complaint",
    ]  # fmt: skip


async def test_of_two_who_note_an_outcome_at_once_one_is_told_and_none_is_lost_unseen(
    event: Event, omar: Staff, lena: Staff
) -> None:
    made = await a_complaint(event)
    both = [(Outcome.UPHELD, omar), (Outcome.NOT_UPHELD, lena)]
    answers = await asyncio.gather(
        *(complaints.note_outcome(made, outcome, FOUND, 0, by, MONDAY) for outcome, by in both)
    )
    assert sorted(answers) == [False, True]
    assert (await newest(made)).outcome is both[answers.index(True)][0]
    with pytest.raises(Refused, match="Someone else has changed this complaint"):
        await casework.close(made, 0, omar, MONDAY)
    assert (await newest(made)).closed_at is None


async def test_what_is_closed_stays_as_it_is(event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    await complaints.note_outcome(made, Outcome.UPHELD, FOUND, 0, omar, MONDAY)
    answers = await asyncio.gather(*(casework.close(made, 1, omar, MONDAY) for _ in range(3)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused", "Refused"]
    before = await Complaint.all().values()
    with pytest.raises(Refused, match="is closed"):
        await complaints.note_outcome(made, Outcome.WITHDRAWN, "Other", 2, omar, MONDAY)
    await complaints.acknowledge(made, omar, MONDAY)
    assert await Complaint.all().values() == before


async def test_somebody_acknowledges_it_in_another_way_once(event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    for hours in range(2):
        await complaints.acknowledge(made, omar, MONDAY + timedelta(hours=hours))
    assert (await newest(made)).acknowledged_at == MONDAY
    assert len(await audit_of(made)) == 2


async def test_it_is_gone_twelve_months_after_it_was_closed_and_not_before(event: Event, omar: Staff) -> None:
    closed, left = await a_complaint(event), await a_complaint(event)
    await complaints.note_outcome(closed, Outcome.UPHELD, FOUND, 0, omar, MONDAY)
    await casework.close(closed, 1, omar, MONDAY)
    year = timedelta(days=365)
    await deleting.turn(MONDAY + year - timedelta(minutes=1), clock.real())
    assert await Complaint.all().count() == 2
    assert await casework.forget_closed(Complaint, MONDAY + year) == 1
    assert await Complaint.all() == [left]
    assert (await audit_of(closed))[-1] == ("deleted a complaint that was closed", "system", MONDAY + year)
    await deleting.turn(MONDAY + 3 * year, clock.real())
    assert await Complaint.all() == [left], "nobody has answered it yet"


async def test_the_reminders_end_at_once_when_the_server_stops(database: Database) -> None:
    stop = asyncio.Event()
    turns = asyncio.create_task(reminders.run(stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(turns, WITHIN)
