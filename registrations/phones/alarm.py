"""Loud alarms on the board: door, time and kind, never what was shown or typed (SG-08)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, AuditEntry
from events.ground import limits, live
from events.ground.database import advisory_lock, after_commit, find_rows, query, run_tx, within_tx

from .door import Device, DoorPass, topic

UNKNOWN_CODES, WITHIN = 3, timedelta(minutes=10)
ALARM_LOCK = 8415  # PostgreSQL keeps advisory locks of two numbers apart from those of one
TAKEN_BACK_WITHIN = timedelta(minutes=1)  # a phone offers it for ten seconds; the rest is for a slow network
ONE_DAY = timedelta(days=1)
SHOWN_FOR = timedelta(hours=1)  # to organisers
RECENT = "SELECT * FROM audit_entry WHERE event_id = ? AND action IN (?, ?) AND at > ?"
ACTIONS = (Action.DOOR_ALERT.value, Action.ALERT_SEEN.value)


class Kind(StrEnum):
    UNKNOWN_CODES = "unknown codes"
    REFERENCES = "wrong references"
    NAMES = "look-ups by name"
    HELP = "help"
    HELP_TAKEN_BACK = "help taken back"
    PINS = "wrong PINs"
    TWO_PAGES = "two browsers"


CALLS = (Kind.HELP, Kind.HELP_TAKEN_BACK)  # each phone's own; one ends the other, so neither repeats what came before
QUIET_AFTER = dict.fromkeys(CALLS, timedelta(minutes=1))  # who asks again needs it still; a press twice is one call


class Alarm(NamedTuple):
    at: datetime
    door_id: int
    kind: Kind
    phone: str  # 'pass:7', whose scan, press or try raised it
    late: int = 0  # minutes that its phone had no network for
    id: int = 0  # of its entry in the audit log
    seen_by: str = ""  # 'staff:3': who has acknowledged it
    seen_at: datetime | None = None
    taken_back_at: datetime | None = None  # of a call for help that was pressed by mistake, see `told_as_one`


@within_tx
async def after_unknown(by: Device, at: datetime) -> None:
    """Raised at the third code in ten minutes that was no ticket of this event. Call it last."""
    await _one_at_a_time(by.door_id)
    sql = "SELECT count(*) AS codes FROM scan WHERE door_id = ? AND verdict = 'unknown' AND arrived_at > ?"
    [counted] = await query(sql, [by.door_id, at - WITHIN])
    if counted["codes"] >= UNKNOWN_CODES:
        await _raise(Kind.UNKNOWN_CODES, by, at)


@within_tx
async def sound(kind: Kind, by: Device, at: datetime, age: float = 0.0) -> None:
    """Raises an alarm at once, about something `age` seconds ago."""
    await _one_at_a_time(by.door_id)
    await _raise(kind, by, at, int(age // 60))


@within_tx
async def take_back_help(by: Device, at: datetime, age: float = 0.0) -> bool:
    """Notes that this phone's last call for help was pressed by mistake, `age` seconds ago. False if that is too late:
    then the call stands, whatever a phone says. A call that never came is taken back all the same."""
    await _one_at_a_time(by.door_id)
    last = next((alarm for alarm in await recent(by.event_id, at - ONE_DAY) if _alike(alarm, Kind.HELP, by)), None)
    if last is not None and last.kind is Kind.HELP and at - timedelta(seconds=age) - last.at > TAKEN_BACK_WITHIN:
        return False
    await _raise(Kind.HELP_TAKEN_BACK, by, at, int(age // 60))
    return True


@within_tx
async def after_wrong_reference(by: Device, at: datetime, real: datetime) -> None:
    """Raised when a whole event types more wrong references than people do."""
    await limits.count(limits.REFERENCES_AT_EVENT, str(by.event_id), real)
    if await limits.spent(limits.REFERENCES_AT_EVENT, str(by.event_id), real):
        await _one_at_a_time(by.door_id)
        await _raise(Kind.REFERENCES, by, at)


async def _one_at_a_time(door_id: int) -> None:
    """Two phones of a door at once would not count each other's. The lock is not the door's row: whoever moves an event
    holds that after the event's, and a scan comes to the event last."""
    await advisory_lock(ALARM_LOCK, door_id)


