"""Nothing of how it runs or is built is shown to strangers: no documentation, figures or files but the pages' own."""

import httpx2
import pytest

from events import readiness
from events.ground.database import Database
from server import ROOT, make_app
from tests.browser import BASE, browsing

TOLD_TO_ANYONE = {".css", ".js", ".mjs", ".svg", ".wasm", ".br", ""}
STATIC = ROOT / "templates" / "static"
LOOKED_FOR = [
    *("/docs", "/redoc", "/openapi.json", "/swagger", "/api", "/graphql", "/metrics", "/status", "/server-status"),
    *("/debug", "/debug/pprof", "/actuator", "/actuator/health", "/admin", "/console", "/.git/HEAD", "/.env"),
    *("/server.py", "/var/muster.db", "/var/key", "/README.md", "/requirements.lock", "/backup.zip", "/rehearsal"),
    *("/static", "/static/", "/static/vendor/", "/static/../server.py", "/static/%2e%2e/%2e%2e/server.py"),
    *("/static/..%2f..%2fserver.py", "/static//etc/passwd", "/static/vendor/.stamp", "/static/desk/../../base.html"),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_strangers_look_for_is_not_there(database: Database) -> None:
    async with browsing(database) as client:
        found = {path: (await client.get(path)).status_code for path in LOOKED_FOR}
        assert (await client.get("/static/muster.css")).status_code == 200, "the control"
    assert {path: status for path, status in found.items() if status != 404} == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_two_pages_about_health_say_yes_or_no_and_nothing_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = httpx2.ASGITransport(make_app(database), client=("198.51.100.7", 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as stranger:
        well = [(await stranger.get(path)).json() for path in ("/healthz", "/readyz")]
        monkeypatch.setattr(readiness, "ASSETS", ("is-missing.css",))
        ill = [(await stranger.get(path)).json() for path in ("/healthz", "/readyz")]
    assert (well, ill) == ([{"process": "up"}, {"ready": True}], [{"process": "up"}, {"ready": False}])


def test_only_what_pages_need_lies_where_files_are_served_from() -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert STATIC / "muster.css" in files
    assert [str(path) for path in files if path.suffix not in TOLD_TO_ANYONE] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_answer_names_what_made_it(database: Database) -> None:
    async with browsing(database) as client:
        answers = [await client.request(method, "/nothing") for method in ("GET", "POST", "TRACE", "OPTIONS")]
    for answer in answers:
        said = f"{answer.headers} {answer.text}".lower()
        assert [name for name in ("uvicorn", "starlette", "python", "traceback") if name in said] == []
        assert answer.status_code in {404, 405}
