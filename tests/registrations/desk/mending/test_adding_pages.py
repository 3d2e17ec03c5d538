"""An organiser adds somebody who telephoned. The page tells plainly of a request that there is."""

from dataclasses import asdict

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, fields, notice
from tests.browser import browsing, words
from tests.people import Person, confirmed, queued
from tests.professional import told_by

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def typed(person: Person) -> dict[str, str]:
    return {name: text for name, text in asdict(told_by(person)).items() if name != "invitation"}


@SQLITE
async def test_what_is_typed_waits_for_their_yes(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert desk(event, "people", "add") in (await client.get(desk(event, "people"))).text
        page = await client.get(desk(event, "people", "add"))
        assert "checked" not in page.text
        added = await client.post(desk(event, "people", "add"), data=typed(ada) | {"email": "Ada@Wardens.example.org"})
        person = await client.get(added.headers["location"])
    asked = await Registration.get()
    assert notice(person) == "We have asked their address by email. It is a request once they have said yes there."
    assert "Took a request by telephone Omar Organiser" in words(person.text)
    assert (asked.state, asked.email, [template for template, _ in await queued()]) == (
        State.REQUESTED, ada.email, ["confirm"]
    )  # fmt: skip


@SQLITE
async def test_a_form_that_is_sent_twice_adds_once(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    here = desk(event, "people", "add")
    async with browsing(database, omar) as client:
        form = fields(await client.get(here))
        wrong = await client.post(here, data=form | typed(ada) | {"email": "ada"})
        assert fields(wrong)["once"] == form["once"] != fields(await client.get(here))["once"]
        for _ in range(2):
            added = await client.post(here, data=form | typed(ada))
        person = await client.get(added.headers["location"])
        assert words(person.text).count("Took a request by telephone Omar Organiser") == 1
        assert len(await queued()) == 1
        await client.post(here, data=fields(await client.get(here)) | typed(ada))
    assert len(await queued()) == 2, "a new form sends it again"


@SQLITE
async def test_a_mistake_saves_nothing_and_keeps_what_was_typed(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        wrong = await client.post(desk(event, "people", "add"), data=typed(ada) | {"email": "ada", "kind": ""})
    assert (wrong.status_code, fields(wrong)["full_name"]) == (422, ada.name)
    assert "Select the kind of organisation" in wrong.text
    assert (await Registration.all().count(), await queued()) == (0, [])


@SQLITE
async def test_a_request_that_there_is_is_named_with_a_link_to_it(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    known = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        told = await client.post(desk(event, "people", "add"), data=typed(ada) | {"full_name": "Ada A"})
    assert (told.status_code, fields(told)["full_name"]) == (409, "Ada A")
    assert amber(told).startswith("There is a request for this address. Nothing was saved, and no email was sent.")
    assert desk(event, "people", known.id) in told.text
    assert await queued() == []


@SQLITE
async def test_who_only_looks_adds_nobody(database: Database, event: Event, ada: Person, vic: Staff) -> None:
    async with browsing(database, vic) as client:
        assert "people/add" not in (await client.get(desk(event, "people"))).text
        assert (await client.post(desk(event, "people", "add"), data=typed(ada))).status_code == 403
    assert await Registration.all().count() == 0
