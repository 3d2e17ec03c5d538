"""A door phone that speaks HTTP, as the scanner's page does: it pairs, sends scans, beats, and types references."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from registrations.tickets.ticket import Ticket, proof_of
from tests.at_the_door import scan_id
from tests.browser import browsing

Row = dict[str, Any]
FORGET = '"storage", "cache", "cookies"'
WRONG_CODE = {
    "error": "pairing",
    "sentence": "That code does not work. It may be wrong, used or too old. Ask the lead for a new one.",
}


@dataclass
class HttpPhone:
    """One run of the page in one browser."""

    client: httpx2.AsyncClient
    page: str = field(default_factory=lambda: secrets.token_hex(4))

    async def pairs(self, code: str) -> httpx2.Response:
        return await self.client.post("/door/api/pair", json={"code": code})

    async def sends(self, *rows: Any, **about: Any) -> httpx2.Response:
        body = {"scans": rows, "to_send": 0, "page": self.page} | about
        return await self.client.post("/door/api/scans", content=json.dumps(body))

    async def hears(self, row: Row) -> Row:
        """The server's answer to one scan, without its id."""
        [answer] = (await self.sends(row)).json()["answers"]
        return {name: value for name, value in answer.items() if name != "id"}

    async def asks_for_its_pass(self) -> httpx2.Response:
        return await self.client.get(f"/door/api/pass?page={self.page}")

    async def types(self, reference: str) -> httpx2.Response:
        return await self.client.post("/door/api/reference", json={"reference": reference})


@asynccontextmanager
async def a_paired_phone(
    database: Database, door: Door, by: Staff, name: str = "Main door 1", role: PassRole = PassRole.STEWARD
) -> AsyncIterator[HttpPhone]:
    made = await pairing.make_pass(door, name, role, by, clock.now(), clock.real())
    async with browsing(database) as client:
        phone = HttpPhone(client)
        assert (await phone.pairs(made.secret)).status_code == 200
        yield phone


async def proof_text(ticket: Ticket) -> str:
    proof = proof_of(await Event.get(id=ticket.event_id), ticket.n)
    return base64.urlsafe_b64encode(proof).decode().rstrip("=")


async def row_of(ticket: Ticket, **more: Any) -> Row:
    """The ticket held to the camera just now."""
    none = {"undoes": None, "length": None}
    return {"id": scan_id(), "kind": "in", "proof": await proof_text(ticket), **none, "age": 0.2, "app": "1"} | more


def undo_row(of: Row, **more: Any) -> Row:
    return {"id": scan_id(), "kind": "undo", "undoes": of["id"], "age": 0.0} | more
