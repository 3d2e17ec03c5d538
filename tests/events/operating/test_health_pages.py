"""The server says whether it lives and what it lacks; strangers get the same page for nothing as for something."""

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import structlog
from pyrage import x25519

from events.backup import backing_up, backup_folder
from events.ground import clock, keys, logs, settings
from events.ground.database import Database
from server import make_app
from tests.browser import BASE, browsing, heading
from tests.conftest import SETTINGS
from tests.people import an_event


async def test_a_whole_installation_is_ready(database: Database) -> None:
    async with browsing(database) as client:
        assert (await client.get("/healthz")).json() == {"process": "up"}
        answer = (await client.get("/readyz")).json()
    assert answer.pop("backups") == backing_up.NONE_SET_UP
    assert answer.pop("dns") == "not asked yet"
    assert answer == {"ready": True, "missing": [], "mail": "", "bounces": "", "record": ""}


async def test_readiness_says_how_old_the_newest_backup_is_and_does_not_hang_on_it(
    database: Database, tmp_path: Path
) -> None:
    public = str(x25519.Identity.generate().to_public())
    settings.choose(SETTINGS.model_copy(update={"backup_folder": tmp_path, "backup_recipients": public}))
    with backup_folder.new_file(tmp_path, clock.real() - timedelta(days=9, hours=1)):
        pass
    async with browsing(database) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["backups"].startswith("the newest is 9 days old: ")


async def test_readiness_names_the_key_that_is_not_here(database: Database) -> None:
    event = await an_event(slug="launch")
    keys.install(keys.Keyring([keys.new_key()]))
    async with browsing(database) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == [f"key: the tickets of {event.slug} come from a key that is not here"]


@pytest.mark.parametrize(
    ("client", "headers"),
    [("198.51.100.7", {}), ("127.0.0.1", {"x-forwarded-for": "198.51.100.7"}), ("127.0.0.1", {"via": "1.1 a proxy"})],
)
async def test_what_is_wrong_is_told_to_this_machine_and_the_log_alone(
    database: Database, capsys: pytest.CaptureFixture[str], client: str, headers: dict[str, str]
) -> None:
    logs.set_up(live=True)
    await an_event(slug="launch")
    keys.install(keys.Keyring([keys.new_key()]))
    transport = httpx2.ASGITransport(make_app(database), client=(client, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as asking:
        answer = await asking.get("/readyz")
    structlog.reset_defaults()
    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert "the tickets of launch come from a key that is not here" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/static/muster.css", "/static/nothing.css"])
async def test_every_answer_carries_the_security_headers(database: Database, path: str) -> None:
    async with browsing(database) as client:
        answer = await client.get(path)
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-robots-tag": "noindex, nofollow",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


async def test_nothing_is_a_page_that_helps(database: Database) -> None:
    async with browsing(database) as client:
        answer = await client.get("/nothing")
    assert (answer.status_code, heading(answer)) == (404, "Page not found")
