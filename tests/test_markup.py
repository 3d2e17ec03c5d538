"""The public pages are HTML as checkers want it: what they once found is looked for in each page."""

from events.event import Event
from events.ground.database import Database
from events.ground.tokens import Purpose
from server import ROOT
from tests.browser import browsing
from tests.markup import UNBROKEN, Markup, unbroken_in
from tests.people import Person, requested
from tests.professional import answer_questions, approved, path_to, questions_of

FIXED = ("/", "/support", "/privacy", "/cookies", "/accessibility", "/exited", "/nothing")
SINNER = """<!doctype html><ul role="list"><li id="a"><li id="a"></ul><button>Go</button><input><img src="x">
<a href="tel:999">999</a><p class="a" class="b"></p><div/>"""


async def test_no_public_page_has_a_fault_that_checkers_find(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    guest, _ = await approved(bo, event)
    asked = await requested(ada, event)
    ticket, manage, confirm = (
        path_to(guest, Purpose.TICKET), path_to(guest, Purpose.MANAGE), path_to(asked, Purpose.CONFIRM),
    )  # fmt: skip
    own = [f"/e/{event.slug}/{page}" for page in ("ask", "asked", "given-up", "withdrawn", "ask/check")]
    steps = [f"/e/{event.slug}/ask/{step}" for step in questions_of(ada)]
    links = [ticket, manage, f"{manage}/give-up", f"{manage}/send-again", confirm, f"{confirm}/again"]
    faults = {}
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        for path in (*FIXED, *own, *steps, *links):
            faults[path] = Markup((await client.get(path)).text).faults
        for path in (*steps, confirm):  # with its errors
            faults[f"POST {path}"] = Markup((await client.post(path)).text).faults
    assert {path: found for path, found in faults.items() if found} == {}


def test_each_fault_is_found_where_it_was_put() -> None:
    assert sorted(Markup(SINNER).faults) == sorted(
        [
            "no doctype in capitals", "<ul> says its own role", "</ul> closes nothing", "<button> without a type",
            "<input> without a type", "a picture without words", "a telephone number that may break",
            "<p> says the same twice", "<div/> closes itself", "id a stands 2 times",
            "<ul> is not closed", "<li> is not closed", "<li> is not closed",
        ]
    )  # fmt: skip


def test_the_style_sheet_keeps_telephone_numbers_on_one_line() -> None:
    assert unbroken_in((ROOT / "templates" / "static" / "muster.css").read_text()) >= UNBROKEN
    assert unbroken_in(".a { color: red; } .b, .c { white-space: nowrap; }") == {"b", "c"}
