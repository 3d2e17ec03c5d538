"""A rights request is kept sealed and once, is due after a calendar month, reminds the leads, and is closed.

Rules: DP-08.
"""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.privacy import reminders
from registrations.privacy.cases import casework
from registrations.privacy.retention import deleting
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest, last_day
from registrations.privacy.rights.rights_requests import BY_LINK
from tests.people import MONDAY, Person, audit_of, confirmed, queued
from tests.registrations.privacy.rights.asking import ADAS, IS_WRONG, a_rights_request, asked_by_link, newest

YEAR = timedelta(days=365)
TOLD = "We sent her the copy."


def at_nine(days: int) -> datetime:
    """On the day so many days after Monday 8 April."""
    return clock.at_venue(date(2019, 4, 8) + timedelta(days=days), 9, 0)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2019, 4, 8), date(2019, 5, 8)),
        (date(2019, 1, 31), date(2019, 2, 28)),
        (date(2020, 1, 31), date(2020, 2, 29)),  # in a leap year
        (date(2019, 3, 31), date(2019, 4, 30)),
        (date(2019, 12, 31), date(2020, 1, 31)),
        (date(2019, 2, 28), date(2019, 3, 28)),
        (date(2019, 11, 30), date(2019, 12, 30)),
    ],
)
def test_a_month_ends_on_its_day_in_the_next_month_or_on_the_last(received: date, due: date) -> None:
    assert last_day(received) == due


def test_the_day_is_the_venues() -> None:
    late = RightsRequest(received_at=datetime.fromisoformat("2019-04-08T23:30:00+00:00"))  # half past midnight there
    assert clock.day_words(late.due_at) == "Thursday 9 May 2019"
    assert [late.is_overdue(late.due_at + timedelta(minutes=minutes)) for minutes in (0, 1)] == [False, True]


async def test_ada_asks_by_her_link_and_it_is_kept_sealed_acknowledged_and_told(
    event: Event, ada: Person, lena: Staff, marcus: Staff, omar: Staff
) -> None:
    registration = await confirmed(ada, event)
    made = await asked_by_link(registration, Right.CORRECTION, IS_WRONG)
    assert (made.email, made.about, made.kind, made.by_link) == (ada.email, IS_WRONG, Right.CORRECTION, True)
    [row] = await query("SELECT * FROM rights_request")
    assert not [value for value in row.values() for said in (ada.email, IS_WRONG) if said in str(value)]
    assert made.reference.startswith("R-")
    assert await queued() == [("rights_received", made.id), ("rights_alert", lena.id), ("rights_alert", marcus.id)]
    assert await audit_of(made) == [("received a rights request", f"person:{registration.id}", MONDAY)]


async def test_omar_takes_one_for_somebody_who_wrote_three_weeks_ago(event: Event, lena: Staff, omar: Staff) -> None:
    made = await a_rights_request(event, omar, received_at=at_nine(-21))
    assert (made.by_link, made.received_at, made.due_day) == (False, at_nine(-21), date(2019, 4, 18))
    assert await audit_of(made) == [("received a rights request", omar.actor, MONDAY)]
    await Message.all().delete()
    assert await casework.remind(RightsRequest, MONDAY) == 0, "they were told a moment ago"
    assert await casework.remind(RightsRequest, at_nine(3)) == 1


async def test_what_was_written_opens_in_its_own_row_alone_and_its_length_tells_nothing(
    event: Event, omar: Staff
) -> None:
    first, second = [await a_rights_request(event, omar) for _ in range(2)]
    await RightsRequest.filter(id=second.id).update(email_sealed=first.email_sealed)
    assert (await newest(second)).email is None
    assert (await newest(first)).email == first.email
    assert len({len(made.about_sealed or b"") for made in (first, second)}) == 1


async def test_the_same_sent_twice_is_one_as_long_as_it_is_open(event: Event, omar: Staff) -> None:
    made = await asyncio.gather(*(rights_requests.take(event, ADAS, MONDAY, omar, MONDAY) for _ in range(5)))
    assert len({request.id for request in made}) == await RightsRequest.all().count() == 1
    assert await queued() == [("rights_received", made[0].id)]
    await rights_requests.take(event, ADAS._replace(about="My telephone number too."), MONDAY, omar, MONDAY)
    assert await RightsRequest.all().count() == 2, "other words are another one"
    await rights_requests.close(made[0], Outcome.DONE, TOLD, 0, omar, MONDAY)
    await rights_requests.take(event, ADAS, MONDAY, omar, MONDAY)
    assert await RightsRequest.all().count() == 3, "they ask once more"


