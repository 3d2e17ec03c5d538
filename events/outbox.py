"""Messages to send: queued in the act's transaction, claimed under a lease, tried again until their time is up."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.models import Model

from . import live
from .database import after_commit, connection, is_postgres, run_tx

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=72)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # the relay said never, or 72 hours have passed: an organiser has to telephone
    DROPPED = "dropped"  # no longer true when its turn came


class Message(Model):
    """A mail to be written when it is sent: which template, about what, and why. It holds no address and no text."""

    id = fields.IntField(primary_key=True)
    template = fields.CharField(max_length=40)
    event_id = fields.IntField(null=True)
    subject_id = fields.IntField()  # of what the template is about: a registration, a ticket or a member of staff
    cause = fields.CharField(max_length=60)  # why it is sent; the same cause never sends twice
    state = fields.CharEnumField(MessageState, max_length=10, default=MessageState.QUEUED)
    tries = fields.IntField(default=0)
    queued_at = fields.DatetimeField()  # the event's time, which the letter is dated by
    lease_until = fields.DatetimeField(null=True)  # the machine's time, like the two below
    next_try_at = fields.DatetimeField()
    first_try_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    reply_code = fields.IntField(null=True)  # the relay's last answer; its text may hold an address and is not kept

    class Meta:
        app, table = "events", "message"


async def put(
    template: str,
    subject_id: int,
    *,
    cause: str,
    at: datetime,
    event_id: int | None = None,
) -> bool:
    """Queues a mail inside the act's transaction. False when this cause has queued it before."""
    try:
        await _put(template, subject_id, cause, at, event_id)
    except IntegrityError:
        return False
    after_commit(live.publish, "outbox")
    return True


@run_tx
async def _put(template: str, subject_id: int, cause: str, at: datetime, event_id: int | None) -> None:
    await Message.create(
        template=template,
        subject_id=subject_id,
        cause=cause,
        queued_at=at,
        next_try_at=EPOCH,
        event_id=event_id,
    )


EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")  # "at once", whatever the clock of a rehearsal says

PICK = """UPDATE message SET lease_until = {until}, tries = tries + 1, first_try_at = coalesce(first_try_at, {now})
    WHERE id IN (SELECT id FROM message WHERE state = 'queued' AND next_try_at <= {now}
                 AND (lease_until IS NULL OR lease_until < {now}) ORDER BY id LIMIT {limit} {skip}) RETURNING id"""


async def claim(now: datetime, limit: int = 20) -> list[Message]:
    """Takes messages whose turn it is, under a lease nobody else gets; oldest first. `now` is the machine's time."""
    if is_postgres():
        sql = PICK.format(until="$1", now="$2", limit="$3", skip="FOR UPDATE SKIP LOCKED")
        values: list[Any] = [now + LEASE, now, limit]
    else:
        sql = PICK.format(until="?1", now="?2", limit="?3", skip="")
        values = [(now + LEASE).isoformat(" "), now.isoformat(" "), limit]
    rows = await connection().execute_query_dict(sql, values)
    return await Message.filter(id__in=[row["id"] for row in rows]).order_by("id")


async def done(message: Message, state: MessageState, at: datetime, reply_code: int | None = None) -> None:
    """Marks it right after its own answer from the relay."""
    await Message.filter(id=message.id, state=MessageState.QUEUED).update(
        state=state, done_at=at, lease_until=None, reply_code=reply_code
    )
    live.publish("mail")


async def again(message: Message, at: datetime, reply_code: int | None = None) -> MessageState:
    """Puts it back with a longer wait each time; FAILED once 72 hours have passed since its first try."""
    if message.first_try_at and at - message.first_try_at >= GIVE_UP_AFTER:
        await done(message, MessageState.FAILED, at, reply_code)
        return MessageState.FAILED
    wait = min(FIRST_WAIT * 2 ** max(0, message.tries - 1), LONGEST_WAIT)
    await Message.filter(id=message.id).update(next_try_at=at + wait, lease_until=None, reply_code=reply_code)
    return MessageState.QUEUED


async def put_back(message: Message) -> None:
    """Gives a claimed message back untried: the process is stopping, or the relay takes nothing at all."""
    await Message.filter(id=message.id).update(lease_until=None, tries=F("tries") - 1)
