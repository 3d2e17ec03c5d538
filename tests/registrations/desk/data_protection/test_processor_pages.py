"""The processor register on the desk, in the privacy notice and on paper: the same entries, and who changes them.

Rules: DP-02, DP-12.
"""

import re
from html import unescape
from pathlib import Path

import httpx2
import pytest

from events import event_file, processor_register
from events.accounts.staff import RoleName, Staff
from events.event import PUBLIC, Event, EventState
from events.ground import clock, live, settings, wording
from events.ground.database import Database
from events.processor import Processor, Service
from events.processor_register import Facts
from server import ROOT
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.conftest import SETTINGS
from tests.people import MONDAY, a_member_of_staff

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NAMES = re.compile(r"<h[23][^>]* data-processor>(.*?)</h[23]>")
KITCHEN = {
    "service": "catering", "name": "Sample & Daughters", "does": "Cooks lunch", "receives": "The number of people",
    "region": "France", "kept": "Until the next day", "contract": "CONTRACT-CANARY-1",
}  # fmt: skip
PLANTED = Facts(Service.OTHER, "Planted <b>Ltd</b>", "Prints badges", "Names", "Ireland", "A week", "CONTRACT-CANARY-2")


def named_on(page: httpx2.Response) -> list[str]:
    return [unescape(name) for name in NAMES.findall(page.text)]


def of(event: Event, *parts: object) -> str:
    return desk(event, "data-protection", "processors", *parts)


async def in_notice(client: httpx2.AsyncClient) -> httpx2.Response:
    live.publish(PUBLIC)
    return await client.get("/privacy")


async def test_notice_register_and_paper_name_the_same_and_a_planted_entry_is_in_each(
    database: Database, event: Event, lena: Staff
) -> None:
    async with browsing(database, lena) as client:
        for planted in ([], [PLANTED]):
            for facts in planted:
                await processor_register.add(event, facts, by=lena, at=MONDAY)
            rows = [processor.name for processor in await Processor.filter(event=event).order_by("id")]
            assert rows == ["Sample Hosting", "Sample Relay", *(facts.name for facts in planted)]
            pages = [await in_notice(client), await client.get(of(event)), await client.get(of(event, "print"))]
            assert [named_on(page) for page in pages] == [rows] * 3
        public = words(pages[0].text)
    said = ["Prints badges", "Names", "Ireland", "A week", "Its log of our emails: 14 days", "Planted <b>Ltd</b>"]
    assert [text for text in said if text not in public] == []
    assert [secret for secret in ("CONTRACT-CANARY", "SH-1", "127.0.0.1") if secret in pages[0].text] == []
    assert ["CONTRACT-CANARY-2" in page.text for page in pages[1:]] == [True, True]


async def test_lena_adds_changes_and_removes_an_entry(database: Database, event: Event, lena: Staff) -> None:
    async with browsing(database, lena) as client:
        added = await client.get((await client.post(of(event, "add"), data=KITCHEN)).headers["location"])
        assert (notice(added), "Sample & Daughters" in named_on(added)) == ("Added to the register.", True)
        assert "Sample & Daughters" in named_on(await client.get("/privacy"))
        kitchen = await Processor.get(name="Sample & Daughters")
        page = await client.get(of(event, kitchen.id))
        assert [value for value in KITCHEN.values() if f'value="{value}"' not in unescape(page.text)] == []
        [seen] = set(re.findall(r'name="seen" value="(\d+)"', page.text))
        changed = await client.post(of(event, kitchen.id), data=KITCHEN | {"region": "Wales", "seen": seen})
        assert notice(await client.get(changed.headers["location"])) == "Changed."
        late = await client.post(of(event, kitchen.id), data=KITCHEN | {"region": "Spain", "seen": seen})
        assert (late.status_code, "Someone else has changed this entry" in late.text) == (409, True)
        assert ("Spain" in late.text, (await Processor.get(id=kitchen.id)).region) == (True, "Wales")
        assert (await client.post(of(event, kitchen.id, "remove"), data={"seen": seen})).status_code == 409
        removed = await client.post(of(event, kitchen.id, "remove"), data={"seen": "1"})
        assert notice(await client.get(removed.headers["location"])) == "Removed from the register."
        assert "Sample & Daughters" not in named_on(await client.get("/privacy"))


