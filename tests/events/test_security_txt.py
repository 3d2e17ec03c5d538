"""Whoever finds a fault is told whom to tell of it, in the file that RFC 9116 describes."""

from datetime import datetime, timedelta

import httpx2
import pytest

from events.ground import clock, settings
from events.ground.database import Database
from tests.browser import BASE, browsing, heading
from tests.conftest import SETTINGS


async def security_txt(database: Database, **ours: str) -> httpx2.Response:
    settings.choose(SETTINGS.model_copy(update=ours))
    async with browsing(database) as client:
        return await client.get("/.well-known/security.txt")


@pytest.mark.parametrize(
    ("ours", "contacts"),
    [
        ({}, ["mailto:organisers@example.org"]),
        ({"reply_to": ""}, ["mailto:events@example.org"]),
        ({"security_contact": "security@example.org"}, ["mailto:security@example.org"]),
        (
            {"security_contact": "https://example.org/report?a=b, mailto:security@example.org,tel:+44-20-7946-0000"},
            ["https://example.org/report?a=b", "mailto:security@example.org", "tel:+44-20-7946-0000"],
        ),
    ],
)
async def test_security_txt_says_whom_to_tell_of_a_fault_and_until_when(
    database: Database, ours: dict[str, str], contacts: list[str]
) -> None:
    answer = await security_txt(database, **ours)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    said = [(name, value) for name, _, value in (line.partition(": ") for line in answer.text.splitlines())]
    expires = datetime.fromisoformat(dict(said)["Expires"])
    assert said == [
        *(("Contact", contact) for contact in contacts),
        ("Expires", f"{expires:%Y-%m-%dT00:00:00Z}"),
        ("Preferred-Languages", "en"),
        ("Canonical", f"{BASE}/.well-known/security.txt"),
    ]
    assert timedelta(days=178) < expires - clock.real() <= timedelta(days=180), "less than a year, as the RFC advises"


async def test_without_anybody_to_tell_there_is_no_security_txt(database: Database) -> None:
    answer = await security_txt(database, reply_to="", sender="")
    assert (answer.status_code, heading(answer)) == (404, "Page not found")
