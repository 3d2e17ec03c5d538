"""A page for each role on the day, and the practice card: for whom, without what, in the phone's own words."""

import re
from html import unescape
from typing import NamedTuple

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.desk import printed_pages
from registrations.door import shell
from registrations.phones import pairing
from registrations.phones.door import PassRole
from server import ROOT
from tests.browser import browsing, heading, words
from tests.people import VENUE_CANARY, a_door

STEWARDS, LEADS, MARSHALS = "/door/help/steward", "/door/help/lead", "/door/help/marshal"
ACCESS, SUPPORT = "/door/help/access", "/door/help/support"
ON_PHONES = pytest.mark.parametrize("path", [STEWARDS, LEADS, MARSHALS])
EACH = pytest.mark.parametrize("path", [STEWARDS, LEADS, MARSHALS, ACCESS, SUPPORT])
SIGNS = (shell.SCANNER / "verdict-signs.mjs").read_text(encoding="utf-8")
PRACTICE = (shell.SCANNER / "practice.mjs").read_text(encoding="utf-8")
ON_SCREENS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (
        *sorted(shell.SCANNER.glob("*.mjs")),
        ROOT / "templates/door/scanner.html",
        ROOT / "templates/door/roll.html",
        ROOT / "templates/door/panels.html",
        ROOT / "templates/door/over.html",
        ROOT / "templates/door/done.html",
        ROOT / "templates/desk/doors.html",
        ROOT / "templates/desk/closing/close.html",
        ROOT / "registrations/desk/device_pages.py",
    )
)
AFTER_A_TAP = {("blue", "square", "NOT LET IN")}  # the steward has just pressed those words
BESIDE_THE_SIGNS = {
    ("green", "circle", "COME IN \u2013 OFFLINE"),  # a word of its own for the same sign, in describeOffline
    ("red", "octagon", "PHONE SIGNED OUT"),  # door/over.html
    ("blue", "square", "SCANNED TWICE"),  # in place of ALREADY IN, on the phone that has just let them in
}


class Sign(NamedTuple):
    colour: str
    shape: str
    word: str


def signs_of_the_phone() -> dict[str, Sign]:
    """By verdict, as verdict-signs.mjs draws them; a reference that was found is none yet."""
    shapes = dict(re.findall(r'(\w+): \{ shape: "(\w+)", buzz', SIGNS))
    entries = re.findall(
        r'^  (\w+): \(a?\) =>(?:\s*a\.twice === undefined\s*\?)?\s*sign\("(\w+)", "([^"]+)"(?:, \{ shape: "(\w+)")?',
        SIGNS,
        re.M,
    )
    return {verdict: Sign(colour, shape or shapes[colour], word) for verdict, colour, word, shape in entries}


def signs_on(page: str) -> set[Sign]:
    rows = re.findall(r'<li class="(\w+)">\s*<svg[^>]*><use href="#(\w+)"/></svg>(.*?)</li>', page, re.S)
    return {Sign(colour, shape, word) for colour, shape, row in rows for word in marked("word", row)}


def marked(name: str, page: str) -> list[str]:
    """What the page says of this kind, with the apostrophes that code has."""
    found = re.findall(rf'<(?:b|i) class="{name}">(.*?)</(?:b|i)>', page)
    return [unescape(text).replace("\u2019", "'") for text in found]


async def page_at(path: str, database: Database) -> httpx2.Response:
    async with browsing(database) as client:
        return await client.get(path)


