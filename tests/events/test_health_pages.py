"""The server says whether it lives and what it lacks; strangers get the same page for nothing as for something."""

import pytest

from events.ground import keys
from events.ground.database import Database
from tests.browser import browsing, heading
from tests.people import an_event


async def test_a_whole_installation_is_ready(database: Database) -> None:
    async with browsing(database) as client:
        assert (await client.get("/healthz")).json() == {"process": "up"}
        assert (await client.get("/readyz")).json() == {"ready": True, "missing": [], "mail": "", "record": ""}


async def test_readiness_names_the_key_that_is_not_here(database: Database) -> None:
    event = await an_event(slug="launch")
    keys.install(keys.Keyring([keys.new_key()]))
    async with browsing(database) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == [f"key: the tickets of {event.slug} come from a key that is not here"]


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
