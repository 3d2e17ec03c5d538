"""Messages to send: queued in the act's transaction, claimed under a lease, tried again until their time is up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.expressions import F
from tortoise.models import Model

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live, presence
from events.ground.batching import batched
from events.ground.database import after_commit, find_rows, inserted, places, query, run_tx, within_tx
from events.ground.keyring.made import Left, Sealed, made
from events.ground.personal import Personal, personal

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=72)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
CLOCKS_APART = timedelta(minutes=1)  # of the machines of several processes, at most
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")  # "at once", whatever the clock of a rehearsal says


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # the relay said never, it came back, or 72 hours have passed: an organiser has to telephone
    DROPPED = "dropped"  # no longer true when its turn came
    TELEPHONED = "telephoned"  # failed, and an organiser has told them


RECORDED = {
    MessageState.SENT: Action.EMAIL_SENT,
    MessageState.FAILED: Action.EMAIL_FAILED,
    MessageState.DROPPED: Action.EMAIL_DROPPED,
    MessageState.TELEPHONED: Action.EMAIL_TELEPHONED,
}


class Reply(NamedTuple):
    """What the relay last said, without its words, which may hold an address."""

    code: int | None = None  # 550; None when it said nothing, or was never asked
    status: str = ""  # RFC 3463's 5.1.1, where the relay gave one


NO_REPLY = Reply()
FREE: dict[str, Any] = {"lease_until": None, "leased_by": None}  # of no process
UNWRITTEN = Reply(None, "unwritten")  # the fault is ours: the email could not be made
ADDRESS, TIME = "message.address", "timestamptz"  # what one is sealed for; what PostgreSQL calls the other
LAST = Personal(
    "where the email goes that says that all else is erased, sealed",
    "legal obligation (Articles 12 and 17 of the UK GDPR)",
    "that email is sent, has failed or is dropped; 72 hours at most, also while no email can be sent",
)


class Message(Model):
    """An email to be written when it is sent: which template, about what, and why. It holds no text.

    Nor an address, but that of somebody who was erased (last_email.py).
    """

    id = fields.IntField(primary_key=True)
    template = fields.CharField(max_length=40)
    event_id = fields.IntField(null=True)
    subject_id = fields.IntField()  # of what it is about: a request, a link of one, a ticket, a member of staff
    cause = fields.CharField(max_length=80)  # why it is sent; the same cause never sends twice
    bulk = fields.BooleanField(db_default=False)  # to many at once: what one person waits for goes first
    state = fields.CharEnumField(MessageState, max_length=10, default=MessageState.QUEUED)
    tries = fields.IntField(default=0)
    queued_at = fields.DatetimeField()  # the event's time, which dates the email
    lease_until = fields.DatetimeField(null=True)  # the machine's time, like the three below
    leased_by = fields.IntField(null=True)  # the mark of the process, see presence
    next_try_at = fields.DatetimeField()
    put_off_at = fields.DatetimeField(null=True)  # when it was last decided to wait
    first_try_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)  # the event's time again: it is shown to organisers
    reply_code = fields.IntField(null=True)
    reply_status = fields.CharField(max_length=12, default="")  # 4.x.x of one that is sent: delayed on its way
    address_sealed = personal(fields.BinaryField(null=True), LAST)

    MADE = made(
        cause=Left("what is asked too often waits for one hour"),
        address_sealed=Sealed(ADDRESS, "{template}|{subject_id}|{cause}"),
    )

    class Meta:
        app, table = "events", "message"


PUT_COLUMNS = {"template": "text", "subject_id": "int", "cause": "text", "event_id": "int", "state": "text",
    "tries": "int", "queued_at": TIME, "next_try_at": TIME, "reply_status": "text", "bulk": "bool"}  # fmt: skip
PUT = "INSERT INTO message {rows} ON CONFLICT (template, subject_id, cause) DO NOTHING RETURNING id"


async def put(
    template: str, *subject_ids: int, cause: str, at: datetime, event_id: int | None = None, due: datetime = EPOCH
) -> bool:
    """Queues emails inside the act's transaction, one for each subject. False when this cause has queued all before.

    `due`: the machine's time before which they are not sent, since they can still be taken back, or have to wait their
    turn.
    """
    return await put_each([Queued(template, subject_id, cause, event_id, at, due) for subject_id in subject_ids])


class Queued(NamedTuple):
    """What `put` is told of an email."""

    template: str
    subject_id: int
    cause: str
    event_id: int | None
    at: datetime
    due: datetime
    bulk: bool = False


async def put_each(emails: Sequence[Queued]) -> bool:
    """The same for emails of several people who share a transaction."""
    rows = [(*email[:4], MessageState.QUEUED, 0, email.at, email.due, "", email.bulk) for email in emails]
    sql, values = inserted(PUT_COLUMNS, rows)
    if not await query(PUT.format(rows=sql), values):
        return False
    after_commit(live.publish, "outbox")
    return True


PICK = """UPDATE message SET lease_until = ?, leased_by = ?, tries = tries + 1,
        first_try_at = coalesce(first_try_at, ?)
    WHERE id IN (SELECT id FROM message WHERE state = 'queued' AND (next_try_at <= ? OR put_off_at > ?)
                 AND (lease_until IS NULL OR lease_until < ?) ORDER BY bulk, id LIMIT ? FOR UPDATE SKIP LOCKED)
    RETURNING *"""


async def claim(real: datetime, limit: int = 20) -> list[Message]:
    """Takes what is due, bulk last and else oldest first, under a lease that nobody else gets. `real`: the machine's.
    One that was put off at a time still to come is due at once: the clock has been set back since.
    """
    values = [real + LEASE, presence.mine() or None, real, real, real + CLOCKS_APART, real, limit]
    rows = await find_rows(Message, PICK, values)
    return sorted(rows, key=lambda message: (message.bulk, message.id))


MARK = """UPDATE message SET state = 'sent', done_at = ?, lease_until = NULL, leased_by = NULL, reply_code = 250,
    reply_status = '', address_sealed = NULL WHERE state IN ('queued', 'dropped') AND id IN ({ids}) RETURNING id"""


async def _mark(sent: Sequence[tuple[Message, datetime]]) -> list[bool]:
    ids, at = [message.id for message, _ in sent], max(at for _, at in sent)
    marked = {row["id"] for row in await query(MARK.format(ids=places(len(ids))), [at, *ids])}
    acts: list[audit.Act] = [(RECORDED[MessageState.SENT], message, {"template": message.template, "code": 250})
                             for message, _ in sent if message.id in marked]  # fmt: skip
    if acts:
        await audit.record_all(acts, by=None, at=at)
    for message in {message.event_id: message for message, _ in sent if message.id in marked}.values():
        _publish(message)
    return [id_ in marked for id_ in ids]


_mark_together = batched(_mark, most=50)


async def mark_sent(message: Message, at: datetime) -> None:
    """Marks it right after the relay's yes, together with those that other connections have handed over meanwhile.
    One that was dropped while the relay took it is out all the same, and the log says both.

    Whoever calls it hands nothing over on the same connection before it returns: so a kill repeats one email a
    connection at most. `at` is the event's time.
    """
    await _mark_together([(message, at)])


@run_tx
async def done(message: Message, state: MessageState, at: datetime, reply: Reply = NO_REPLY) -> None:
    """Marks the message as soon as the relay has answered for it. `at` is the event's time."""
    said = {"reply_code": reply.code, "reply_status": reply.status}
    still = Message.filter(id=message.id, state=MessageState.QUEUED)
    marked = await still.update(state=state, done_at=at, address_sealed=None, **FREE, **said)
    if marked:
        await audit.record(RECORDED[state], message, by=None, at=at, template=message.template, code=reply.code)
        _publish(message)


