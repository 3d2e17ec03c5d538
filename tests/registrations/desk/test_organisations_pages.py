"""Omar keeps the list of known organisations: adding, changing and removing, with what is wrong said at its field."""

import pytest

from events import known_organisation
from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from tests.browser import browsing, heading, words

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
