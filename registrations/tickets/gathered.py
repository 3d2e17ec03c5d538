"""What is changed of a booking within ten minutes is told in one email: it waits so long, and says all of it.

Nothing waits while the booking may go to another address or person: whoever reads the present one is told at once.

The first word of such an email's cause lists the parts: like `name,choice 0f3a...`.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from events.ground import live
from events.ground.database import after_commit, query, within_tx
from events.mail import outbox
from events.mail.outbox import EPOCH, Message, MessageState
from registrations.people.registration import Registration

CHANGED = "booking_changed"
WAITS = timedelta(minutes=10)
# It has not been tried, and nobody has added to it meanwhile.
ADD = """UPDATE message SET cause = ? WHERE id = ? AND cause = ? AND state = 'queued' AND tries = 0
    AND next_try_at > ? RETURNING id"""

SEND_NOW = """UPDATE message SET next_try_at = ? WHERE template = ? AND subject_id = ? AND state = 'queued'
    AND tries = 0 AND next_try_at > ? RETURNING id"""
MAY_GO = """SELECT 1 AS found FROM registration r WHERE r.id = ? AND (
    EXISTS (SELECT 1 FROM address_change c WHERE c.registration_id = r.id AND c.address_sealed IS NOT NULL)
    OR EXISTS (SELECT 1 FROM hand_over h WHERE h.registration_id = r.id
        AND (h.address_sealed IS NOT NULL OR h.receiver_id IS NOT NULL)))"""


@within_tx
async def put(template: str, registration: Registration, part: str, at: datetime, real: datetime) -> None:
    """Adds to the email that waits, or queues one. Call it with the row of the request held: who changes it at the
    same time waits."""
    of_theirs = Message.filter(template=template, subject_id=registration.id, state=MessageState.QUEUED, tries=0)
    waiting = await of_theirs.filter(next_try_at__gt=real).order_by("-id").first()
    if waiting is not None and (part in parts_of(waiting) or await _add(waiting, part, real)):
        return
    cause, event_id = f"{part} {secrets.token_hex(4)}", registration.event_id
    due = EPOCH if await query(MAY_GO, [registration.id]) else real + WAITS
    await outbox.put(template, registration.id, cause=cause, at=at, event_id=event_id, due=due)


@within_tx
async def send_now(registration: Registration) -> None:
    """What waits goes out. Call it as the booking is asked to go to another address or person: afterwards they would be
    told, and not whoever has it now."""
    await query(SEND_NOW, [EPOCH, CHANGED, registration.id, EPOCH])
    after_commit(live.publish, "outbox")


async def _add(waiting: Message, part: str, real: datetime) -> bool:
    told, _, drawn = waiting.cause.partition(" ")
    return bool(await query(ADD, [f"{told},{part} {drawn}", waiting.id, waiting.cause, real]))


def parts_of(message: Message) -> Sequence[str]:
    return message.cause.partition(" ")[0].split(",")
