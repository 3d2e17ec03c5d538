"""Lena changes the event: only what differs is saved, nobody loses a place unseen, and opening says what is missing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from events import event_changes, event_file
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState, new_event
from events.ground import clock
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused
from tests.people import MONDAY, VENUE_CANARY, an_event, audit_of

LATER = MONDAY + timedelta(hours=1)


async def anew(event: Event) -> Event:
    return await Event.get(id=event.id)


async def test_another_venue_has_to_be_released_anew(event: Event, lena: Staff, omar: Staff) -> None:
    await event_changes.release_venue(event, by=lena, at=LATER, real=LATER)
    await event_changes.change(await anew(event), {"bring": "A pen"}, by=omar, at=LATER, real=clock.real())
    assert (await anew(event)).venue_released_at == LATER
    await event_changes.change(await anew(event), {"venue": "1 Trap Street"}, by=omar, at=LATER, real=clock.real())
    assert ((await anew(event)).venue_for_guests, (await anew(event)).venue) == ("", "1 Trap Street")


async def test_only_what_differs_is_saved_and_the_record_holds_no_value(event: Event, lena: Staff) -> None:
    details = {"bring": "A pen", "contact_email": event.contact_email, "venue": "Hall 2"}
    changed = await event_changes.change(event, details, by=lena, at=LATER, real=clock.real())
    now, entry = await anew(event), await AuditEntry.get(action=Action.EVENT_CHANGED)
    assert (changed, now.bring, now.venue) == (["bring", "venue"], "A pen", "Hall 2")
    assert (entry.actor, entry.details) == (lena.actor, {"changed": ["bring", "venue"]})


async def test_nothing_new_leaves_no_entry(event: Event, lena: Staff) -> None:
    same = {"bring": event.bring, "venue": event.venue}
    assert await event_changes.change(event, same, by=lena, at=LATER, real=clock.real()) == []
    assert await audit_of(event) == []


async def test_two_organisers_do_not_undo_each_other(event: Event, lena: Staff, omar: Staff) -> None:
    seen_by_lena, seen_by_omar = await anew(event), await anew(event)
    await event_changes.change(
        seen_by_lena, {"bring": "A pen", "lead_phone": event.lead_phone}, by=lena, at=LATER, real=clock.real()
    )
    await event_changes.change(
        seen_by_omar, {"bring": event.bring, "lead_phone": "07700 900123"}, by=omar, at=LATER, real=clock.real()
    )
    now = await anew(event)
    assert (now.bring, now.lead_phone) == ("A pen", "07700 900123")


async def test_the_counters_cannot_be_edited(event: Event, lena: Staff) -> None:
    counters = {"taken": 7, "next_n": 9, "slug": "other"}
    before = {name: getattr(event, name) for name in counters}
    assert await event_changes.change(event, counters, by=lena, at=LATER, real=clock.real()) == []
    now = await anew(event)
    assert {name: getattr(now, name) for name in counters} == before


async def test_places_do_not_sink_below_what_is_given_out_unseen(event: Event, lena: Staff) -> None:
    await Event.filter(id=event.id).update(taken=100)
    with pytest.raises(Refused, match="100 places have been given out"):
        await event_changes.change(
            await anew(event), {"capacity": 80, "allowance": 19}, by=lena, at=LATER, real=clock.real()
        )
    assert (await anew(event)).capacity == 120
    await event_changes.change(
        await anew(event), {"capacity": 80, "allowance": 20}, by=lena, at=LATER, real=clock.real()
    )
    await event_changes.change(
        await anew(event), {"capacity": 50}, by=lena, at=LATER, lower_anyway=True, real=clock.real()
    )
    now = await anew(event)
    assert (now.capacity, now.allowance, now.taken, now.places_left) == (50, 20, 100, 0)


async def test_opening_says_everything_that_is_missing(database: Database, lena: Staff) -> None:
    event = new_event("bare", "A conference", date(2019, 4, 15), MONDAY)
    event.hosts = [{"name": "Safer Places", "email": "", "phone": ""}]
    await event.save()
    with pytest.raises(Refused) as refused:
        await event_changes.open_registration(event, by=lena, at=LATER)
    assert refused.value.sentence == (
        "Registration cannot be opened yet. Missing: The reference of the signed data protection impact assessment"
        " (DPIA); The number of places; An email address for people who ask for places; A telephone number for people"
        " who ask for places, or have a safety concern; An email address or telephone number of Safer Places;"
        " Privacy notice: the legal basis;"
        " Privacy notice: the essence of the hosts' arrangement;"
        " Privacy notice: whether it leaves the United Kingdom; Privacy notice: how long it is kept;"
        " Privacy notice: the data protection contact of Safer Places;"
        " Processor register: who runs the server (hosting); Processor register: who sends our emails (email relay)."
    )
    assert (await anew(event)).state is EventState.DRAFT


async def test_while_people_can_ask_the_number_to_telephone_can_be_changed_but_not_taken_away(
    event: Event, lena: Staff
) -> None:
    wanted = "Registration is open, so this has to stay: A telephone number for people who ask for places"
    with pytest.raises(Refused, match=wanted):
        await event_changes.change(event, {"contact_phone": ""}, by=lena, at=LATER, real=clock.real())
    await event_changes.change(event, {"contact_phone": "01632 960 009"}, by=lena, at=LATER, real=clock.real())
    assert (await anew(event)).contact_phone == "01632 960 009"
    await event_changes.close_registration(event, by=lena, at=LATER)
    await event_changes.change(await anew(event), {"contact_phone": ""}, by=lena, at=LATER, real=clock.real())
    assert (await anew(event)).contact_phone == ""


async def test_opening_and_closing_are_each_done_once(database: Database, lena: Staff) -> None:
    event = await an_event(state=EventState.DRAFT)
    answers = await asyncio.gather(
        *(event_changes.open_registration(event, by=lena, at=LATER) for _ in range(5)), return_exceptions=True
    )
    assert sorted(str(answer) for answer in answers) == [str(None)] + [event_changes.OPEN_ALREADY] * 4
    await event_changes.close_registration(event, by=lena, at=LATER)
    with pytest.raises(Refused, match=event_changes.NOT_OPEN):
        await event_changes.close_registration(event, by=lena, at=LATER)
    assert [action for action, _, _ in await audit_of(event)] == [Action.EVENT_OPENED, Action.EVENT_CLOSED]


async def test_nobody_opens_an_event_whose_day_has_passed_unless_it_was_put_off(event: Event, lena: Staff) -> None:
    the_day_after = clock.at_venue(event.day + timedelta(days=1), 0, 0)
    assert await event_changes.end(event, the_day_after)
    with pytest.raises(Refused, match=event_changes.DAY_PASSED):
        await event_changes.open_registration(event, by=lena, at=the_day_after)
    assert (await anew(event)).state is EventState.OVER
    await Event.filter(id=event.id).update(day=event.day + timedelta(days=7))
    assert not await event_changes.end(event, the_day_after)
    await event_changes.open_registration(event, by=lena, at=the_day_after)
    assert (await anew(event)).is_open(the_day_after)


async def test_of_two_events_on_one_day_each_ends_by_itself(event: Event) -> None:
    other = await an_event()
    assert other.day == event.day
    assert await event_changes.end(event, clock.at_venue(event.day + timedelta(days=1), 0, 0))
    assert ((await anew(event)).state, (await anew(other)).state) == (EventState.OVER, other.state)


async def test_the_venue_is_released_and_held_back(event: Event, lena: Staff) -> None:
    assert (await anew(event)).venue_for_guests == ""
    await event_changes.release_venue(event, by=lena, at=LATER, real=LATER)
    assert VENUE_CANARY in (await anew(event)).venue_for_guests
    with pytest.raises(Refused, match=event_changes.RELEASED_ALREADY):
        await event_changes.release_venue(event, by=lena, at=LATER, real=LATER)
    await event_changes.hold_venue_back(event, by=lena, at=LATER)
    with pytest.raises(Refused, match=event_changes.HELD_BACK_ALREADY):
        await event_changes.hold_venue_back(event, by=lena, at=LATER)
    assert (await anew(event)).venue_for_guests == ""
    assert await audit_of(event) == [
        (Action.VENUE_RELEASED, lena.actor, LATER),
        (Action.VENUE_HELD_BACK, lena.actor, LATER),
    ]


async def test_without_a_venue_there_is_nothing_to_release(event: Event, lena: Staff) -> None:
    await event_changes.change(event, {"venue": ""}, by=lena, at=LATER, real=clock.real())
    with pytest.raises(Refused, match=event_changes.NO_VENUE):
        await event_changes.release_venue(event, by=lena, at=LATER, real=LATER)


async def test_hours_are_saved_as_a_clock_at_the_venue_shows_them(event: Event, lena: Staff) -> None:
    await event_changes.change(
        event, {"starts_at": clock.at_venue(event.day, 10, 15)}, by=lena, at=LATER, real=clock.real()
    )
    assert (await anew(event)).hours_words == "10:15 to 16:00"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one transaction at a time
async def test_what_another_organiser_is_saving_counts_before_registration_opens_or_a_file_is_loaded(
    event: Event, lena: Staff, omar: Staff, tmp_path: Path
) -> None:
    """Both had read the event as it was before, and then waited for its row."""
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    file, saves = tmp_path / "event.toml", asyncio.Event()
    hosts = "".join(f'[[hosts]]\nname = "{host["name"]}"\ndata_protection = "Dee"\n' for host in event.hosts)
    file.write_text(f'slug = "{event.slug}"\ntitle = "{event.title}"\nday = {event.day}\n{hosts}')
    new = [host | {"email": "", "phone": ""} for host in event.hosts]

    @run_tx
    async def saved() -> None:
        await event_changes.change(await anew(event), {"hosts": new}, by=omar, at=LATER, real=clock.real())
        saves.set()
        while len(await query("SELECT 1 FROM pg_locks WHERE NOT granted")) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def after(act: Callable[[], Awaitable[object]]) -> object:
        await saves.wait()
        return await act()

    opened = after(lambda: event_changes.open_registration(event, by=lena, at=LATER))
    loaded = after(lambda: event_file.load(file, LATER, clock.real()))
    _, refused, _ = await asyncio.gather(saved(), opened, loaded, return_exceptions=True)
    now = await anew(event)
    assert (type(refused), now.state) == (Refused, EventState.CLOSED)
    assert now.hosts == [host | {"data_protection": "Dee"} for host in new]
