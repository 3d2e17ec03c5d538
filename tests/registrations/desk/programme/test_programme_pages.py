"""Organisers write the programme at the desk, and guests and the public read it as organisers chose.

Rules: EV-01, SG-14.
"""

import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ProgrammeItem, ShownTo, Slot, Words, programme_of
from registrations.desk.programme.programme_pages import SAYS_WHERE
from tests.at_the_desk import desk, fields, notice
from tests.browser import browsing, heading, words
from tests.events.programme.programmes import STORY, a_programme, listed
from tests.people import MONDAY, Person
from tests.professional import path_to, with_ticket

TYPED = {
    "title": "Opening", "text": "Why we are here", "content_note": "", "room": "The long room",
    "starts": "09:30", "ends": "10:00",
}  # fmt: skip
WORKSHOP = {
    "title": "Safety planning",
    "text": "",
    "content_note": "Reads messages aloud",
    "room": "",
    "capacity": "12",
}


def path(event: Event, *parts: object) -> str:
    return desk(event, "programme", *parts)


async def test_omar_writes_a_session_and_a_slot_with_a_workshop(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert heading(await client.get(path(event, "sessions", "add"))) == "Add a session"
        done = await client.post(path(event, "sessions", "add"), data=TYPED)
        assert notice(await client.get(done.headers["location"])) == "Added to the programme."
        await client.post(path(event, "slots", "add"), data={"starts": "10", "ends": "11:00"})
        assert await Slot.all().count() == 0, "10 is no time"
        await client.post(path(event, "slots", "add"), data={"starts": "10:00", "ends": "11:00"})
        slot = await Slot.get()
        await client.post(path(event, "slots", slot.id, "add"), data=WORKSHOP)
        page = words((await client.get(path(event))).text)
    assert await listed(event) == [("09:30 to 10:00", "Opening"), ("10:00 to 11:00", "Workshops")]
    for said in (
        "Who sees it Nobody yet",
        "09:30 to 10:00 Opening Why we are here Room: The long room",
        "Safety planning Content note: Reads messages aloud",
        "No room yet At most 12",
    ):
        assert said in page


@pytest.mark.parametrize("field", ["title", "text", "content_note"])
async def test_no_text_that_everybody_may_read_says_where_it_is(
    database: Database, event: Event, omar: Staff, field: str
) -> None:
    """Nor does one that stood there before the venue was entered. The room is shown to guests alone, and later."""
    told, filled = f"Meet at {event.venue.lower()}", await a_programme(event, omar, ShownTo.NOBODY)
    late = TYPED | {"starts": "15:00", "ends": "16:00"}
    async with browsing(database, omar) as client:
        refused = [
            await client.post(path(event, "sessions", "add"), data=late | {field: told}),
            await client.post(path(event, "slots", filled.slot.id, "add"), data=WORKSHOP | {field: told}),
            await client.post(path(event, filled.story.id), data=late | {field: told, "seen": "7"}),
            await client.post(path(event, filled.first.id), data=WORKSHOP | {field: told, "seen": "7"}),
        ]
        assert [(page.status_code, SAYS_WHERE in words(page.text)) for page in refused] == [(422, True)] * 4
        assert ['name="seen" value="7"' in page.text for page in refused] == [False, False, True, True], "no newer"
        assert (await client.post(path(event, "sessions", "add"), data=late | {"room": told})).status_code == 303
        before, there = Words(**{"title": "Tea", field: told}), event.venue
        with pytest.raises(Refused, match="says where the event is"):
            await changing.add_session(event, before, Times(1020, 1080), by=omar, at=MONDAY)
        for venue in ("Elsewhere 9", there):  # entered last
            now = await Event.get(id=event.id)
            await event_changes.change(now, {"venue": venue}, by=omar, at=MONDAY, real=MONDAY)
            if venue != there:
                await changing.add_session(event, before, Times(1020, 1080), by=omar, at=MONDAY)
        with pytest.raises(Refused, match="says where the event is"):
            await changing.show_to(event, ShownTo.GUESTS, by=omar, at=MONDAY)
        for shown_to in ("guests", "everybody"):
            shown = await client.post(path(event, "shown-to"), data={"shown_to": shown_to})
            assert (shown.status_code, "says where the event is. Change it first" in words(shown.text)) == (422, True)
        assert (await client.post(path(event, "shown-to"), data={"shown_to": "nobody"})).status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Enter the title"),
        ({"starts": ""}, "Enter when it starts"),
        ({"ends": "25:00"}, "Ends must be a time like 09:30"),
        ({"ends": "09:00"}, changing.ENDS_FIRST),
        ({"starts": "10:30", "ends": "11:30"}, "From 10:00 to 11:00 there is “Workshops” already"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    database: Database, event: Event, omar: Staff, typed: dict[str, str], said: str
) -> None:
    await a_programme(event, omar)
    before = await listed(event)
    async with browsing(database, omar) as client:
        answer = await client.post(
            path(event, "sessions", "add"), data=TYPED | {"starts": "12:00", "ends": "13:00"} | typed
        )
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert 'value="The long room"' in answer.text
    assert await listed(event) == before


async def test_omar_changes_and_takes_out_what_is_there(database: Database, event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    async with browsing(database, omar) as client:
        page = await client.get(path(event, filled.first.id))
        typed = fields(page) | {"text": "", "content_note": "It tells of threats", "capacity": "3"}
        done = await client.post(path(event, filled.first.id), data=typed)
        assert notice(await client.get(done.headers["location"])) == "Changed."
        assert (await client.post(path(event, filled.first.id), data=typed)).status_code == 409, "it moved on"
        asked = await client.get(path(event, filled.story.id, "take-out"))
        assert heading(asked) == "Take “A story” out of the programme?"
        assert await ProgrammeItem.exists(id=filled.story.id), "asking takes nothing out"
        await client.post(path(event, filled.story.id, "take-out"))
    changed = await ProgrammeItem.get(id=filled.first.id)
    assert changed.words is not None
    assert (changed.words.content_note, changed.capacity) == ("It tells of threats", 3)
    assert not await ProgrammeItem.exists(id=filled.story.id)


@pytest.mark.parametrize("shown_to", list(ShownTo))
async def test_guests_and_the_public_read_it_as_organisers_chose(
    database: Database, event: Event, ada: Person, omar: Staff, shown_to: ShownTo
) -> None:
    guest, _ticket = await with_ticket(ada, event)
    await a_programme(event, omar, ShownTo.NOBODY)
    async with browsing(database, omar) as client:
        await client.post(path(event, "shown-to"), data={"shown_to": shown_to.value})
    assert (await programme_of(event)).shown_to is shown_to
    async with browsing(database) as client:
        public = words((await client.get(f"/e/{event.slug}")).text)
        ticket = words((await client.get(path_to(guest, Purpose.TICKET))).text)
    note = f"A story {STORY.text} Content note: {STORY.content_note}"
    assert (note in public) == (shown_to is ShownTo.EVERYBODY)
    assert (note in ticket) == (shown_to is not ShownTo.NOBODY)


async def test_the_room_is_for_guests_once_the_venue_is_released(
    database: Database, event: Event, ada: Person, lena: Staff, vic: Staff
) -> None:
    guest, _ticket = await with_ticket(ada, event)
    await a_programme(event, lena)
    pages = (f"/e/{event.slug}", path_to(guest, Purpose.TICKET))
    async with browsing(database) as client:
        before = ["The long room" in (await client.get(page)).text for page in pages]
        await event_changes.change(event, {"venue": "Sample Hall"}, by=lena, at=MONDAY, real=MONDAY)
        await event_changes.release_venue(event, by=lena, at=MONDAY, real=MONDAY)
        after = ["The long room" in (await client.get(page)).text for page in pages]
    assert (before, after) == ([False, False], [False, True])
    async with browsing(database, vic) as client:
        assert "The long room" not in (await client.get(path(event))).text
    async with browsing(database, lena) as client:
        assert "The long room" in (await client.get(path(event))).text


async def test_who_sees_it_is_a_choice_with_nothing_chosen(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(path(event, "shown-to"))
        assert "checked" not in page.text
        answer = await client.post(path(event, "shown-to"), data={})
    assert answer.status_code == 422
    assert "Select who sees the programme" in words(answer.text)
