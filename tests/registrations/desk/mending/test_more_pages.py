"""An organiser asks for more before deciding; the queue and the person's page show who did and when."""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.deciding import vetting
from registrations.people.registration import State
from tests.at_the_desk import desk, notice
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, queued
from tests.professional import put_into

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_one_of_two_emails_is_chosen_and_who_asked_is_shown(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert f"{here}/more" in (await client.get(here)).text
        page = await client.get(f"{here}/more")
        assert ("checked" in page.text, "textarea" in page.text) == (False, False)
        nothing = await client.post(f"{here}/more", data={})
        assert (nothing.status_code, "Select what you ask for" in nothing.text, await queued()) == (422, True, [])
        done = await client.post(f"{here}/more", data={"more": "a manager's contact"})
        person = await client.get(done.headers["location"])
        queue, again = await client.get(desk(event, "requests")), await client.get(f"{here}/more")
        twice = await client.post(f"{here}/more", data={"more": "a work address"})
    assert notice(person) == "They are asked by email."
    said = "Asked for more 8 April by Omar Organiser"
    assert [said in words(page.text) for page in (person, queue, again)] == [True] * 3
    assert "Asked for more before a decision: a manager's contact" in words(person.text)
    assert (twice.status_code, await queued()) == (409, [("more_manager", asked.id)])


@SQLITE
async def test_of_whoever_is_looked_at_again_a_managers_contact_alone_can_be_asked(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    here = desk(event, "people", (await put_into(State.RECHECKING, ada, event)).id)
    async with browsing(database, omar) as client:
        page = (await client.get(f"{here}/more")).text
        nothing = (await client.post(f"{here}/more", data={})).text
        refused = await client.post(f"{here}/more", data={"more": "a work address"})
        assert [re.findall(r'value="(a [^"]+)"', unescape(text)) for text in (page, nothing)] == [
            ["a manager's contact"]
        ] * 2
        assert ("Decide first" in page, "Correct the email address" in page, await queued()) == (True, False, [])
        done = await client.post(f"{here}/more", data={"more": "a manager's contact"})
    assert (refused.status_code, "neither by them nor here, so nothing was sent" in words(refused.text)) == (409, True)
    assert (done.status_code, [template for template, _ in await queued()]) == (303, ["more_manager"])


@SQLITE
async def test_whoever_is_decided_on_has_no_such_page(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY)
    async with browsing(database, omar) as client:
        assert "/more" not in (await client.get(desk(event, "people", asked.id))).text
        assert (await client.get(desk(event, "people", asked.id, "more"))).status_code == 404
