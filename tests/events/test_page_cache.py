"""Public pages are made once for everybody, and anew as soon as something on them has changed."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from events import event_changes, event_file, page_cache
from events.accounts.staff import Staff
from events.event import PUBLIC, Event, release_place, take_place
from events.ground import clock, live
from events.ground.database import Database
from events.page_cache import SHELF, public_page
from events.web import rendering
from server import ROOT
from tests.browser import browsing
from tests.events.ground.listening import Process
from tests.events.public_pages import PATHS
from tests.people import MONDAY, VENUE_CANARY, Person, an_event
from tests.professional import with_ticket
from tests.waiting import WITHIN

OPEN, FULL, CLOSED, OVER = (
    "Ask for a place", "All places are taken", "Registration has closed", "This event has taken place",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_goes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a slow machine does not make anew what should have been kept."""
    monkeypatch.setattr(page_cache, "LASTS", 3600.0)


async def unseen(event: Event, title: str) -> None:
    """A change that nobody is told of."""
    await Event.filter(id=event.id).update(title=title)


async def says(client: httpx2.AsyncClient, event: Event) -> list[str]:
    """The stage that the event's page tells of, at both of its addresses."""
    texts = [(await client.get(path)).text for path in ("/", f"/e/{event.slug}")]
    return [next(sentence for sentence in (OVER, CLOSED, FULL, OPEN) if sentence in text) for text in texts]


