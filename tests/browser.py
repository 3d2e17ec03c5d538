"""A client that behaves like a browser on our own site: keeps cookies, says where its forms come from."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx2

from events.accounts import guards, sign_in
from events.accounts.staff import Staff
from events.ground import clock
from events.ground.database import Database
from server import make_app

BASE = "https://places.example.org"


@asynccontextmanager
async def browsing(
    database: Database, staff: Staff | None = None, *, network: str = "127.0.0.1", **extra: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole product over an already open database; signed in with both factors when `staff` is given."""
    app = make_app(database, **extra)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False, client=(network, 40_000))
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        if staff is not None:
            token = await sign_in.begin_full_session(staff, clock.real())
            client.cookies.set(guards.SESSION.name, token, domain="places.example.org", path="/")
        yield client


def heading(answer: httpx2.Response) -> str:
    """The one h1 of a page, as a reader sees it. Fails when there are none or several."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text, re.S)
    assert len(found) == 1, f"{len(found)} h1 on the page"
    return words(found[0])


def words(html: str) -> str:
    """Text without tags, spaces folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
