"""What a gloved thumb touches on the phone: how high each target of a panel is, and how far apart they are."""

from playwright.sync_api import Page

from tests.walks.people import NARROW, PHONE, fits

LEAST, APART = 64, 16  # pixels
MEASURED = """(panel) => {
  const boxes = [...panel.querySelectorAll("input, select, button, .button")]
    .map((target) => target.getBoundingClientRect()).filter(({ height }) => height);
  const between = (one, other) => Math.max(other.top - one.bottom, one.top - other.bottom,
    other.left - one.right, one.left - other.right);
  const pairs = boxes.flatMap((one, n) => boxes.slice(n + 1).map((other) => between(one, other)));
  return [Math.min(...boxes.map(({ height }) => height)), Math.min(...pairs)];
}"""


def fit_a_glove(page: Page, panel: str) -> None:
    """At both sizes of a phone."""
    for size in (NARROW, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        height, apart = page.locator(panel).evaluate(MEASURED)
        assert (height >= LEAST, apart >= APART) == (True, True), (panel, size, height, apart)
        fits(page)
