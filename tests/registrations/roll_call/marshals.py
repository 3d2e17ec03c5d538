"""A marshal's phone that speaks HTTP, as its page does, and what it reads of the list."""

import base64
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.phones.door import Device, Door, PassRole
from registrations.roll_call import rows
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.door_phone import HttpPhone, a_paired_phone
from tests.people import THE_DAY, Person

ADA = Person("Ada Lovelace-Example", "ada@guests.example.org", "Example Advocacy", "charity", "Advocate", "Ada")
BO = Person("Bo Brandt", "bo@guests.example.org", "Example Trust", "charity", "Advocate")
CLEO = Person("Cleo Adams", "cleo@guests.example.org", "Example Trust", "charity", "Advocate")


class Listed(NamedTuple):
    """The list as it came, sealed, and what its headers say."""

    blob: bytes
    key_id: str
    at: int

    def opened(self, event: Event, key: bytes) -> dict[str, Any]:
        """Raises InvalidTag under another key."""
        salt = base64.urlsafe_b64encode(event.salt).decode().rstrip("=")
        bound = f"muster roll call 1|{salt}|{self.key_id}".encode()
        plain = AESGCM(key).decrypt(self.blob[:12], self.blob[12:], bound)
        assert len(plain) % 4096 == 0
        read: dict[str, Any] = json.loads(plain)
        return read


class Marshal(NamedTuple):
    phone: HttpPhone

    async def state(self, **about: Any) -> dict[str, Any]:
        body = {"page": self.phone.page, "to_send": 0} | about
        return _read(await self.phone.client.post("/door/api/roll/state", json=body))

    async def list(self) -> Listed:
        answer = await self.phone.client.get("/door/api/roll/list")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        said = answer.headers
        return Listed(answer.content, said["muster-roll-key"], int(said["muster-roll-at"]))

    async def starts(self, kind: str = "real", id_: str = "", age: float = 0.0) -> dict[str, Any]:
        body = {"id": id_ or an_id(), "kind": kind, "age": age}
        return _read(await self.phone.client.post("/door/api/roll/start", json=body))

    async def sends(self, roll: str, *ticks: dict[str, Any], since: int = 0, **more: Any) -> dict[str, Any]:
        body = {"roll": roll, "ticks": ticks, "since": since} | more
        return _read(await self.phone.client.post("/door/api/roll/ticks", json=body))


def _read(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, (answer.status_code, answer.text)
    read: dict[str, Any] = answer.json()
    return read


@asynccontextmanager
async def a_marshal(database: Database, door: Door, by: Staff, name: str = "Marshal 1") -> AsyncIterator[Marshal]:
    async with a_paired_phone(database, door, by, name, PassRole.MARSHAL) as phone:
        yield Marshal(phone)


async def came_in(event: Event, door: Door, *people: Person) -> list[Ticket]:
    """Each with a ticket, scanned at nine."""
    tickets = [await a_ticket(person, event) for person in people]
    await let_in(tickets, await a_phone_at(door))
    return tickets


async def let_in(tickets: Sequence[Ticket], by: Device) -> None:
    await checkin.settle([await scan_of(ticket) for ticket in tickets], by, THE_DAY)


async def row_of(ticket: Ticket) -> str:
    return rows.row_of(await Event.get(id=ticket.event_id), ticket.n)


def an_id() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def a_tick(row: str, mark: str = "safe", age: float = 0.0, id_: str = "") -> dict[str, Any]:
    return {"id": id_ or an_id(), "row": row, "mark": mark, "age": age, "by_ticket": False}
