"""An email to many: each person once, whoever is killed in the middle, and stopped when somebody stops it.

Rules: EM-15.
"""

import asyncio
from datetime import datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import Message, MessageState
from registrations.people.registration import State
from registrations.telling import mailings
from registrations.telling.mailing import KINDS, Mailing
from tests.people import MONDAY
from tests.registrations.telling.telling import begun, in_state, one_of_each, waiting

REAL = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's clock, years from the event's


async def test_everybody_with_a_place_gets_one_message_and_nobody_else(event: Event) -> None:
    people = await one_of_each(event)
    mailing = await begun("day_before", event, MONDAY, REAL)
    assert await waiting("day_before") == [people[State.APPROVED].id]
    assert (mailing.number, mailing.is_filled) == (1, True)
    entry = await AuditEntry.get(action=Action.MAILING_BEGUN)
    assert (entry.event_id, entry.details) == (event.id, {"template": "day_before"})


async def test_a_cause_begins_one_mailing_whoever_asks_at_the_same_moment(event: Event) -> None:
    await in_state(State.APPROVED, event)
    begin = run_tx(mailings.begin)
    made = await asyncio.gather(*(begin(event, KINDS["day_before"], "2019-04-15", MONDAY, REAL) for _ in range(5)))
    assert len([mailing for mailing in made if mailing]) == 1
    assert await Message.all().count() == 1


async def test_many_are_filled_part_by_part_by_whoever_goes_on(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill: two servers go on where it stood, and nobody has two messages or none."""
    monkeypatch.setattr(mailings, "TOGETHER", 3)
    people = [await in_state(State.APPROVED, event) for _ in range(10)]
    mailing = await begun("day_before", event, MONDAY, REAL)
    assert (mailing.number, mailing.is_filled) == (3, False)
    await asyncio.gather(mailings.fill_all(MONDAY), mailings.fill_all(MONDAY))
    assert await waiting("day_before") == [person.id for person in people]
    mailing = await Mailing.get()
    assert (mailing.number, mailing.is_filled) == (10, True)


async def test_whoever_gets_a_place_while_it_is_filled_gets_it_too(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "TOGETHER", 1)
    await in_state(State.APPROVED, event)
    await begun("day_before", event, MONDAY, REAL)
    later = await in_state(State.APPROVED, event)
    await mailings.fill_all(MONDAY)
    assert later.id in await waiting("day_before")


async def test_stopping_drops_what_has_not_gone_out_and_fills_nothing_more(
    event: Event, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "TOGETHER", 3)
    for _ in range(5):
        await in_state(State.APPROVED, event)
    mailing = await begun("day_before", event, MONDAY, REAL)
    [first, on_its_way] = (await Message.all().order_by("id"))[:2]
    await outbox.mark_sent(first, MONDAY)
    await Message.filter(id=on_its_way.id).update(lease_until=REAL + timedelta(minutes=5))
    assert await mailings.stop(mailing, lena, MONDAY)
    assert not await mailings.stop(mailing, lena, MONDAY), "a second press"
    await mailings.fill_all(MONDAY)
    states = [message.state for message in await Message.all().order_by("id")]
    assert states == [MessageState.SENT, MessageState.QUEUED, MessageState.DROPPED]
    entry = await AuditEntry.get(action=Action.MAILING_STOPPED)
    assert (entry.actor, entry.details) == (lena.actor, {"dropped": 1})
    [progress] = await mailings.progress(event, MONDAY)
    assert (progress.sent, progress.waiting, progress.dropped, progress.may_stop) == (1, 1, 1, False)


async def test_progress_counts_each_message_by_what_became_of_it(event: Event) -> None:
    for _ in range(4):
        await in_state(State.APPROVED, event)
    await begun("week_before", event, MONDAY, REAL)
    states = [MessageState.SENT, MessageState.FAILED, MessageState.TELEPHONED, MessageState.QUEUED]
    for message, state in zip(await Message.all().order_by("id"), states, strict=True):
        await Message.filter(id=message.id).update(state=state)
    [progress] = await mailings.progress(event, MONDAY)
    assert (progress.sent, progress.failed, progress.waiting, progress.may_stop) == (1, 2, 1, True)
    assert await mailings.progress(event, MONDAY + mailings.SHOWN_FOR) == []


async def test_how_many_is_who_would_get_it_now(event: Event) -> None:
    await one_of_each(event)
    assert await mailings.how_many(event, KINDS["day_before"].recipients) == 1
    assert await mailings.how_many(event, KINDS["event_changed"].recipients) == 5
    assert await mailings.how_many(event, KINDS["thanks"].recipients) == 0


@pytest.mark.parametrize(
    ("hour", "minute", "hours"), [(7, 59, 1 / 60), (8, 0, 0), (19, 59, 0), (20, 0, 12), (23, 30, 8.5), (2, 0, 6)]
)
def test_by_night_it_waits_for_eight_at_the_venue(hour: int, minute: int, hours: float) -> None:
    at = clock.at_venue(clock.local(MONDAY).date(), hour, minute)
    assert quiet_hours.wait(at) == timedelta(hours=hours)


def test_a_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    before = clock.at_venue(datetime.fromisoformat("2019-03-30").date(), 20, 0)
    assert quiet_hours.wait(before) == timedelta(hours=11)


async def test_a_mailing_of_the_night_is_due_in_the_morning(event: Event) -> None:
    await in_state(State.APPROVED, event)
    night = clock.at_venue(clock.local(MONDAY).date(), 21, 0)
    await begun("day_before", event, night, REAL)
    assert (await Message.get()).next_try_at == REAL + timedelta(hours=11)
