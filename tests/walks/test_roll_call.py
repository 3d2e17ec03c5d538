"""The roll call on marshals' phones: without the server (DR-38), by two at once (DR-39), and what a thief finds."""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Browser, Page, Playwright, expect

from registrations.codes import key_card, qr, sealing, ticket_code
from registrations.paper.sheet import ROLL_CALL_HEADER
from tests.walks.browsers import browser_with, kill
from tests.walks.camera import film
from tests.walks.house import SLUG, Guest, House, a_house, signed_in
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, PATIENCE, PHONE, Organiser, fits, new_page, sends, until
from tests.walks.phone import BURST, code_in
from tests.walks.test_closing import HELD, NOTHING
from tests.walks.test_forensics import told_by

pytestmark = pytest.mark.promise

A_BATCH = 50  # scans
IN = {"kind": "in", "undoes": None, "length": None, "age": 1.0, "app": "1"}
ROWS = """() => [...document.querySelectorAll("#people li")].map((row) =>
    ["b", ".badge", ".hour"].map((part) => row.querySelector(part).textContent))"""
TICKS = """([mark, first, end]) => {
    for (const row of [...document.querySelectorAll("#people li")].slice(first, end))
        row.querySelector(`.${mark}`).click();
}"""
SUMS = "Not yet 0 · Safe 190 · Not seen 10 · Left earlier 0 · Marshals disagree on 10"
BOX = """() => new Promise((done, fail) => {
    const opening = indexedDB.open("muster-door");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction("kept").objectStore("kept").get("roll-list");
      asking.onsuccess = () => { opening.result.close(); done([...(asking.result ?? [])]); };
    };
  })"""
EVERYWHERE = f"async () => JSON.stringify(await ({HELD})())"


@pytest.fixture
def burning_house(tmp_path: Path) -> Iterator[House]:
    """One that no other walk needs: only those are in who come in here."""
    with a_house(tmp_path / "house") as running:
        yield running


@pytest.fixture
def full_house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path / "house", people=200) as running:
        yield running


def lead_of(browser: Browser, house: House) -> Organiser:
    return Organiser(signed_in(new_page(browser, DESKTOP), house), house.rehearsed)


def come_in(browser: Browser, house: House, lena: Organiser, guests: list[Guest]) -> None:
    """Past a steward's phone, with no look at its page."""
    page, ours = new_page(browser, PHONE), {"origin": house.base}
    code = lena.gives_a_code()
    assert page.request.post(f"{house.base}/door/api/pair", data={"code": code}, headers=ours).ok
    salt = house.rows("SELECT salt FROM event")[0]["salt"]
    for start in range(0, len(guests), A_BATCH):
        scans = [
            IN | {"id": secrets.token_hex(16), "proof": proof_of(guest, salt)} for guest in guests[start:][:A_BATCH]
        ]
        answer = page.request.post(f"{house.base}/door/api/scans", data={"scans": scans, "to_send": 0}, headers=ours)
        assert {given["verdict"] for given in answer.json()["answers"]} == {"ok"}
    page.context.close()


def proof_of(guest: Guest, salt: bytes) -> str:
    return base64.urlsafe_b64encode(sealing.derive(secret_of(guest.code), salt).proof).decode().rstrip("=")


def row_of(guest: Guest, house: House) -> str:
    return sealing.derive(secret_of(guest.code), house.rows("SELECT salt FROM event")[0]["salt"]).id.hex()


def secret_of(code: str) -> bytes:
    secret = ticket_code.parse(code).secret
    assert secret is not None
    return secret


def prints_the_key_card(lena: Organiser) -> tuple[bytes, str]:
    """The QR as it is printed, and what it says."""
    lena.goes_to("roll-call/card")
    lena.page.get_by_role("button", name="Make the card").click()
    drawn = lena.page.locator(".lead-card__code svg")
    png = drawn.screenshot()
    return png, code_in(png)


def becomes_a_marshals(page: Page, house: House, code: str) -> None:
    """Paired as any other phone, it shows the roll call in place of the scanner."""
    page.goto(f"{house.base}/door/")
    page.get_by_label("Pairing code").fill(code)
    page.get_by_role("button", name="Pair this phone").click()
    page.wait_for_url("**/door/roll")
    expect(page.locator("#list-says")).to_contain_text("as at")


def holds_its_page(page: Page) -> None:
    """A hundred files, which take a while on a busy machine."""
    until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "a service worker", 3 * PATIENCE)


