"""A rehearsal on the day itself, five minutes after the doors opened: Omar at its desk, Sid's phone at its door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.walks.mailreader import tickets
from tests.walks.people import DESKTOP, DOORS_OPEN, Organiser, new_page
from tests.walks.phone import Opened, Phone, a_phone, restarting
from tests.walks.rehearsal import Rehearsed, rehearsed

ON_PAPER = ("Abbott", "Adeyemi")  # the first two of a door list, which the walk with paper ticks


@pytest.fixture(scope="session")
def doors_open() -> Iterator[Rehearsed]:
    with rehearsed(DOORS_OPEN) as running:
        yield running


@pytest.fixture(scope="session")
def omar(browser: Browser, doors_open: Rehearsed) -> Organiser:
    return Organiser.at_the_desk(new_page(browser, DESKTOP), doors_open)


@pytest.fixture(scope="session")
def guests(doors_open: Rehearsed) -> Iterator[tuple[str, str]]:
    """Name and code, another each time: a ticket is let in once."""
    return (guest for guest in tickets(doors_open, 36) if guest[0].split()[-1] not in ON_PAPER)


@pytest.fixture
def opened(browser: Browser, doors_open: Rehearsed) -> Iterator[Opened]:
    with a_phone(browser, doors_open) as opens:
        yield opens


@pytest.fixture
def restarted(playwright: Playwright, doors_open: Rehearsed, profile: Path) -> Opened:
    return restarting(playwright, profile, doors_open)


@pytest.fixture
def sid(opened: Opened, omar: Organiser) -> Iterator[Phone]:
    """A steward's phone at the main door, scanning."""
    with opened() as phone:
        phone.pairs(omar.gives_a_code())
        phone.starts()
        yield phone
