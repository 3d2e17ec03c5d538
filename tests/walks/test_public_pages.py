"""Every page of a professional, looked at by axe, at both widths.

Rules: GU-15.
"""

import re

import pytest
from playwright.sync_api import Browser

from tests.walks.inspector import Inspector
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, Professional, new_page
from tests.walks.rehearsal import Rehearsed

PUBLIC = ("/", "/support", "/privacy", "/cookies", "/accessibility", "/e/launch", "/e/launch/ask", "/e/launch/asked")
COMPLAINT = "/e/launch/complaint"
FIXED = ("/e/launch/given-up", "/e/launch/withdrawn", "/exited", "/nothing", f"{COMPLAINT}/sent", COMPLAINT)


def look_along_the_journey(ada: Professional, inspector: Inspector) -> None:
    """Each question empty, wrong and right, up to the page that tells her to check her email."""
    steps = (
        ("Full name", ada.name),
        ("Work email address", ada.email),
        ("Name of your organisation", "Lantern"),
        ("Your role", "Advocate"),
    )
    ada.page.goto(f"{ada.rehearsal.base}/e/launch/ask/name")
    for label, value in steps:
        inspector.looks()
        ada.presses("Continue")
        inspector.looks()
        ada.page.get_by_label(label).fill(value)
        if label.startswith("Name of"):
            ada.page.get_by_label("Charity").check()
        ada.presses("Continue")
    ada.reads("Check your answers")
    inspector.looks()
    ada.presses("Ask for a place")
    ada.reads("Check your email")
    inspector.looks()


def test_axe_finds_no_fault_on_any_public_page(browser: Browser, rehearsal: Rehearsed) -> None:
    ada = Professional(new_page(browser, DESKTOP), rehearsal, "Ada Axe", "ada@axe.example.org")
    mail, inspector = Mailreader(rehearsal), Inspector(ada.page)

    inspector.goes_to(*(rehearsal.base + path for path in (*PUBLIC, *FIXED)))
    inspector.sends_empty()
    look_along_the_journey(ada, inspector)
    mail.opens_newest(ada.email, "Confirm your request")
    link = mail.link("confirm")
    inspector.goes_to(link, f"{link}/again")
    ada.page.goto(link)
    ada.chooses("No, I did not ask")
    ada.reads("The request has been set aside")
    inspector.looks()
    ada.confirms(link)
    inspector.looks()
    mail.opens_newest("Your+place+on+Monday", "Your place on Monday")
    ticket, manage = mail.link("ticket"), mail.link("manage")
    inspector.goes_to(ticket, manage, f"{manage}/give-up", f"{manage}/send-again", f"{manage}?sent")
    inspector.goes_to(f"{manage}/rights/sent", f"{manage}/rights")
    inspector.sends_empty()

    assert len(inspector.seen) == len(PUBLIC) + len(FIXED) + 1 + 10 + 4 + 5 + 3
    assert inspector.faults == []


PUT_THERE = """(texts) => {
    const main = document.querySelector("main");
    main.append(document.createElement("img"));
    for (const [words, style] of texts) {
        const text = document.createElement("p");
        text.textContent = words;
        Object.assign(text.style, style);  // which the page's own rules let nobody write into its HTML
        main.append(text);
    }
}"""
TEXTS = (  # 4.54 to 1, 4.48 to 1, and 3.9 to 1: the least is 4.5
    ("Dark enough", {"color": "rgb(118, 118, 118)"}),
    ("Too pale", {"color": "rgb(119, 119, 119)"}),
    ("Dark enough on white alone", {"color": "rgb(118, 118, 118)", "background": "rgb(238, 238, 238)"}),
)


def test_the_inspector_finds_a_fault_that_was_put_there(browser: Browser, rehearsal: Rehearsed) -> None:
    """The control: a picture without words, texts hard to read, one by a hair, and what is wider than a telephone."""
    inspector = Inspector(new_page(browser, DESKTOP))
    inspector.page.goto(f"{rehearsal.base}/support")
    inspector.page.evaluate(PUT_THERE, TEXTS)
    inspector.looks()
    assert [re.sub('<p style=.*?">', "", fault) for fault in inspector.faults] == [
        f"{width} px: /support: {fault}"
        for width in (320, 1280)
        for fault in (
            "color-contrast, Too pale</p>",
            "color-contrast, Dark enough on white alone</p>",
            "image-alt, <img>",
        )
    ]
    inspector.page.evaluate("document.querySelector('main').style.width = '900px'")
    with pytest.raises(AssertionError, match="scrolls sideways"):
        inspector.looks()


ROWS = """(rows) => document.querySelector("main").insertAdjacentHTML("beforeend",
    `<table><caption>Guests</caption><thead><tr><th>Name</th></tr></thead>
    <tbody>${rows.map((row) => `<tr><td>${row}</td></tr>`).join("")}</tbody></table>`)"""


def test_of_rows_that_are_alike_the_first_are_looked_at_and_each_that_differs(
    browser: Browser, rehearsal: Rehearsed
) -> None:
    """A picture without words in the last of thirty rows, an id that stands twice, and every row there afterwards."""
    inspector = Inspector(new_page(browser, DESKTOP))
    inspector.page.goto(f"{rehearsal.base}/support")
    inspector.page.evaluate(ROWS, [*(["Ada"] * 28), "<b id='twice'>Bo</b>", "<b id='twice'>Cleo</b><img src='data:,'>"])
    inspector.looks()
    assert {fault.partition(",")[0] for fault in inspector.faults} == {
        "320 px: /support: image-alt", "1280 px: /support: image-alt", "/support: twice the id twice",
    }  # fmt: skip
    assert inspector.page.locator("tbody tr").all_inner_texts() == [*(["Ada"] * 28), "Bo", "Cleo"]
