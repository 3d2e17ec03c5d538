"""Every page that there is passes at 400 %, read out, with forced colours, without motion and on paper.

Rules: GU-15.
"""

import asyncio
import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from events.ground.database import Database
from events.web.accessibility import TOOLS
from server import MODELS
from tests.callers import called
from tests.every_page import AN_EMAIL, NO_PAGE, NOT_OFFERED, Shown, every_page
from tests.walks.inspector import AXE
from tests.walks.passing import Passing, served

pytestmark = pytest.mark.sweep

ALIKE_HERE = {  # links that are told apart by what people entered: here several have one name
    "leads to 2 places: A Conference for professionals",
    "leads to 2 places: A Complain about data protection, Conference for professiona",
}
NAMED_BY_PEOPLE = ("A Revoke Main door", "A Wardens of Westmoor", "A A subject")
ONE_TITLE = {  # of several pages that are one thing: of a list, of two readers; and the door's tell nobody what it is
    "Conference for professionals",  # the public page, and the desk's look at one that is not public yet
    "Door", "Check your email", "Workshops, 10:00 to 11:00", "Saved filters", "Take out of the programme",
    "For photographers", "Set up your authenticator app",
}  # fmt: skip
FINE = """<!doctype html><html lang=en><head><title>A page</title><style>
    body { background: #fff; color: #000 } *:focus { outline: 3px solid }</style></head><body><header>Head</header>
    <main><h1>A page</h1>HERE</main><footer>Foot</footer></body></html>"""
TABLE = "<table><caption>Guests</caption><tr><th scope=col>Name</th></tr><tr><td>Ada</td></tr></table>"
WIDE_TABLE = TABLE.replace("<td>", "<td><p style='width: 900px'>")
FIELD = "<label for=name>Name</label><input type=text id=name aria-describedby=why style='border: 2px solid'>"
FAULTS = [  # what is found, and where
    ("scrolls sideways", "<p style='width: 900px'>Wide</p>"),
    ("with wide spacing scrolls sideways", "<p style='white-space: nowrap'>As wide as a telephone is, and no more</p>"),
    ("not a table, and scrolls", "<section tabindex=0 aria-label=Wide style='overflow-x: auto'>"
                                 "<p style='width: 900px'>Wide</p></section>"),
    ("scrolls without a name", f"<div style='overflow-x: auto'>{WIDE_TABLE}</div>"),
    ("cut off", "<p style='width: 40px; overflow: hidden; white-space: nowrap'>No longer to be read</p>"),
    ("does not grow", "<p style='font-size: 16px'>As small as before</p>"),
    ("is hidden", "<p style='position: fixed; inset: 0; background: #fff'>All over</p><a href=/a>One</a>"),
    ("shows no focus", "<a href=/a style='outline: none'>One</a>"),
    ("goes before its turn", "<a href=/a>One</a><a href=/b tabindex=1>Two</a>"),
    ("stands above", "<div style='display: flex; flex-direction: column-reverse'><p><a href=/a>One</a></p>"
                     "<p><a href=/b>Two</a></p></div>"),
    ("rows, of which", TABLE.replace("<tr>", "<tr role=none>")),
    ("not one h1", "<h1>Another</h1>"),
    ("a gap in the headings", "<h3>Too low</h3>"),
    ("an empty heading", "<h2></h2>"),
    ("not one main", "</main><main>Another"),
    ("two navigations", "<nav aria-label=Desk><a href=/a>A</a></nav><nav aria-label=Desk><a href=/b>B</a></nav>"),
    ("and there are errors", "<div class=govuk-error-summary><h2>There is a problem</h2></div>"),
    ("an error leads to no field", "<div class=govuk-error-summary><h2>Wrong</h2><a href=#none>Enter it</a></div>"),
    ("does not say the error", f"<div class=govuk-error-summary><h2>Wrong</h2><a href=#name>Enter it</a></div>{FIELD}"),
    ("leads to 2 places", "<a href=/a>Change</a> <a href=/b>Change</a>"),
    ("a table without a name", TABLE.replace("<caption>Guests</caption>", "")),
    ("a table without headers", TABLE.replace("th", "td")),
    ("a header of no row", TABLE.replace(" scope=col", "")),
    ("a picture without words", "<svg width=20 height=20><rect width=9 height=9 fill=currentcolor /></svg>"),
    ("moves", "<p style='transition: color 1s'>Slowly</p>"),
    ("an animation runs", "<style>@keyframes turn { to { rotate: 1turn } }</style>"
                          "<p style='animation: turn 9s infinite'>Round</p>"),
    ("a control without an edge", "<button type=button style='border: 0'>Go</button>"),
    ("which is chosen", "<button type=button aria-pressed=true>On</button>"),
    ("told by its background", "<div style='width: 90px; height: 9px; background: #060'></div>"),
    ("a picture that is lost", "<svg role=img aria-label=A width=20 height=20><path d='M0 0h9v9z' fill=#111 /></svg>"),
    ("with forced colours shows no focus", "<style>a:focus { outline: 0; background: #fd0 }</style><a href=/a>One</a>"),
    ("printed too pale", "<p style='background: #000; color: #fff'>White on black</p>"),
    ("axe: label", "<input type=text style='border: 2px solid'>"),
    ("axe: target-size", "<button type=button style='border: 1px solid; width: 9px; height: 9px; padding: 0'"
                         " aria-label=A></button>" * 2),
    ("axe: color-contrast", "<p style='color: #888'>Too pale</p>"),
]  # fmt: skip


