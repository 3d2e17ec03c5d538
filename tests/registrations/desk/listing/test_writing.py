"""From the people list organisers write to whom its filter shows: the form comes filled in, and that is all."""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin.whereabouts import Presence
from registrations.desk.listing.audience import audience_of
from registrations.people.registration import State
from registrations.telling.announcement import Announcement, Audience
from tests.at_the_desk import desk, several
from tests.browser import browsing, words

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def test_nobody_is_written_to_who_was_not_offered_a_place() -> None:
    to = {state: audience_of(state, None) for state in State}
    assert {state for state, audience in to.items() if audience is None} == {
        State.REQUESTED, State.NOT_OFFERED, State.CANCELLED, State.EXPIRED,
    }  # fmt: skip
    assert (audience_of(None, None), audience_of(State.WAITING, Presence.IN)) == (None, None)
    assert [audience_of(None, presence) for presence in Presence] == [
        Audience.ARRIVED, Audience.NOT_ARRIVED, Audience.ARRIVED,
    ]  # fmt: skip


@SQLITE
async def test_the_form_comes_with_those_whom_the_filter_shows(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    await several(event, 2)
    where = {"state": "confirmed", "kind": "charity"}
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params=where)
        [(path, text)] = re.findall(r'href="([^"]*announcements/new[^"]*)">([^<]*)<', page.text)
        assert text == "Write to people on whom nobody has decided yet, charity"
        form = await client.get(unescape(path))
        checked = re.findall(r'name="(\w+)" type="radio" value="([^"]*)" checked', form.text)
        assert checked == [("audience", Audience.UNDECIDED), ("kind", "charity")]
        plain = await client.get(desk(event, "emails", "announcements", "new"), params={"audience": "x", "kind": "'"})
        assert re.findall(r'name="(\w+)" type="radio" value="([^"]*)" checked', plain.text) == [("kind", "all")]
        sought = await client.post(desk(event, "people", "search"), data={"text": "guest", "state": "confirmed"})
        for other in (sought.headers["location"], desk(event, "people"), desk(event, "people?state=not_offered")):
            assert "announcements/new" not in (await client.get(other)).text
    async with browsing(database, vic) as client:
        assert "Write to" not in words((await client.get(desk(event, "people"), params=where)).text)
    assert await Announcement.all().count() == 0
