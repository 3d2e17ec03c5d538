"""From the people list organisers write to whom its filter shows: the form comes filled in, and that is all."""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.bulk.bulk_act import BulkAct
from registrations.checkin.whereabouts import Presence
from registrations.deciding import vetting
from registrations.desk.listing.audience import audience_of
from registrations.people.registration import State
from registrations.telling.announcement import Announcement, Audience
from tests.at_the_desk import desk, several
from tests.browser import browsing, heading, words
from tests.people import MONDAY

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def test_the_form_is_for_a_list_that_shows_its_whole_audience_and_nobody_else() -> None:
    to = {(state, presence): audience_of(state, presence) for state in (None, *State) for presence in (None, *Presence)}
    assert {shown: audience for shown, audience in to.items() if audience} == {
        (State.APPROVED, None): Audience.GUESTS,
        (None, Presence.NOT_YET): Audience.NOT_ARRIVED,
        (State.APPROVED, Presence.NOT_YET): Audience.NOT_ARRIVED,
    }


@SQLITE
async def test_the_form_comes_with_those_whom_the_filter_shows(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    for person in await several(event, 2):
        await vetting.approve(person, omar, MONDAY)
    where = {"state": "approved", "kind": "charity"}
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params=where)
        [(path, text)] = re.findall(r'href="([^"]*announcements/new[^"]*)">([^<]*)<', page.text)
        assert text == "Write to everybody with a place, charity…"
        form = await client.get(unescape(path))
        checked = re.findall(r'name="(\w+)" type="radio" value="([^"]*)" checked', form.text)
        assert checked == [("audience", Audience.GUESTS), ("kind", "charity")]
        plain = await client.get(desk(event, "emails", "announcements", "new"), params={"audience": "x", "kind": "'"})
        assert re.findall(r'name="(\w+)" type="radio" value="([^"]*)" checked', plain.text) == [("kind", "all")]
        sought = await client.post(desk(event, "people", "search"), data={"text": "guest", "state": "approved"})
        for other in (sought.headers["location"], desk(event, "people"), desk(event, "people?state=not_offered")):
            assert "announcements/new" not in (await client.get(other)).text
        bar = words((await client.get(desk(event, "people"))).text)
        assert "All 2 that this filter shows, or only those ticked Write… Decide… Remind… Badge type to set" in bar
        assert "Delegate Speaker Host Helper Set badge type… Export…" in bar
    async with browsing(database, vic) as client:
        assert "Export…" not in words((await client.get(desk(event, "people"))).text)
        assert "Write to" not in words((await client.get(desk(event, "people"), params=where)).text)
    assert await Announcement.all().count() == 0


@SQLITE
async def test_the_bar_is_about_those_who_are_ticked_where_somebody_is(
    database: Database, event: Event, omar: Staff
) -> None:
    people = await several(event, 3)
    approved = {"state": "approved"}
    for person in people:
        await vetting.approve(person, omar, MONDAY)
    picked = {"everyone": "yes", "act": "write", "person": [people[0].id, people[2].id]}
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params=approved)
        some, whole = [
            await client.post(desk(event, "people", "all?state=approved"), data=data)
            for data in (picked, {"everyone": "yes", "act": "write"})
        ]
        headings = [heading(await client.get(made.headers["location"])) for made in (some, whole)]
        decide = await client.get(desk(event, f"people?person={people[1].id}"))
    assert page.text.count('form="bar" name="person"') == 3
    assert "Write to those ticked…" in words(page.text)
    assert headings == ["Write to 2 people?", "Write to 3 people?"]
    assert (await BulkAct.all().order_by("id"))[0].filtered == "Approved, 2 ticked"
    assert re.findall(r'form="bar" name="person" value="(\d+)" checked', decide.text) == [str(people[1].id)]
