"""The page behind the link: it asks nothing that has to be answered, and thanks whoever presses twice.

Rules: EV-10, SG-09, EM-05.
"""

import re

from events.event import Event
from events.ground import clock, tokens
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.ground.wording import SUPPORT
from registrations.feedback.token import GOOD, FeedbackToken, address_of_none
from tests.browser import browsing, heading, words
from tests.registrations.feedback.guests import CLOSED, asked, contents

TYPED = {
    "before": "2", "after": "4", "content": "5", "access": "1", "differently": "  Ask\u202e first\x00 ",
    "better": "", "kind": "police", "word": "send",
}  # fmt: skip


def path_of(public_id: str, purpose: Purpose = Purpose.FEEDBACK) -> str:
    return f"/feedback/{tokens.make(purpose, public_id, GOOD)}"


async def test_a_guest_says_how_it_was_and_is_thanked_twice(database: Database, event: Event) -> None:
    link, *_ = await asked(event, 5)
    async with browsing(database) as client:
        shown = await client.get(path_of(link))
        assert (heading(shown), shown.status_code) == ("Your feedback", 200)
        assert re.findall(r'<input [^>]*checked|<option[^>]*selected|<input type="hidden"', shown.text) == []
        assert "You can answer until Wednesday 15 May 2019." in words(shown.text)
        assert [service.number for service in SUPPORT if service.number not in shown.text] == []
        for _ in "12":
            sent = await client.post(path_of(link), data=TYPED)
            assert (sent.status_code, sent.headers["location"]) == (303, path_of(link)) if _ == "1" else True
            thanked = await client.get(path_of(link))
            assert heading(thanked) == "Thank you for your feedback"
            assert [service.number for service in SUPPORT if service.number not in thanked.text] == []
        assert client.cookies == {}
    found = (await contents(event)).waiting
    assert (found.people, found.texts) == (1, {"differently": ["Ask first"]})
    assert dict(found.cells) == dict.fromkeys(
        ("police|before|2", "police|after|4", "police|content|5", "police|access|1", "police|change|2>4"), 1
    )


async def test_a_gateway_that_sends_the_form_as_it_stands_spends_nothing(database: Database, event: Event) -> None:
    link, *_ = await asked(event, 5)
    async with browsing(database) as client:
        assert (await client.get(path_of(link))).status_code == 200
        assert (await client.head(path_of(link))).status_code == 200
        for nothing in (
            {},
            {"word": "send"},
            {"before": "", "differently": "", "kind": "police"},
            {"before": "6", "after": "x"},
        ):
            sent = await client.post(path_of(link), data=nothing)
            assert (sent.status_code, "Answer at least one question" in words(sent.text)) == (422, True)
        assert await FeedbackToken.all().count() == 5
        assert (await client.post(path_of(link), data={"before": "2"})).status_code == 422, "nor does a choice"
        assert await FeedbackToken.all().count() == 5
        typed = await client.post(path_of(link), data={"before": "2", "word": "send"})
        assert typed.status_code == 303, "the control"
    assert (await contents(event)).people == 1


async def test_what_was_typed_stays_when_it_is_too_long(database: Database, event: Event) -> None:
    link, *_ = await asked(event, 5)
    async with browsing(database) as client:
        sent = await client.post(path_of(link), data=TYPED | {"better": "x" * 501})
    assert (sent.status_code, "must be 500 characters or fewer" in words(sent.text)) == (422, True)
    assert (re.findall(r'name="(\w+)"[^>]*value="(\w+)" checked', sent.text), "x" * 501 in sent.text) == (
        [("before", "2"), ("after", "4"), ("content", "5"), ("access", "1"), ("kind", "police")], True,
    )  # fmt: skip
    assert (await contents(event)).people == 0


async def test_forged_links_and_those_for_something_else_are_like_unknown_ones(
    database: Database, event: Event
) -> None:
    link, *_ = await asked(event, 5)
    good = path_of(link)
    example = address_of_none().removeprefix("https://places.example.org")
    forged = [example, good[:-1] + ("a" if good[-1] != "a" else "b"), f"/feedback/{'a' * 42}", "/feedback/x"]
    foreign = [path_of(link, purpose) for purpose in Purpose if purpose is not Purpose.FEEDBACK]
    async with browsing(database) as client:
        unknown = await client.get("/feedback/unknown")
        for path in (*forged, *foreign):
            for answer in (await client.get(path), await client.post(path, data=TYPED)):
                assert (answer.status_code, words(answer.text)) == (404, words(unknown.text)), path
        assert (await client.get(good)).status_code == 200, "the control"
    assert await FeedbackToken.all().count() == 5


async def test_once_closed_the_page_says_so(database: Database, event: Event) -> None:
    link, *_ = await asked(event, 5)
    clock.move_to(CLOSED)
    async with browsing(database) as client:
        for answer in (await client.get(path_of(link)), await client.post(path_of(link), data=TYPED)):
            assert (answer.status_code, heading(answer)) == (410, "Feedback is closed")
    assert (await contents(event)).people == 0
