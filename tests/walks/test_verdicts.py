"""Every verdict on a phone's screen: all of it there, big enough for an arm's length, and told apart without colour."""

import io
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.walks.house import House
from tests.walks.inspector import Rules, axe_in, promised
from tests.walks.keyboard import ENLARGED, accessible, name_of, property_of, role_of
from tests.walks.people import PHONE, Organiser, fits
from tests.walks.phone import a_phone
from tests.walks.verdicts import LONGEST, SCENES, Scene, draw

SMALL = {"width": 320, "height": 568}
SIZES = """() => {
  const px = (one) => parseFloat(getComputedStyle(one).fontSize);
  const band = document.getElementById("verdict");
  const [word, name] = [".word", ".name"].map((one) => band.querySelector(one));
  const end = band.getBoundingClientRect().bottom;
  return {
    hidden: band.scrollHeight - band.clientHeight,
    word: px(word), word_ends: word.getBoundingClientRect().bottom <= end,
    name: name ? px(name) : 99, name_ends: !name || name.getBoundingClientRect().bottom <= end,
    low: Math.min(...[...document.querySelectorAll("button, .button")]
      .map((one) => one.getBoundingClientRect()).filter(({ height }) => height).map(({ height }) => height)),
  };
}"""
ENDS = """() => ["word", "name"].map((one) => document.querySelector(`#verdict .${one}`)).filter(Boolean)
  .map((one) => one.getBoundingClientRect().bottom)"""
TOO_ALIKE = 0.8
SIGNS = {
    "circle": {"green"}, "triangle": {"amber"}, "octagon": {"red"}, "square": {"blue"}, "back": {"blue"},
}  # fmt: skip
READABLE = {"word": 56, "word_ends": True, "name": pytest.approx(30, abs=2), "name_ends": True, "low": 64}


@pytest.fixture(scope="module")
def page(browser: Browser, lena: Organiser, built: House) -> Iterator[Page]:
    built.is_there()
    with a_phone(browser, built.rehearsed) as opens, opens() as sid:
        sid.pairs(lena.gives_a_code())
        sid.starts()
        yield sid.page


@pytest.fixture(scope="module")
def axe(page: Page) -> Iterator[Callable[..., Rules]]:
    with axe_in(page) as looks:
        yield looks


def sizes(page: Page, scene: Scene, size: dict[str, int]) -> dict[str, Any]:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    described = draw(page, scene)
    fits(page)
    found: dict[str, Any] = page.evaluate(SIZES)
    return found if described["name"] else found | {"name": 30}


def test_all_of_a_verdict_is_on_the_screen_and_can_be_read_at_arms_length(page: Page) -> None:
    """Of the longest names some is out of sight at first; so is some of anything on a small phone."""
    for scene in [*SCENES, *LONGEST]:
        found = sizes(page, scene, PHONE)
        assert found == {**READABLE, "hidden": 0 if scene in SCENES else found["hidden"]}, scene.name
    for scene in SCENES:
        found = sizes(page, scene, SMALL)
        assert found == {**READABLE, "hidden": found["hidden"]}, scene.name


def test_axe_finds_no_fault_on_any_sign(page: Page, axe: Callable[..., Rules]) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    looked_at = set[tuple[str, str, bool]]()
    for scene in SCENES:
        described = draw(page, scene)
        alike_to_axe = (described["sign"], described["shape"], bool(described["frame"]))
        if alike_to_axe not in looked_at:
            assert promised(axe) == [], scene.name
        looked_at.add(alike_to_axe)
    assert len(looked_at) >= len(SIGNS)


def test_dr42_word_and_name_are_in_sight_enlarged_to_400_percent(page: Page) -> None:
    """With no look at more of the page, wherever it was scrolled to; of the longest names at least the word."""
    page.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    for scene in [*SCENES, *LONGEST]:
        page.evaluate("scrollTo(0, 999)")
        draw(page, scene)
        fits(page)
        ends = page.evaluate(ENDS)
        seen = ends if scene in SCENES else ends[:1]
        assert [end for end in seen if not 0 < end <= ENLARGED["height"]] == [], (scene.name, ends)


def test_dr42_a_screen_reader_is_told_the_word_first_then_the_name(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for scene in SCENES:
        described = draw(page, scene)
        [alert] = [node for node in accessible(page) if role_of(node) == "alert"]
        assert [property_of(alert, name) for name in ("live", "atomic", "focusable", "focused")] == [
            "assertive", True, True, True,
        ] or described["word"] == "FOUND", scene.name  # fmt: skip
        told = spoken(page, alert)
        after = [words for words in (described["mark"], described["first"], described["name"]) if words]
        assert told[: 1 + len(after)] == [described["word"], *after], (scene.name, told)


def test_dr42_the_signs_are_told_apart_in_grey_by_shape_and_by_word(page: Page) -> None:
    """Each shape has one colour only, and looks like no other without it; no word stands under two of them."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    signs, words = dict[str, set[str]](), dict[str, set[str]]()
    seen: dict[str, Image.Image] = {}
    for scene in SCENES:
        described = draw(page, scene)
        if described["shape"] and not described["frame"]:
            signs.setdefault(described["shape"], set()).add(described["sign"])
            words.setdefault(described["word"], set()).add(described["sign"])
            seen[described["shape"]] = outline(page)
    assert signs == SIGNS
    assert [word for word, colours in words.items() if len(colours) > 1] == []
    same = {pair: alike(*(seen[shape] for shape in pair)) for pair in combinations(seen, 2)}
    assert {pair: share for pair, share in same.items() if share > TOO_ALIKE} == {}
    for colour in ("red", "blue"):  # the control: amber's shape in another colour is seen to be the same
        draw(page, next(scene for scene in SCENES if scene.answer["verdict"] == "already_in"))
        page.evaluate("(colour) => (document.getElementById('verdict').className = `verdict ${colour}`)", colour)
        assert alike(outline(page), seen["triangle"]) > TOO_ALIKE, colour


def outline(page: Page) -> Image.Image:
    """A sign in grey: what is not as its ground, whichever of both is the lighter."""
    grey = Image.open(io.BytesIO(page.locator("#verdict .shape").screenshot())).convert("L").resize((64, 64))
    ground = int(grey.getpixel((0, 0)))  # type: ignore[arg-type]
    return grey.point(lambda level: 255 * (abs(level - ground) > 60))


def alike(one: Image.Image, other: Image.Image) -> float:
    """The share of both signs' own area in which they are the same."""
    both = ImageChops.multiply(one, other).histogram()[255]
    either = ImageChops.lighter(one, other).histogram()[255]
    return both / either


def spoken(page: Page, alert: dict[str, Any]) -> list[str]:
    """The pieces of text in it, in the order in which they are read."""
    nodes = {node["nodeId"]: node for node in accessible(page, everything=True)}

    def texts(node: dict[str, Any]) -> list[str]:
        if role_of(node) == "StaticText":
            return [name_of(node)]
        return [text for child in node.get("childIds", []) if child in nodes for text in texts(nodes[child])]

    return texts(nodes[alert["nodeId"]])
