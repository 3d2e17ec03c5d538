"""Makes the README's picture from a real walk: python -m tests.walks.picture"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, Playwright, sync_playwright

from server import ROOT
from tests.run_all import chromium
from tests.walks.browsers import ARGUMENTS, browser_with
from tests.walks.camera import film
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, DOORS_OPEN, PHONE, Organiser, Professional, new_page
from tests.walks.phone import Phone
from tests.walks.rehearsal import Rehearsed, rehearsed

HEIGHT, GAP, PAPER = 740, 24, (232, 229, 238)


def main() -> None:
    with rehearsed() as running, sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        shots = taken(running, playwright, Path(folder))
    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    scaled = [picture.resize((picture.width * HEIGHT // picture.height, HEIGHT)) for picture in pictures]
    sheet = Image.new("RGB", (sum(shot.width + GAP for shot in scaled) + GAP, HEIGHT + 2 * GAP), PAPER)
    left = GAP
    for shot in scaled:
        sheet.paste(shot, (left, GAP))
        left += shot.width + GAP
    sheet.quantize(96).save(ROOT / "docs" / "muster.png", optimize=True)


def taken(running: Rehearsed, playwright: Playwright, folder: Path) -> list[bytes]:
    """The public page, the queue and a verdict, of one guest's way."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
    ada = Professional(new_page(browser, PHONE), running, "Ada Ashdown", "ada.ashdown@lantern.example.org")
    mail = Mailreader(running)
    ada.asks_for_a_place()
    mail.opens_newest(ada.email, "Confirm your request")
    ada.confirms(mail.link("confirm"))
    ada.page.goto(running.base)
    omar = Organiser.at_the_desk(new_page(browser, DESKTOP), running)
    shots = [below_the_banner(ada.page), below_the_banner(omar.page)]
    omar.approves(ada.name)
    mail.opens_newest(ada.email, "Your place on")
    omar.moves_the_clock_to(DOORS_OPEN)
    code, camera = omar.makes_a_code_for("Main door"), film(folder / "ada.mjpeg", [mail.picture(), *[None] * 5])
    with browser_with(playwright, folder / "profile", camera) as context:
        sid = Phone(context.pages[0], running)
        sid.pairs(code)
        sid.starts()
        sid.sees("COME IN", seconds=15)
        shots.append(sid.page.screenshot())
    browser.close()
    return shots


def below_the_banner(page: Page) -> bytes:
    page.locator("header").first.evaluate("one => one.scrollIntoView()")
    return page.screenshot()


if __name__ == "__main__":
    main()
