"""An organiser chooses the colour of the event: sees it first, is told where people could not read it, and it stands on
the event's public pages and on no other."""

import re

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.web.colour import USUAL, accent
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import an_event

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
SHEET = re.compile(r'href="(/colour/[^"]+)"')


async def colour_of(event: Event) -> str:
    return (await Event.get(id=event.id)).colour


async def test_a_colour_is_seen_first_then_saved_and_stands_on_this_events_pages_alone(
    database: Database, event: Event, omar: Staff
) -> None:
    other, here = await an_event(), desk(event, "event", "colour")
    async with browsing(database, omar) as client:
        shown = await client.post(here, data={"colour": "#0B7A75", "act": "preview"})
        before = await colour_of(event)
        done = await client.post(here, data={"colour": "#0B7A75"})
        public = await client.get(f"/e/{event.slug}")
        pages = [public, await client.get(f"/e/{event.slug}/lost-link")]
        without = [await client.get(path) for path in (f"/e/{other.slug}", "/", desk(event, "event"))]
        found = [SHEET.findall(page.text) for page in pages]
        sheet = await client.get(found[0][0])
    assert ("Text on #0b7a75 is white." in words(shown.text), 'fill="#0b7a75"' in shown.text, before) == (
        True,
        True,
        "",
    )
    assert (done.status_code, await colour_of(event), sheet.status_code) == (303, "#0b7a75", 200)
    assert (len(found[0]), found[1], [SHEET.findall(page.text) for page in without]) == (1, found[0], [[], [], []])
    assert public.text.index("/static/muster.css") < public.text.index(found[0][0]), "the later rule counts"
    assert (await AuditEntry.get(action=Action.EVENT_CHANGED)).details == {"changed": ["colour"]}


async def test_the_usual_colour_is_seen_too_before_it_is_saved(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        shown = await client.post(desk(event, "event", "colour"), data={"colour": USUAL, "act": "preview"})
    assert (shown.status_code, f'fill="{USUAL}"' in shown.text, await colour_of(event)) == (200, True, "")


async def test_one_that_some_could_not_read_is_refused_with_the_nearest(
    database: Database, event: Event, omar: Staff
) -> None:
    here = desk(event, "event", "colour")
    async with browsing(database, omar) as client:
        told = [await client.post(here, data={"colour": "#777"} | act) for act in ({}, {"act": "preview"})]
        named = re.search(r"The nearest colour that has it is (#[0-9a-f]{6})", words(told[0].text))
        wrong = await client.post(here, data={"colour": "url(x)"})
        pale = await client.post(here, data={"colour": "#fffbe6"})
        assert named
        taken = await client.post(here, data={"colour": named[1]})
        assert (await colour_of(event), accent(named[1]) is not None) == (named[1], True)
        shown = await client.get(here)
        await client.post(here, data={"colour": "#4B2E63"})
    assert [answer.status_code for answer in [*told, wrong, taken]] == [422, 422, 422, 303]
    assert "its contrast is 4.4 to 1 with white and 4.3 to 1 with black, and text needs 4.5" in words(told[0].text)
    assert 'type="color" value="#777777"' in told[0].text
    assert "could not see #fffbe6 on the page: its contrast is 1.0 to 1" in words(pale.text)
    assert "Enter a colour like #0b7a75" in words(wrong.text)
    assert f'type="color" value="{named[1]}"' in shown.text
    assert await colour_of(event) == "", "the usual one again"
