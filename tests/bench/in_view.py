"""From a code in view to the verdict on the screen: a film of guests before a real browser's camera.

In view: the camera's own time of the first picture that has the code, which a white corner tells. Read: the page has
the decoder's answer. On the screen: the second animation frame after the change, so up to a frame late.

Part of that is the browser's own: until its camera has handed the picture over, nothing of the page can read it.

DevTools' own slowing reaches the page's one thread, never the worker that decodes. So there is a second kind: all of
the renderer stands still for five sixths of the time. How slow either really was, a sum in the page tells.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Playwright

from registrations.codes import qr
from tests.bench.lines import Line, milliseconds
from tests.bench.phones import FOUR, SIX, House, Phone
from tests.walks.camera import film

GUESTS = 22  # of whom the first warms everything up and is not counted
HELD, GONE = 48, 13  # frames, thirty a second: together 1 more than 60, so that guests come at each beat of the loop
DECIDED = "verdict green"  # its sign was hollow before


class Way(NamedTuple):
    """How fast the phone is, and how near the server."""

    words: str
    page: float = 1.0  # times slower, its page alone
    whole: float = 1.0  # its page, camera loop and decoder
    line: str = "4G"  # "near", "4G" or "none"


WAYS = (
    Way("server near by", line="near"),
    Way("4G"),
    Way("no network", line="none"),
    Way("page 4x slower, 4G", page=FOUR),
    Way("page 4x slower, no network", page=FOUR, line="none"),
    Way("page 6x slower, 4G", page=SIX),
    Way("page 6x slower, no network", page=SIX, line="none"),
    Way("page and decoder 6x slower, 4G", whole=SIX),
    Way("page and decoder 6x slower, no network", whole=SIX, line="none"),
)


class Guest(NamedTuple):
    """Milliseconds since the code came into view."""

    handed: float  # the browser's camera has told the page of the picture
    read: float
    named: float  # what the list says of them, still hollow while the server is asked
    decided: float  # by the server, or by the phone alone


def measure(playwright: Playwright, house: House, codes: Sequence[str], folder: Path) -> Iterator[Line]:
    """For each way a film of other guests."""
    yield Line.heading("Code in view, as painted (p50 / p95)")
    for number, way in enumerate(WAYS):
        first = number * GUESTS
        reel = _film(folder / "guests.mjpeg", codes[first : first + GUESTS])
        names = [f"Guest {n}" for n in range(first, first + GUESTS)]
        with house.phone(playwright, reel) as phone:
            slower, guests = watch(phone, way, names)
        yield from _lines(way, slower, guests)


def _film(path: Path, codes: Sequence[str]) -> Path:
    shots = [shot for code in codes for shot in (None, qr.png(code))]
    return film(path, shots, frames=[GONE, HELD] * len(codes), marked=True)


def watch(phone: Phone, way: Way, names: Sequence[str]) -> tuple[float, list[Guest]]:
    """How many times slower its page's own sums were, and what became of each guest but the first."""
    usual = phone.work()
    phone.opens()
    phone.keeps_its_shell()
    if way.line == "4G":
        phone.is_far()
    phone.starts()
    phone.page.context.set_offline(way.line == "none")
    phone.slows_its_page(way.page)
    with phone.slowed_whole(way.whole) if way.whole > 1 else nullcontext():
        slower = phone.work() / usual
        time.sleep(len(names) * (HELD + GONE) / 30)
    phone.slows_its_page(1)
    time.sleep(1)
    return slower, _guests(phone.page.evaluate("seenByBench"), names, alone=way.line == "none")


def _guests(seen: dict[str, Any], names: Sequence[str], *, alone: bool) -> list[Guest]:
    """The first is not among them, nor one whose code was not seen to come while it was held there."""
    told = {light["at"]: light["told"] for light in seen["lit"]}
    sign = f"{DECIDED} striped" if alone else DECIDED
    found = []
    for name in names[1:]:
        painted = [picture for picture in seen["painted"] if picture["name"] == name]
        named = next((picture["at"] for picture in painted), None)
        decided = next((picture["at"] for picture in painted if picture["sign"] == sign), None)
        if named is None or decided is None:
            continue
        begins = max((at for at in told if at < named), default=0.0)
        read = next((at for at in seen["read"] if begins < at < named), None)
        if read and named - begins < HELD / 30 * 1000:
            found.append(Guest(told[begins] - begins, read - begins, named - begins, decided - begins))
    return found


def _lines(way: Way, slower: float, guests: Sequence[Guest]) -> Iterator[Line]:
    alone = way.line == "none"
    speed = f", its sums {slower:.1f}x" if slower > 1.5 else ""
    yield Line(f"{way.words}{speed}: {len(guests)} of {GUESTS - 1} guests, read after",
               milliseconds([guest.read for guest in guests]))  # fmt: skip
    handed = milliseconds([guest.handed for guest in guests])
    yield Line("    of that, until the browser's camera has handed it over", handed)
    yield Line.against("    name and hollow sign by the list", [guest.named for guest in guests], p95=300)
    yield Line.against("    from read to there", [guest.named - guest.read for guest in guests], p95=100)
    if alone:
        yield Line.against("    come in, by the phone alone", [guest.decided for guest in guests], p95=300)
    else:
        yield Line.against("    the server's answer", [guest.decided for guest in guests], p50=450, p95=950)
