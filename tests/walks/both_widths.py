"""Looks at a page: as it is, or as a desktop and a narrow phone show it."""

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.walks.people import DESKTOP, NARROW, fits


def seen_as_it_is(page: Page, name: str) -> None:
    """No wider than the screen; and a picture of it where somebody has asked for pictures."""
    fits(page)
    if folder := os.environ.get("MUSTER_PICTURES"):
        size = page.viewport_size or {"width": 0}
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


def seen(page: Page, name: str) -> None:
    """No wider than either screen. It stays narrow."""
    for size in (DESKTOP, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        seen_as_it_is(page, name)
