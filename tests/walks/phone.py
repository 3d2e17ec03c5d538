"""A steward's phone in the walks: a browser of its own, whose wedge scanner types the codes of real tickets."""

import io
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, Request, expect

from tests.run_all import chromium
from tests.walks.house import Guest
from tests.walks.people import PATIENCE, PHONE, until
from tests.walks.rehearsal import Rehearsed

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
IN_OFFLINE = "COME IN \u2013 OFFLINE"
Opened = Callable[..., AbstractContextManager["Phone"]]  # a browser, started with what it kept
BURST = """(code) => {
  let at = performance.now();
  for (const key of [...code, "Enter"]) {
    const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(press, "timeStamp", { value: ++at });
    document.activeElement.dispatchEvent(press);
  }
}"""


@contextmanager
def browser_with(
    playwright: Playwright, profile: Path, camera: Path | None = None, *, told: Sequence[str] = (), **differs: Any
) -> Iterator[BrowserContext]:
    """A Chromium that keeps its storage in this folder, so that it can be killed and started again.

    `told` are more words of its command line, `differs` what else sets it apart: a time zone, no permissions.
    """
    shows = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium(),
        headless=True,
        viewport=PHONE,  # type: ignore[arg-type]
        args=[*ARGUMENTS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", *shows, *told],
        **({"permissions": ["camera"]} | differs),
    )
    try:
        yield context
    finally:
        with suppress(Exception):  # it may have been killed
            context.close()


def kill(profile: Path) -> None:
    """What a flat battery does to the browser of this profile, and to no other."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            ours = any(str(profile).encode() in word for word in words)
            if ours and not any(word.startswith(b"--type=") for word in words):
                os.kill(int(entry.name), signal.SIGKILL)
    time.sleep(0.5)
    for lock in profile.glob("Singleton*"):
        lock.unlink(missing_ok=True)


def code_in(png: bytes) -> str:
    return str(zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))[0].text)


def has_a_service_worker(page: Page) -> None:
    until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "a service worker")


@dataclass
class Phone:
    """Paired at the rehearsal's first door. `scans` types a code as a wedge scanner does."""

    page: Page
    rehearsal: Rehearsed
    heard: list[str] = field(default_factory=list)  # what the page complained of

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def pairs(self, code: str) -> None:
        self.page.goto(f"{self.rehearsal.base}/door/")
        self.page.get_by_label("Pairing code").fill(code)
        self.page.get_by_role("button", name="Pair this phone").click()

    def starts(self) -> None:
        self.page.locator("#begin").click()
        expect(self.page.locator("#door")).to_be_visible()

    def holds_its_page(self) -> None:
        """Ready to start, and to be opened again without a network."""
        expect(self.page.locator("#begin")).to_be_enabled()
        has_a_service_worker(self.page)

    def scans(self, code: str) -> None:
        """All keys a millisecond apart: a busy machine would type them as slowly as a hand does."""
        self.page.evaluate(BURST, code)

    def types_quickly(self, code: str) -> None:
        """As the keyboard itself does: what nobody holds back ends up in a text field."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def lets_in_quickly(self, guests: list[Guest]) -> None:
        """Each is seen for the least time that a verdict is shown; needs a clock that can be moved on."""
        for guest in guests:
            self.scans(guest.code)
            self.sees(IN_OFFLINE, guest.name)
            self.page.clock.fast_forward(800)

    def sees(self, *words: str, seconds: float = PATIENCE) -> None:
        """All at once: one after the other, some might be of the guest before."""
        together = re.compile("^" + "".join(f"(?=.*{re.escape(word)})" for word in words), re.DOTALL)
        expect(self.page.locator("#verdict")).to_contain_text(together, timeout=seconds * 1000)

    def bar(self, *words: str, seconds: float = PATIENCE) -> None:
        for word in words:
            expect(self.page.locator("#bar")).to_contain_text(word, timeout=seconds * 1000)

    def taps(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def is_ready_again(self) -> None:
        expect(self.page.locator("#verdict")).to_be_hidden()

    def posted(self) -> list[list[str]]:
        """The ids of the scans in each request that this phone will have sent."""
        seen: list[list[str]] = []

        def look(request: Request) -> None:
            if request.url.endswith("/door/api/scans") and (scans := (request.post_data_json or {}).get("scans")):
                seen.append([one["id"] for one in scans])

        self.page.context.on("request", look)
        return seen

    def loses_the_network(self) -> None:
        self.page.context.set_offline(True)

    def finds_the_network(self) -> None:
        self.page.context.set_offline(False)

    def kept(self, store: str) -> list[Any]:
        """What the phone's database holds."""
        found: list[Any] = self.page.evaluate(
            """(name) => new Promise((done, fail) => {
                const opening = indexedDB.open("muster-door");
                opening.onerror = () => fail(opening.error);
                opening.onsuccess = () => {
                  const asking = opening.result.transaction(name).objectStore(name).getAll();
                  asking.onsuccess = () => { opening.result.close(); done(asking.result); };
                };
              })""",
            store,
        )
        return found


def opening(playwright: Playwright, profile: Path, rehearsal: Rehearsed) -> Opened:
    """The browser of the one phone of a test, started anew each time, with what it kept."""

    @contextmanager
    def open_it(**how: Any) -> Iterator[Phone]:
        with browser_with(playwright, profile, **how) as context:
            phone = Phone(context.pages[0], rehearsal)
            yield phone
            assert phone.heard == []

    return open_it


def tickets(page: Page, rehearsal: Rehearsed, least: int) -> Iterator[tuple[str, str]]:
    """Name and code of at least so many people of the rehearsal, read out of the mails that brought their tickets."""

    def sent() -> list[str]:
        page.goto(f"{rehearsal.mailbox}?find=Your%20place")
        links: list[str] = page.locator("tbody tr a").evaluate_all("(all) => all.map((one) => one.href)")
        return links if len(links) > least else []

    links = until(sent, "the mails with the tickets", 40)
    for link in links:
        page.goto(link)
        body = page.locator("pre.email__text").inner_text()
        name = re.search(r"Dear (.+?)[,\n]", body)
        image = page.frame_locator("iframe").locator("img").first
        if name is None or image.count() == 0:
            continue
        png = page.request.get(f"{rehearsal.base}{image.get_attribute('src')}").body()
        yield name[1], code_in(png)
