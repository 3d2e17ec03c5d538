"""Begins, fills, stops and counts mailings. `at` is the event's time, `real` the machine's."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, places, query, run_tx, within_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import Message, MessageState, Queued
from registrations.people.registration import State

from .mailing import Mailing, MailingKind, Recipients

TOGETHER = 500  # people who get their message in one transaction: nobody at the door waits long for it
BEGIN = """INSERT INTO mailing
    (event_id, template, cause, chosen, told_before, begun_at, waits_until, is_filled, filled_to, number)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (event_id, template, cause) DO NOTHING RETURNING id"""
SHOWN_FOR = timedelta(days=30)
NEXT = "SELECT r.id FROM registration r WHERE r.event_id = ? AND r.id > ? AND {where} ORDER BY r.id LIMIT ?"
ALL = "SELECT r.id FROM registration r WHERE r.event_id = ? AND {where} ORDER BY r.id"
HOW_MANY = "SELECT count(*) AS number FROM registration r WHERE r.event_id = ? AND {where}"
BY_STATE = """SELECT r.state, count(*) AS number FROM registration r WHERE r.event_id = ? AND {where}
    GROUP BY r.state ORDER BY number DESC, r.state"""
PROGRESS = """SELECT cause, state, count(*) AS number FROM message WHERE event_id = ? AND cause IN ({causes})
    GROUP BY cause, state"""


class Progress(NamedTuple):
    """How far a mailing is: its messages by what became of them."""

    mailing: Mailing
    sent: int
    waiting: int
    failed: int
    dropped: int

    @property
    def may_stop(self) -> bool:
        return self.mailing.stopped_at is None and (self.waiting > 0 or not self.mailing.is_filled)


@within_tx
async def begin(
    event: Event, kind: MailingKind, cause: str, at: datetime, real: datetime, *,
    by: Actor | None = None, recipients: Recipients | None = None, wait: timedelta = timedelta(),
    told_before: Mapping[str, str] | None = None,
) -> Mailing | None:  # fmt: skip
    """Begins it with the first people's messages; `fill` goes on. None if this cause has begun one already.

    By night it waits for the morning, and `wait` at least.
    """
    waits_until = real + max(wait, quiet_hours.wait(at))
    chosen, told = (recipients or kind.recipients).as_json(), dict(told_before or {})
    values = [event.id, kind.template, cause, json.dumps(chosen), json.dumps(told), at, waits_until, False]
    if not (begun := await query(BEGIN, values)):
        return None
    mailing = await Mailing.get(id=begun[0]["id"])
    await audit.record(Action.MAILING_BEGUN, mailing, by=by, at=at, event_id=event.id, template=kind.template)
    await fill_part(mailing, at)
    return mailing


async def fill_all(at: datetime) -> int:
    """Gives the rest of the people their messages. Returns how many mailings were not filled."""
    unfilled = await Mailing.filter(is_filled=False, stopped_at=None).order_by("id")
    for mailing in unfilled:
        while not mailing.is_filled and mailing.stopped_at is None:
            mailing = await fill(mailing.id, at)
    return len(unfilled)


@run_tx
async def fill(mailing_id: int, at: datetime) -> Mailing:
    """One more part of the people, as far as nobody else is at it."""
    mailing = await Mailing.select_for_update().get(id=mailing_id)
    if not mailing.is_filled and mailing.stopped_at is None:
        await fill_part(mailing, at)
    return mailing


@within_tx
async def fill_part(mailing: Mailing, at: datetime) -> None:
    """Gives so many more people their message as fit into one transaction."""
    chosen = mailing.recipients
    values = [mailing.event_id, mailing.filled_to, *chosen.values, TOGETHER]
    ids = [int(row["id"]) for row in await query(NEXT.format(where=chosen.where), values)]
    if ids:
        cause, event_id = mailing.message_cause, mailing.event_id
        due = mailing.waits_until
        await outbox.put_each([Queued(mailing.template, id_, cause, event_id, at, due, bulk=True) for id_ in ids])
        mailing.filled_to = ids[-1]
    mailing.number = await Message.filter(event_id=mailing.event_id, cause=mailing.message_cause).count()
    mailing.is_filled = len(ids) < TOGETHER
    await mailing.save(update_fields=["filled_to", "number", "is_filled"])
    after_commit(live.publish, f"event:{mailing.event_id}")


@run_tx
async def stop(mailing: Mailing, by: Actor, at: datetime) -> bool:
    """Drops every email of it that has not gone out. False if somebody has stopped it already."""
    if not await Mailing.filter(id=mailing.id, stopped_at=None).update(stopped_at=at):
        return False
    dropped = await outbox.drop_all(mailing.event_id, mailing.message_cause, at)
    await audit.record(Action.MAILING_STOPPED, mailing, by=by, at=at, event_id=mailing.event_id, dropped=dropped)
    after_commit(live.publish, f"event:{mailing.event_id}")
    return True


async def how_many(event: Event, chosen: Recipients) -> int:
    """How many people it would go to now."""
    [row] = await query(HOW_MANY.format(where=chosen.where), [event.id, *chosen.values])
    return int(row["number"])


async def by_state(event: Event, chosen: Recipients) -> dict[State, int]:
    """How many people it would go to now, by their state."""
    rows = await query(BY_STATE.format(where=chosen.where), [event.id, *chosen.values])
    return {State(row["state"]): int(row["number"]) for row in rows}


async def people_of(event: Event, chosen: Recipients) -> list[int]:
    """The requests of all whom it would go to now."""
    rows = await query(ALL.format(where=chosen.where), [event.id, *chosen.values])
    return [int(row["id"]) for row in rows]


async def begun_for(event: Event) -> set[str]:
    """The templates of emails by the clock that have begun for the day on which the event is now."""
    return {mailing.template for mailing in await Mailing.filter(event_id=event.id, cause=cause_of(event))}


def cause_of(event: Event) -> str:
    """What causes its emails by the clock: an event that is put off has them again."""
    return event.day.isoformat()


def cause_at(moment: datetime) -> str:
    """What causes the emails about a release at this moment: another release has its own."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"


async def progress(event: Event, at: datetime) -> list[Progress]:
    """Of the mailings of the last weeks, the newest first."""
    recent = Mailing.filter(event_id=event.id, begun_at__gt=at - SHOWN_FOR, number__gt=0).order_by("-begun_at", "-id")
    mailings = {mailing.message_cause: mailing for mailing in await recent}
    rows = await query(PROGRESS.format(causes=places(len(mailings))), [event.id, *mailings]) if mailings else []
    counts = {(row["cause"], row["state"]): int(row["number"]) for row in rows}

    def of(cause: str, *states: MessageState) -> int:
        return sum(counts.get((cause, state.value), 0) for state in states)

    return [
        Progress(
            mailing,
            sent=of(cause, MessageState.SENT),
            waiting=of(cause, MessageState.QUEUED),
            failed=of(cause, MessageState.FAILED, MessageState.TELEPHONED),
            dropped=of(cause, MessageState.DROPPED),
        )
        for cause, mailing in mailings.items()
    ]