def shown(file: Path) -> list[Shown]:
    """In a thread of its own, where no browser's loop runs."""

    async def read() -> list[Shown]:
        database = Database(f"sqlite://{file}", MODELS)
        async with database.opened():
            return await every_page(database)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, read()).result()


def looked_at(browser: Browser, pages: list[Shown]) -> dict[str, list[str]]:
    """Each fault, and the pages that have it. Axe, most of the work, sees the fullest page of each path."""
    fullest = {page.path: page for page in sorted(pages, key=lambda page: len(page.html))}
    window, found = Passing(browser), defaultdict[str, list[str]](list)
    with served([page.html for page in pages]) as base:
        for number, page in enumerate(pages):
            for fault in window.looks(f"{base}{number}", axe=page is fullest[page.path]):
                found[fault].append(page.name)
    return dict(found)


def shared_titles(pages: list[Shown]) -> set[str]:
    """Those by which nobody tells one page from another."""
    paths = defaultdict[str, set[str]](set)
    for page in pages:
        is_a_route = page.path.startswith("/") and not page.path.endswith(AN_EMAIL)  # and no other state of one
        if (page.method, page.status) == ("GET", 200) and is_a_route:
            paths[page.html.partition("<title>")[2].partition("</title>")[0].strip()].add(page.path)
    return {title for title, of in paths.items() if len(of) > 1}


def is_alike_here(fault: str) -> bool:
    return fault in ALIKE_HERE or (fault.startswith("leads to") and any(name in fault for name in NAMED_BY_PEOPLE))


def test_every_page_passes(browser: Browser, sqlite_template: Path, tmp_path: Path) -> None:
    pages = shown(Path(shutil.copyfile(sqlite_template, tmp_path / "muster.db")))
    opened = {page.path for page in pages if page.method == "GET" and page.status == 200}
    assert {path for method, path in called() if method == "GET"} - opened == NO_PAGE, "a page of which none was seen"
    found = looked_at(
        browser, [page for page in pages if not page.path.endswith(AN_EMAIL) and page.path not in NOT_OFFERED]
    )
    assert shared_titles(pages) == ONE_TITLE
    assert {fault: where for fault, where in found.items() if not is_alike_here(fault)} == {}


def test_each_fault_is_found_where_it_was_put(browser: Browser) -> None:
    """The control: a page without a fault, and one for each. The statement names the axe that looked."""
    assert f"axe v{TOOLS['axe']}\n" in AXE[:40]
    pages = [Shown("", "GET", what, 200, FINE.replace("HERE", html)) for what, html in [("", ""), *FAULTS]]
    found = looked_at(browser, pages)
    told = {page.path: [fault for fault, where in found.items() if page.name in where] for page in pages}
    assert told.pop("") == []
    assert {what: faults for what, faults in told.items() if not any(what in fault for fault in faults)} == {}
