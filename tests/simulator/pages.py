"""A phone with the product's page on it, in one tab or two, and what people did on what it showed."""

from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.hostile.door_deeds import Deed, SimPhone

from .network import Line

ALONE = "COME IN \u2013 OFFLINE"
LET_IN = ("COME IN", ALONE, "OUT")
TABS = ("", "'")  # what stands behind the name of a phone for its first and its second tab


@dataclass
class Tab:
    """A page of the phone, on its own run."""

    name: str
    run: int = 0
    slept_at: float = -1.0  # with its clocks standing
    answered_at: float = -1.0
    failed_at: float = -1.0
    override_until: float = -1.0
    read: set[str] = field(default_factory=set)  # scans that lay on the disk when it began to scan


@dataclass
class PagePhone(SimPhone):
    line: Line = field(kw_only=True)
    client: httpx2.AsyncClient = field(kw_only=True)
    clock_set_at: float = -1.0
    set_back_at: float = -1.0  # by a few minutes
    tabs: dict[str, Tab] = field(default_factory=lambda: {name: Tab(name) for name in TABS})
    is_full: bool = False
    keeps_nothing: bool = False  # a page of it may: it has met a full or an emptied disk, and stores no list any more
    wrong_pins: int = 0
    wrong_references: list[float] = field(default_factory=list)


@dataclass
class Ended:
    """A page that was killed, loaded anew, or has gone by itself."""

    phone: PagePhone
    run: int
    seen: dict[str, Any]  # the last of its screen
    to: str = ""  # where it went
    read: set[str] = field(default_factory=set)  # as its tab had


@dataclass
class Walk:
    """Somebody who went through a door on what its phone showed."""

    deed: Deed
    sign: str
    at: float
