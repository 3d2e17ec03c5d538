"""Thanks guests of whom it is known only after all others were thanked that they came, and asks them for feedback: they
were typed up from paper, or a phone without a network had held their scan.

Once each, as long as feedback is open. `at` is the event's time, `real` the machine's.
"""

from datetime import datetime

from events.event import Event, event_with
from events.ground import clock, live
from events.ground.database import after_commit, query, run_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import Queued
from registrations.feedback import asking as feedback
from registrations.feedback.box import OPEN_FOR, last_day

from . import mailings
from .mailing import THANKS, Mailing

TOGETHER = 500  # people in one transaction
# Scans come in the order of their ids, so those since the mailing began are the last: nobody reads all of them for it.
LATE = """SELECT DISTINCT r.id FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN registration r
    ON r.id = t.registration_id WHERE s.arrived_at > ? AND s.id > coalesce(
        (SELECT b.id FROM scan b WHERE b.arrived_at <= ? ORDER BY b.id DESC LIMIT 1), 0)
    AND r.event_id = ? AND {where} AND NOT EXISTS (SELECT 1 FROM message m
        WHERE m.template = 'thanks' AND m.subject_id = r.id AND m.cause = ?) ORDER BY r.id LIMIT ?"""


async def turn(at: datetime, real: datetime) -> None:
    """For each event whose guests were thanked, and that still asks how it was."""
    begun = Mailing.filter(template=THANKS.template, stopped_at=None, is_filled=True, begun_at__gt=at - OPEN_FOR)
    for mailing in await begun:
        event = await event_with(mailing.event_id)
        if _is_open(mailing, event, at) and await _late(mailing):
            await _thank(mailing.id, event, at, real)


def _is_open(mailing: Mailing, event: Event, at: datetime) -> bool:
    """For the day on which the event was; the day before the last, so that they have one to answer."""
    is_wanted = THANKS.template not in event.emails_off and mailing.cause == mailings.cause_of(event)
    return is_wanted and clock.local(at).date() < last_day(event)


async def _late(mailing: Mailing) -> list[int]:
    """The requests of guests who came, and of whom no scan was known when the others were thanked."""
    chosen, since = mailing.recipients, mailing.begun_at
    values = [since, since, mailing.event_id, *chosen.values, mailing.message_cause, TOGETHER]
    return [int(row["id"]) for row in await query(LATE.format(where=chosen.where), values)]


@run_tx
async def _thank(mailing_id: int, event: Event, at: datetime, real: datetime) -> None:
    """Of two who look at the same moment one thanks them."""
    mailing = await Mailing.select_for_update().get(id=mailing_id)
    late = await _late(mailing) if mailing.stopped_at is None else []
    if not late:
        return
    of = (mailing.message_cause, event.id, at, real + quiet_hours.wait(at), True)
    await outbox.put_each([Queued(THANKS.template, id_, *of) for id_ in late])
    mailing.number += len(late)
    await mailing.save(update_fields=["number"])
    await feedback.ask_later(event, late, at)
    after_commit(live.publish, f"event:{event.id}")
