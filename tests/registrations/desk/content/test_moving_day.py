"""An organiser gives the event another title and another day at the desk: what moves with it, and when it cannot."""

import asyncio
from datetime import date, timedelta

import pytest

from events import event_changes, moving_day
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from events.programme.changing import Times, add_session
from events.programme.programme import Words, programme_of
from registrations.phones.door import Door
from registrations.telling.mailing import Mailing
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, a_door, queued

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
WINTER = date(2019, 11, 18)


async def anew(event: Event) -> Event:
    return await Event.get(id=event.id)


@SQLITE
async def test_another_title_is_on_the_public_page_and_the_address_stays(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        shown = await client.get(desk(event, "event", "title"))
        done = await client.post(desk(event, "event", "title"), data={"title": "Working together"})
        page = await client.get(f"/e/{event.slug}")
    assert (f'value="{event.title}"' in shown.text, done.status_code) == (True, 303)
    assert (heading(page), (await anew(event)).slug) == ("Working together", event.slug)


@SQLITE
async def test_a_title_that_says_where_is_asked_about_first(database: Database, event: Event, omar: Staff) -> None:
    telling = {"title": "Conference at 1 Example Street"}
    async with browsing(database, omar) as client:
        asked = await client.post(desk(event, "event", "title"), data=telling)
        before = (await anew(event)).title
        done = await client.post(desk(event, "event", "title"), data=telling | {"says_where": "yes"})
    assert (asked.status_code, "This may say where the event is" in words(asked.text)) == (422, True)
    assert ('value="Conference at 1 Example Street"' in asked.text, before) == (True, event.title)
    assert (done.status_code, (await anew(event)).title) == (303, telling["title"])


async def test_hours_doors_and_programme_keep_their_time_on_the_new_day(event: Event, lena: Staff) -> None:
    door = await a_door(event)
    await Door.filter(id=door.id).update(opens_at=clock.at_venue(event.day, 8, 15))
    await add_session(event, Words("Welcome"), Times(570, 600), by=lena, at=MONDAY)
    changed = await event_changes.change(event, {"day": WINTER}, by=lena, at=MONDAY, real=MONDAY)
    now = await anew(event)
    assert changed == ["day", "doors_open_at", "ends_at", "starts_at"]
    assert (now.day, now.doors_open_at, now.starts_at, now.ends_at) == (
        WINTER, clock.at_venue(WINTER, 9, 0), clock.at_venue(WINTER, 9, 30), clock.at_venue(WINTER, 16, 0)
    )  # fmt: skip
    assert (await Door.get(id=door.id)).opens_at == clock.at_venue(WINTER, 8, 15)
    assert [line.hours for line in (await programme_of(now)).lines] == ["09:30 to 10:00"]
    assert (now.slug, now.calendar_version) == (event.slug, event.calendar_version + 1)


async def test_guests_and_all_leads_are_told_and_the_log_says_who(event: Event, omar: Staff, lena: Staff) -> None:
    await event_changes.change(event, {"day": WINTER}, by=omar, at=MONDAY, real=MONDAY)
    mailing = await Mailing.get(event_id=event.id)
    entry = await AuditEntry.get(action=Action.EVENT_CHANGED)
    assert (mailing.template, mailing.told_before["day"]) == ("event_changed", "Monday 15 April 2019")
    assert (entry.actor, entry.details["changed"]) == (omar.actor, ["day", "doors_open_at", "ends_at", "starts_at"])
    assert await queued() == [("lead_alert", lena.id)]


async def test_before_registration_opens_nobody_is_told(event: Event, omar: Staff) -> None:
    await Event.filter(id=event.id).update(state=EventState.DRAFT)
    await event_changes.change(await anew(event), {"day": WINTER}, by=omar, at=MONDAY, real=MONDAY)
    assert await Mailing.filter(event_id=event.id).count() == 0


@SQLITE
async def test_a_day_that_cannot_be_is_refused_where_it_was_typed(
    database: Database, event: Event, omar: Staff
) -> None:
    clock.move_to(MONDAY)
    typed = {
        "": "Enter the day", "31/4/2019": "Day must be a date like 15/4/2019", "2019-04-07": moving_day.PAST,
        "2019-04-08": moving_day.TOO_SOON, "15/4/2109": moving_day.TOO_FAR,
    }  # fmt: skip
    async with browsing(database, omar) as client:
        told = {day: await client.post(desk(event, "event", "day"), data={"day": day}) for day in typed}
        kept = (await anew(event)).day
        done = await client.post(desk(event, "event", "day"), data={"day": "22/4/2019"})
    assert {day: answer.status_code for day, answer in told.items()} == dict.fromkeys(typed, 422)
    assert [day for day, says in typed.items() if says not in words(told[day].text)] == []
    assert (kept, done.status_code, (await anew(event)).day) == (event.day, 303, date(2019, 4, 22))


@SQLITE
async def test_once_a_door_has_opened_the_day_stays(database: Database, event: Event, omar: Staff) -> None:
    """Its own hours may be earlier than the event's; a minute before, the day can still be moved."""
    door = await a_door(event)
    opens = clock.at_venue(event.day, 8, 0)
    await Door.filter(id=door.id).update(opens_at=opens)
    assert await moving_day.refusal(await anew(event), WINTER, opens - timedelta(minutes=1)) == ""
    clock.move_to(opens)
    async with browsing(database, omar) as client:
        told = await client.post(desk(event, "event", "day"), data={"day": WINTER.isoformat()})
    assert (told.status_code, moving_day.BEGUN in words(told.text)) == (422, True)
    assert (await anew(event)).day == event.day
    await Door.filter(id=door.id).update(opens_at=None)
    assert await moving_day.refusal(await anew(event), WINTER, opens) == ""
    assert await moving_day.refusal(await anew(event), WINTER, clock.at_venue(event.day, 9, 0)) == moving_day.BEGUN


async def test_hours_that_were_typed_for_the_old_day_are_not_saved_on_the_new(event: Event, omar: Staff) -> None:
    """The event had none, so nothing of them had changed since the page was opened but the day that they were for."""
    await Event.filter(id=event.id).update(doors_open_at=None, starts_at=None, ends_at=None)
    seen = await anew(event)
    await event_changes.change(await anew(event), {"day": WINTER}, by=omar, at=MONDAY, real=MONDAY)
    typed = {"starts_at": clock.at_venue(seen.day, 9, 30)}
    with pytest.raises(event_changes.ChangedMeanwhile):
        await event_changes.change(seen, typed, by=omar, at=MONDAY, real=MONDAY)
    assert (await anew(event)).starts_at is None


async def test_it_moves_within_three_years_and_no_day_later(event: Event) -> None:
    last = clock.local(MONDAY).date() + moving_day.FARTHEST
    said = [await moving_day.refusal(event, day, MONDAY) for day in (last, last + timedelta(days=1))]
    assert said == ["", moving_day.TOO_FAR]


async def test_two_who_move_it_at_once_move_it_once(event: Event, omar: Staff, lena: Staff) -> None:
    """The second is told: hours are never moved by both."""
    days = (WINTER, WINTER + timedelta(days=7))
    seen = [await anew(event) for _ in days]
    answers = await asyncio.gather(
        *(
            event_changes.change(event, {"day": day}, by=omar, at=MONDAY, real=MONDAY)
            for event, day in zip(seen, days, strict=True)
        ),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(event_changes.ChangedMeanwhile) == 1
    now = await anew(event)
    assert now.starts_at == clock.at_venue(now.day, 9, 30)
