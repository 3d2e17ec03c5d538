"""An organiser writes the text of the public page: sees it first, is told what cannot stand there, and is asked about
it where it may say where the event is."""

import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from tests.at_the_desk import desk, fields
from tests.browser import browsing, words
from tests.people import MONDAY

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
TYPED = "# Workshops\r\n\r\nCome **early**.\r\n- One"
STREET = "Come early.\n\nWe meet at 1 Example Street."


async def text_of(event: Event) -> str:
    return (await Event.get(id=event.id)).public_text


async def test_a_preview_shows_it_beside_what_was_typed_and_saves_nothing(
    database: Database, event: Event, omar: Staff
) -> None:
    here = desk(event, "event", "text")
    async with browsing(database, omar) as client:
        shown = await client.post(here, data={"public_text": TYPED, "act": "preview"})
        before = await text_of(event)
        done = await client.post(here, data={"public_text": TYPED})
        public = await client.get(f"/e/{event.slug}")
    drawn = '<h2 class="govuk-heading-m">Workshops</h2>\n<p class="govuk-body">Come <strong>early</strong>.</p>'
    assert (shown.status_code, drawn in shown.text, "># Workshops" in shown.text, before) == (200, True, True, "")
    assert (done.status_code, drawn in public.text) == (303, True)
    assert await text_of(event) == "# Workshops\n\nCome **early**.\n- One"
    assert (await AuditEntry.get(action=Action.EVENT_CHANGED)).details == {"changed": ["public_text"]}


async def test_what_cannot_stand_there_is_said_with_its_line_and_kept_as_typed(
    database: Database, event: Event, omar: Staff
) -> None:
    wrong = {"public_text": "a\n\n<b>b</b>\n![c](https://example.org/c.png)\n`d`\n\n---"}
    async with browsing(database, omar) as client:
        for act in ({}, {"act": "preview"}):
            told = await client.post(desk(event, "event", "text"), data=wrong | act)
            assert (told.status_code, "&lt;b&gt;b&lt;/b&gt;" in told.text, "<b>b" in told.text) == (422, True, False)
            assert "Line 3 has HTML" in words(told.text)
            assert "Line 5 has code between `. And 1 more" in words(told.text)
        long = await client.post(desk(event, "event", "text"), data={"public_text": "a " * 3000})
    assert "Text must be 5000 characters or fewer. You entered 5999" in words(long.text)
    assert await text_of(event) == ""


async def test_however_long_a_text_is_it_comes_back_with_how_much_it_is(
    database: Database, event: Event, omar: Staff
) -> None:
    """As browsers send it, in parts: as long as a short form at most, and far longer."""
    async with browsing(database, omar) as client:
        for number in (20_001, 300_000):
            typed = {"public_text": (None, "é" * number)}
            told = await client.post(desk(event, "event", "text"), files=typed)
            assert told.status_code == 422
            assert f"Text must be 5000 characters or fewer. You entered {number}" in words(told.text)
            assert "é" * number in told.text
        short = await client.post(desk(event, "event", "text"), files={"public_text": (None, "é" * 5000)})
    assert (short.status_code, await text_of(event)) == (303, "é" * 5000)


async def test_where_it_may_say_where_the_event_is_the_line_is_named_and_a_yes_lets_it_stand(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    here, typed = desk(event, "event", "text"), {"public_text": STREET}
    async with browsing(database, omar) as client:
        asked = await client.post(here, data=typed)
        preview = await client.post(here, data=typed | {"act": "preview"})
        unsaved, harmless = await text_of(event), words((await client.get(desk(event, "event"))).text)
        await client.post(here, data=typed | {"says_where": "yes"})
        page = words((await client.get(desk(event, "event"))).text)
    async with browsing(database, vic) as client:
        viewers = words((await client.get(desk(event, "event"))).text)
    assert (asked.status_code, "This may say, in line 3, where the event is" in words(asked.text)) == (422, True)
    assert "This may say where the event is. Anybody can read it." in words(preview.text)
    assert (unsaved, await text_of(event)) == ("", STREET)
    warned = "The public page may say where the event is: Text of the public page."
    assert (warned in page, warned in harmless, warned in viewers) == (True, False, False)


async def test_a_venue_that_is_entered_later_is_looked_for_too(database: Database, event: Event, omar: Staff) -> None:
    details = {"public_text": "Near Linden Hall"}
    await event_changes.change(event, details, by=omar, at=MONDAY, real=clock.real())
    async with browsing(database, omar) as client:
        before = words((await client.get(desk(event, "event"))).text)
        await client.post(desk(event, "event", "venue"), data={"venue": "Linden Hall, 9 Sample Road"})
        after = words((await client.get(desk(event, "event"))).text)
    assert ["The public page may say where" in page for page in (before, after)] == [False, True]


async def test_facts_are_changed_and_the_privacy_notice_stays(database: Database, event: Event, omar: Staff) -> None:
    privacy = event.facts["privacy"]
    await Event.filter(id=event.id).update(facts={"privacy": privacy, "week": "It began on Monday 8 April 2019."})
    async with browsing(database, omar) as client:
        stands = await client.get(desk(event, "event", "facts"))
        await client.post(desk(event, "event", "facts"), data={"audience": "For caseworkers", "law": "None is new"})
        page = words((await client.get(f"/e/{event.slug}")).text)
    assert "It began on Monday 8 April 2019." in stands.text
    now = (await Event.get(id=event.id)).facts
    assert now == {"privacy": privacy, "week": "", "audience": "For caseworkers", "law": "None is new"}
    assert ("For caseworkers" in page, "The new law None is new" in page, "8 April" in page) == (True, True, False)


async def test_two_who_write_at_a_time_do_not_undo_each_other(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    here = desk(event, "event", "text")
    async with browsing(database, omar) as client:
        seen = fields(await client.get(here))
        await event_changes.change(event, {"public_text": "Hers"}, by=lena, at=MONDAY, real=clock.real())
        told = await client.post(here, data=seen | {"public_text": "His", "act": "preview"})
        refused = await client.post(here, data=seen | {"public_text": "His"})
        assert (told.status_code, refused.status_code, await text_of(event)) == (409, 409, "Hers")
        again = await client.post(here, data=fields(refused) | {"public_text": "His"})
    assert (again.status_code, await text_of(event)) == (303, "His")
