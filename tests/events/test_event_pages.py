"""The public pages say what was published, what to do now, and nothing that is not known.

Rules: GU-08, GU-14.
"""

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import httpx2

from events import event_changes, event_file
from events.accounts.staff import Staff
from events.event import PUBLIC, Event, EventState
from events.ground import clock, live, wording
from events.ground.database import Database
from events.web import accessibility, cookies
from server import ROOT
from tests.browser import browsing, heading, words
from tests.events.public_pages import PATHS
from tests.people import MONDAY, Person, an_event
from tests.professional import ask

LAUNCH = ROOT / "events" / "launch.toml"
DISCREET = re.compile(r"stalk|abuse|violence|victim|survivor", re.I)


def title(answer: httpx2.Response) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.text, re.S)
    return unescape(found[1]) if found else ""


async def test_the_public_page_of_the_launch_says_what_was_published(database: Database) -> None:
    await event_file.load(LAUNCH, MONDAY, clock.real())
    async with browsing(database) as client:
        page = await client.get("/")
    said = words(page.text)
    assert (page.status_code, heading(page), title(page)) == (200, *["Conference for professionals"] * 2)
    published = (
        "Monday 15 April 2019", "Hertfordshire", "Hosted by Safer Places and Three Rivers District Council",
        "This event is for people who work with, or make decisions that affect, victims of stalking.",
        "six Independent Stalking Advocacy Caseworkers (ISACs)", "Provided by Safer Places, a charity",
        "Funded by Ministry of Housing, Communities and Local Government (MHCLG)",
        "Sponsored by Hertfordshire County Council", "They are not yet in force.", "You cannot ask for a place yet",
    )  # fmt: skip
    assert [fact for fact in published if fact not in said] == []
    assert re.search(r"can now apply|you can apply|Time|capacity|places? left", said) is None


async def test_the_four_numbers_stand_as_text_where_people_may_need_them(
    database: Database, event: Event, ada: Person
) -> None:
    numbers = ["03301 025811", "0808 802 0300", "08 088 088 088", "999"]
    assert [service.number for service in wording.SUPPORT] == numbers
    async with browsing(database) as client:
        sent = await ask(client, event, ada)
        for path in ("/", f"/e/{event.slug}", "/support", sent.headers["location"]):
            said = words((await client.get(path)).text)
            assert [number for number in numbers if number not in said] == []


STAGES = {
    "draft": (EventState.DRAFT, 0, "You cannot ask for a place yet"),
    "open": (EventState.OPEN, 0, "Ask for a place"),
    "full": (EventState.OPEN, 120, "All places are taken"),
    "closed": (EventState.CLOSED, 0, "Registration has closed"),
    "over": (EventState.OVER, 0, "This event has taken place"),
}


