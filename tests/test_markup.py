"""Every page is HTML as checkers want it: what they once found is looked for in each page of the product."""

import re

import pytest

from events.event import Event
from events.ground import live
from events.ground.database import Database
from events.ground.tokens import Purpose
from server import ROOT
from tests import callers, callers_world
from tests.browser import browsing
from tests.markup import UNBROKEN, Markup, unbroken_in
from tests.people import Person, requested
from tests.professional import answer_questions, path_to, questions_of, with_ticket

FIXED = ("/", "/support", "/privacy", "/cookies", "/accessibility", "/exited", "/nothing")
NEEDS = ("adjustments", "adjustments/which", "diet", "diet/which", "photos", "safety")
SINNER = """<!doctype html><ul role="list"><li id="a"><li id="a"></ul><button>Go</button><input><img src="x">
<a href="tel:01632960001">01632 960001</a><p class="a" class="b"></p><div/>
<table role="table"><tr><th role="rowheader"></th></tr></table>
<form><input type="text" name="a"><input type="radio" name="a"><input type="text" name="a"></form>
<ul class="govuk-error-summary__list"><li><a href="#z">Z</a></li><li><a href="#y">Y</a></li></ul>
<p id="y"></p><p id="z"></p><pre aria-label="A"></pre><section><p>No heading</p></section>
<section><section><h2>One</h2></section></section><section aria-label="Named"></section>
<p role="status" aria-label="B"></p>
<form><input type="checkbox" autocomplete="off"><input type="hidden" name="b"><input type="hidden" name="b"></form>"""


@pytest.mark.sweep
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
@pytest.mark.parametrize("caller", ["lead", "nobody"])
async def test_no_answer_to_any_caller_has_a_fault_that_checkers_find(database: Database, caller: str) -> None:
    """Each route there is, with each method, on a filled event: a new one is among them by itself."""
    live.hub().close()  # streams end after their first line
    world = await callers_world.a_world(database)
    for start, make in callers_world.MAKERS.items():
        await make(world, "lead", start)
    pages = {}
    async for (method, path), answer in callers.each_answer(world, caller, proved_again=True):
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            pages[f"{method} {path}: {answer.status_code}"] = Markup(answer.text)
    assert {page: markup.faults for page, markup in pages.items() if markup.faults} == {}
    assert len(pages) > 30, "pages were read"
    if caller == "lead":
        assert sum(markup.tags["tr"] for markup in pages.values()) > 15, "their tables were filled"


@pytest.mark.sweep
async def test_no_public_page_has_a_fault_that_checkers_find(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    guest, _ = await with_ticket(bo, event)
    asked = await requested(ada, event)
    ticket, manage, confirm = (
        path_to(guest, Purpose.TICKET), path_to(guest, Purpose.MANAGE), path_to(asked, Purpose.CONFIRM),
    )  # fmt: skip
    own = [f"/e/{event.slug}/{page}" for page in ("ask", "asked", "given-up", "withdrawn", "ask/check")]
    steps = [f"/e/{event.slug}/ask/{step}" for step in questions_of(ada)]
    links = [ticket, manage, f"{manage}/give-up", f"{manage}/send-again"]
    links += [f"{manage}/needs/{page}" for page in NEEDS]
    links += [confirm, f"{confirm}/again", f"{confirm}/again?sent"]
    faults = {}
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        for path in (*FIXED, *own, *steps, *links):
            faults[path] = Markup((await client.get(path)).text).faults
        for path in (*steps, confirm, *(f"{manage}/needs/{page}" for page in NEEDS)):  # with its errors
            faults[f"POST {path}"] = Markup((await client.post(path, follow_redirects=True)).text).faults
    assert {path: found for path, found in faults.items() if found} == {}


def test_each_fault_is_found_where_it_was_put() -> None:
    assert sorted(Markup(SINNER).faults) == sorted(
        [
            "no doctype in capitals", "<ul> says its own role", "</ul> closes nothing", "<button> without a type",
            "<input> without a type", "a picture without words", "a telephone number that may break",
            "<p> says the same twice", "<div/> closes itself", "id a stands 2 times", "two fields are named a",
            "<table> says its own role", "<th> says its own role",
            "<ul> is not closed", "<li> is not closed", "<li> is not closed",
            "errors in another order than their fields", "<pre> has a name, and no role",
            "a section without a heading", "autocomplete where nothing is typed", "two fields are named b",
        ]
    )  # fmt: skip


def test_the_style_sheet_keeps_telephone_numbers_on_one_line() -> None:
    assert unbroken_in((ROOT / "templates" / "static" / "muster.css").read_text()) >= UNBROKEN
    assert unbroken_in(".a { color: red; } .b, .c { white-space: nowrap; }") == {"b", "c"}


def test_no_style_sheet_hides_the_label_of_a_field() -> None:
    """On a narrow screen either: a list that says "All kinds" does not say what of."""
    hides = re.compile(r"([^{}]*\blabel)\s*{[^}]*clip-path")
    assert hides.findall(".desk-top .desk-filter label { position: absolute; clip-path: inset(50%); }")
    sheets = {path.name: hides.findall(path.read_text()) for path in (ROOT / "templates" / "static").glob("**/*.css")}
    assert {name: found for name, found in sheets.items() if found} == {}


def test_templates_hold_nothing_inline() -> None:
    """The content policy forbids it; emails are written for email programs and are left out."""
    inline = re.compile(r"\sstyle=|\son\w+=\"|<script(?![^>]*\ssrc=)|<style", re.I)
    assert inline.search('<p style="color: red">')
    pages = [
        path
        for path in (ROOT / "templates").rglob("*.html")
        if "emails" not in path.parts and "vendor" not in path.parts
    ]
    assert [str(path.relative_to(ROOT)) for path in pages if inline.search(path.read_text())] == []
