"""What every page has to pass at 400 %, read out, with forced colours, without motion and on paper: see passing.js."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, Page

from server import ROOT
from tests.walks.inspector import axe_in, promised
from tests.walks.keyboard import ENLARGED, PASSING, accessible, role_of
from tests.walks.people import DESKTOP, PATIENCE

PLACES = {"/static/": ROOT / "templates" / "static", "/door/s/": ROOT / "registrations" / "door"}
KINDS = {".css": "text/css", ".js": "text/javascript"}  # what draws a page; the phones' modules are walked elsewhere
KINDS_SHOWN = """() => {
    const kind = (one) => `${one.tagName}.${one.getAttribute("class")}.${one.getAttribute("style")}`;
    const shown = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility());
    return [...new Set(shown.map((one) => `${kind(one.parentElement)} ${kind(one)}`))];
}"""


@contextmanager
def served(pages: Sequence[str]) -> Iterator[str]:
    """Pages that were answered before, each under its number, with our style sheets and scripts."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            number = path.removeprefix("/page/")
            kind, body = ("text/html", pages[int(number)].encode()) if number.isdigit() else a_file(path)
            self.send_response(200 if kind else 404)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.send_header("cache-control", "no-store" if kind == "text/html" else "max-age=600")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/page/"
    server.shutdown()
    server.server_close()


def a_file(path: str) -> tuple[str, bytes]:
    for start, folder in PLACES.items():
        if path.startswith(start):
            rest = path.removeprefix(start)
            file = folder / (rest if start == "/static/" else rest.partition("/")[2])
            if file.suffix in KINDS and file.is_file():
                return KINDS[file.suffix], file.read_bytes()
    return "", b""


class Passing:
    """Looks at one page after the other, in one window: what is wrong is told in sentences."""

    def __init__(self, browser: Browser) -> None:
        context = browser.new_context(reduced_motion="reduce", color_scheme="dark", viewport=DESKTOP)  # type: ignore[arg-type]
        context.add_init_script(PASSING)
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.runs_axe, self.kinds = True, set[str]()
        self.steps: list[Callable[[], list[str]]] = [self._enlarged, self._whole, self._forced, self._printed]

    def looks(self, address: str, *, axe: bool) -> list[str]:
        """Begins where the last page ended, since a window takes a while to change."""
        self.runs_axe = axe
        self.page.goto(address)
        found = [fault for step in self.steps for fault in step()]
        self.steps.reverse()
        return found

    def _says(self, what: str) -> list[str]:
        found: list[str] = self.page.evaluate(f"passing.{what}()")
        return found

    def _enlarged(self) -> list[str]:
        sized(self.page, ENLARGED)
        self.page.emulate_media(media="screen")
        return [*self._says("enlarged"), *self._tables(), *self._axe()]

    def _axe(self) -> list[str]:
        if not self.runs_axe:
            return []
        with axe_in(self.page) as run:
            return [f"axe: {rule}" for rule in promised(run)]

    def _axe_if_new(self) -> list[str]:
        """A wide page differs from a narrow one by its style alone: it is asked of what no page before it has shown."""
        kinds = set(self.page.evaluate(KINDS_SHOWN)) if self.runs_axe else set[str]()
        new, self.kinds = kinds - self.kinds, self.kinds | kinds
        return self._axe() if new else []

    def _tables(self) -> list[str]:
        """However they are drawn, whoever hears the page goes from row to row."""
        rows = self.page.evaluate("passing.rows()")
        told = [role_of(node) for node in accessible(self.page)].count("row") if rows else 0
        return [] if told == rows else [f"{rows} rows, of which {told} are told"]

    def _whole(self) -> list[str]:
        sized(self.page, DESKTOP)
        self.page.emulate_media(media="screen", forced_colors="none")
        return [*self._says("whole"), *self._axe_if_new()]

    def _forced(self) -> list[str]:
        self.page.emulate_media(media="screen", forced_colors="active")
        return self._says("forced")

    def _printed(self) -> list[str]:
        sized(self.page, DESKTOP)
        self.page.emulate_media(media="print", forced_colors="none")
        return self._says("printed")


def sized(page: Page, size: dict[str, int]) -> None:
    if page.viewport_size != size:
        page.set_viewport_size(size)  # type: ignore[arg-type]
