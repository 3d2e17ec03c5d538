"""A phone that speaks to the server, and the scans that it sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from events.accounts.staff import Staff
from events.ground.database import Database
from registrations.phones.door import Door, PassRole
from tests.door_phone import a_paired_phone

UNPAIRED, REVOKED = {"error": "unpaired"}, {"error": "device_revoked"}


@asynccontextmanager
async def a_phone(
    database: Database, door: Door, by: Staff, role: PassRole = PassRole.STEWARD, name: str = "Main door 1"
) -> AsyncIterator[httpx2.AsyncClient]:
    """The browser itself, for questions that the page would not ask so."""
    async with a_paired_phone(database, door, by, name, role) as phone:
        yield phone.client


async def send(phone: httpx2.AsyncClient, *scans: Any) -> httpx2.Response:
    return await phone.post("/door/api/scans", json={"scans": scans})