def people_on(page: Page) -> list[list[str]]:
    expect(page.locator("#open")).to_be_visible()
    found: list[list[str]] = page.evaluate(ROWS)
    return found


def presses(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def to_send(page: Page, count: int) -> None:
    expect(page.locator("#bar-facts")).to_have_text(re.compile(rf"^{count} to send"))


def test_dr38_without_the_server_the_card_opens_a_sorted_list_which_is_printed_and_logged(
    playwright: Playwright, browser: Browser, burning_house: House, profile: Path, tmp_path: Path
) -> None:
    house, lena = burning_house, lead_of(browser, burning_house)
    *inside, outside = house.guests()[:6]
    come_in(browser, house, lena, inside)
    png, card = prints_the_key_card(lena)
    camera = film(tmp_path / "card.mjpeg", [png, None, qr.png(inside[2].code), None], frames=[20, 10, 20, 10])
    code = lena.gives_a_code("marshal")
    with browser_with(playwright, profile, camera) as context:
        page = context.pages[0]
        becomes_a_marshals(page, house, code)
        holds_its_page(page)
        inspector = Inspector(page)
        inspector.looks(" sealed")
        house.stops()
        page.reload()
        expect(page.locator("#bar-line")).to_contain_text("Offline")
        opens_by_card(page, inside)
        inspector.looks(" open")
        fits(page)
        reads_the_list(page, house, card, inside)
        ticks_by_tickets(page, inside[2], outside)
        prints_twice(page)
        to_send(page, 5)  # the beginning, two ticks, a print by the button and one by the browser's menu
        house.starts()
        to_send(page, 0)
        assert inspector.faults == []
    ticks = house.rows("SELECT mark, by_ticket FROM roll_tick")
    assert ticks == [{"mark": "safe", "by_ticket": 1}] * 2, "also of a guest whom nobody had scanned"
    pressed = house.rows("SELECT what, count(*) AS times FROM roll_press GROUP BY what ORDER BY what")
    assert pressed == [{"what": "print", "times": 2}, {"what": "start", "times": 1}]
    assert house.rows("SELECT kind, people FROM roll_call") == [{"kind": "real", "people": 5}]
    assert len(house.rows("SELECT id FROM audit_entry WHERE action LIKE '%print%' AND actor LIKE 'pass:%'")) == 2


def opens_by_card(page: Page, inside: list[Guest]) -> None:
    """Two presses and the card, and nobody is named before."""
    presses(page, "Hold up key card or ticket")
    expect(page.locator("#starting")).to_be_visible()
    assert [guest.name for guest in inside if guest.name in page.content()] == []
    presses(page, "Evacuation: start")


def reads_the_list(page: Page, house: House, card: str, inside: list[Guest]) -> None:
    shown = people_on(page)
    expect(page.locator("#open-header")).to_have_text(ROLL_CALL_HEADER)
    assert shown == sorted(shown, key=lambda row: row[0])
    assert sorted(row[1] for row in shown) == sorted(guest.name for guest in inside)
    assert [re.fullmatch(r"\d\d:\d\d", row[2]) is None for row in shown] == [False] * len(inside)
    reads_the_payload(page, house, card, shown)


def ticks_by_tickets(page: Page, inside: Guest, outside: Guest) -> None:
    """One held to the camera, one typed by a wedge scanner of somebody who is not on the list."""
    presses(page, "Camera")
    expect(page.locator("#roll-says")).to_have_text(f"{inside.name}: safe, by ticket.")
    page.locator("#reading .close").click()
    page.evaluate(BURST, outside.code)
    expect(page.locator("#roll-says")).to_contain_text("not on this list")


def prints_twice(page: Page) -> None:
    presses(page, "More, help")
    presses(page, "Print")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    expect(page.locator("#sheet tr")).to_have_count(0)


def reads_the_payload(page: Page, house: House, card: str, shown: list[list[str]]) -> None:
    """Of the box on the phone, opened with the card outside of it: those three and the row, and of nobody else."""
    secret = key_card.parse(card)
    assert secret is not None
    salt = house.rows("SELECT salt FROM event")[0]["salt"]
    key, id_ = key_card.derive(secret, salt)
    box = bytes(page.evaluate(BOX))
    bound = f"muster roll call 1|{base64.urlsafe_b64encode(salt).decode().rstrip('=')}|{id_.hex()}".encode()
    plain = json.loads(AESGCM(key).decrypt(box[:12], box[12:], bound))
    assert sorted(plain) == ["at", "rows"]
    assert [row[:3] for row in plain["rows"]] == shown
    assert {(len(row), re.fullmatch(r"[0-9a-f]{32}", row[3]) is not None) for row in plain["rows"]} == {(4, True)}


def test_dr39_two_marshals_without_a_network_tick_200_people_and_no_tick_is_lost(
    browser: Browser, full_house: House
) -> None:
    house, lena = full_house, lead_of(browser, full_house)
    come_in(browser, house, lena, house.guests())
    mara, milo = (becomes_another(browser, house, lena) for _ in range(2))
    presses(mara, "Start a roll call")
    presses(mara, "Drill: start")
    assert len(people_on(mara)) == 200
    presses(milo, "Open the list")
    assert people_on(milo) == people_on(mara)
    for page in (mara, milo):
        page.context.set_offline(True)
    mara.evaluate(TICKS, ["safe", 0, 200])
    to_send(mara, 200)
    mara.context.set_offline(False)
    to_send(
        mara, 0
    )  # before he ticks: on a busy machine hers may come seconds late, and the server takes that for later
    milo.evaluate(TICKS, ["not_seen", 0, 10])
    milo.evaluate(TICKS, ["safe", 10, 200])
    to_send(milo, 200)
    milo.context.set_offline(False)
    to_send(milo, 0)
    for page in (mara, milo):
        expect(page.locator("#sums")).to_have_text(SUMS)
        expect(page.locator("#people li.disputed")).to_have_count(10)
    first = mara.locator("#people li").first
    expect(first).to_contain_text(re.compile(r"Not seen \d\d:\d\d, Main door phone\. This phone: Safe"))
    ends_the_roll_call(lena, house)
    for page in (mara, milo):
        expect(page.locator("#sealed")).to_be_visible()
        assert "Guest Number" not in page.content()
    kept = house.rows("SELECT mark, count(*) AS ticks FROM roll_tick GROUP BY door_pass_id, mark ORDER BY ticks")
    assert [(row["mark"], row["ticks"]) for row in kept] == [("not_seen", 10), ("safe", 190), ("safe", 200)]


def becomes_another(browser: Browser, house: House, lena: Organiser) -> Page:
    page = new_page(browser, PHONE)
    becomes_a_marshals(page, house, lena.gives_a_code("marshal"))
    return page


def ends_the_roll_call(lena: Organiser, house: House) -> None:
    sends(lena.page, f"{house.base}/desk/{SLUG}/roll-call/end")
    until(lambda: house.rows("SELECT id FROM roll_call WHERE ended_at IS NOT NULL"), "the end of the roll call")


def test_a_stolen_marshals_phone_names_nobody_in_use_or_wiped(
    playwright: Playwright, browser: Browser, burning_house: House, profile: Path
) -> None:
    """Whatever the page names while it is open stands nowhere else: not while it does, and not afterwards."""
    house, lena = burning_house, lead_of(browser, burning_house)
    guests = house.guests()[:3]
    come_in(browser, house, lena, guests)
    names = {guest.name: guest.name for guest in guests}
    code = lena.gives_a_code("marshal")
    with browser_with(playwright, profile) as context:  # closed once in good order, so that its cookie is written down
        becomes_a_marshals(context.pages[0], house, code)
        holds_its_page(context.pages[0])
    with browser_with(playwright, profile) as context:
        page = context.pages[0]
        page.goto(f"{house.base}/door/roll")
        presses(page, "Start a roll call")
        presses(page, "Evacuation: start")
        people_on(page)
        page.evaluate(TICKS, ["safe", 0, 3])
        to_send(page, 0)
        assert [name for name in names if name not in page.content()] == [], "the search finds what is there"
        kept = page.evaluate(EVERYWHERE)
        assert row_of(guests[0], house) in kept, "ticks are there, by what their ticket derives"
        assert [name for name in names if name in kept] == []
        kill(profile)
    controls = {"a tick": row_of(guests[0], house), "the event's title": "Conference for professionals"}
    assert told_by(profile, names | controls) == set(controls)
    with browser_with(playwright, profile) as context:
        page = context.pages[0]
        page.goto(f"{house.base}/door/roll")
        expect(page.locator("#open-list")).to_be_visible()
        assert [name for name in names if name in page.content()] == [], "a reload seals it"
        [device] = house.rows("SELECT id FROM door_pass WHERE role = 'marshal'")
        lena.revokes(device["id"])
        page.wait_for_url("**/door/over")
        until(lambda: page.evaluate(HELD) == NOTHING, "an empty phone")
    assert told_by(profile, names) == set()
