"""Omar keeps the list of known organisations: adding, changing and removing, with what is wrong said at its field."""

from dataclasses import replace

import pytest

from events import known_organisation
from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from registrations.asking import confirming
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, confirmed, link_of, requested

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def desk(event: Event, *parts: object) -> str:
    return "/".join(["/desk", event.slug, "organisations", *(str(part) for part in parts)])


GOOD = {"domain": "Wardens.example.org", "kind": "charity", "treatment": "review"}


async def test_a_domain_is_added_changed_and_removed(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert "The list is empty." in (await client.get(desk(event))).text
        await client.post(desk(event, "add"), data=GOOD)
        known = await KnownOrganisation.get()
        assert (known.domain, known.kind, known.treatment, known.suffix) == (
            "wardens.example.org", "charity", Treatment.REVIEW, False
        )  # fmt: skip
        assert "wardens.example.org Charity Listed but not verified" in words((await client.get(desk(event))).text)
        form = await client.get(desk(event, known.id))
        assert (heading(form), 'value="charity"' in form.text) == ("wardens.example.org", True)
        await client.post(desk(event, known.id), data={"kind": "suffix", "treatment": "public-sector"})
        assert "*.wardens.example.org Suffix Public sector" in words((await client.get(desk(event))).text)
        await client.post(desk(event, known.id, "remove"))
        assert (await client.get(desk(event, known.id))).status_code == 404
    assert await KnownOrganisation.all().count() == 0


async def test_from_the_page_of_a_person_the_form_begins_with_their_domain_and_goes_back(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    person = await confirmed(ada, event)
    theirs, add = f"/desk/{event.slug}/people/{person.id}", f"{desk(event, 'add')}?person={person.id}"
    elsewhere = await confirmed(ada, await an_event())
    async with browsing(database, omar) as client:
        assert add in (await client.get(theirs)).text
        form = await client.get(add)
        assert ('value="wardens.example.org"' in form.text, 'value="charity"' in form.text) == (True, True)
        other = await client.get(f"{desk(event, 'add')}?person={elsewhere.id}")
        assert "wardens" not in other.text, "of another event"
        wrong = await client.post(add, data={"domain": "wardens.example.org", "kind": ""})
        assert (wrong.status_code, f'action="{add}"' in wrong.text) == (422, True)
        done = await client.post(add, data=GOOD)
        assert done.headers["location"] == theirs
        page = await client.get(theirs)
        assert ("Address of a known organisation" in words(page.text), add in page.text) == (True, False)


async def test_what_only_looks_like_a_known_domain_is_not_offered_for_the_list(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client:
        await client.post(desk(event, "add"), data=GOOD)
        person = await confirmed(replace(ada, email="ada@wardens.example.org.evil.test"), event)
        page = (await client.get(f"/desk/{event.slug}/people/{person.id}")).text
        assert ("Looks like wardens.example.org" in page, "add?person=" in page) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"domain": ""}, "Enter a domain, like example.org"),
        ({"domain": "name@example.org"}, "Enter a domain, like example.org"),
        ({"domain": "co uk"}, "Enter a domain, like example.org"),
        ({"domain": "*.uk"}, "Enter a domain with a dot in it: all of .uk is not one body&#39;s"),
        ({"kind": ""}, "Enter the kind of organisation"),
        ({"treatment": "friend"}, "Select how far you trust it"),
    ],
)
async def test_what_is_wrong_is_said_and_the_rest_is_kept(
    database: Database, event: Event, omar: Staff, wrong: dict[str, str], sentence: str
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "add"), data=GOOD | wrong)
    assert (answer.status_code, answer.text.count(sentence)) == (422, 2)
    assert 'value="charity"' in answer.text or "kind" in wrong
    assert await KnownOrganisation.all().count() == 0


async def test_what_is_there_already_is_refused(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        await client.post(desk(event, "add"), data=GOOD)
        answer = await client.post(desk(event, "add"), data=GOOD)
    assert (answer.status_code, known_organisation.KNOWN_ALREADY in answer.text) == (409, True)


async def test_the_form_begins_with_no_domain_of_whoever_said_that_they_had_not_asked(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    person = await requested(ada, event)
    add = f"{desk(event, 'add')}?person={person.id}"
    async with browsing(database, omar) as client:
        assert "wardens.example.org" in (await client.get(add)).text, "the control"
        await confirming.say_no(await link_of(person), MONDAY)
        form = await client.get(add)
    assert (form.status_code, "wardens.example.org" in form.text) == (200, False)
