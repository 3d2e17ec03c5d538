"""The one email to an address that is being erased: it stands sealed in its own row until its turn is over."""

from datetime import datetime

import structlog

from events.ground import keys, live
from events.ground.database import after_commit, query, within_tx

from .outbox import ADDRESS, EPOCH, Message, MessageState

log = structlog.get_logger()

PUT = """INSERT INTO message (template, subject_id, cause, event_id, state, tries, queued_at, next_try_at, reply_status,
    address_sealed) VALUES (?, ?, ?, ?, ?, 0, ?, ?, '', ?) RETURNING id"""


@within_tx
async def put(template: str, subject_id: int, address: str, *, cause: str, at: datetime, event_id: int) -> None:
    """Queues it. Nothing else in the database has to know the address any more."""
    sealed = keys.seal(ADDRESS, address, _row(template, subject_id, cause))
    await query(PUT, [template, subject_id, cause, event_id, MessageState.QUEUED, at, EPOCH, sealed])
    after_commit(live.publish, "outbox")


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
