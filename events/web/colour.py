"""The colour of an event on its public pages: what text stands on it, and whether people can read and see it.

By WCAG 2.2: text has a contrast of 4.5 to 1 with what is behind it, edges of buttons and of the band have 3 to 1 with
the page. Text is white or nearly black, whichever can be read; a colour on which neither can, or that the page
swallows, is refused with the nearest that passes.
"""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

WHITE, INK, PAGE, USUAL = "#ffffff", "#0b0c0c", "#f5f3f7", "#4b2e63"  # as in muster.css
TEXT_NEEDS, EDGE_NEEDS = 4.5, 3.0
TYPED = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.I | re.ASCII)
SHADE, STEPS = 0.25, 255
LINEAR_BELOW = 0.04045  # of sRGB
Channels = tuple[int, int, int]


class Accent(NamedTuple):
    """`shade`: of buttons that somebody points at, on which the same text can be read."""

    colour: str
    text: str
    shade: str

    @property
    def style(self) -> str:
        """A style sheet of one rule, which stands after our own: our pages allow no style within them."""
        return f":root {{ --accent: {self.colour}; --accent-dark: {self.shade}; --on-accent: {self.text}; }}\n"

    @property
    def name(self) -> str:
        """Of its style sheet: with another content it has another name, so that browsers keep it for good."""
        return f"{self.colour[1:]}-{hashlib.sha256(self.style.encode()).hexdigest()[:12]}"


def normal(typed: str) -> str | None:
    """#0b7a75, of what somebody typed; None where it is no colour."""
    found = TYPED.fullmatch(typed.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


@lru_cache(maxsize=256)
def accent(colour: str) -> Accent | None:
    """None for a colour that some could not read or see."""
    if contrast(colour, PAGE) < EDGE_NEEDS:
        return None
    if contrast(colour, WHITE) >= TEXT_NEEDS:
        return Accent(colour, WHITE, mixed(colour, INK, SHADE))
    if contrast(colour, INK) >= TEXT_NEEDS:
        return Accent(colour, INK, mixed(colour, WHITE, SHADE))
    return None


def accent_named(name: str) -> Accent | None:
    """The one whose style sheet has this name."""
    colour = normal(name.partition("-")[0])
    found = accent(colour) if colour else None
    return found if found and found.name == name else None


def nearest(colour: str) -> str:
    """The least darker or lighter one that passes; the darker of two."""
    for step in range(1, STEPS + 1):
        for towards in (INK, WHITE):
            if accent(mixed_in := mixed(colour, towards, step / STEPS)):
                return mixed_in
    return INK


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, towards: str, share: float) -> str:
    pairs = zip(channels(colour), channels(towards), strict=True)
    return "#" + "".join(f"{round(here + (there - here) * share):02x}" for here, there in pairs)


def channels(colour: str) -> Channels:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= LINEAR_BELOW else float(((channel + 0.055) / 1.055) ** 2.4)
