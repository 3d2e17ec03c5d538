"""Behind the link there is a question; only a posted yes opens the copy, which then says the same as page and as JSON.

Rules: DP-08, EM-05.
"""

import json
import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.phones.door import Device
from registrations.privacy.rights import copies
from registrations.privacy.rights.copies import LASTS, VISIT
from registrations.privacy.rights.rights_request import Right, RightsRequest
from tests.browser import browsing, heading, words
from tests.hostile.machines import FIRST, Gateway, everything
from tests.people import MONDAY, Person, confirmed, someone
from tests.registrations.privacy.rights.asking import asked_by_link, newest
from tests.registrations.privacy.rights.lived import LATER, ada_has_lived

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
YES, NO = {"open": "yes"}, {"open": "no"}
NEVER_MADE = "/copy/abcdefghijklmnopqrstuvwxyz234567abcdefghij"
GONE = (410, "This link no longer works")


async def sent_to(person: Person, event: Event, omar: Staff) -> str:
    """The path of a link that was sent just now."""
    asked = await asked_by_link(await confirmed(person, event), Right.ACCESS)
    await copies.send(asked, omar, clock.now())
    return (await newest(asked)).copy_link.removeprefix("https://places.example.org")


def said_by(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, heading(answer)


async def test_ada_opens_it_once_and_reads_and_saves_the_same(
    database: Database, event: Event, ada: Person, omar: Staff, sid: Device
) -> None:
    await ada_has_lived(event, ada, omar, sid)
    asked = await RightsRequest.get()
    await copies.send(asked, omar, LATER)
    clock.move_to(LATER)
    path = (await newest(asked)).copy_link
    async with browsing(database) as client:
        assert said_by(await client.get(path)) == (200, "Your copy of your data")
        opened = await client.post(path, data=YES)
        page = await client.get(opened.headers["location"])
        assert said_by(page) == (200, "What we hold about you")
        [file] = re.findall(r'href="(/copy/[^"]+/file)"', page.text)
        saved = await client.get(file)
        assert (await client.get(path)).headers["location"].endswith("/shown"), "for as long as it is hers"
    assert saved.headers["content-disposition"] == 'attachment; filename="what-we-hold.json"'
    texts = [text for section in saved.json()["sections"] for row in section["rows"] for text in row.values()]
    shown, moments = words(page.text), re.compile(r"\d{4}-\d\d-\d\dT\S+")
    said = [" ".join(text.split()) for text in texts if not moments.fullmatch(text)]
    assert len(said) > 60
    assert [text for text in said if text not in shown] == []
    labels = [name for section in saved.json()["sections"] for row in section["rows"] for name in row]
    assert len(labels) == page.text.count("<dt class")
    assert "no-store" in page.headers["cache-control"]
    assert "no-store" in saved.headers["cache-control"]


async def test_the_second_time_it_is_refused_whoever_comes(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    path = await sent_to(ada, event, omar)
    async with browsing(database) as client, browsing(database) as another:
        await client.post(path, data=YES)
        assert said_by(await another.get(path)) == GONE
        assert said_by(await another.post(path, data=YES)) == GONE
        for part in ("/shown", "/file"):
            assert said_by(await another.get(path + part)) == GONE
            assert (await client.get(path + part)).status_code == 200
        clock.move_to(MONDAY + VISIT + timedelta(minutes=1))
        for part in ("", "/shown", "/file"):
            assert said_by(await client.get(path + part)) == GONE


async def test_a_used_an_expired_and_a_foreign_link_say_the_same_to_the_byte(
    database: Database, event: Event, ada: Person, bo: Person, cleo: Person, omar: Staff
) -> None:
    used, expired = await sent_to(ada, event, omar), await sent_to(bo, event, omar)
    async with browsing(database) as client:
        await client.post(used, data=YES)
    clock.move_to(MONDAY + LASTS + timedelta(minutes=1))
    live = await sent_to(cleo, event, omar)
    async with browsing(database) as client:
        for part in ("", "/shown", "/file"):
            pages = [await client.get(path + part) for path in (used, expired, NEVER_MADE)]
            said = {(page.status_code, re.sub(r"[a-z2-7]{42}", "", page.text)) for page in pages}
            assert len(said) == 1
        posted = [await client.post(path, data=YES) for path in (used, expired, NEVER_MADE)]
        assert len({(page.status_code, page.text) for page in posted}) == 1
        assert said_by(posted[0]) == GONE
        assert (await client.get(live)).status_code == 200, "the control"


async def test_a_gateway_opens_nothing_and_a_no_leaves_it_as_it_is(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    path = await sent_to(ada, event, omar)
    async with browsing(database) as client:
        gateway, before = Gateway(client), await everything()
        await gateway.follow([f"https://places.example.org{path}"])
        assert (path, 422) in gateway.sent
        assert await everything() == before
        page = await client.get((await client.post(path, data=NO)).headers["location"])
        assert "Nothing was opened. The link still works." in page.text
        assert await everything() == before
        await Gateway(client, chooses=FIRST).follow([f"https://places.example.org{path}"])
    assert (await RightsRequest.get()).copy_opened_at, "the control: whoever chooses does open it"


async def test_what_was_not_chosen_is_said(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    path = await sent_to(ada, event, omar)
    async with browsing(database) as client:
        answer = await client.post(path)
    assert answer.status_code == 422
    assert words(answer.text).count("Select whether you want to open the copy now") == 2
    assert "<title>Error: " in answer.text


async def test_what_changed_since_it_was_sent_is_in_it(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    path = await sent_to(ada, event, omar)
    before = json.dumps([row for rows in (await everything()).values() for row in rows], default=str)
    assert ada.name not in before, "nothing of the copy is kept"
    async with browsing(database) as client:
        opened = await client.post(path, data=YES)
        await asked_by_link(await confirmed(someone(), event), Right.ACCESS)
        page = await client.get(opened.headers["location"])
        clock.move_to(clock.now() + timedelta(minutes=5))
        again = await client.get(opened.headers["location"])
    assert ada.name in unescape(page.text)
    assert "as at 8 April 2019, 09:05" in again.text
