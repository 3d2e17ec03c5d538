"""The colour of an event: people can read what stands on it and see where it ends, or one near it is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.ground.database import Database
from events.web import colour
from events.web.colour import INK, PAGE, USUAL, WHITE, accent, accent_named, contrast, mixed, nearest, normal
from server import ROOT
from tests.browser import browsing

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def test_contrast_is_as_wcag_counts_it() -> None:
    """Published values: black on white, and the greys between which 4.5 to 1 lies."""
    pairs = [("#000000", WHITE), ("#777777", WHITE), ("#767676", WHITE), (WHITE, WHITE)]
    assert [round(contrast(*pair), 2) for pair in pairs] == [21.0, 4.48, 4.54, 1.0]


def test_text_is_white_or_nearly_black_and_between_them_neither() -> None:
    found = [accent(grey) for grey in ("#4b2e63", "#767676", "#777777", "#7a7a7a", "#848484", "#9a9a9a", "#ffffff")]
    assert [made.text if made else None for made in found] == [WHITE, WHITE, None, INK, INK, None, None]


@settings(deadline=None)
@given(COLOURS)
def test_whatever_is_taken_can_be_read_and_seen_and_whatever_is_not_has_one_near_it(typed: str) -> None:
    found = accent(typed) or accent(nearest(typed))
    assert found is not None
    assert min(contrast(found.text, found.colour), contrast(found.text, found.shade)) >= 4.5
    assert contrast(found.colour, PAGE) >= 3
    assert accent_named(found.name) == found


@settings(deadline=None)
@given(COLOURS)
def test_no_nearer_one_passes(typed: str) -> None:
    if accent(typed):
        return
    taken = nearest(typed)
    steps = {mixed(typed, towards, step / 255): step for towards in (INK, WHITE) for step in range(255, 0, -1)}
    assert [step for shade, step in steps.items() if accent(shade) and step < steps[taken]] == []


@pytest.mark.parametrize(
    ("typed", "means"),
    [("#0B7A75", "#0b7a75"), ("0b7a75", "#0b7a75"), (" #abc ", "#aabbcc"), ("", None), ("red", None), ("#0b7a7", None),
     ("#0b7a75;}", None), ("rgb(1,2,3)", None), ("#\u0660\u0661\u0662", None)],
)  # fmt: skip
def test_a_colour_is_three_or_six_hexadecimal_digits(typed: str, means: str | None) -> None:
    assert normal(typed) == means


def test_the_page_is_as_its_style_says() -> None:
    css = (ROOT / "templates" / "static" / "muster.css").read_text()
    assert [f"--{name}: {value};" in css for name, value in (("pale", PAGE), ("ink", INK), ("accent", USUAL))] == [
        True
    ] * 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no row is read
async def test_its_style_sheet_is_kept_for_good_and_no_other_is_made(database: Database) -> None:
    taken = accent("#0b7a75")
    assert taken is not None
    wrong = ["0b7a75", "0b7a75-000000000000", f"#{taken.name}", f"{taken.name}x", "777777-" + taken.name[7:], "x;}"]
    async with browsing(database) as client:
        sheet = await client.get(f"/colour/{taken.name}.css")
        found = [(await client.get(f"/colour/{name}.css")).status_code for name in wrong]
    assert sheet.text == ":root { --accent: #0b7a75; --accent-dark: #0b5e5b; --on-accent: #ffffff; }\n"
    kept = ("content-type", "cache-control", "x-content-type-options")
    assert [sheet.headers[name] for name in kept] == [
        "text/css; charset=utf-8", "public, max-age=31536000, immutable", "nosniff"
    ]  # fmt: skip
    assert (found, colour.accent_named("")) == ([404] * len(wrong), None)
