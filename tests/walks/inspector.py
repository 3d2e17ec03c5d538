"""Looks at the page that is open, by axe, at the two widths."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

from tests.walks.people import DESKTOP, NARROW, fits

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BEFORE_LANDMARKS = re.compile("govuk-back-link|exit-this-page")
EMPTIED = """form => {
    for (const one of form.elements) {
        if (one.matches("input[type=radio], input[type=checkbox]")) one.checked = false;
        else if (one.matches("input:not([type=hidden]), textarea")) one.value = "";
    }
    form.requestSubmit();
}"""


REMEMBERS_COLOURS = """{
    const colour = axe.commons.color.Color.prototype, { parseString } = colour, known = new Map();
    colour.parseString = function (text) {
        if (!known.has(text)) known.set(text, parseString.call(new axe.commons.color.Color(0, 0, 0), text));
        const { r, g, b, alpha } = known.get(text);
        return Object.assign(this, { r, g, b, alpha });
    };
}"""  # axe reads the same few colours of a page thousands of times, which is half of its work
AXE = f"{(resources.files('axe_playwright_python') / 'axe.min.js').read_text()};{REMEMBERS_COLOURS}"
STILL = """async () => {
    if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
    await document.fonts.ready;
    const ends = (moving) => moving.effect.getComputedTiming().endTime !== Infinity;
    for (let moving = []; (moving = document.getAnimations().filter(ends)).length; )
        await Promise.allSettled(moving.map((one) => one.finished));
}"""
LETS_GO = """globalThis.stuck = [...document.querySelectorAll("*")]
    .filter((one) => getComputedStyle(one).position === "sticky");
for (const one of globalThis.stuck) one.style.position = "static";"""  # what they half cover here is no small target
ALIKE = 3  # rows that differ in their words alone: the first of them are looked at, for axe takes seconds for a hundred
SETS_ASIDE = """(alike) => {
    const made = (one) => [one.tagName, one.getAttribute("class"), !one.textContent.trim(),
        ...[...one.attributes].map(({ name }) => name)].join();
    const seen = {};
    window.aside = [];
    for (const row of document.querySelectorAll("tbody > tr")) {
        const kind = [row, ...row.querySelectorAll("*")].map(made).join(";");
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (seen[kind] > alike) window.aside.push([row, document.createComment("")]);
    }
    for (const [row, place] of window.aside) row.replaceWith(place);
}"""
PUTS_BACK = "() => { for (const [row, place] of window.aside) place.replaceWith(row); }"
SAME_ID = """() => [...document.querySelectorAll("[id]")].map(({ id }) => id)
    .filter((id, n, all) => all.indexOf(id) !== n)"""
ONLY = {"resultTypes": ["violations"]}
WORLD = "axe"
SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
Rules = list[tuple[str, str]]  # each that is broken, and the element by which


@contextmanager
def axe_in(page: Page) -> Iterator[Callable[..., Rules]]:
    """Axe for the document that is open, in a world of its own: its timers run also where a phone's clocks stand still.

    It looks once the page has come to rest: a colour half changed is nobody's fault.
    """
    session = _with_axe(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    named = {"frameId": frame, "worldName": WORLD}
    world = session.send("Page.createIsolatedWorld", named)["executionContextId"]  # the one that has axe

    def evaluated(script: str) -> Any:
        how = {"contextId": world, "awaitPromise": True, "returnByValue": True}
        answer = session.send("Runtime.evaluate", {"expression": script, **how})
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def broken(**options: Any) -> Rules:
        evaluated(f"({STILL})()")
        evaluated(LETS_GO)
        found = evaluated(f"axe.run({json.dumps(options | ONLY)}).then(({{ violations }}) => violations)")
        evaluated("for (const one of globalThis.stuck) one.style.position = ''")
        return [(fault["id"], node["html"][:120]) for fault in found for node in fault["nodes"]]

    yield broken


def _with_axe(page: Page) -> CDPSession:
    """The browser keeps axe for this page: to send half a megabyte for each document takes longer than to read it."""
    if page not in SESSIONS:
        SESSIONS[page] = session = page.context.new_cdp_session(page)
        session.send("Page.enable")
        kept = {"source": f"if (self === top) {{ {AXE} }}", "worldName": WORLD, "runImmediately": True}
        session.send("Page.addScriptToEvaluateOnNewDocument", kept)
    return SESSIONS[page]


def broken_rules(page: Page) -> Rules:
    """All that axe knows."""
    with axe_in(page) as axe:
        return axe()


def promised(axe: Callable[..., Rules]) -> list[str]:
    """Before the landmarks stands only what the Design System puts there."""
    broken = axe(runOnly=TAGS)
    return [f"{rule}, {html}" for rule, html in broken if not (rule == "region" and BEFORE_LANDMARKS.search(html))]


class Inspector:
    """Remembers which pages it has seen and what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults, self.seen = page, list[str](), list[str]()

    def looks(self, state: str = "") -> None:
        """At the page as it is; `state` names it where the address does not."""
        where = f"/{self.page.url.split('/', 3)[3]}{state}"
        self.seen.append(where)
        self.faults += [f"{where}: twice the id {name}" for name in self.page.evaluate(SAME_ID)]
        for size in (DESKTOP, NARROW):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            fits(self.page)
        self.page.evaluate(SETS_ASIDE, ALIKE)
        with axe_in(self.page) as axe:
            for size in (NARROW, DESKTOP):
                self.page.set_viewport_size(size)  # type: ignore[arg-type]
                self.faults += [f"{size['width']} px: {where}: {promise}" for promise in promised(axe)]
        self.page.evaluate(PUTS_BACK)

    def goes_to(self, *addresses: str) -> None:
        for address in addresses:
            self.page.goto(address)
            self.looks()

    def sends_empty(self, form: str = "main form") -> None:
        """The page's errors: fails if there are none, for then the form was taken."""
        with self.page.expect_navigation():
            self.page.locator(form).first.evaluate(EMPTIED)
        assert self.page.locator(".govuk-error-message, .govuk-error-summary").count(), self.page.url
        self.looks(" sent empty")
