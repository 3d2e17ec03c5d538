"""Every verdict on a phone's screen: all of it there, big enough for an arm's length, and told apart without colour."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.walks.house import House
from tests.walks.inspector import Rules, axe_in, promised
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


@pytest.mark.parametrize("scene", SCENES, ids=lambda one: one.name)
def test_all_of_a_verdict_is_on_the_screen_and_can_be_read_at_arms_length(
    page: Page, axe: Callable[..., Rules], scene: Scene
) -> None:
    assert sizes(page, scene, PHONE) == {**READABLE, "hidden": 0}
    assert promised(axe) == []
    on_a_small_phone = sizes(page, scene, SMALL)
    assert on_a_small_phone == {**READABLE, "hidden": on_a_small_phone["hidden"]}


@pytest.mark.parametrize("scene", LONGEST, ids=lambda one: one.name)
def test_the_longest_name_is_there_to_be_compared(page: Page, scene: Scene) -> None:
    found = sizes(page, scene, PHONE)
    assert found == {**READABLE, "hidden": found["hidden"]}


def test_the_signs_differ_in_grey(page: Page) -> None:
    """Each shape has one colour only, and each looks like no other without it."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    signs: dict[str, set[str]] = {}
    seen: dict[str, bytes] = {}
    for scene in SCENES:
        described = draw(page, scene)
        if described["shape"] and not described["frame"]:
            signs.setdefault(described["shape"], set()).add(described["sign"])
            shot = Image.open(io.BytesIO(page.locator("#verdict .shape").screenshot()))
            seen[described["shape"]] = shot.convert("L").point(lambda one: 255 * (one > 127)).tobytes()
    assert signs == {
        "circle": {"green"}, "triangle": {"amber"}, "octagon": {"red"}, "square": {"blue"}, "back": {"blue"},
    }  # fmt: skip
    assert len(set(seen.values())) == len(seen)
