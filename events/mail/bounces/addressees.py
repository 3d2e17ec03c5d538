"""Rows whose addresses emails go to: where we note that an address takes none, so that no more are sent there.

The note is a status (RFC 3463) beside the sealed address. It ends when an organiser lets emails go there again; and
with the address, as the database itself sees to.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from tortoise.models import Model

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live
from events.ground.database import after_commit, query, run_tx, within_tx

from .. import delivery, outbox
from ..outbox import Message, MessageState, Reply

STOP = "UPDATE {table} SET undeliverable = ? WHERE id = ? AND undeliverable = '' RETURNING id"
ALLOW = "UPDATE {table} SET undeliverable = '' WHERE id = ? AND undeliverable <> '' RETURNING id"


class Addressee(Protocol):
    """A row of somebody whom we write to."""

    @property
    def email(self) -> str: ...

    undeliverable: Any  # the status with which their address takes no email; '' while it does


class Undeliverable(Exception):
    """No email is written to this address any more."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Machine(NamedTuple):
    """Acts by itself: an entry about a person would else say that it was the person."""

    actor: str = "system"


Finder = Callable[[Message], Awaitable[Model | None]]
FINDERS: dict[str, Finder] = {}  # the row of whoever gets it, by template; composition only


def reachable(row: Addressee) -> str:
    """The address. Raises Undeliverable when it takes no email."""
    if row.undeliverable:
        raise Undeliverable(row.undeliverable)
    return row.email


@run_tx
async def failed(message: Message, at: datetime, reply: Reply) -> None:
    """Marks a queued message as failed, and its address if it takes none."""
    await outbox.done(message, MessageState.FAILED, at, reply)
    await stop(message, reply.status, at)


@within_tx
async def stop(message: Message, status: str, at: datetime) -> None:
    """Notes that the address of this message takes no email, if the status says so."""
    find = FINDERS.get(message.template)
    row = await find(message) if find and delivery.takes_none(status) else None
    if row is None or not await query(STOP.format(table=row._meta.db_table), [status, row.pk]):
        return
    await audit.record(Action.ADDRESS_STOPPED, row, by=Machine(), at=at, event_id=message.event_id, status=status)
    _tell(message.event_id)


@run_tx
async def allow(row: Model, by: Actor, at: datetime, event_id: int | None) -> bool:
    """Lets emails go to this row's address again. False if they do."""
    if not await query(ALLOW.format(table=row._meta.db_table), [row.pk]):
        return False
    await audit.record(Action.ADDRESS_ALLOWED, row, by=by, at=at, event_id=event_id)
    _tell(event_id)
    return True


@run_tx
async def retry(message: Message, by: Actor, at: datetime, event_id: int) -> bool:
    """Queues a failed message anew, and lets emails go to its address again. False if it has not failed."""
    if not await outbox.retry(message, by, at):
        return False
    find = FINDERS.get(message.template)
    if row := await find(message) if find else None:
        await allow(row, by, at, event_id)
    return True


def _tell(event_id: int | None) -> None:
    if event_id is not None:
        after_commit(live.publish, f"event:{event_id}")
