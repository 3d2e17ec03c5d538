"""The booking page leads to a page for each thing that people may change; only a chosen Yes saves it.

Rules: GU-22, EM-06.
"""

import re

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking.changing import Change
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.keys import a_new_key_comes
from tests.people import Person, queued
from tests.professional import path_to, put_into, with_ticket


def sent_with(page: str) -> dict[str, str]:
    """What the form holds unseen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_ada_changes_her_name_and_her_booking_says_so(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        assert f'href="{booking}/change/name"' in (await client.get(booking)).text
        page = await client.get(f"{booking}/change/name")
        assert (heading(page), 'value="Ada Ashdown"' in page.text) == ("Change your name", True)
        typed = {"full_name": "Ada Birch", **sent_with(page.text)}
        saved = await client.post(f"{booking}/change/name", data=typed)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{booking}?saved=name")
        said = words((await client.get(saved.headers["location"])).text)
    assert ("Your name is saved." in said, "Ada Birch" in said, "Ada Ashdown" in said) == (True, True, False)
    assert await queued() == [("booking_changed", asked.id)]


@pytest.mark.parametrize("what", list(Change))
async def test_one_press_saves_it_and_the_form_as_it_stands_changes_nothing(
    database: Database, event: Event, ada: Person, what: Change
) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    page, stands = f"{booking}/change/{what}", {what.field: getattr(asked.person, what.field)}
    async with browsing(database) as client:
        shown = await client.get(page)
        assert ('type="radio"' in shown.text, "Save" in words(shown.text)) == (False, True)
        await client.post(page, data=stands | sent_with(shown.text))
        assert ((await Registration.get(id=asked.id)).person, await queued()) == (asked.person, [])
        saved = await client.post(page, data={what.field: "01632 960123", **sent_with(shown.text)})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{booking}?saved={what}")
    assert getattr((await Registration.get(id=asked.id)).person, what.field) == "01632 960123"


async def test_what_cannot_be_a_name_or_a_telephone_number_is_asked_for_again(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        name = await client.post(f"{booking}/change/name", data={"full_name": " "})
        phone = await client.post(f"{booking}/change/telephone", data={"phone": "none"})
    assert (name.status_code, "Enter your full name" in name.text) == (422, True)
    assert (phone.status_code, "Enter a telephone number" in phone.text) == (422, True)


async def test_a_second_press_says_that_it_is_saved_and_sends_nothing(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    page = path_to(asked, Purpose.MANAGE) + "/change/role"
    async with browsing(database) as client:
        typed = {"role": "Head of wardens", **sent_with((await client.get(page)).text)}
        answers = [await client.post(page, data=typed) for _ in range(2)]
    assert [answer.headers["location"][-11:] for answer in answers] == ["?saved=role"] * 2
    assert await queued() == [("booking_changed", asked.id)]


async def test_a_page_drawn_before_an_organisers_correction_saves_nothing(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    page = path_to(asked, Purpose.MANAGE) + "/change/name"
    async with browsing(database) as client:
        typed = {"full_name": "Ada Birch", **sent_with((await client.get(page)).text)}
        await vetting.correct(await Registration.get(id=asked.id), {"full_name": "Ada Ashdowne"}, omar, clock.now())
        late = await client.post(page, data=typed)
        assert (late.status_code, 'value="Ada Ashdowne"' in late.text) == (409, True)
        assert "Your booking has been changed meanwhile, so nothing was saved." in words(late.text)
        assert "You had entered: Ada Birch." in words(late.text)
        assert (await Registration.get(id=asked.id)).full_name == "Ada Ashdowne"
        again = await client.post(page, data=typed | sent_with(late.text))
    assert (again.status_code, (await Registration.get(id=asked.id)).full_name) == (303, "Ada Birch")


async def test_a_page_drawn_before_a_new_key_came_is_saved(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    page = path_to(asked, Purpose.MANAGE) + "/change/name"
    async with browsing(database) as client:
        typed = {"full_name": "Ada Birch", **sent_with((await client.get(page)).text)}
        a_new_key_comes()
        assert (await client.post(page, data=typed)).status_code == 303
    assert (await Registration.get(id=asked.id)).full_name == "Ada Birch"


@pytest.mark.parametrize("page", ["change/name", "change/organisation", "address", "hand-over"])
async def test_a_wrong_entry_makes_no_form_newer(database: Database, event: Event, ada: Person, page: str) -> None:
    """Or who mends it overwrites what an organiser corrected meanwhile, and never saw it."""
    booking = path_to((await with_ticket(ada, event))[0], Purpose.MANAGE)
    async with browsing(database) as client:
        wrong = await client.post(f"{booking}/{page}", data={"seen": "older"})
        first = await client.get(f"{booking}/{page}")
    assert (wrong.status_code, sent_with(wrong.text)) == (422, {"seen": "older"})
    assert sent_with(first.text) != {"seen": "older"}, "the control"


async def test_there_is_no_page_for_anything_else(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        nothing = await client.get(f"/manage/{'a' * 42}/change/name")
        other = await client.get(path_to(asked, Purpose.MANAGE) + "/change/state")
    assert (other.status_code, other.text) == (404, nothing.text)


async def test_whoever_waits_for_a_decision_can_change_it_too(database: Database, event: Event, ada: Person) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.MANAGE))
    assert "/change/name" in page.text


async def test_each_page_that_a_booking_leads_to_has_a_way_back(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    booking, back = path_to(asked, Purpose.MANAGE), {}
    async with browsing(database) as client:
        for path in re.findall(rf'href="({booking}/[^"]+)"', (await client.get(booking)).text):
            page = await client.get(path)
            back[path.removeprefix(booking)] = re.findall(r'<a href="([^"]*)" class="govuk-back-link"', page.text)
    assert {path for path, leads_to in back.items() if leads_to != [booking]} == set()
    assert {"/change/name", "/change/organisation", "/address", "/hand-over", "/give-up", "/rights"} <= set(back)
