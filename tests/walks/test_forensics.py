"""What a thief finds on a stolen phone: every file of its browser is searched for the people on its list (DR-21)."""

import re
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from registrations.codes import ticket_code
from tests.walks.browsers import browser_with, kill
from tests.walks.mailreader import Mailreader
from tests.walks.people import PHONE, Organiser, Professional, new_page
from tests.walks.phone import Phone, a_phone, code_in
from tests.walks.rehearsal import Rehearsed

pytestmark = pytest.mark.promise

NAME, ADDRESS = "Zebedee Canaryson", "zebedee@canary.example.org"  # and his organisation is the House of him
OTHER, OTHER_ADDRESS = "Quintilla Finchworthy", "quintilla@finch.example.org"


def ticket_of(browser: Browser, rehearsal: Rehearsed, omar: Organiser, name: str, address: str) -> tuple[str, str]:
    """The code and the reference of someone who asked, confirmed and was approved."""
    professional = Professional(new_page(browser, PHONE), rehearsal, name, address)
    mail = Mailreader(rehearsal)
    professional.has_asked()
    mail.opens_newest(address, "Confirm your request")
    professional.has_confirmed(mail.link("confirm"))
    omar.has_approved(address)
    mail.opens_newest(address, "Your place on")
    reference = re.search(r"\b[2-9A-Z]{3}-[2-9A-Z]{3}\b", mail.text)
    assert reference is not None
    return code_in(mail.picture()), reference[0]


def contents(profile: Path) -> bytes:
    """Every byte of the browser's files, and what is packed in them as far as it can be unpacked."""
    found = bytearray()
    for path in profile.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(OSError):
                raw = path.read_bytes()
                found += raw + b"\n" + unpacked(raw)
    return bytes(found)


def unpacked(raw: bytes) -> bytes:
    parts = bytearray()
    for start in (match.start() for match in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x9c\xda]", raw)):
        with suppress(zlib.error):
            parts += zlib.decompressobj(47).decompress(raw[start:], 1_000_000)
    return bytes(parts)


def in_any_writing(words: str) -> list[bytes]:
    """As a browser's files may hold a text."""
    return [words.encode(), words.encode("utf-16-le"), words.upper().encode(), words.lower().encode()]


def told_by(profile: Path, canaries: dict[str, str]) -> set[str]:
    everything = contents(profile)
    return {name for name, words in canaries.items() if any(word in everything for word in in_any_writing(words))}


def test_dr21_a_stolen_phone_tells_nobodys_name_address_code_or_reference(
    playwright: Playwright, browser: Browser, rehearsal: Rehearsed, omar: Organiser, profile: Path
) -> None:
    code, reference = ticket_of(browser, rehearsal, omar, NAME, ADDRESS)
    other_code, other_reference = ticket_of(browser, rehearsal, omar, OTHER, OTHER_ADDRESS)
    omar.moves_the_clock_to("2019-04-15T09:05")
    canaries = {
        "a name": NAME,
        "a surname": NAME.split()[1],
        "an address": ADDRESS,
        "an organisation": f"House of {NAME}",
        "a code": code[2:28],
        "a reference": reference,
        "another's surname": OTHER.split()[1],
        "another's address": OTHER_ADDRESS,
        "another's code": other_code[2:28],
        "another's reference": other_reference,
    }
    secret = ticket_code.parse(code).secret
    with browser_with(playwright, profile) as context:  # closed once in good order, so that its cookie is written down
        phone = Phone(context.pages[0], rehearsal)
        phone.pairs(omar.gives_a_code())
        phone.holds_its_page()
    with browser_with(playwright, profile) as context:
        phone = Phone(context.pages[0], rehearsal)
        phone.stops_its_clocks()
        phone.page.goto(f"{rehearsal.base}/door/")
        phone.starts()
        phone.loses_the_network()
        phone.scans(code)
        phone.sees("COME IN", NAME)
        phone.is_ready_again()
        [row] = phone.kept("pending")
        kill(profile)
    controls = {"the proof of the one scanned": row["proof"], "the event's title": "Conference for professionals"}
    assert told_by(profile, canaries | controls) == set(controls)
    everything = contents(profile)
    assert b"MSR2" in everything, "the list itself has to be there, or nothing was searched"
    assert secret is not None
    assert secret not in everything


def test_dr21_with_one_ticket_in_hand_that_one_person_is_opened_and_nobody_else(
    browser: Browser, rehearsal: Rehearsed, omar: Organiser
) -> None:
    """A name is in the page while it is on the screen, and no longer."""
    name, address = "Ottoline Wrenfield", "ottoline@wren.example.org"
    omar.moves_the_clock_to("2019-04-15T09:05")
    code, _ = ticket_of(browser, rehearsal, omar, name, address)
    with a_phone(browser, rehearsal) as opens, opens() as phone:
        phone.pairs(omar.gives_a_code())
        phone.starts()
        phone.loses_the_network()
        phone.scans(code)
        phone.sees(name)
        phone.is_ready_again()
        assert name not in phone.page.content()
        assert NAME not in phone.page.content()
