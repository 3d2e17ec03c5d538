"""Anybody complains about data protection on one page, without an account, a script or a place.

Rules: DP-09, GU-07, GU-10.
"""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event, EventState
from events.ground import limits
from events.ground.database import Database, query
from registrations.privacy.cases.complaint import Complaint
from tests.browser import browsing, heading, words
from tests.people import an_event, queued
from tests.registrations.privacy.cases.complaining import ADAS, TYPED

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def test_ada_complains_and_is_told_what_happens_next(database: Database, event: Event) -> None:
    path = f"/e/{event.slug}/complaint"
    async with browsing(database) as client:
        page = await client.get(path)
        assert (page.status_code, heading(page)) == (200, "Complain about data protection")
        sent = await client.post(path, data=TYPED | {"email": " Ada@Wardens.example.org "})
        assert (sent.status_code, sent.headers["location"]) == (303, f"{path}/sent")
        page = await client.get(sent.headers["location"])
    assert (page.status_code, heading(page)) == (200, "We have your complaint")
    assert not [typed for typed in TYPED.values() if typed in unescape(page.text)], "it can be opened by anybody"
    made = await Complaint.get()
    assert (made.event_id, made.name, made.email, made.account) == (event.id, *ADAS)
    assert await queued() == [("complaint_received", made.id)]


async def test_several_paragraphs_and_odd_characters_are_kept_as_they_were_typed(
    database: Database, event: Event, omar: Staff
) -> None:
    account = "You “lost” <b>my</b> badge.\n{{ event.venue }} and 100 %"
    async with browsing(database) as client:
        await client.post(f"/e/{event.slug}/complaint", data=TYPED | {"account": account.replace("\n", "\r\n\r\n")})
    async with browsing(database, omar) as desk:
        made = await Complaint.get()
        page = await desk.get(f"/desk/{event.slug}/data-protection/complaints/{made.id}")
    assert made.account == account
    assert account in unescape(page.text)
    assert "<b>my</b>" not in page.text


async def test_what_is_missing_is_said_twice_in_the_same_words_and_what_was_typed_stays(
    database: Database, event: Event
) -> None:
    wanted = {
        "full_name": "Enter your full name", "email": "Enter your email address", "account": "Enter what happened",
    }  # fmt: skip
    path = f"/e/{event.slug}/complaint"
    async with browsing(database) as client:
        empty = await client.post(path)
        wrong = await client.post(path, data=TYPED | {"email": "ada at wardens"})
        long = await client.post(path, data=TYPED | {"account": "x" * 5001})
    assert [answer.status_code for answer in (empty, wrong, long)] == [422] * 3
    found = dict(re.findall(r'<a href="#([^"]+)">(.*?)</a>', empty.text))
    assert found == wanted
    assert all(words(empty.text).count(sentence) == 2 for sentence in wanted.values())
    assert "<title>Error: Complain about data protection" in empty.text
    assert "There is a problem" in empty.text
    assert not [typed for typed in (ADAS.name, "ada at wardens", ADAS.account) if typed not in unescape(wrong.text)]
    assert "What happened must be 5000 characters or fewer. You entered 5001" in long.text
    assert await Complaint.all().count() == 0


async def test_as_much_is_taken_in_every_script(database: Database, event: Event) -> None:
    """A browser sends nine characters for one of Chinese, and twelve for some others."""
    async with browsing(database) as client:
        for typed in ("诉" * 5000, "😀" * 5000):
            sent = await client.post(f"/e/{event.slug}/complaint", data=TYPED | {"account": typed})
            assert sent.status_code == 303


async def test_it_can_be_done_before_while_and_after_places_are_given_out(database: Database) -> None:
    async with browsing(database) as client:
        for state in EventState:
            event = await an_event(state=state)
            assert (await client.get(f"/e/{event.slug}/complaint")).status_code == 200
            assert (await client.post(f"/e/{event.slug}/complaint", data=TYPED)).status_code == 303
            assert await Complaint.filter(event=event).count() == 1
        assert (await client.get("/e/nothing/complaint")).status_code == 404
        assert (await client.post("/e/nothing/complaint", data=TYPED)).status_code == 404


async def test_the_privacy_notice_and_the_foot_of_public_pages_lead_to_it(database: Database, event: Event) -> None:
    link = f'href="/e/{event.slug}/complaint"'
    async with browsing(database) as client:
        pages = {path: (await client.get(path)).text for path in ("/", "/privacy", "/support", f"/e/{event.slug}/ask")}
        notice = words(pages["/privacy"])
        await an_event()
        several = (await client.get("/cookies")).text
    assert {path: text.count(link) for path, text in pages.items()} == {
        "/": 1, "/privacy": 2, "/support": 1, f"/e/{event.slug}/ask": 1,
    }  # fmt: skip
    assert "what you tell us, if you complain: to look into it and to answer you" in notice
    assert "a complaint about data protection: 12 months after it is closed" in notice
    assert "/complaint" not in several, "of which event is not known there"


async def test_who_sends_very_many_is_told_to_wait(database: Database, event: Event) -> None:
    path, most = f"/e/{event.slug}/complaint", limits.COMPLAINTS_FROM_NETWORK.tries
    async with browsing(database) as client:
        for number in range(most):
            await client.post(path, data=TYPED | {"account": f"Number {number}"})
        answer = await client.post(path, data=TYPED | {"account": "One more"})
    assert (answer.status_code, "Wait ten minutes" in answer.text) == (429, True)
    assert (await query("SELECT count(*) AS number FROM complaint"))[0]["number"] == most