async def test_a_page_is_kept_until_there_is_news(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        first = await client.get("/")
        await unseen(event, "Another title")
        again = await client.get("/")
        assert (again.text, again.headers) == (first.text, first.headers)
        live.publish(PUBLIC)
        assert "Another title" in (await client.get("/")).text


@pytest.mark.parametrize("path", PATHS)
async def test_what_an_organiser_changes_stands_there_at_once(
    database: Database, event: Event, omar: Staff, path: str
) -> None:
    hosts = [{**host, "name": f"{host['name']} and friends"} for host in event.hosts]
    async with browsing(database) as client:
        before = (await client.get(path)).text
        await event_changes.change(event, {"hosts": hosts}, by=omar, at=MONDAY, real=clock.real())
        after = (await client.get(path)).text
    assert [text.count("Safer Places and friends") > 0 for text in (before, after)] == [False, True]


async def test_a_loaded_event_stands_there_at_once(database: Database, event: Event, tmp_path: Path) -> None:
    launch = (ROOT / "events" / "launch.toml").read_text()
    named = re.sub("^title = .*$", 'title = "Another title"', launch, flags=re.M)
    (tmp_path / "it.toml").write_text(re.sub("^slug = .*$", f'slug = "{event.slug}"', named, flags=re.M))
    async with browsing(database) as client:
        before = await client.get("/")
        await event_file.load(tmp_path / "it.toml", MONDAY, clock.real())
        after = await client.get("/")
    assert ["Another title" in page.text for page in (before, after)] == [False, True]


async def test_full_and_closed_stand_there_from_the_act_that_makes_it_so(
    database: Database, event: Event, omar: Staff
) -> None:
    await Event.filter(id=event.id).update(taken=event.places - 1)
    async with browsing(database) as client:
        assert await says(client, event) == [OPEN, OPEN]
        assert await take_place(event.id)
        assert await says(client, event) == [FULL, FULL]
        await release_place(event.id)
        assert await says(client, event) == [OPEN, OPEN]
        await event_changes.close_registration(event, by=omar, at=MONDAY)
        assert await says(client, event) == [CLOSED, CLOSED]
        await event_changes.open_registration(event, by=omar, at=MONDAY)
        assert await says(client, event) == [OPEN, OPEN]


async def test_whoever_is_asking_is_turned_away_from_the_act_that_closes_registration(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database) as client:
        while_open = [await client.get(f"/e/{event.slug}/ask/name") for _ in range(2)]
        await event_changes.close_registration(event, by=omar, at=MONDAY)
        closed = await client.post(f"/e/{event.slug}/ask/name", data={"full_name": "Ada Ashdown"})
    assert [page.status_code for page in while_open] == [200, 200]
    assert closed.headers["location"] == f"/e/{event.slug}"


async def test_an_event_is_found_as_soon_as_it_is_there(database: Database) -> None:
    async with browsing(database) as client:
        before = await client.get("/e/launch/ask")
        await an_event(slug="launch")
        after = await client.get("/e/launch/ask")
    assert [before.status_code, after.status_code] == [404, 200]


async def test_over_stands_there_from_midnight_at_the_venue_and_no_more_when_the_clock_goes_back(
    database: Database, event: Event
) -> None:
    last, midnight = (clock.at_venue(event.day, 23, 59), clock.at_venue(event.day + timedelta(days=1), 0, 0))
    async with browsing(database) as client:
        for moment, stage in ((last, OPEN), (midnight, OVER), (last, OPEN), (MONDAY, OPEN), (midnight, OVER)):
            clock.move_to(moment)
            assert await says(client, event) == [stage, stage], moment


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_what_another_process_changed_stands_there_once_its_news_is_heard(
    database: Database, event: Event
) -> None:
    async with Process(database) as other, Process(database) as here, browsing(database) as client:
        heard = here.hub.wake(PUBLIC)
        await client.get("/")
        await unseen(event, "Another title")
        assert "Another title" not in (await client.get("/")).text
        other.hub.publish(PUBLIC)
        await asyncio.wait_for(heard.wait(), WITHIN)
        assert "Another title" in (await client.get("/")).text


async def test_what_nobody_was_told_of_stands_there_a_second_later(
    database: Database, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of the terminal, beside a server on SQLite, or while no other process can be heard."""
    lasting = {"kept": 3600.0, "anew": 0.0}
    async with browsing(database) as client:
        for what, lasts in lasting.items():
            monkeypatch.setattr(page_cache, "LASTS", lasts)
            live.publish(PUBLIC)
            await client.get("/")
            await unseen(event, f"Title {what}")
            assert (f"Title {what}" in (await client.get("/")).text) == (what == "anew")


class Made:
    """A page that says how often it was made, and takes its time for it."""

    def __init__(self) -> None:
        self.times, self.fails = 0, False
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def page(self, request: Request) -> Response:
        self.times += 1
        said = f"made {self.times}"
        self.begun.set()
        await self.may_end.wait()
        if self.fails:
            raise HTTPException(404)
        return PlainTextResponse(said)


@pytest.fixture
def made() -> Made:
    return Made()


async def test_a_page_that_was_begun_before_the_news_is_made_anew(database: Database, made: Made) -> None:
    made.may_end.clear()
    async with browsing(database, extra=[public_page("/made", made.page)]) as client:
        early = asyncio.create_task(client.get("/made"))
        await made.begun.wait()
        live.publish(PUBLIC)
        made.begun.clear()
        late = asyncio.create_task(client.get("/made"))
        await asyncio.wait_for(made.begun.wait(), WITHIN)
        made.may_end.set()
        assert [(await early).text, (await late).text] == ["made 1", "made 2"]
        assert (await client.get("/made")).text == "made 2"


async def test_many_at_once_have_it_made_once(database: Database, made: Made) -> None:
    async with browsing(database, extra=[public_page("/made", made.page)]) as client:
        answers = await asyncio.gather(*(client.get("/made") for _ in range(20)))
    assert [answer.text for answer in answers] == ["made 1"] * 20


async def test_what_could_not_be_made_is_tried_again_by_the_next(database: Database, made: Made) -> None:
    made.fails = True
    async with browsing(database, extra=[public_page("/made", made.page)]) as client:
        assert [(await client.get("/made")).status_code for _ in range(2)] == [404, 404]
        made.fails = False
        assert (await client.get("/made")).text == "made 3"


async def test_a_kept_page_is_answered_with_its_own_status(database: Database) -> None:
    async def gone(request: Request) -> Response:
        return Response("gone", 410)

    async with browsing(database, extra=[public_page("/gone", gone)]) as client:
        assert [(await client.get("/gone")).status_code for _ in range(2)] == [410, 410]


@pytest.fixture
def rehearsed() -> Iterator[None]:
    """The banner of a rehearsal, which shows the minute."""
    rendering.BANNER.facts = lambda: {"sentence": f"It is {clock.now():%H:%M}.", "links": [], "moments": []}
    yield
    rendering.BANNER.facts = None


async def test_a_rehearsal_keeps_no_page_for_its_banner_shows_the_minute(
    database: Database, event: Event, rehearsed: None
) -> None:
    async with browsing(database) as client:
        for minute in (5, 6):
            clock.move_to(clock.at_venue(event.day, 9, minute))
            assert f"It is 08:0{minute}." in (await client.get("/")).text  # in UTC


async def test_everybody_is_shown_the_same_and_nothing_of_anybody_is_kept(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await with_ticket(ada, event)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    live.publish(PUBLIC)
    async with browsing(database, omar) as staff, browsing(database) as stranger:
        for path in PATHS:
            one, other = await staff.get(path), await stranger.get(f"{path}?who={ada.name}", headers={"cookie": "a=b"})
            assert (one.text, one.headers) == (other.text, other.headers), path
            assert "set-cookie" not in one.headers
    kept = {str(path): bytes(made.result().body).decode() for (path, _), made in SHELF.finished().items()}
    assert sorted(kept) == sorted(PATHS)
    personal = (VENUE_CANARY, ada.name, ada.email, omar.full_name, event.lead_phone)
    assert [(path, secret) for path, text in kept.items() for secret in personal if secret in text] == []
    assert event.title in kept["/"]


async def test_questions_that_nobody_has_answered_are_drawn_once_and_hold_nothing_of_anybody(
    database: Database, event: Event, ada: Person
) -> None:
    where = f"/e/{event.slug}/ask"
    async with browsing(database) as first, browsing(database) as second:
        pages = [await client.get(f"{where}/name") for client in (first, second)]
        for client, name in ((first, ada.name), (second, "Bo Okafor")):
            await client.post(f"{where}/name", data={"full_name": name})
        pages += [await client.get(f"{where}/email") for client in (first, second)]
        again = [(await client.get(f"{where}/name")).text for client in (first, second)]
    assert [pages[0].text, pages[2].text] == [pages[1].text, pages[3].text]
    assert [name in text for name in (ada.name, "Bo Okafor") for text in again] == [True, False, False, True]
    made = {str(path): task.result() for (path, *_), task in SHELF.finished().items()}
    kept = {path: bytes(page.body).decode() for path, page in made.items() if isinstance(page, Response)}
    assert sorted(kept) == [f"{where}/email", f"{where}/name"]
    assert [text for text in kept.values() if ada.name in text or "Bo Okafor" in text] == []
    assert ("Delete what I entered" in kept[f"{where}/name"], "Delete what I entered" in kept[f"{where}/email"]) == (
        False,
        True,
    )
