"""Guests of whom it is known only after a mailing began that they came: they were typed up from paper, or a phone
without a network had held their scan. Each gets its email once. `at` is the event's time, `real` the machine's.
"""

from datetime import datetime

from events.event import Event
from events.ground import live
from events.ground.database import after_commit, query, within_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import Queued

from .mailing import Mailing

TOGETHER = 500  # people in one transaction
# Scans come in the order of their ids, so those since the mailing began are the last: nobody reads all of them for it.
LATE = """SELECT DISTINCT r.id FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN registration r
    ON r.id = t.registration_id WHERE s.arrived_at > ? AND s.id > coalesce(
        (SELECT b.id FROM scan b WHERE b.arrived_at <= ? ORDER BY b.id DESC LIMIT 1), 0)
    AND r.event_id = ? AND {where} AND NOT EXISTS (SELECT 1 FROM message m
        WHERE m.template = ? AND m.subject_id = r.id AND m.cause = ?) ORDER BY r.id LIMIT ?"""


async def find(mailing: Mailing) -> list[int]:
    """The requests of guests who came, and of whom no scan was known when the mailing began."""
    chosen, since = mailing.recipients, mailing.begun_at
    about = [mailing.event_id, *chosen.values, mailing.template, mailing.message_cause]
    rows = await query(LATE.format(where=chosen.where), [since, since, *about, TOGETHER])
    return [int(row["id"]) for row in rows]


@within_tx
async def add(mailing_id: int, event: Event, at: datetime, real: datetime) -> list[int]:
    """Gives them their message; of two who do so at the same moment one does. Returns whose they are."""
    mailing = await Mailing.select_for_update().get(id=mailing_id)
    late = await find(mailing) if mailing.stopped_at is None else []
    if not late:
        return []
    of = (mailing.message_cause, event.id, at, real + quiet_hours.wait(at), True)
    await outbox.put_each([Queued(mailing.template, id_, *of) for id_ in late])
    mailing.number += len(late)
    await mailing.save(update_fields=["number"])
    after_commit(live.publish, f"event:{event.id}")
    return late
