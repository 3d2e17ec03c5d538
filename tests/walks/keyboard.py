"""A steward who has a keyboard alone, and what can be seen and read on each screen that they come to."""

from dataclasses import dataclass, field
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from tests.walks.inspector import axe_in, promised
from tests.walks.people import NARROW, PHONE, fits

ENLARGED = {"width": 320, "height": 256}  # a window of 1280 by 1024 at 400 %
MOST = 40  # presses of Tab: no screen of the door has so many controls
TOUCH, GAP = 64, 16  # pixels, for gloves
HAND = 0.6  # what is pressed lies below this part of the screen
LISTED = "name-rows"  # names that were found are read from the top, and there may be more than a thumb reaches at once
CONTROLS = "a[href], button, input, select, [tabindex='0']"
READ = """(all) => [...document.querySelectorAll(all)]
  .filter((one) => one.checkVisibility() && !one.disabled && !one.closest("[inert]"))
  .map((one) => {
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const at = [Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1), Math.max(box.y, 0) + 6];
    const there = document.elementFromPoint(...at);
    return {
      name: (one.labels?.[0] ?? one).innerText.split("\\n")[0], id: one.id, tag: one.tagName,
      left: box.left, top: box.top, right: box.right, bottom: box.bottom,
      has: one === document.activeElement, list: one.closest("ul")?.id ?? "",
      ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3,
      seen: box.bottom > 0 && box.top < innerHeight && one.contains(there),
    };
  })"""
CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest(".aside, svg, video"))
  .filter((one) => {
    const { overflowY } = getComputedStyle(one);
    const isHidden = overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1;
    return one.clientWidth && (one.scrollWidth > one.clientWidth + 1 || isHidden);
  })
  .map((one) => one.id || one.className || one.textContent)"""
MOVING = """() => [...document.querySelectorAll("*")].map((one) => getComputedStyle(one))
  .filter((style) => style.animationName !== "none" || parseFloat(style.transitionDuration) > 0).length
  + document.getAnimations().length"""
FIRST_WORDS = """() => document.createTreeWalker(document.getElementById("verdict"), NodeFilter.SHOW_TEXT)
  .nextNode().textContent"""
PASSING = "\n".join(Path(__file__).with_name(name).read_text() for name in ("read-out.js", "passing.js"))
UNNAMED = {"none", "generic", "presentation", "alert", "RootWebArea", "heading", "StaticText"}


class Control(NamedTuple):
    """Where it is on the screen, in pixels, and whether it has the focus."""

    name: str
    id: str
    tag: str
    left: float
    top: float
    right: float
    bottom: float
    has: bool
    list: str
    ring: bool
    seen: bool


@dataclass
class Keyboard:
    """Goes from control to control, and looks at each screen once: what is wrong with it ends up in `faults`."""

    page: Page
    looked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)  # each a tap of somebody with a finger

    def controls(self) -> list[Control]:
        return [Control(**found) for found in self.page.evaluate(READ, CONTROLS)]

    def here(self) -> Control | None:
        """None where the focus has left the page, or is on a heading."""
        return next((control for control in self.controls() if control.has), None)

    def tabs(self) -> Control | None:
        """The focus can be seen wherever it comes to."""
        self.page.keyboard.press("Tab")
        here = self.here()
        assert here is None or (here.ring and here.seen), here
        return here

    def presses(self, name: str) -> None:
        """Fails if it is not among what Tab comes to."""
        for _ in range(MOST):
            here = self.here()
            if here and here.name == name:
                self.page.keyboard.press("Enter")
                self.pressed.append(name)
                return
            self.tabs()
        raise AssertionError(f"no key leads to {name}: {[control.name for control in self.controls()]}")

    def goes_to(self, field: str) -> None:
        for _ in range(MOST):
            if (here := self.here()) and here.id == field:
                return
            self.tabs()
        raise AssertionError(f"no key leads to {field}")

    def types(self, text: str) -> None:
        """Into the field that has the focus, as a hand does it: a scanner's keys come at once."""
        assert getattr(self.here(), "tag", None) == "INPUT", self.here()
        self.page.keyboard.insert_text(text)

    def sees_the_verdict(self, word: str, *more: str) -> None:
        """It has the focus, and its word comes first for whoever hears it."""
        verdict = self.page.locator("#verdict")
        expect(verdict.locator(".word")).to_have_text(word)
        for text in more:
            expect(verdict).to_contain_text(text)
        expect(verdict).to_be_focused()
        here = self.here()
        assert here is not None
        assert here.ring, here
        assert here.seen, here
        assert self.page.evaluate(FIRST_WORDS) == word

    # what is looked at on each screen

    def looks(self, screen: str) -> None:
        """Enlarged as far as it goes, and as a phone in one hand shows it."""
        self.looked.append(screen)
        found = [
            *self._going_round(), *self._read_out(), *(f"cut off: {text}" for text in self.page.evaluate(CUT_OFF)),
            *(["moves"] if self.page.evaluate(MOVING) else []),
        ]  # fmt: skip
        fits(self.page)
        with axe_in(self.page) as axe:
            found += promised(axe)
        found += self._in_other_colours()
        for size in (NARROW, PHONE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            found += touched_badly(self.controls(), size["height"]) if self._is_at_the_door() else []
        self.page.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
        self.faults += [f"{screen}: {fault}" for fault in found]

    def _in_other_colours(self) -> list[str]:
        """And with wide spacing. The focus stays where it is."""
        self.page.evaluate(PASSING)
        found: list[str] = self.page.evaluate("[...passing.withSpacing(), ...passing.remembers()]")
        self.page.emulate_media(forced_colors="active", color_scheme="dark")
        found += self.page.evaluate("passing.forced(false)")
        self.page.emulate_media(forced_colors="none", color_scheme="light")
        return found

    def _is_at_the_door(self) -> bool:
        return bool(self.page.locator("#door").is_visible() and not self.page.locator("#covered").is_visible())

    def _going_round(self) -> list[str]:
        """Tab comes to all there is, in the order in which it is seen, and out of the page again: no trap."""
        begins, came, out = self.here(), list[Control](), -1
        for _ in range(MOST):
            here = self.tabs()
            if here is None:
                if out >= 0:
                    break
                out = len(came)
            elif came and _same(here, came[0]):
                break
            else:
                came.append(here)
        order = [control.name for control in came[out:] + came[:out]] if out >= 0 else []
        seen = [control.name for control in by_sight(self.controls())]
        if begins:
            self.goes_back_to(begins)
        return [] if order == seen else [f"Tab comes to {order}, and the eye to {seen}"]

    def goes_back_to(self, control: Control) -> None:
        for _ in range(MOST):
            if (here := self.here()) and _same(here, control):
                return
            self.tabs()

    def _read_out(self) -> list[str]:
        """By the browser's own accessibility tree."""
        nodes = accessible(self.page)
        roles = [role_of(node) for node in nodes]
        unnamed = [role for role, node in zip(roles, nodes, strict=True)
                   if role not in UNNAMED and _is(node, "focusable") and not name_of(node)]  # fmt: skip
        levels = [int(property_of(node, "level")) for node in nodes if role_of(node) == "heading"]
        faults = [f"a {role} without a name" for role in unnamed]
        if [roles.count("main"), roles.count("contentinfo"), levels.count(1)] != [1, 1, 1]:
            faults.append(f"landmarks and headings: {sorted(set(roles))}, {levels}")
        if any(later > earlier + 1 for earlier, later in pairwise(levels)):
            faults.append(f"headings: {levels}")
        return faults


def _same(one: Control, other: Control) -> bool:
    return (one.id, one.name, one.tag) == (other.id, other.name, other.tag)


def by_sight(controls: list[Control]) -> list[Control]:
    """From left to right, row by row."""
    rows: list[list[Control]] = []
    for control in sorted(controls, key=lambda control: control.top):
        if rows and abs(rows[-1][0].top - control.top) < TOUCH / 2:
            rows[-1].append(control)
        else:
            rows.append([control])
    return [control for row in rows for control in sorted(row, key=lambda control: control.left)]


def touched_badly(controls: list[Control], height: float) -> list[str]:
    """What a glove misses, and what a thumb does not reach. The verdict itself may be tapped, and needs not be."""
    pressed = [control for control in controls if control.id != "verdict"]
    low = [control.name for control in pressed
           if min(control.bottom - control.top, control.right - control.left) < TOUCH]  # fmt: skip
    near = [f"{left.name} and {right.name}" for left, right in combinations(pressed, 2)
            if between(left, right) < GAP - 0.5]  # fmt: skip
    high = [control.name for control in pressed if control.top < HAND * height and control.list != LISTED]
    return [
        *(f"too small: {name}" for name in low),
        *(f"too near: {names}" for names in near),
        *(f"too high: {name}" for name in high),
    ]


def between(one: Control, other: Control) -> float:
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    return max(across, down)


def accessible(page: Page, *, everything: bool = False) -> list[dict[str, Any]]:
    """All that a screen reader is told of, in its order; or with what only holds the rest together."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [node for node in nodes if everything or not node["ignored"]]


def role_of(node: dict[str, Any]) -> str:
    return str(node["role"]["value"])


def name_of(node: dict[str, Any]) -> str:
    return str(node.get("name", {}).get("value", ""))


def property_of(node: dict[str, Any], name: str) -> Any:
    return next((fact["value"].get("value") for fact in node.get("properties", []) if fact["name"] == name), None)


def _is(node: dict[str, Any], name: str) -> bool:
    return bool(property_of(node, name))
