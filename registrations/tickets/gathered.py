"""What is changed of a booking within ten minutes is told in one email: it waits so long, and says all of it.

Nothing waits while the booking may go to another address or person: whoever reads the present one is told at once.

The first word of such an email's cause lists the parts: like `name,choice 0f3a...`.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from events.ground import live
from events.ground.database import after_commit, among, find_rows, places, query, within_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import EPOCH, Message, Queued
from registrations.people.registration import Registration

CHANGED = "booking_changed"
SENT_FIRST = {CHANGED}  # templates that `send_now` sends; whoever writes more of them adds theirs
WAITS = timedelta(minutes=10)
# It has not been tried, and no mailer takes it before the transaction ends.
WAITING = """SELECT id, subject_id, cause FROM message WHERE template = ? AND {whose} AND state = 'queued' AND tries = 0
    AND next_try_at > ? ORDER BY id FOR UPDATE"""
ADD = """UPDATE message SET cause = ?, next_try_at = CASE WHEN next_try_at > ? THEN ? ELSE next_try_at END
    WHERE id = ? RETURNING id"""
SEND_NOW = """UPDATE message SET next_try_at = ? WHERE template IN ({templates}) AND subject_id = ? AND state = 'queued'
    AND tries = 0 AND next_try_at > ? RETURNING id"""
UNSENT = "SELECT * FROM message WHERE template IN ({templates}) AND subject_id = ? AND state = 'queued'"
MAY_GO = """SELECT 1 AS found FROM registration r WHERE r.id = ? AND (
    EXISTS (SELECT 1 FROM address_change c WHERE c.registration_id = r.id AND c.address_sealed IS NOT NULL)
    OR EXISTS (SELECT 1 FROM hand_over h WHERE h.registration_id = r.id
        AND (h.address_sealed IS NOT NULL OR h.receiver_id IS NOT NULL)))"""


@within_tx
async def put(template: str, registration: Registration, part: str, at: datetime, real: datetime) -> None:
    """Adds to the email that waits, or queues one. One that waits longer, such as for the morning, goes as soon as this
    one would. Call it with the row of the request held: who changes it at the same time waits."""
    due = EPOCH if await query(MAY_GO, [registration.id]) else real + WAITS
    if not await _add(template, [registration.id], part, real, due):
        of = (f"{part} {secrets.token_hex(4)}", registration.event_id, at, due)
        await outbox.put_each([Queued(template, registration.id, *of)])


@within_tx
async def put_for_all(
    template: str, event_id: int, ids: Collection[int], part: str, at: datetime, real: datetime
) -> None:
    """The same for all these requests, whose rows are held, of what somebody else has done. By night it waits for the
    morning."""
    due, cause = real + max(WAITS, quiet_hours.wait(at)), f"{part} {secrets.token_hex(4)}"
    waiting = await _add(template, ids, part, real, due) if ids else set()
    new = [Queued(template, id_, cause, event_id, at, due, len(ids) > 1) for id_ in ids if id_ not in waiting]
    if new:
        await outbox.put_each(new)


@within_tx
async def send_now(registration: Registration) -> None:
    """What waits goes out. Call it as the booking is asked to go to another address or person: afterwards they would be
    told, and not whoever has it now."""
    sql = SEND_NOW.format(templates=places(len(SENT_FIRST)))
    await query(sql, [EPOCH, *sorted(SENT_FIRST), registration.id, EPOCH])
    after_commit(live.publish, "outbox")


@within_tx
async def drop(registration: Registration, at: datetime) -> None:
    """What waits goes to nobody. Call it as the booking goes to another address, whose reader it was not for."""
    sql = UNSENT.format(templates=places(len(SENT_FIRST)))
    for message in await find_rows(Message, sql, [*sorted(SENT_FIRST), registration.id]):
        await outbox.drop(message, at)


@within_tx
async def _add(template: str, ids: Collection[int], part: str, real: datetime, due: datetime) -> set[int]:
    """Whose email waits, and says this too now, by then at the latest: their requests."""
    whose, values = among("subject_id", "int", ids)
    waiting = {row["subject_id"]: row for row in await query(WAITING.format(whose=whose), [template, *values, real])}
    for row in waiting.values():  # the newest of each
        parts, _, drawn = row["cause"].partition(" ")
        cause = row["cause"] if part in parts.split(",") else f"{parts},{part} {drawn}"
        await query(ADD, [cause, due, due, row["id"]])
    if waiting:
        after_commit(live.publish, "outbox")
    return set(waiting)


def parts_of(message: Message) -> Sequence[str]:
    return message.cause.partition(" ")[0].split(",")