@EACH
async def test_anyone_reads_the_same_page_and_it_knows_no_event(
    database: Database, event: Event, omar: Staff, path: str
) -> None:
    made = await pairing.make_pass(
        await a_door(event, "Northgate"), "Northgate 1", PassRole.DOOR_LEAD, omar, clock.now(), clock.real()
    )
    async with browsing(database) as phone, browsing(database, omar) as desk:
        paired = await phone.post("/door/api/pair", json={"code": made.secret})
        pages = [await page_at(path, database), await phone.get(path), await desk.get(path)]
    assert [page.status_code for page in pages] == [200] * 3
    assert len({page.text for page in pages}) == 1
    guarded = [event.title, event.lead_phone, event.day_words, "Northgate", VENUE_CANARY, omar.full_name]
    assert [secret for secret in guarded if secret in pages[0].text] == []
    assert [secret for secret in guarded[:4] if secret in paired.text] == guarded[:4], "the search has to work"


async def test_the_leads_page_says_what_their_own_phone_says_in_place_of_ask_the_lead(database: Database) -> None:
    [(_, decides, aside)] = re.findall(r'\["(ASK THE LEAD)", \["([A-Z ]+)", "([A-Z ]+)"\]\]', SIGNS)
    told = marked("word", (await page_at(LEADS, database)).text)
    assert {decides, aside} <= set(told)
    assert {decides, aside}.isdisjoint(marked("word", (await page_at(STEWARDS, database)).text)), "the control"


@EACH
async def test_its_title_is_neutral_and_it_needs_no_script(database: Database, path: str) -> None:
    text = (await page_at(path, database)).text
    assert re.findall("<title>(.*)</title>", text) == [
        {
            STEWARDS: "Door: for stewards",
            LEADS: "Door: for door leads",
            MARSHALS: "Door: for marshals",
            ACCESS: "Door: for the access lead",
            SUPPORT: "Door: for support on the day",
        }[path]
    ]
    assert "<script" not in text
    assert re.search(r"stalk|abuse|victim", text, re.I) is None
    assert [id_ for id_ in re.findall(r'id="([^"]+)"', text) if text.count(f'id="{id_}"') > 1] == []


async def test_the_stewards_page_shows_every_sign_as_the_phone_draws_it(database: Database) -> None:
    drawn = set(signs_of_the_phone().values())
    assert {sign.word for sign in drawn} >= {"COME IN", "ASK THE LEAD", "NOT A TICKET", "CANNOT TELL", "OUT"}
    assert signs_on((await page_at(STEWARDS, database)).text) == drawn - AFTER_A_TAP | BESIDE_THE_SIGNS


async def test_card_sheet_and_phone_give_the_same_instruction(database: Database) -> None:
    sheet = unescape((await page_at(STEWARDS, database)).text)
    samples = printed_pages.SAMPLES
    assert [sample.word for sample in samples if sample.does not in SIGNS] == []
    assert [sample.word for sample in samples if sample.does not in on_the_sheet(sample.word, sheet)] == []
    assert "Take them aside" not in on_the_sheet("TOO EARLY", sheet), "each sign has its own"


def on_the_sheet(word: str, page: str) -> str:
    """What the stewards' page says of this sign."""
    [row] = [line for line in re.findall(r"<li class=.*?</li>", page, re.S) if f'<b class="word">{word}</b>' in line]
    return str(row)


async def test_the_look_of_each_sign_is_named_in_words(database: Database) -> None:
    rows = re.findall(
        r'<li class="(\w+)">.*?href="#(\w+)".*?class="look">([^<]+)<', (await page_at(STEWARDS, database)).text, re.S
    )
    assert len(rows) == 14
    shown = {"back": "square, arrow"}
    assert [row for row in rows if not row[2].startswith(f"{row[0]} {shown.get(row[1], row[1])}")] == []


@ON_PHONES
async def test_every_word_and_button_on_it_is_one_of_the_screens(database: Database, path: str) -> None:
    text = (await page_at(path, database)).text
    whole = {*marked("word", text), *marked("key", text)}
    assert len(whole) > 10
    assert [label for label in sorted(whole) if not re.search(rf'[">]{re.escape(label)}["<]', ON_SCREENS)] == []
    assert [sentence for sentence in marked("said", text) if sentence not in ON_SCREENS] == []


