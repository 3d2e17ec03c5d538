"""Answers between the first question and the last: sealed, kept for a while, deleted on request."""

import re
from datetime import timedelta

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.asking.draft import Draft
from registrations.asking.question_forms import FORMS
from registrations.asking.register_pages import DRAFT
from registrations.people.registration import Registration
from tests.browser import browsing, heading, words
from tests.people import Person
from tests.professional import answer_questions, ask, questions_of

STEPS = list(FORMS)


async def test_answers_are_sealed_and_the_cookie_is_kept_as_a_hash(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        cookie = client.cookies[DRAFT.name]
    draft = await Draft.get()
    kept = f"{draft.cookie_hash} {draft.answers_sealed!r}"
    assert [secret for secret in (cookie, "Ada", "wardens") if secret in kept] == []
    assert clock.real() + timedelta(hours=19, minutes=59) < draft.expires_at < clock.real() + timedelta(hours=20)


async def test_who_comes_back_too_late_is_told_what_happened(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        await Draft.all().update(expires_at=clock.real())
        for page in (
            await client.get(f"/e/{event.slug}/ask/check"),
            await client.post(f"/e/{event.slug}/ask/check"),
            await client.post(f"/e/{event.slug}/ask/email", data=questions_of(ada)["email"]),
        ):
            assert (page.status_code, heading(page)) == (410, "Your answers have been deleted")
        assert (await client.get(f"/e/{event.slug}/ask/name")).status_code == 200
    assert await Registration.all().count() == 0


async def test_leaving_deletes_what_was_entered(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        left = await client.post("/exit")
        assert heading(await client.get(left.headers["location"])) == "What you entered has been deleted"
        assert DRAFT.name not in client.cookies
        assert (await client.get(f"/e/{event.slug}/ask/check")).headers["location"] == f"/e/{event.slug}/ask"
    assert await Draft.all().count() == 0


async def test_leaving_says_that_a_request_which_was_sent_stands(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        await ask(client, event, ada)
        left = await client.get((await client.post("/exit")).headers["location"])
    assert "A request that you had sent before stays as it is" in words(left.text)
    assert (await Registration.get()).email == ada.email


async def test_deletion_is_promised_only_where_it_happens(database: Database, event: Event, ada: Person) -> None:
    """SG-10: without JavaScript Exit this page deletes nothing, so each page that knows an answer has a button."""
    async with browsing(database) as client:
        for path in (f"/e/{event.slug}/ask", "/support"):
            said = words((await client.get(path)).text)
            promised = re.findall(r"[^.]*entered is deleted", said)
            assert [sentence for sentence in promised if "here JavaScript is on" not in sentence] == []
            assert promised
            assert "Where JavaScript is off, the button opens" in said
        assert "Delete what I entered" not in (await client.get(f"/e/{event.slug}/ask/name")).text
        await answer_questions(client, event, ada)
        for step in [*STEPS, "check"]:
            assert '<form method="post" action="/exit"' in (await client.get(f"/e/{event.slug}/ask/{step}")).text


async def test_looking_at_pages_makes_no_draft(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        for path in ("", "/ask", "/ask/name", "/ask/email", "/ask/check", "/asked"):
            await client.get(f"/e/{event.slug}{path}")
        assert dict(client.cookies) == {}
    assert await Draft.all().count() == 0


async def test_an_organisation_that_somebody_typed_is_shown_to_nobody_else(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        own = await client.get(f"/e/{event.slug}/ask/organisation")
        await client.post(f"/e/{event.slug}/ask/check")
    async with browsing(database) as other:
        for step in ("name", "email"):
            await other.post(f"/e/{event.slug}/ask/{step}", data=questions_of(bo)[step])
        page = await other.get(f"/e/{event.slug}/ask/organisation")
    assert [(shown.status_code, heading(shown)) for shown in (own, page)] == [(200, "Your organisation")] * 2
    assert ["Wardens" in shown.text for shown in (own, page)] == [True, False]
