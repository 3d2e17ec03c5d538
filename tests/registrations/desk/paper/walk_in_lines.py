"""Lines of a walk-in sheet as the page is posted, for tests."""

from datetime import timedelta
from typing import Any

import httpx2

from events.event import Event
from tests.at_the_desk import desk
from tests.browser import words
from tests.people import THE_DAY

EVENING = THE_DAY + timedelta(hours=9)
WREN = {"full_name": "Wren Walker", "organisation": "Westmoor Weekly", "email": "wren@weekly.example.org",
        "reason": "press"}  # fmt: skip


def path(event: Event, *parts: object) -> str:
    return desk(event, "doors", "paper", *parts)


def typed(numbers: list[str], n: int = 0, **other: str) -> dict[str, str]:
    return {"line": str(n + 1), "release": numbers[n]} | WREN | other


async def followed(client: httpx2.AsyncClient, answer: Any) -> str:
    assert answer.status_code == 303, words(answer.text)
    return words((await client.get(answer.headers["location"])).text)