async def test_the_lead_is_told_of_every_reason_that_a_lead_is_shown(database: Database) -> None:
    reasons = re.findall(r'^  (\w+): "([^".?]+[.?])', SIGNS.partition("LEAD_SEES")[2].partition("};")[0], re.M)
    assert len(reasons) == 4
    said = marked("said", (await page_at(LEADS, database)).text)
    assert [reason for _, reason in reasons if reason not in said] == []


@EACH
async def test_what_to_say_to_whoever_asks_stands_on_it(database: Database, path: str) -> None:
    text = words((await page_at(path, database)).text)
    assert "Do not confirm or deny that a person is here" in text
    assert "I cannot confirm who is attending, here or anywhere." in text
    assert "999" in text


def test_the_card_has_every_sample_of_the_phone_with_the_sign_that_it_shows() -> None:
    samples = re.findall(r'^  "?([A-Z-]+)"?: \{ verdict: "(\w+)"', PRACTICE, re.M)
    signs = signs_of_the_phone()
    assert len(samples) == 9
    assert f'PREFIX = "{printed_pages.PREFIX}"' in PRACTICE
    assert {sample.key: Sign(sample.colour, sample.shape, sample.word) for sample in printed_pages.SAMPLES} == {
        key: signs[verdict] for key, verdict in samples
    }


async def test_the_card_is_for_organisers(database: Database, event: Event, omar: Staff, vic: Staff) -> None:
    path = f"/desk/{event.slug}/doors/practice-card"
    async with browsing(database, omar) as desk:
        card = await desk.get(path)
    async with browsing(database, vic) as viewer:
        refused = await viewer.get(path)
    stranger = await page_at(path, database)
    assert (card.status_code, heading(card)) == (200, "Practice card")
    assert (refused.status_code, stranger.status_code) == (403, 303)
    assert card.text.count("Practice code: ") == 9


async def test_the_desk_leads_to_all_of_them(database: Database, event: Event, omar: Staff) -> None:
    door = await a_door(event)
    card = f"/desk/{event.slug}/doors/practice-card"
    async with browsing(database, omar) as desk:
        doors = await desk.get(f"/desk/{event.slug}/doors")
        paired = [
            await desk.post(f"/desk/{event.slug}/doors/{door.id}/phones", data={"phone_name": "One", "role": role})
            for role in ("steward", "door_lead")
        ]
    assert [
        address
        for address in (STEWARDS, LEADS, MARSHALS, ACCESS, SUPPORT, card)
        if f'href="{address}"' not in doors.text
    ] == []
    assert [re.findall(r'href="(/door/help/\w+|/desk/[^"]+-card)"', page.text) for page in paired] == [
        [STEWARDS, card],
        [LEADS, card],
    ]


async def test_phones_keep_these_pages(database: Database) -> None:
    kept = re.findall(r'"(/door/[^"]*)"', re.search(r"PAGES = \[(.*)\]", shell.worker())[1])  # type: ignore[index]
    assert kept == ["/door/", "/door/roll", STEWARDS, LEADS, MARSHALS]
    assert [(await page_at(path, database)).status_code for path in kept] == [200] * 5
    assert "scanner/help.css" in shell.files()


PHONE_SAYS = "Try again, or use the paper list"  # at CANNOT TELL: sheet and card repeat what the phone says


def test_nothing_but_the_phones_own_words_names_a_list_on_paper_while_there_is_none() -> None:
    pages = {path.name: path.read_text() for path in sorted((ROOT / "templates" / "door").iterdir())}
    pages["the practice card"] = " ".join(sample.does for sample in printed_pages.SAMPLES)
    assert [
        name for name, text in pages.items() if re.search(r"paper (list|only)", text.replace(PHONE_SAYS, ""), re.I)
    ] == []
    assert [name for name, text in pages.items() if "call the lead" in text.lower()] != []  # they say what to do
