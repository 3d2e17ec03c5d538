"""Pages that differ in what somebody typed alone are drawn once for all. Each reads their own words; none are kept."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import httpx2
import pytest

from events import page_cache
from events.event import PUBLIC, Event
from events.ground import live
from events.ground.database import Database
from events.page_cache import SHELF
from events.web import rendering
from tests.browser import browsing, heading
from tests.people import Person
from tests.professional import answer_questions

CHECK, ASKED = "Check your answers before you ask for a place", "Check your email"
NETWORK = "192.0.2.77"


@pytest.fixture(autouse=True)
def nothing_goes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "LASTS", 3600.0)


@pytest.fixture
def people(ada: Person) -> list[Person]:
    """They leave different questions open, or the same, and one types what means something in HTML."""
    return [
        replace(ada, phone="01632 960 001", badge_name="Ada of the Wardens"),
        Person("Bo <b>&\"'", "bo+x@elsewhere.example.org", "Board & Sons", "council", "Clerk"),
        Person("Dee Darrow", "dee@fourth.example.org", "Fourth House", "charity", "Nurse"),
        Person("Cy Caradoc", "cy@third.example.org", "Third House", "police", "Porter", phone="01632 960 003"),
    ]


def typed_by(person: Person) -> set[str]:
    return {person.name, person.badge_name, person.email, person.organisation, person.role, person.phone} - {""}


async def pages_of(client: httpx2.AsyncClient, event: Event, person: Person) -> list[str]:
    """The check, and the page after asking, before and after the email was asked for again."""
    await answer_questions(client, event, person)
    pages = [await client.get(f"/e/{event.slug}/ask/check")]
    await client.post(f"/e/{event.slug}/ask/check")
    pages += [await client.get(f"/e/{event.slug}/asked{which}") for which in ("", "?again")]
    assert [heading(page) for page in pages] == [CHECK, ASKED, ASKED]
    return [page.text for page in pages]


async def all_pages(database: Database, event: Event, people: Iterable[Person]) -> list[list[str]]:
    pages = []
    for person in people:
        async with browsing(database, network=NETWORK) as client:
            pages.append(await pages_of(client, event, person))
    return pages


def texts_in(thing: object) -> Iterable[str]:
    """All texts in what is kept, however deep."""
    if isinstance(thing, bytes):
        yield thing.decode(errors="replace")
    elif isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict | list | tuple):
        for part in [*thing, *(thing.values() if isinstance(thing, dict) else ())]:
            yield from texts_in(part)
    elif isinstance(thing, asyncio.Task):
        yield from texts_in([thing.result(), *getattr(thing, "get_context", dict)().values()])  # a room of 3.12
    elif hasattr(thing, "__dict__"):
        yield from texts_in(vars(thing))


async def test_each_reads_on_a_kept_page_what_a_page_of_their_own_would_say(
    database: Database, event: Event, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await all_pages(database, event, people)
    monkeypatch.setattr(SHELF, "finished", dict)  # nothing is found there
    drawn = await all_pages(database, event, people)
    monkeypatch.setattr(rendering.BANNER, "facts", dict)  # as in a rehearsal, where each page is drawn with the words
    own = await all_pages(database, event, people)
    assert kept == drawn == own
    escaped = ("Bo &lt;b&gt;&amp;&#34;&#39;", "Board &amp; Sons", "bo+x@elsewhere.example.org")
    assert [word in kept[1][0] for word in escaped] == [True] * 3
    assert ["01632" in check for check, _, _ in kept] == [True, False, False, True]


async def test_nobody_reads_what_somebody_else_typed(database: Database, event: Event, people: list[Person]) -> None:
    pages = await all_pages(database, event, people)
    for person, (check, asked, again) in zip(people, pages, strict=True):
        others = {word for other in people if other is not person for word in typed_by(other)} - typed_by(person)
        assert [word for word in others if word in check + asked + again] == []
        assert [person.email in page for page in (check, asked, again)] == [True] * 3  # the control


async def test_a_page_is_drawn_once_and_nothing_that_was_typed_is_kept_with_it(
    database: Database, event: Event, people: list[Person]
) -> None:
    await all_pages(database, event, people)
    kept = SHELF.finished()
    assert len([key for key in kept if f"/e/{event.slug}/asked" in key]) == 2  # also of three people
    texts = "\n".join(texts_in(kept))
    assert [shown in texts for shown in (CHECK, ASKED, "We are sending an email to")] == [True] * 3
    assert [word for person in people for word in {*typed_by(person), NETWORK} if word in texts] == []


async def test_what_organisers_change_stands_on_the_page_at_once(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        before = await pages_of(client, event, ada)
        await Event.filter(id=event.id).update(contact_email="hello@hosts.example.org")
        live.publish(PUBLIC)
        after = (await client.get(f"/e/{event.slug}/asked")).text
    assert ["hello@hosts.example.org" in page for page in (before[1], after)] == [False, True]
