"""Looks at a page as a desktop and as a narrow phone show it."""

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.walks.people import DESKTOP, NARROW, fits


def seen(page: Page, name: str) -> None:
    """No wider than either screen; and a picture of each where somebody has asked for pictures. It stays narrow."""
    folder = os.environ.get("MUSTER_PICTURES")
    for size in (DESKTOP, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        fits(page)
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