async def recent(event_id: int, since: datetime) -> list[Alarm]:
    """Alarms, newest first."""
    rows = await find_rows(AuditEntry, RECENT, [event_id, *ACTIONS, since])
    entries = sorted(
        rows, key=lambda entry: entry.id, reverse=True
    )  # here: in the database it would take another index
    seen = {entry.details["alert"]: (entry.actor, entry.at) for entry in entries if entry.action is Action.ALERT_SEEN}
    return [
        Alarm(
            entry.at, entry.details["door"], Kind(entry.details["kind"]), entry.actor, entry.details.get("late", 0),
            entry.id, *seen.get(entry.id, ("", None)),
        )
        for entry in entries if entry.action is Action.DOOR_ALERT
    ]  # fmt: skip


def told_as_one(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Newest first, each call for help and its taking back as one: what was called and is taken back, is one thing to
    acknowledge. The call says when, and whoever has acknowledged either has acknowledged both."""
    told: list[Alarm] = []
    for alarm in sorted(alarms, key=lambda alarm: alarm.id):
        number = next((n for n in range(len(told) - 1, -1, -1) if _is_call_of(told[n], alarm)), None)
        if alarm.kind is not Kind.HELP_TAKEN_BACK or number is None or told[number].kind is not Kind.HELP:
            told.append(alarm)
            continue
        call = told[number]
        seen = (call.seen_by, call.seen_at) if call.seen_by else (alarm.seen_by, alarm.seen_at)
        told[number] = call._replace(kind=alarm.kind, seen_by=seen[0], seen_at=seen[1], taken_back_at=alarm.at)
    return told[::-1]


def _is_call_of(alarm: Alarm, other: Alarm) -> bool:
    return alarm.kind in CALLS and (alarm.door_id, alarm.phone) == (other.door_id, other.phone)


async def callers(alarms: Iterable[Alarm]) -> dict[int, str]:
    """The names of the phones that called for help or took it back, by the alarm's id. A call whose pass is not there,
    as after an older copy was put back, has none."""
    calls = {alarm.id: int(alarm.phone.removeprefix("pass:")) for alarm in alarms if alarm.kind in CALLS}
    names = {phone.id: phone.name for phone in await DoorPass.filter(id__in=set(calls.values()))} if calls else {}
    return {call: names[phone] for call, phone in calls.items() if phone in names}


@run_tx
async def acknowledge(event_id: int, alert: int, by: Actor, at: datetime) -> bool:
    """Records that somebody is dealing with the alarm. False if it is not of this event, or if somebody was quicker."""
    entry = await AuditEntry.get_or_none(id=alert, event_id=event_id, action=Action.DOOR_ALERT)
    if entry is None:
        return False
    await _one_at_a_time(entry.details["door"])
    seen = AuditEntry.filter(event_id=event_id, action=Action.ALERT_SEEN, id__gt=alert)
    if any(entry.details["alert"] == alert for entry in await seen):
        return False
    await audit.record(Action.ALERT_SEEN, by=by, at=at, event_id=event_id, alert=alert)
    after_commit(live.publish, topic(event_id))
    return True


async def _raise(kind: Kind, by: Device, at: datetime, late: int = 0) -> None:
    """Raises it once in a while for a door: people stop hearing an alarm that never stops."""
    before = await recent(by.event_id, at - QUIET_AFTER.get(kind, WITHIN))
    if next((alarm.kind for alarm in before if _alike(alarm, kind, by)), None) is kind:
        return
    more: dict[str, Any] = {"late": late} if late else {}
    await audit.record(Action.DOOR_ALERT, by=by, at=at, event_id=by.event_id, door=by.door_id, kind=kind.value, **more)
    after_commit(live.publish, topic(by.event_id))


def _alike(alarm: Alarm, kind: Kind, by: Device) -> bool:
    """Whether this one may make another needless. A phone's call says nothing of another phone's at the same door."""
    if kind in CALLS:
        return alarm.kind in CALLS and (alarm.door_id, alarm.phone) == (by.door_id, by.actor)
    return alarm.kind is kind and alarm.door_id == by.door_id
