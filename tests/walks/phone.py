"""A steward's phone in the walks: a browser of its own, whose wedge scanner types the codes of real tickets."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, Request, expect

from tests.qr_alone import QR_ALONE
from tests.walks.browsers import browser_with
from tests.walks.house import Guest
from tests.walks.people import PATIENCE, PHONE, until
from tests.walks.rehearsal import Rehearsed

BEAT = 5000  # milliseconds between two questions of a phone that idles
STAYS = 4000  # milliseconds: a verdict that needs no tap has gone by then
AGAIN = 5000  # milliseconds after which the same code counts again
PATIENT = 1200  # milliseconds without an answer: then the phone judges by itself
LEAST = 800  # milliseconds: the next code is taken from then on
IN_OFFLINE = "COME IN \u2013 OFFLINE"
Opened = Callable[..., AbstractContextManager["Phone"]]  # the page of one phone, opened with what the phone kept
SETTLED = re.compile(r"^verdict($| (?!checking|.*hollow))")  # nothing more is to come from the server
REACHES = "fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false)"
BURST = """(code) => {
  let at = performance.now();
  for (const key of [...code, "Enter"]) {
    const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(press, "timeStamp", { value: ++at });
    document.activeElement.dispatchEvent(press);
  }
}"""


def code_in(png: bytes) -> str:
    return str(zxingcpp.read_barcodes(Image.open(io.BytesIO(png)), QR_ALONE)[0].text)


def has_a_service_worker(page: Page) -> None:
    until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "a service worker")


def in_bar(word: str) -> re.Pattern[str]:
    """No part of a longer number: 20 to send are not 0 to send."""
    return re.compile(rf"(?<!\d){re.escape(word)}")


@dataclass
class Phone:
    """Paired at the rehearsal's first door. `scans` types a code as a wedge scanner does."""

    page: Page
    rehearsal: Rehearsed
    heard: list[str] = field(default_factory=list)  # what the page complained of
    stopped: bool = False  # its clocks stand still until the test moves them on

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))

    def pairs(self, code: str) -> None:
        self.page.goto(f"{self.rehearsal.base}/door/")
        self.page.get_by_label("Pairing code").fill(code)
        self.page.get_by_role("button", name="Pair this phone").click()

    def starts(self, *, online_only: bool = False) -> None:
        self.taps("Start online only: the lead agrees") if online_only else self.page.locator("#begin").click()
        expect(self.page.locator("#door")).to_be_visible()

    def holds_its_page(self) -> None:
        """Ready to start, and to be opened again without a network."""
        expect(self.page.locator("#begin")).to_be_enabled()
        has_a_service_worker(self.page)
        expect(self.page.locator("#checks")).to_contain_text("opens without a network too")

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
            self.waits(LEAST)

    def sees(self, *words: str, seconds: float = PATIENCE) -> None:
        """All at once: one after the other, some might be of the guest before."""
        together = re.compile("^" + "".join(f"(?=.*{re.escape(word)})" for word in words), re.DOTALL)
        expect(self.page.locator("#verdict")).to_contain_text(together, timeout=seconds * 1000)

    def bar(self, *words: str, seconds: float = PATIENCE) -> None:
        for word in words:
            expect(self.page.locator("#bar")).to_contain_text(in_bar(word), timeout=seconds * 1000)

    def bar_in_time(self, *words: str) -> None:
        """What hangs on an answer: a question may still be under way, and only the next one brings it."""

        def says() -> bool:
            with suppress(AssertionError):
                self.bar(*words, seconds=2)  # as long as a busy server may take: a question is given up after a while
                return True
            return False

        self.in_time(says, f"{words} in the bar")

    def taps(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def stops_its_clocks(self) -> None:
        """Before its page is opened. From then on its time passes where the test says so, and on no busy machine."""
        self.page.clock.install()
        self.page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
        self.stopped = True

    def waits(self, milliseconds: int) -> None:
        """Of its own time, which has to stand still otherwise."""
        assert self.stopped
        self.page.clock.fast_forward(milliseconds)

    def in_time(self, found: Callable[[], Any], what: str, step: int = BEAT) -> None:
        """Waits for it while its own time passes, so many milliseconds at a step: for what it does by itself."""

        def passes() -> Any:
            if not (answer := found()):
                self.waits(step)
            return answer

        until(passes, what)

    def loses_patience(self) -> None:
        """With a server that takes its time."""
        expect(self.page.locator("#verdict")).to_be_visible()
        self.page.clock.run_for(PATIENT)

    def is_ready_again(self) -> None:
        """Has shown the verdict for as long as it does by itself."""
        if self.stopped:
            expect(self.page.locator("#verdict")).to_have_class(SETTLED)
            self.waits(STAYS)
        expect(self.page.locator("#verdict")).to_be_hidden()

    def posted(self) -> list[list[str]]:
        """The ids of the scans in each request that this phone will have sent."""
        seen: list[list[str]] = []

        def look(request: Request) -> None:
            if request.url.endswith("/door/api/scans") and (scans := (request.post_data_json or {}).get("scans")):
                seen.append([scan["id"] for scan in scans])

        self.page.context.on("request", look)
        return seen

    def loses_the_network(self) -> None:
        """Waits until nothing gets through: the browser's other processes may hear of it later than its page."""
        self.page.context.set_offline(True)
        until(lambda: not self.page.evaluate(REACHES), "the end of the network")

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


@contextmanager
def a_phone(browser: Browser, rehearsal: Rehearsed, **differs: Any) -> Iterator[Opened]:
    """One among others in this browser: what it keeps is its own, and is there when its page is opened again.

    `differs` is what sets it apart: a time zone, no permissions.
    """
    context = browser.new_context(**({"viewport": PHONE, "permissions": ["camera"]} | differs))

    @contextmanager
    def open_it(*, ticks: bool = False) -> Iterator[Phone]:
        """`ticks`: by the machine's time."""
        context.set_offline(False)
        phone = Phone(context.new_page(), rehearsal)
        if not ticks:
            phone.stops_its_clocks()
        yield phone
        assert phone.heard == [], f"the page complained: {phone.heard}"
        phone.page.close()

    yield open_it
    context.close()


def restarting(playwright: Playwright, profile: Path, rehearsal: Rehearsed) -> Opened:
    """The one phone of a test whose browser ends with its page, and is started with what it wrote down."""

    @contextmanager
    def open_it() -> Iterator[Phone]:
        with browser_with(playwright, profile) as context:
            phone = Phone(context.pages[0], rehearsal)
            phone.stops_its_clocks()
            yield phone
            assert phone.heard == [], f"the page complained: {phone.heard}"

    return open_it