async def test_organisers_read_the_register_and_only_leads_change_it(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    relay = await Processor.get(event=event, service=Service.EMAIL)
    async with browsing(database, omar) as client:
        page = await client.get(of(event))
        assert "A lead can change the register." in page.text
        assert of(event, "add") not in page.text
        assert f'href="{of(event, relay.id)}"' not in page.text
        posted = [await client.post(path, data=KITCHEN) for path in (of(event, "add"), of(event, relay.id))]
        assert [answer.status_code for answer in posted] == [403, 403]
    async with browsing(database, vic) as client:
        assert (await client.get(of(event))).status_code == 403
    assert await Processor.all().count() == 2


@pytest.mark.parametrize("part", ["does", "receives", "region", "kept", "contract"])
async def test_while_people_can_ask_each_part_is_asked_for_and_before_that_it_may_wait(
    database: Database, event: Event, lena: Staff, part: str
) -> None:
    data = KITCHEN | {part: " "}
    async with browsing(database, lena) as client:
        refused = await client.post(of(event, "add"), data=data)
        assert (refused.status_code, "There is a problem" in refused.text) == (422, True)
        assert [text for text in data.values() if text.strip() and text not in unescape(refused.text)] == []
        await Event.filter(id=event.id).update(state=EventState.DRAFT)
        assert (await client.post(of(event, "add"), data=data)).status_code == 303
        page = await client.get(of(event))
        public = await in_notice(client)
    assert "Registration cannot be opened before this is there and right:" in page.text
    assert "Not known yet" in page.text
    assert (wording.SET_BEFORE_OPENING in public.text) == (part != "contract")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"service": ""}, "Select the service"),
        ({"service": "cooking"}, "Select the service"),
        ({"name": ""}, "Enter its name"),
        ({"does": "x" * 301}, "What it does must be 300 characters or fewer"),
        ({"service": "venue"}, "Leave the name of the venue empty"),
        ({"service": "email", "log_kept": "14 days"}, "Enter the host"),
        ({"service": "email", "smtp_host": "127.0.0.1"}, "Enter until when it keeps its log"),
        ({"service": "email", "smtp_host": "x.example.org", "log_kept": "14 days"}, "Emails go through 127.0.0.1."),
    ],
)
async def test_bad_input_is_named_and_adds_nothing(
    database: Database, event: Event, lena: Staff, changed: dict[str, str], sentence: str
) -> None:
    async with browsing(database, lena) as client:
        answer = await client.post(of(event, "add"), data=KITCHEN | changed)
    assert (answer.status_code, answer.text.count(sentence)) == (422, 2)
    assert await Processor.all().count() == 2


async def test_the_venue_stands_in_the_register_without_its_name(database: Database, event: Event, lena: Staff) -> None:
    async with browsing(database, lena) as client:
        await client.post(of(event, "add"), data=KITCHEN | {"service": "venue", "name": ""})
        venue = await Processor.get(service=Service.VENUE)
        assert venue.name == "The venue"
        page = await client.get(of(event, venue.id))
        assert (heading(page), page.text.count("The venue")) == ("The venue", 1), "the field of its name is empty"
        saved = await client.post(of(event, venue.id), data=KITCHEN | {"service": "venue", "name": "", "seen": "0"})
        assert (saved.status_code, named_on(await in_notice(client))[-1]) == (303, "The venue")


async def test_what_is_only_of_a_relay_is_kept_of_nobody_else(database: Database, event: Event, lena: Staff) -> None:
    typed = KITCHEN | {"smtp_host": "relay.example.org", "log_kept": "14 days"}
    async with browsing(database, lena) as client:
        await client.post(of(event, "add"), data=typed)
    kitchen = await Processor.get(service=Service.CATERING)
    assert (kitchen.smtp_host, kitchen.log_kept) == ("", "")


async def test_a_relay_that_the_register_does_not_name_is_said_on_every_page_of_the_desk_about_it(
    database: Database, event: Event, lena: Staff
) -> None:
    pages = [of(event), of(event, "print"), desk(event, "event")]
    settings.choose(SETTINGS.model_copy(update={"smtp_host": "relay.example.org"}))
    async with browsing(database, lena) as client:
        said = [words((await client.get(path)).text) for path in pages]
        overview = words((await client.get(desk(event, "data-protection"))).text)
        settings.choose(SETTINGS)
        fine = [words((await client.get(path)).text) for path in pages]
        overview_then = words((await client.get(desk(event, "data-protection"))).text)
    wrong = "Sample Relay: it is entered with the host 127.0.0.1, but emails go through relay.example.org"
    assert ([wrong in page for page in said], [wrong in page for page in fine]) == ([True] * 3, [False] * 3)
    assert "Emails go through relay.example.org , as this installation is set up." in said[0]
    assert "People can ask, and this is missing or wrong:" in said[2]
    assert ("1 thing is missing or wrong." in overview, "It is complete." in overview_then) == (True, True)


async def test_the_rehearsals_processors_are_complete_and_marked_as_made_up(database: Database) -> None:
    rehearsal: Path = ROOT / "events" / "rehearsal.toml"
    event = (await event_file.load(rehearsal, MONDAY, clock.real())).event
    async with browsing(database) as client:
        page = await client.get("/privacy")
    async with browsing(database, await a_member_of_staff("Lena", "lena@x.example", event, RoleName.LEAD)) as client:
        assert "made up for this rehearsal" in (await client.get(of(event, "print"))).text
    assert await processor_register.missing(event) == []
    names = named_on(page)
    assert names == [row.name for row in await Processor.filter(event=event).order_by("id")]
    section = words(page.text.partition("Who else sees it")[2].partition("Does it leave")[0])
    assert section.count("(made up for this rehearsal)") == len(names) == 5


async def test_before_anything_is_known_the_notice_says_so(database: Database, event: Event) -> None:
    await Processor.all().delete()
    async with browsing(database) as client:
        section = words((await client.get("/privacy")).text.partition("Who else sees it")[2].partition("<h2")[0])
    assert section.startswith(wording.SET_BEFORE_OPENING)