async def test_a_reference_that_is_taken_is_drawn_anew(event: Event, omar: Staff) -> None:
    drawn = iter(["HK7-4QD", "HK7-4QD", "HK7-4QE"])
    for about in ("First", "Second"):
        await rights_requests.take(event, ADAS._replace(about=about), MONDAY, omar, MONDAY, draw=lambda: next(drawn))
    assert [made.reference for made in await RightsRequest.all().order_by("id")] == ["R-HK7-4QD", "R-HK7-4QE"]


async def test_one_link_that_asks_very_often_is_slowed_down(event: Event, ada: Person, bo: Person) -> None:
    registration = await confirmed(ada, event)
    for number in range(BY_LINK.tries):
        await asked_by_link(registration, Right.ACCESS, f"Number {number}")
    with pytest.raises(Refused, match="5 requests from you in the last hour") as refused:
        await asked_by_link(registration, Right.ACCESS, "One more")
    assert (refused.value.status, await RightsRequest.all().count()) == (429, BY_LINK.tries)
    await asked_by_link(await confirmed(bo, event), Right.ACCESS)
    assert await RightsRequest.all().count() == BY_LINK.tries + 1


async def test_leads_are_reminded_after_14_days_a_week_before_and_on_the_day_each_once(
    event: Event, lena: Staff, marcus: Staff, omar: Staff
) -> None:
    made = await a_rights_request(event, omar)
    await Message.all().delete()
    hours = [at_nine(day) + timedelta(minutes=minutes) for day in range(50) for minutes in (-1, 0, 480)]
    sent = [moment for moment in hours if await casework.remind(RightsRequest, moment)]
    assert sent == [at_nine(days) for days in (14, 23, 30)]
    assert clock.local(sent[2]).date() == made.due_day
    assert sorted(await queued()) == sorted([("rights_alert", lead.id) for lead in (lena, marcus)] * 3)
    assert [act for act, _, _ in await audit_of(made)][1:] == ["reminded the leads of a rights request"] * 3


async def test_of_several_servers_one_reminds_and_after_a_time_without_any_once(
    event: Event, lena: Staff, omar: Staff
) -> None:
    await a_rights_request(event, omar)
    await Message.all().delete()
    assert sum(await asyncio.gather(*(casework.remind(RightsRequest, at_nine(45)) for _ in range(6)))) == 1
    await reminders.turn(at_nine(46))
    sent = [(message.template, message.cause.rpartition(" ")[2]) for message in await Message.all().order_by("id")]
    assert sent == [("rights_alert", "3"), ("overdue_alert", "2019-21")]


async def test_a_turn_of_the_reminders_has_rights_requests_among_them_and_closed_ones_not(
    event: Event, lena: Staff, omar: Staff
) -> None:
    closed, left = [await a_rights_request(event, omar) for _ in range(2)]
    await rights_requests.close(closed, Outcome.WITHDRAWN, TOLD, 0, omar, MONDAY)
    await reminders.turn(at_nine(30))
    assert ((await newest(closed)).reminded, (await newest(left)).reminded) == (0, 3)


async def test_it_is_closed_once_with_its_outcome_and_what_was_told_sealed(event: Event, omar: Staff) -> None:
    made = await a_rights_request(event, omar)
    outcomes = (Outcome.DONE, Outcome.REFUSED, Outcome.WITHDRAWN)
    closes = (rights_requests.close(made, outcome, TOLD, 0, omar, MONDAY) for outcome in outcomes)
    answers = await asyncio.gather(*closes, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused", "Refused"]
    now = await newest(made)
    assert (now.outcome, now.note, now.closed_at) == (outcomes[answers.index(None)], TOLD, MONDAY)
    assert TOLD.encode() not in bytes(now.note_sealed or b"")
    assert [act for act, _, _ in await audit_of(made)] == ["received a rights request", "closed a rights request"]


async def test_it_is_gone_twelve_months_after_it_was_closed_and_not_before(event: Event, omar: Staff) -> None:
    closed, left = [await a_rights_request(event, omar) for _ in range(2)]
    await rights_requests.close(closed, Outcome.DONE, TOLD, 0, omar, MONDAY)
    await deleting.turn(MONDAY + YEAR - timedelta(minutes=1), clock.real())
    assert await RightsRequest.all().count() == 2
    await deleting.turn(MONDAY + YEAR, clock.real())
    assert await RightsRequest.all() == [left]
    assert (await audit_of(closed))[-1] == ("deleted a rights request that was closed", "system", MONDAY + YEAR)
    await deleting.turn(MONDAY + 3 * YEAR, clock.real())
    assert await RightsRequest.all() == [left], "nobody has answered it yet"
