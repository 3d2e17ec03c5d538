"""A new version of the door's page: the running page keeps its own, the next load is the newer one, server or not."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from registrations.door import shell
from tests.walks.people import PHONE, new_page, until
from tests.walks.phone import has_a_service_worker

MAIN = """import { keepShell } from "./shell.mjs";
document.body.textContent = "version VERSION";
keepShell({ version: "VERSION", isIdle: () => false, onNewer: () => (document.title = "newer"), onKept: () => {} });
"""


class Server:
    """Serves two files beside the real worker and the real module, under whichever version it is told to."""

    def __init__(self) -> None:
        self.version, self.down, self.asked = "one", False, Counter[str]()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[str, str] | None:
        folder = f"/door/s/{self.version}/scanner"
        listed = json.dumps([f"{folder}/main.mjs", f"{folder}/shell.mjs", f"{folder}/later.mjs"])
        worker = (shell.SCANNER / shell.WORKER).read_text(encoding="utf-8")
        pages = {
            "/door/": (
                "text/html",
                f'<title>Door</title><body><script type="module" src="{folder}/main.mjs"></script>',
            ),
            "/door/help/steward": ("text/html", "<title>Door</title>"),
            "/door/help/lead": ("text/html", "<title>Door</title>"),
            "/door/help/marshal": ("text/html", "<title>Door</title>"),
            "/door/roll": ("text/html", "<title>Door</title>"),
            "/door/service-worker.mjs": (
                "text/javascript",
                worker.replace('["{files}"]', listed).replace("{version}", self.version),
            ),
            f"{folder}/main.mjs": ("text/javascript", MAIN.replace("VERSION", self.version)),
            f"{folder}/shell.mjs": ("text/javascript", (shell.SCANNER / "shell.mjs").read_text(encoding="utf-8")),
            f"{folder}/later.mjs": ("text/javascript", f'export const version = "{self.version}";'),
        }
        return None if self.down else pages.get(path)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, server: Server, *given: object) -> None:
        self.ours = server
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.ours.asked[self.path] += 1
        found = self.ours.answer(self.path)
        if found is None:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("content-type", found[0])
        self.send_header("cache-control", "max-age=31536000, immutable" if "/s/" in self.path else "no-store")
        self.end_headers()
        self.wfile.write(found[1].encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = new_page(browser, PHONE)
    yield opened
    opened.context.close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.http.shutdown()
    one.http.server_close()


@pytest.mark.promise
def test_dr45_a_running_page_keeps_its_version_and_the_next_load_is_the_newer(page: Page, server: Server) -> None:
    page.goto(f"http://127.0.0.1:{server.http.server_port}/door/")
    has_a_service_worker(page)
    server.version = "two"
    page.evaluate("navigator.serviceWorker.getRegistration('/door/').then((one) => one.update()).then(() => true)")
    expect(page).to_have_title("newer")
    server.down = True
    assert page.evaluate("import('/door/s/one/scanner/later.mjs').then((one) => one.version)") == "one"
    assert page.inner_text("body") == "version one"
    page.reload()
    expect(page.locator("body")).to_have_text("version two")
    until(lambda: page.evaluate("caches.keys()") == ["door-two"], "one cache alone")


def test_what_came_with_the_page_is_not_fetched_again_to_be_kept(page: Page, server: Server) -> None:
    page.goto(f"http://127.0.0.1:{server.http.server_port}/door/")
    has_a_service_worker(page)
    folder = "/door/s/one/scanner"
    kept = page.evaluate("caches.open('door-one').then((all) => all.keys()).then((all) => all.map((one) => one.url))")
    assert sorted(url.partition("/door/")[2] for url in kept) == [
        *("", "help/lead", "help/marshal", "help/steward", "roll"),
        *(f"s/one/scanner/{name}.mjs" for name in ("later", "main", "shell")),
    ]
    assert {path: times for path, times in server.asked.items() if path.startswith(folder)} == {
    f"{folder}/main.mjs": 1, f"{folder}/shell.mjs": 1, f"{folder}/later.mjs": 1,
    }  # fmt: skip
    assert server.asked["/door/"] == 2, "the page itself is never taken from what a browser may have kept"


@pytest.mark.promise
def test_what_the_server_alone_may_say_never_comes_from_the_phone(page: Page, server: Server) -> None:
    page.goto(f"http://127.0.0.1:{server.http.server_port}/door/")
    has_a_service_worker(page)
    server.down = True
    for path in ("/door/over", "/door/api/pass", "/door/api/scans"):
        assert page.evaluate("(path) => fetch(path).then((answer) => answer.status)", path) == 503
    assert page.goto(f"http://127.0.0.1:{server.http.server_port}/door/").ok  # type: ignore[union-attr]
