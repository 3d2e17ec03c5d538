"""A steward's phone for the bench: a Chromium of its own, paired by the back door, slow or fast, near or far."""

import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Playwright, expect

from tests.run_all import chromium
from tests.walks.browsers import ARGUMENTS
from tests.walks.people import PHONE, until

WATCHING = Path(__file__).parent / "watching.js"
FOUR, SIX = 4.0, 6.0
TURN = 0.002  # seconds that a slowed process runs at a stretch
FAST_4G = {"latency": 165, "downloadThroughput": 9e6 * 0.9 / 8, "uploadThroughput": 1.5e6 * 0.9 / 8}  # DevTools' own
WORK = """() => { const began = performance.now(); let n = 0;
    for (let i = 0; i < 1e7; i++) n = (n * 31 + i) | 0; return [performance.now() - began, n]; }"""


@dataclass
class Phone:
    """Its page, and the browser behind it."""

    page: Page
    tools: CDPSession  # of the page
    machine: CDPSession  # of the browser
    house: "House"
    pass_id: int

    def opens(self) -> None:
        self.page.goto(f"{self.house.base}/door/")
        expect(self.page.locator("#begin")).to_be_enabled(timeout=30_000)

    def starts(self) -> None:
        self.page.locator("#begin").click(timeout=30_000)
        expect(self.page.locator("#door")).to_be_visible(timeout=30_000)

    def keeps_its_shell(self) -> None:
        """Until everything lies in the phone's own cache."""
        kept = "navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')"
        until(lambda: self.page.evaluate(kept), "the worker", 30)

    def is_far(self) -> None:
        self.tools.send("Network.enable")
        self.tools.send("Network.emulateNetworkConditions", {"offline": False, **FAST_4G})

    def slows_its_page(self, times: float) -> None:
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def work(self) -> float:
        """Milliseconds that the same sum takes its page now, at best of five."""
        return min(float(self.page.evaluate(WORK)[0]) for _ in range(5))

    @contextmanager
    def slowed_whole(self, times: float) -> Iterator[None]:
        """Its renderer, where page, camera loop and decoder live, stands still for all but one part of the time."""
        found = self.machine.send("SystemInfo.getProcessInfo")["processInfo"]
        pids = [int(process["id"]) for process in found if process["type"] == "renderer"]
        ended = threading.Event()
        thread = threading.Thread(target=_turns, args=(pids, times, ended), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _turns(pids: list[int], times: float, ended: threading.Event) -> None:
    ran = TURN
    while not ended.is_set():
        _tell(pids, signal.SIGSTOP)
        time.sleep(ran * (times - 1))
        _tell(pids, signal.SIGCONT)
        began = time.perf_counter()
        time.sleep(TURN)
        ran = time.perf_counter() - began  # a sleep is always longer than asked for


def _tell(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


@dataclass(frozen=True)
class House:
    """Where the bench's product answers, and its back door."""

    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def told(self, path: str) -> dict[str, Any]:
        asked = urllib.request.Request(f"{self.base}/bench/{path}", data=b"", method="POST")  # noqa: S310
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
            return dict(json.load(answer))

    @contextmanager
    def phone(self, playwright: Playwright, film: Path | None = None) -> Iterator[Phone]:
        shows = [f"--use-file-for-fake-video-capture={film}"] if film else []
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[*ARGUMENTS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", *shows],
        )
        try:
            context = browser.new_context(viewport=PHONE, permissions=["camera"])  # type: ignore[arg-type]
            paired = self.told("pair")
            context.add_cookies([{"name": "muster-door", "value": paired["token"], "url": self.base}])
            context.add_init_script(path=WATCHING)
            page = context.new_page()
            tools, machine = context.new_cdp_session(page), browser.new_browser_cdp_session()
            yield Phone(page, tools, machine, self, paired["id"])
        finally:
            browser.close()
