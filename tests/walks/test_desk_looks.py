"""The desk when it is full, and the rehearsal's own pages, looked at by axe at both widths; and what it finds.

Each other page is looked at in test_every_page.
"""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, another, follows, new_page, until
from tests.walks.rehearsal import Rehearsed

NAVIGATION = (
    "overview", "requests", "people", "board", "doors", "emails", "organisations", "data-protection", "staff", "audit",
    "reads", "waiting", "programme", "badges", "badge-desk", "people/arrivals", "emails/to-many", "doors/paper",
    "after", "after/deletion",
)  # fmt: skip
FULL = ("people?state=approved", "event", "data-protection/processors", "data-protection/deletion", "staff/invite")


def test_axe_finds_no_fault_where_the_desk_is_full(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    """With two hundred people, at both widths: each other page is in test_every_page, with little on it."""
    inspector, root = Inspector(another(browser, desk, DESKTOP)), f"{rehearsal.base}/desk/launch/"
    [decidable] = rehearsal.rows("SELECT id FROM registration WHERE state = 'confirmed' LIMIT 1")
    [approved] = rehearsal.rows("SELECT id FROM registration WHERE state = 'approved' LIMIT 1")
    inspector.goes_to(*(f"{root}{path}" for path in (*NAVIGATION, *FULL, f"people/{decidable['id']}")))
    inspector.sends_empty("main form[action$=decide]")
    inspector.goes_to(*(f"{root}people/{approved['id']}{act}" for act in ("", "/withdraw", "/cancel")))
    inspector.page.goto(f"{root}requests")
    inspector.sends_empty("#queue")
    assert inspector.faults == []


def test_axe_finds_no_fault_on_the_rehearsals_own_pages(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = new_page(browser, DESKTOP)
    inspector = Inspector(page)
    inspector.goes_to(*(f"{rehearsal.mailbox}{asked}" for asked in ("", "?find=nobody+has+this")))
    inspector.goes_to(f"{rehearsal.base}/rehearsal/roles", rehearsal.desk, rehearsal.door)

    def found() -> bool:
        page.goto(f"{rehearsal.mailbox}?find=Your+place+on")
        return page.locator("tbody tr a").count() > 0

    until(found, "a mail with a ticket")
    follows(page, page.locator("tbody tr a").first)
    inspector.looks()
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
