"""Emails by the clock: each at its time, once, to whoever has a place then, unless it is switched off.

Rules: EM-15.
"""

from datetime import date, datetime, timedelta

import pytest

from events.event import Event, EventState
from events.ground import clock
from events.mail.outbox import Message
from registrations.checkin import checkin
from registrations.people.registration import State
from registrations.telling import timed_emails
from registrations.telling.mailing import BY_THE_CLOCK
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import THE_DAY, a_door, someone
from tests.registrations.telling.telling import in_state, waiting

REAL = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's clock, years from the event's
DAY = date(2019, 4, 15)  # a Monday
TIMES = {"week_before": (8, 9), "thursday_before": (11, 9), "day_before": (14, 9), "thanks": (16, 10)}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return clock.at_venue(date(2019, 4, day), hour, minute)


HALF_AN_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)


async def passes(first: datetime, last: datetime, event: Event, every: timedelta = HALF_AN_HOUR) -> dict[str, datetime]:
    """When each went out, if a server runs all the time: its first turn of each half hour is enough, and of each hour
    where it is not asked when."""
    came: dict[str, datetime] = {}
    moment = first
    while moment <= last:
        await timed_emails.turn(moment, REAL)
        for message in await Message.filter(event_id=event.id, template__in=[*TIMES]).only("id", "template"):
            came.setdefault(message.template, moment)
        moment += every
    return came


async def arrives(event: Event) -> int:
    """Somebody who is let in on the day; the id of their request."""
    ticket = await a_ticket(someone(), event)
    phone = await a_phone_at(await a_door(event))
    [answer] = await checkin.settle([await scan_of(ticket)], phone, THE_DAY)
    assert answer["verdict"] == "ok"
    return ticket.registration_id


async def test_a_guest_gets_each_at_its_time_and_once(event: Event) -> None:
    guest = await arrives(event)
    for state in State:
        await in_state(state, event)
    came = await passes(at(7, 12), at(20, 12), event)
    assert came == {template: at(*when) for template, when in TIMES.items()}
    assert await waiting("thanks") == [guest], "only who came is thanked"
    assert await Message.filter(subject_id=guest).count() == 4
    assert await Message.filter(template="week_before").count() == 2


async def test_before_another_day_than_a_monday_there_is_no_thursday(event: Event) -> None:
    await in_state(State.APPROVED, event)
    await Event.filter(id=event.id).update(day=DAY + timedelta(days=1))
    assert set(await passes(at(7, 12), at(20, 12), event, HOUR)) == {"week_before", "day_before"}


@pytest.mark.parametrize("off", [kind.template for kind in BY_THE_CLOCK])
async def test_what_is_switched_off_does_not_go_out(event: Event, off: str) -> None:
    await arrives(event)
    await Event.filter(id=event.id).update(emails_off=[off])
    assert set(await passes(at(7, 12), at(20, 12), event, HOUR)) == set(TIMES) - {off}


async def test_a_server_that_comes_back_in_time_sends_and_later_does_not(event: Event) -> None:
    await arrives(event)
    for kind in BY_THE_CLOCK:
        day, hour = TIMES[kind.template]
        await timed_emails.turn(at(day, hour) + kind.lasts, REAL)
        assert await waiting(kind.template) == []
        await timed_emails.turn(at(day, hour) + kind.lasts - timedelta(minutes=1), REAL)
        assert len(await waiting(kind.template)) == 1


async def test_nothing_goes_out_for_an_event_that_never_opened(event: Event) -> None:
    await in_state(State.APPROVED, event)
    await Event.filter(id=event.id).update(state=EventState.DRAFT)
    assert await passes(at(7, 12), at(15, 12), event) == {}


async def test_an_event_that_is_put_off_has_them_again(event: Event) -> None:
    await in_state(State.APPROVED, event)
    await timed_emails.turn(at(8, 9), REAL)
    await Event.filter(id=event.id).update(day=DAY + timedelta(days=7))
    await timed_emails.turn(at(15, 9), REAL)
    assert await Message.filter(template="week_before").count() == 2
