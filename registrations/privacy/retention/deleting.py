"""The turn that deletes what is over, every few minutes while the server runs."""

import asyncio
from datetime import datetime

import structlog

from events.accounts import sign_in
from events.audit import forgetting
from events.ground import clock, limits
from events.ground.database import forget_traces
from events.ground.repeating import repeat
from registrations.asking import drafting
from registrations.privacy.cases import casework
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.privacy.rights.rights_request import RightsRequest

from . import past_events, requests
from .deletion import Machine

EVERY_SECONDS = 300.0
log = structlog.get_logger()


async def turn(at: datetime, real: datetime) -> None:
    await requests.expire_due(at)
    await requests.forget_links(at)
    await requests.forget_named(at)
    await past_events.destroy_keys(at)
    await past_events.forget_initials(at)
    await casework.forget_closed(Complaint, at)
    await casework.forget_closed(Incident, at)
    await casework.forget_closed(RightsRequest, at)
    await past_events.end_past(at, real)
    await drafting.forget_expired(real)
    await limits.forget(real)
    await sign_in.forget(real)
    while await forgetting.forget(at, Machine()):
        pass
    if not await forget_traces():
        log.warning("deleted data stays in the journal until others have read it")


async def run(stop: asyncio.Event) -> None:
    """Runs the deletions every few minutes until the server stops."""
    await repeat(lambda: turn(clock.now(), clock.real()), EVERY_SECONDS, stop, "retention failed")