@within_tx
async def drop(message: Message, at: datetime) -> None:
    """Drops a message that waits, or takes a failed one off the list of those to telephone: it is no longer true."""
    if message.state is MessageState.QUEUED:
        await done(message, MessageState.DROPPED, at)
    elif await Message.filter(id=message.id, state=MessageState.FAILED).update(state=MessageState.DROPPED, done_at=at):
        await audit.record(Action.EMAIL_DROPPED, message, by=None, at=at, template=message.template, code=None)
        _publish(message)


@run_tx
async def take_back(message: Message, at: datetime) -> bool:
    """Drops a message that nobody has ever claimed. False once it may be on its way."""
    untouched = Message.filter(id=message.id, state=MessageState.QUEUED, tries=0, lease_until=None)
    if not await untouched.update(state=MessageState.DROPPED, done_at=at, address_sealed=None):
        return False
    await audit.record(Action.EMAIL_DROPPED, message, by=None, at=at, template=message.template, code=None)
    _publish(message)
    return True


@within_tx
async def came_back(message: Message, status: str, at: datetime) -> bool:
    """Marks what the relay took, and a mail system further on could not deliver. False if its end is known already.

    It may come back before we have marked it as sent.
    """
    out = Message.filter(id=message.id, state__in=[MessageState.SENT, MessageState.QUEUED], tries__gt=0)
    ended = {"state": MessageState.FAILED, "done_at": at, "address_sealed": None}
    marked = await out.update(**ended, lease_until=None, leased_by=None, reply_code=None, reply_status=status)
    if marked:
        await audit.record(Action.EMAIL_RETURNED, message, by=None, at=at, template=message.template, status=status)
        _publish(message)
    return bool(marked)


