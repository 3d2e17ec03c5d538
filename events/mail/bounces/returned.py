"""Takes in what came back: which email it is about, and what follows from it. It never cancels anybody.

Whoever has an email has its mark, and with it the power to say that it did not arrive: their own mail system. Anybody
else changes nothing, and is counted.
"""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from events.ground import limits
from events.ground.database import run_tx
from events.ground.limits import Limit

from .. import outbox
from ..outbox import Message, MessageState
from . import addressees, report, return_path
from .report import Kind

FOREIGN = Limit("messages that came back without a mark of ours", 20_000, timedelta(days=1))
UNKNOWN = Limit("messages that came back and were not understood", 20_000, timedelta(days=1))
log = structlog.get_logger()


class Outcome(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    NOTHING = "nothing"  # it changes nothing, or nothing new
    UNKNOWN = "not understood"
    FOREIGN = "not ours"


async def take(raw: bytes, recipient: str, at: datetime, real: datetime) -> Outcome:
    """Of one message. `recipient`: whom it was sent to, if the email server says so; else its header is searched.

    Raises what the database raises. Then nothing is changed, and it has to be taken again; twice does no harm.
    """
    number = return_path.message_in(recipient) or return_path.message_in(report.head_of(raw))
    message = await Message.get_or_none(id=number) if number else None
    if message is None:
        return await _counted(Outcome.FOREIGN, FOREIGN, real)
    found = await asyncio.to_thread(report.read, raw)
    outcome = await _follow(message, found, at, real)
    log.info("an email came back", message=message.id, outcome=outcome.value, status=found.status)
    return outcome


async def _follow(message: Message, found: report.Report, at: datetime, real: datetime) -> Outcome:
    match found.kind:
        case Kind.FAILED:
            return Outcome.FAILED if await _failed(message, found.status, at) else Outcome.NOTHING
        case Kind.DELAYED:
            return Outcome.DELAYED if await outbox.delayed(message, found.status, at) else Outcome.NOTHING
        case Kind.UNKNOWN:
            return await _counted(Outcome.UNKNOWN, UNKNOWN, real)
    return Outcome.NOTHING


@run_tx
async def _failed(message: Message, status: str, at: datetime) -> bool:
    marked = await outbox.came_back(message, status, at)
    if marked or message.state is MessageState.DROPPED:  # out before it was dropped: nothing is left to tell anybody
        await addressees.stop(message, status, at)
    return marked


async def _counted(outcome: Outcome, limit: Limit, real: datetime) -> Outcome:
    await limits.count(limit, "", real)
    return outcome


async def foreign_today(real: datetime) -> int:
    """How many came in a day or so that were about no email of ours: forged, astray, or under a key that is gone."""
    return await _number(FOREIGN, real)


async def unknown_today(real: datetime) -> int:
    """How many came in a day or so of which we could not tell what they say."""
    return await _number(UNKNOWN, real)


async def _number(limit: Limit, real: datetime) -> int:
    return limit.tries - await limits.left(limit, "", real)
