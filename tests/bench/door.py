"""A door phone and the door's server against the targets that were set for them. A person runs it, on a machine that
does nothing else, and reads it: no test asserts a time.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from tests.bench import in_view, speeds, wire
from tests.bench.lines import Line
from tests.bench.phones import House
from tests.bench.running import databases, running
from tests.run_all import chromium

TICKETS = 1_000


def measure() -> int:
    """Prints each line as soon as it is known; the status is 1 when an answer was wrong, never for a time."""
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-door-"))
    wrong = False
    try:
        for line in _lines(folder):
            click.echo(str(line))
            wrong |= line.wrong
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(wrong)


def _lines(folder: Path) -> Iterator[Line]:
    if chromium():
        yield from _in_a_browser(folder)
    else:
        yield Line.heading("NOT RUN: what needs a browser. On Debian: apt-get install chromium")
    yield from speeds.lists(folder)
    with databases(folder) as kinds:
        yield from speeds.settled(folder, kinds)
        yield from speeds.asked(folder, kinds)


def _in_a_browser(folder: Path) -> Iterator[Line]:
    with running(folder, f"sqlite://{folder}/phones.db", str(TICKETS), "0") as (_, facts), sync_playwright() as driver:
        house = House(facts["port"])
        yield from in_view.measure(driver, house, facts["codes"], folder)
        yield from wire.measure(driver, house, facts)