@run_tx
async def delayed(message: Message, status: str, at: datetime) -> bool:
    """Marks what a mail system further on goes on trying to deliver. False if that is known, or it is not out."""
    sent = Message.filter(id=message.id, state=MessageState.SENT).exclude(reply_status=status)
    if not await sent.update(reply_status=status):
        return False
    await audit.record(Action.EMAIL_DELAYED, message, by=None, at=at, template=message.template, status=status)
    _publish(message)
    return True


DROP_ALL = """UPDATE message SET state = 'dropped', done_at = ? WHERE event_id = ? AND cause = ? AND state = 'queued'
    AND lease_until IS NULL RETURNING id"""


@within_tx
async def drop_all(event_id: int, cause: str, at: datetime) -> int:
    """Drops every message of this cause that is not on its way. Returns how many; the act's own entry says so."""
    return len(await query(DROP_ALL, [at, event_id, cause]))


async def again(message: Message, at: datetime, real: datetime, reply: Reply = NO_REPLY) -> MessageState:
    """Puts it back with a longer wait each time; FAILED once 72 hours of the machine's time have passed in vain."""
    if message.first_try_at and real - message.first_try_at >= GIVE_UP_AFTER:
        await done(message, MessageState.FAILED, at, reply)
        return MessageState.FAILED
    wait = min(FIRST_WAIT * 2 ** min(message.tries - 1, 20), LONGEST_WAIT)
    await Message.filter(id=message.id, state=MessageState.QUEUED).update(
        next_try_at=real + wait, put_off_at=real, **FREE, reply_code=reply.code, reply_status=reply.status
    )
    _publish(message)
    return MessageState.QUEUED


@run_tx
async def put_back(messages: Sequence[Message]) -> None:
    """Gives claimed messages back as if untried: the process is stopping, or the relay takes nothing at all.

    It leaves out those that another process took meanwhile because it thought ours gone.
    """
    queued = Message.filter(id__in=[message.id for message in messages], state=MessageState.QUEUED)
    ours = queued.filter(leased_by=messages[0].leased_by)
    await ours.filter(tries=1).update(first_try_at=None)  # else their 72 hours would run while nobody tries
    await ours.update(**FREE, tries=F("tries") - 1)


async def end_dead_leases() -> int:
    """Ends the leases of processes that are gone, so that what they had claimed does not wait for minutes."""
    leased = Message.filter(state=MessageState.QUEUED, leased_by__not_isnull=True)
    marks: Any = await leased.distinct().values_list("leased_by", flat=True)
    gone = await presence.gone(marks)
    return await leased.filter(leased_by__in=gone).update(**FREE) if gone else 0


def is_lost(message: Message) -> bool:
    """Whether another process may have taken it: the lock that says we are there was lost after it was claimed."""
    return message.leased_by is not None and message.leased_by != presence.mine()


@run_tx
async def retry(message: Message, by: Actor | None, at: datetime, due: datetime = EPOCH, was: str = "failed") -> bool:
    """Queues anew what failed, as the fault is mended, or was 'dropped' and is true now. False if it is not so."""
    anew = {"state": MessageState.QUEUED, "tries": 0, "next_try_at": due, "first_try_at": None, "done_at": None}
    if not await Message.filter(id=message.id, state=was).update(**anew, **FREE):
        return False
    await audit.record(Action.EMAIL_RETRIED, message, by=by, at=at, template=message.template)
    after_commit(live.publish, "outbox")
    _publish(message)
    return True


def _publish(message: Message) -> None:
    after_commit(live.publish, "mail")
    if message.event_id is not None:
        after_commit(live.publish, f"event:{message.event_id}")
