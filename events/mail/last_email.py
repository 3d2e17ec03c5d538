"""The one email to an address that is being erased: it stands sealed in its own row until its turn is over."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import structlog

from events.audit import audit
from events.audit.action import Action
from events.ground import keys, live
from events.ground.database import after_commit, find_rows, query, run_tx, within_tx

from . import delivery
from .outbox import ADDRESS, EPOCH, GIVE_UP_AFTER, LEASE, Message, MessageState

log = structlog.get_logger()

PUT = """INSERT INTO message (template, subject_id, cause, event_id, state, tries, queued_at, next_try_at, reply_status,
    address_sealed) VALUES (?, ?, ?, ?, ?, 0, ?, ?, '', ?) RETURNING id"""


@within_tx
async def put(template: str, subject_id: int, address: str, *, cause: str, at: datetime, event_id: int) -> None:
    """Queues it. Nothing else in the database has to know the address any more."""
    sealed = keys.seal(ADDRESS, address, _row(template, subject_id, cause))
    await query(PUT, [template, subject_id, cause, event_id, MessageState.QUEUED, at, EPOCH, sealed])
    after_commit(live.publish, "outbox")


GIVE_UP = """UPDATE message SET state = 'failed', done_at = ?, address_sealed = NULL, lease_until = NULL,
    leased_by = NULL WHERE state = 'queued' AND address_sealed IS NOT NULL AND queued_at <= ?
    AND (lease_until IS NULL OR lease_until < ?) RETURNING *"""
IN_TIME = GIVE_UP_AFTER - 2 * LEASE  # one that is claimed at that moment is over before its 72 hours are


@run_tx
async def give_up(at: datetime, real: datetime) -> int:
    """Fails those that are almost 72 hours old, tried or not, and with each its address goes. How many.

    Other emails wait for as long as the relay takes none at all. Call it before each claim, so that none of these is
    claimed later. `at` is the event's time, by which they were queued.
    """
    overdue = await find_rows(Message, GIVE_UP, [at, at - IN_TIME, real])
    for message in overdue:
        await audit.record(Action.EMAIL_FAILED, message, by=None, at=at, template=message.template, code=None)
        after_commit(live.publish, f"event:{message.event_id}")
    return len(overdue)


class Standing(NamedTuple):
    """What became of it, in words for those who organise, and whether it did not get there."""

    words: str
    failed: bool


async def standing(template: str, subject_ids: Collection[int]) -> dict[int, Standing]:
    """By what they are about; nothing of those whose row is gone."""
    found = await Message.filter(template=template, subject_id__in=list(subject_ids))
    return {message.subject_id: _standing(message) for message in found}


def _standing(message: Message) -> Standing:
    if message.state is MessageState.FAILED:
        return Standing(f"It did not arrive. {delivery.reason(message)}", failed=True)
    return Standing(delivery.in_words(message), failed=False)


def address_of(message: Message) -> str | None:
    """'' once its turn is over. None if it was damaged."""
    if not message.address_sealed:
        return ""
    try:
        row = _row(message.template, message.subject_id, message.cause)
        return keys.open_sealed(ADDRESS, message.address_sealed, row)
    except keys.CannotOpen:
        log.error("an address cannot be opened", row=f"message:{message.id}")
        return None


def _row(template: str, subject_id: int, cause: str) -> str:
    return f"{template}|{subject_id}|{cause}"
