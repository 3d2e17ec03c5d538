"""Reminds the leads of what data protection law gives them a time for, and of their copies of destroyed keys."""

import asyncio
from datetime import datetime

from events.ground import clock
from events.ground.repeating import repeat

from . import overdue
from .cases import casework
from .cases.complaint import Complaint
from .cases.incident import Incident
from .retention import key_copies
from .rights.rights_request import RightsRequest

EVERY_SECONDS = 300.0


async def turn(at: datetime) -> None:
    await casework.remind(Incident, at)
    await casework.remind(Complaint, at)
    await casework.remind(RightsRequest, at)
    await overdue.remind(at)
    await key_copies.remind(at)


async def run(stop: asyncio.Event) -> None:
    """Looks every few minutes until the server stops."""
    await repeat(lambda: turn(clock.now()), EVERY_SECONDS, stop, "reminders failed")
