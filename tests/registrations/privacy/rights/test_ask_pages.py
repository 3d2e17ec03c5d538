"""Guests use their rights on their booking page, without a script, whatever became of the event.

Rules: DP-08, GU-07, GU-10.
"""

import re
from datetime import timedelta
from html import unescape

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.people.registration import Registration, State
from registrations.privacy.rights.ask_pages import WHAT_IS_WRONG
from registrations.privacy.rights.rights_request import Right, RightsRequest
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, queued, someone
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.privacy.rights.asking import IS_WRONG

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
TYPED = {"kind": "correction", "about": IS_WRONG, "word": "send"}


def path_of(registration: Registration) -> str:
    return f"{path_to(registration, Purpose.MANAGE)}/rights"


async def test_ada_asks_from_her_booking_page_and_is_told_what_happens_next(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        booking = await client.get(path_to(asked, Purpose.MANAGE))
        assert f'href="{path_of(asked)}"' in booking.text
        page = await client.get(path_of(asked))
        assert (page.status_code, heading(page)) == (200, "Your rights over your data")
        assert "you lose your place and your ticket stops working" in page.text
        sent = await client.post(path_of(asked), data=TYPED)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{path_of(asked)}/sent")
        page = await client.get(sent.headers["location"])
    assert (page.status_code, heading(page)) == (200, "We have your request")
    made = await RightsRequest.get()
    assert (made.event_id, made.email, made.kind, made.about) == (event.id, ada.email, Right.CORRECTION, IS_WRONG)
    assert await queued() == [("rights_received", made.id)]


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.APPROVED])
async def test_whoever_has_a_booking_page_can_ask_also_after_the_event(
    database: Database, event: Event, state: State
) -> None:
    asked = await put_into(state, someone(), event)
    clock.move_to(THE_DAY + timedelta(days=9))
    async with browsing(database) as client:
        assert "/rights" in (await client.get(path_to(asked, Purpose.MANAGE))).text
        answer = await client.post(path_of(asked), data={"kind": "access", "word": "send"})
        assert (await client.get(answer.headers["location"])).status_code == 200
    assert (await RightsRequest.get()).kind is Right.ACCESS


@pytest.mark.parametrize("state", [State.REQUESTED, State.NOT_OFFERED, State.CANCELLED, State.EXPIRED])
async def test_a_link_without_a_booking_page_opens_nothing(database: Database, event: Event, state: State) -> None:
    asked = await put_into(state, someone(), event)
    async with browsing(database) as client:
        assert (await client.get(path_of(asked))).status_code == 404
        assert (await client.post(path_of(asked), data=TYPED)).status_code == 404
    assert await RightsRequest.all().count() == 0


async def test_what_is_missing_is_said_twice_in_the_same_words_and_what_was_typed_stays(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        empty = await client.post(path_of(asked), data={"about": IS_WRONG, "word": "send"})
        nothing_said = await client.post(
            path_of(asked), data={"kind": "correction", "about": " ", "word": "\u201csend\u201d"}
        )
        untyped = await client.post(path_of(asked), data=TYPED | {"word": "x"})
        long = await client.post(path_of(asked), data={"kind": "access", "about": "x" * 2001})
    assert [answer.status_code for answer in (empty, nothing_said, untyped, long)] == [422] * 4
    untyped_says = "Type \u201csend\u201d to send your request"
    for answer, sentence, said in (
        (empty, "Select what you want", 2), (nothing_said, WHAT_IS_WRONG, 2), (untyped, untyped_says, 3),
    ):  # fmt: skip
        assert words(answer.text).count(sentence) == said, "it is the label, too"
        assert "<title>Error: Your rights over your data" in answer.text
        assert [text for _, text in re.findall(r'<a href="#([^"]+)">(.*?)</a>', answer.text)] == [sentence]
    assert IS_WRONG in unescape(empty.text)
    assert 'value="correction" checked' in nothing_said.text
    assert "must be 2000 characters or fewer" in long.text
    assert await RightsRequest.all().count() == 0
