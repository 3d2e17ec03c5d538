"""What organisers change is told to whoever planned with it: what is new, once, and not if it was changed back.

Rules: EM-15, SG-01.
"""

from datetime import datetime, timedelta

import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event, EventState
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ShownTo, Words
from registrations.people.registration import State
from registrations.telling.event_news import CHANGES_WAIT
from registrations.telling.mailing import Mailing
from tests.events.programme.programmes import a_programme
from tests.mail_reading import folded, text_of
from tests.people import MONDAY, VENUE_CANARY
from tests.registrations.telling.telling import email_to, in_state, one_of_each, told, waiting

REAL = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's clock, years from the event's
HOUR = timedelta(hours=1)


async def read(person: object, template: str) -> str:
    email = await email_to(person, template)  # type: ignore[arg-type]
    return folded(text_of(email)) if email else ""


async def test_releasing_the_venue_tells_everybody_with_a_place_where_it_is(event: Event, lena: Staff) -> None:
    people = await one_of_each(event)
    await event_changes.release_venue(event, by=lena, at=MONDAY, real=REAL)
    assert await waiting("venue_released") == [people[State.APPROVED].id]
    assert VENUE_CANARY in await read(people[State.APPROVED], "venue_released")
    await event_changes.hold_venue_back(event, by=lena, at=MONDAY)
    assert await read(people[State.APPROVED], "venue_released") == "", "held back before it went out"


async def test_moved_hours_are_told_with_what_they_were(event: Event, lena: Staff) -> None:
    people = await one_of_each(event)
    assert event.starts_at is not None
    details = {"starts_at": event.starts_at + HOUR}
    was = event.hours_words
    await event_changes.change(event, details, by=lena, at=MONDAY, real=REAL)
    concerned = [State.CONFIRMED, State.WAITING, State.OFFERED, State.RECHECKING, State.APPROVED]
    assert await waiting("event_changed") == sorted(people[state].id for state in concerned)
    now = (await Event.get(id=event.id)).hours_words
    for state in concerned:
        said = await read(people[state], "event_changed")
        assert f"Time: {now} (before: {was})" in said
        assert ("Open your ticket" in said, "Date:" in said) == (state is State.APPROVED, False)


async def test_two_changes_in_a_row_are_one_email_and_one_taken_back_is_none(event: Event) -> None:
    guest = await in_state(State.APPROVED, event)
    assert event.starts_at is not None
    was = event.hours_words
    moved = await told(event, MONDAY, REAL, starts_at=event.starts_at + HOUR)
    half_way = await told(moved, MONDAY, REAL + CHANGES_WAIT / 2, doors_open_at=event.starts_at)
    assert await Message.filter(template="event_changed").count() == 1
    said = await read(guest, "event_changed")
    assert (f"(before: {was})" in said, "Doors open:" in said) == (True, True)
    await told(half_way, MONDAY, REAL + CHANGES_WAIT / 2, starts_at=event.starts_at, doors_open_at=event.doors_open_at)
    assert await read(guest, "event_changed") == ""
    await told(await Event.get(), MONDAY, REAL + CHANGES_WAIT, starts_at=event.starts_at + HOUR)
    assert await Message.filter(template="event_changed").count() == 2


async def test_who_comes_in_between_two_changes_is_told_of_the_second_too(event: Event) -> None:
    first = await in_state(State.APPROVED, event)
    assert event.starts_at is not None
    moved = await told(event, MONDAY, REAL, starts_at=event.starts_at + HOUR)
    second = await in_state(State.APPROVED, event)
    await told(moved, MONDAY, REAL + CHANGES_WAIT / 2, starts_at=event.starts_at + 2 * HOUR)
    assert await waiting("event_changed") == [first.id, second.id]
    assert ((await Mailing.get()).number, await Message.filter(subject_id=first.id).count()) == (2, 1)


async def test_another_place_is_told_at_once_only_to_whoever_knew_the_first(event: Event, lena: Staff) -> None:
    guest, waits = await in_state(State.APPROVED, event), await in_state(State.WAITING, event)
    await event_changes.change(event, {"venue": "Elsewhere 1"}, by=lena, at=MONDAY, real=REAL)
    assert await Mailing.all().count() == 0, "nobody knew it yet"
    event = await Event.get()
    await event_changes.release_venue(event, by=lena, at=MONDAY, real=REAL)
    event = await Event.get()
    await event_changes.change(event, {"venue": "Elsewhere 2"}, by=lena, at=MONDAY, real=REAL)
    assert (await Event.get()).venue_released_at is None
    said = await read(guest, "event_changed")
    assert "The event has moved to another address. The one that we gave you is no longer right." in said
    assert ("Elsewhere" in said, await read(waits, "event_changed")) == (False, "")
    assert await read(guest, "venue_released") == "", "of the first, if it still waited"
    await event_changes.release_venue(await Event.get(), by=lena, at=MONDAY + HOUR, real=REAL)
    assert "The new address: Elsewhere 2" in await read(guest, "event_changed")


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.OVER])
async def test_nobody_is_told_of_an_event_that_is_not_open_yet_or_over(event: Event, state: EventState) -> None:
    await in_state(State.APPROVED, event)
    event.state = state
    at = MONDAY if state is EventState.DRAFT else clock.at_venue(event.day + timedelta(days=1), 9, 0)
    assert event.starts_at is not None
    await told(event, at, REAL, starts_at=event.starts_at + HOUR, state=state)
    assert await Mailing.all().count() == 0


async def test_no_venue_is_entered_that_the_shown_programme_tells(event: Event, lena: Staff) -> None:
    await a_programme(event, lena)
    tea = Words(title="Tea", text="In the Sampleton Rooms", content_note="", room="")
    await changing.add_session(event, tea, Times(1020, 1080), by=lena, at=MONDAY)
    with pytest.raises(Refused, match="shown already, and “Tea” says where the event is"):
        await event_changes.change(event, {"venue": "Sampleton Rooms\n9 Test Road"}, by=lena, at=MONDAY, real=REAL)
    assert (await Event.get(id=event.id)).venue == event.venue, "nothing was changed"
    await event_changes.change(event, {"venue": "Elsewhere 1"}, by=lena, at=MONDAY, real=REAL)
    event = await Event.get(id=event.id)
    await changing.show_to(event, ShownTo.NOBODY, by=lena, at=MONDAY)
    await event_changes.change(event, {"venue": "Sampleton Rooms\n9 Test Road"}, by=lena, at=MONDAY, real=REAL)
    assert (await Event.get(id=event.id)).venue.startswith("Sampleton"), "the control"
