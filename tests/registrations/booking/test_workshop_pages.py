"""Ada chooses workshops on her booking page, where nothing is chosen for her. Rules: EV-01, EM-05."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.programme.programme import ShownTo
from registrations.people.registration import Registration, State
from registrations.workshops import allocating, choosing
from registrations.workshops.choice import WorkshopChoice
from registrations.workshops.shown import MAY_JOIN
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.events.programme.programmes import a_programme
from tests.people import MONDAY, Person
from tests.professional import path_to, put_into
from tests.registrations.workshops.guests import a_guest, chooses


async def test_ada_chooses_and_reads_what_she_chose(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    guest, filled = await a_guest(event, ada), await a_programme(event, omar)
    booking = path_to(guest, Purpose.MANAGE)
    page = f"{booking}/workshops/{filled.slot.id}"
    async with browsing(database) as client:
        before = await client.get(booking)
        assert "10:00 to 11:00 Not chosen" in words(before.text)
        assert page in before.text
        asked = await client.get(page)
        assert heading(asked) == "Workshops, 10:00 to 11:00"
        assert "checked" not in asked.text
        done = await client.post(page, data={"first": str(filled.second.id), "second": str(filled.first.id)})
        assert done.headers["location"] == f"{booking}?saved=workshops"
        after = words((await client.get(done.headers["location"])).text)
        again = await client.get(page)
    assert "What you chose is saved." in after
    assert "First choice: Working with the police. Second choice: Safety planning" in after
    assert "You have chosen." in again.text
    assert "checked" not in again.text, "email gateways send forms as they stand"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Select your first choice"),
        ({"first": "{first}"}, "Select your second choice, or that you have none"),
        ({"first": "{first}", "second": "{first}"}, choosing.TWICE),
        ({"first": "{story}", "second": "0"}, "Select your first choice"),
    ],
)
async def test_what_is_missing_is_said(
    database: Database, event: Event, ada: Person, omar: Staff, typed: dict[str, str], said: str
) -> None:
    guest, filled = await a_guest(event, ada), await a_programme(event, omar)
    ids = {"first": filled.first.id, "story": filled.story.id}
    async with browsing(database) as client:
        page = f"{path_to(guest, Purpose.MANAGE)}/workshops/{filled.slot.id}"
        answer = await client.post(page, data={name: text.format(**ids) for name, text in typed.items()})
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert await WorkshopChoice.all().count() == 0


async def test_there_is_no_such_page_while_guests_do_not_see_the_programme(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest, filled = await a_guest(event, ada), await a_programme(event, omar, ShownTo.NOBODY)
    async with browsing(database) as client:
        booking = path_to(guest, Purpose.MANAGE)
        assert "Workshops" not in (await client.get(booking)).text
        assert (await client.get(f"{booking}/workshops/{filled.slot.id}")).status_code == 404


async def test_after_the_choice_is_closed_the_booking_page_says_so(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest, filled = await a_guest(event, ada), await a_programme(event, omar)
    await chooses(guest, filled.slot, filled.first.id)
    async with browsing(database, omar) as client:
        there = desk(event, "programme", "slots", filled.slot.id, "workshops")
        assert "Safety planning 2 1 0" in words((await client.get(there)).text)
        done = await client.post(f"{there}/close")
        assert notice(await client.get(done.headers["location"])) == choosing_closed()
    async with browsing(database) as client:
        booking = path_to(guest, Purpose.MANAGE)
        page = f"{booking}/workshops/{filled.slot.id}"
        shown = await client.get(booking)
        assert "First choice: Safety planning. Second choice: none. The choice is closed" in words(shown.text)
        assert page not in shown.text
        assert 'type="radio"' not in (await client.get(page)).text
        late = await client.post(page, data={"first": str(filled.second.id), "second": "0"})
    assert (late.status_code, choosing.CLOSED in words(late.text)) == (409, True)


async def test_rooms_stand_there_for_whoever_has_the_ticket_alone(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    """Whoever is looked at again knows of no address until somebody has decided, and so of no room in it."""
    filled, guest, again = await a_programme(event, omar), await a_guest(event, ada), await rechecked(event, bo)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    for given_out in (False, True):
        if given_out:
            assert await allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
        async with browsing(database) as client:
            pages = [
                await client.get(f"{path_to(person, Purpose.MANAGE)}/workshops/{filled.slot.id}")
                for person in (guest, again)
            ]
        assert ["Room: Room of safety planning" in words(page.text) for page in pages] == [True, False]
        assert "About safety planning" in words(pages[1].text), "what it is about they may know"


async def rechecked(event: Event, person: Person) -> Registration:
    found = await put_into(State.RECHECKING, person, event)
    found.event = event
    return found


def choosing_closed() -> str:
    return "The choice is closed: guests cannot choose any more."


async def test_once_places_are_given_out_ada_sees_hers_and_takes_another_that_is_left(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest, other = await a_guest(event, ada), await a_guest(event)
    filled = await a_programme(event, omar, capacity=1)
    await chooses(guest, filled.slot, filled.first.id)
    assert await allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
    async with browsing(database) as client:
        booking = path_to(guest, Purpose.MANAGE)
        page = f"{booking}/workshops/{filled.slot.id}"
        assert "10:00 to 11:00 Safety planning" in words((await client.get(booking)).text)
        assert "Safety planning Your workshop" in words((await client.get(path_to(guest, Purpose.TICKET))).text)
        offered = await client.get(page)
        assert "Working with the police (1 place left)" in words(offered.text)
        assert f'value="{filled.first.id}"' not in offered.text, "she has that one"
        assert "checked" not in offered.text
        assert "No place left." not in words(offered.text)
        await client.post(page, data={"workshop": "0"})
        assert "10:00 to 11:00 Safety planning" in words((await client.get(booking)).text), "she stays"
        await client.post(page, data={"workshop": str(filled.second.id), "word": "join"})
        assert "10:00 to 11:00 Working with the police" in words((await client.get(booking)).text)
        theirs = f"{path_to(other, Purpose.MANAGE)}/workshops/{filled.slot.id}"
        refused = await client.post(theirs, data={"workshop": str(filled.second.id), "word": "join"})
        assert (refused.status_code, "Select a workshop" in words(refused.text)) == (422, True), "it is not offered"
        assert words(refused.text).count("No place left.") == 1, "the full one, and not the one with room"
        await client.post(theirs, data={"workshop": str(filled.first.id), "word": "join"})
        assert "No place is left in another one" in words((await client.get(theirs)).text)


async def test_a_guest_without_a_place_reads_that_there_is_one_to_take_until_the_event_is_over(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest, filled = await a_guest(event, ada), await a_programme(event, omar)
    assert await allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
    async with browsing(database) as client:
        booking = path_to(guest, Purpose.MANAGE)
        before = await client.get(booking)
        clock.move_to(clock.days_later(MONDAY, 8))
        over = await client.get(booking)
    assert f"10:00 to 11:00 {MAY_JOIN}" in words(before.text)
    assert (f"{booking}/workshops/" in before.text, f"{booking}/workshops/" in over.text) == (True, False)
    assert ("10:00 to 11:00 None" in words(over.text), MAY_JOIN in words(over.text)) == (True, False)