async def test_each_stage_of_the_event_has_a_page_that_says_what_to_do(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        for stage, (state, taken, says) in STAGES.items():
            await Event.filter(id=event.id).update(state=state, taken=taken)
            clock.move_to(clock.at_venue(event.day + timedelta(days=1), 0, 0) if stage == "over" else MONDAY)
            live.publish(PUBLIC)
            page = await client.get(f"/e/{event.slug}")
            said = words(page.text)
            assert (page.status_code, heading(page), says in said) == (200, event.title, True)
            assert (f"/e/{event.slug}/ask" in page.text) == (stage in ("open", "full"))
            assert ("waiting list" in said) == (stage == "full")
            assert (event.contact_phone in said) == (stage in ("closed", "over"))


async def test_an_event_that_was_over_and_is_put_off_can_be_opened_again(
    database: Database, lena: Staff, tmp_path: Path
) -> None:
    """A file from before may name a day that has passed; what was over is over no more once it has another day."""
    the_year_after = clock.at_venue(date(2020, 4, 1), 9, 0)
    event = (await event_file.load(ROOT / "events" / "rehearsal.toml", MONDAY, clock.real())).event
    await event_changes.open_registration(event, by=lena, at=MONDAY)
    assert await event_changes.end(event, the_year_after)
    later = (ROOT / "events" / "rehearsal.toml").read_text().replace("2019-04-15", "2020-04-20")
    (tmp_path / "later.toml").write_text(later)
    loaded = (await event_file.load(tmp_path / "later.toml", the_year_after, clock.real())).event
    assert loaded.state is EventState.CLOSED
    clock.move_to(the_year_after)
    async with browsing(database) as client:
        assert "Registration has closed" in (await client.get("/e/launch")).text
        await event_changes.open_registration(loaded, by=lena, at=the_year_after)
        live.publish(PUBLIC)
        assert f'href="/e/{loaded.slug}/ask"' in (await client.get("/e/launch")).text


async def test_the_place_is_nowhere_said_or_guessed_at_beside_the_date(database: Database) -> None:
    await event_file.load(LAUNCH, MONDAY, clock.real())
    async with browsing(database) as client:
        page = await client.get("/")
    under_the_title = words(page.text.split("</h1>")[1].split("</p>")[0])
    assert under_the_title == "Monday 15 April 2019 Hosted by Safer Places and Three Rivers District Council"
    description = re.search(r'name="description" content="([^"]*)"', page.text)
    assert description
    assert "Hertfordshire" not in description[1]


async def test_what_a_rehearsal_made_up_says_so_beside_each_fact(database: Database) -> None:
    await event_file.load(ROOT / "events" / "rehearsal.toml", MONDAY, clock.real())
    made_up = r" \(made up for this rehearsal\)"
    async with browsing(database) as client:
        said = {path: words((await client.get(path)).text) for path in ("/", "/support", "/privacy", "/accessibility")}
    for path, fact in (
        ("/", "09:30 to 16:00"), ("/", r"from a railway station\."),
        ("/support", "01632 960 003"), ("/support", "organisers@example.org"),
        ("/privacy", "01632 960 001"), ("/privacy", "data-protection-places@example.org"),
        ("/accessibility", "01632 960 003"),
    ):  # fmt: skip
        assert re.search(fact + r"(?!" + made_up + ")", said[path]) is None, (path, fact)
        assert re.search(fact + made_up, said[path]), (path, fact)


async def test_the_support_page_says_which_number_to_telephone(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        assert f"Otherwise telephone the organisers: {event.contact_phone}" in words(
            (await client.get("/support")).text
        )
        await Event.filter(id=event.id).update(contact_phone="")
        live.publish(PUBLIC)
        without = words((await client.get("/support")).text)
    assert "telephone the organisers" not in without
    assert "The number to telephone for anything else will stand here" in without


async def test_the_day_after_the_event_is_over_by_itself(database: Database, event: Event) -> None:
    clock.move_to(clock.at_venue(event.day + timedelta(days=1), 0, 0))
    async with browsing(database) as client:
        page = await client.get("/")
        assert "This event has taken place" in page.text
        assert (await client.get(f"/e/{event.slug}/ask")).headers["location"] == f"/e/{event.slug}"


async def test_with_several_events_there_is_a_list_and_with_none_a_sentence(database: Database) -> None:
    async with browsing(database) as client:
        assert "There is no event here at the moment." in (await client.get("/")).text
        for slug in ("spring", "summer"):
            await an_event(slug=slug)
        live.publish(PUBLIC)
        page = await client.get("/")
        assert heading(page) == "Conferences"
        assert re.findall(r'href="/e/(\w+)"', page.text) == ["spring", "summer"]
        assert (await client.get("/e/autumn")).status_code == 404


async def test_every_public_page_can_be_left_quickly_without_a_script(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        for path in PATHS:
            page = await client.get(path)
            exits = re.findall(r'<a href="([^"]+)"[^>]*exit-this-page[^>]*>', page.text)
            assert exits == ["https://www.bbc.co.uk/weather"] * 2
            assert page.text.index("govuk-exit-this-page") < page.text.index("<h1")
            assert heading(page)
            assert DISCREET.search(title(page)) is None


async def test_staff_pages_have_no_such_button(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        page = await client.get("/staff/sign-in")
    assert (heading(page), "exit-this-page" in page.text) == ("Sign in to the desk", False)


async def test_search_engines_are_shown_the_public_page_and_nothing_else(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        said = {path: (await client.get(path)).headers["x-robots-tag"] for path in (*PATHS, f"/e/{event.slug}/ask")}
        robots = (await client.get("/robots.txt")).text
    assert {path for path, tag in said.items() if tag == "all"} == {"/"}
    assert {tag for path, tag in said.items() if path != "/"} == {"noindex, nofollow"}
    assert robots.splitlines()[-1] == "Disallow: /"


async def test_nothing_on_a_public_page_comes_from_elsewhere(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        for path in PATHS:
            page = await client.get(path)
            fetched = re.findall(r'(?:src|<link[^>]*href|action)="([^"]+)"', page.text)
            assert [address for address in fetched if not address.startswith(("/", "data:,"))] == []
            assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_cookies_page_lists_each_cookie_and_all_that_the_door_stores(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await ask(client, event, ada)
        page = await client.get("/cookies")
        set_by_us = {name.removeprefix("__Host-") for name in client.cookies}
    said = words(page.text)
    for cookie in cookies.COOKIES.values():
        assert cookie.name in said
        assert cookie.purpose[1:] in said
        assert cookie.lasts in said
    assert set_by_us <= set(cookies.COOKIES)
    scanner = "".join(path.read_text() for path in (ROOT / "registrations" / "door" / "scanner").glob("*.mjs"))
    stores = {
        "IndexedDB": r"indexedDB\.open",
        "Local storage": r"localStorage\.setItem",
        "Session storage": r"sessionStorage\.setItem",
        "Service worker": r"serviceWorker\.register",
        "Cache": r"caches\.open",
    }
    assert [name for name, used in stores.items() if bool(re.search(used, scanner)) != (name in said)] == []


NOTICE = {
    "both controllers": "Safer Places and Three Rivers District Council are joint controllers",
    "contacts of the hosts": "places@hosts.example.org, 01632 960001",
    "data protection officers": "Data protection officer",
    "one contact point": "One contact for both",
    "the arrangement": "The essence of our arrangement",
    "rights against either": "you can use your rights with each of us",
    "purposes": "What we ask for, and why",
    "whether it has to be given": "You do not have to give us anything by law or by contract",
    "source": "we email you before anything else happens with it, and say in that email where we have it from",
    "legal basis": "Our legal basis",
    "no automated decision": "It decides nothing by itself",
    "recipients": "Who else sees it",
    "freedom of information": "Freedom of Information Act 2000",
    "transfers": "Does it leave the United Kingdom?",
    "retention": "3 days (72 hours)",
    "rights": "for a copy of what we hold about you",
    "withdrawing consent": "you can withdraw it at any time",
    "complaints": "By law they acknowledge it within 30 days",
    "the regulator": "Information Commissioner's Office (ICO)",
}


async def test_the_privacy_notice_has_each_thing_it_has_to_say(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        notice = words((await client.get("/privacy")).text)
    assert [subject for subject, sentence in NOTICE.items() if sentence not in notice] == []


async def test_what_the_hosts_have_not_said_is_not_invented(database: Database) -> None:
    await event_file.load(LAUNCH, MONDAY, clock.real())
    async with browsing(database) as client:
        notice = words((await client.get("/privacy")).text)
        support = words((await client.get("/support")).text)
    assert notice.count(wording.SET_BEFORE_OPENING) == 10
    assert f"How to contact the organisers is not known yet. {wording.SET_BEFORE_OPENING}" in support


async def test_what_the_hosts_have_said_stands_in_the_notice(database: Database) -> None:
    await event_file.load(ROOT / "events" / "rehearsal.toml", MONDAY, clock.real())
    async with browsing(database) as client:
        notice = (await client.get("/privacy")).text
    assert (wording.SET_BEFORE_OPENING in notice, "Article 6(1)(e)" in notice) == (False, True)


async def test_the_accessibility_statement_has_its_five_parts(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        said = words((await client.get("/accessibility")).text)
    parts = (
        "partially compliant", "What does not work for everyone", "Nobody has used these pages with a screen reader",
        "a steward can type the reference", "If you cannot use something, or need it in another way",
        event.contact_email, "Equality and Human Rights Commission (EHRC)", "Not done yet: tests with screen readers",
        f"last reviewed on {accessibility.in_words(accessibility.REVIEWED)}", f"axe {accessibility.TOOLS['axe']}",
    )  # fmt: skip
    assert [part for part in parts if part not in said] == []
