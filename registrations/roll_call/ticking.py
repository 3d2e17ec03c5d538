"""What marshals tick: each tick is kept as a row, whatever other phones say. The latest counts; others that differ are
told beside it.

Rules: SG-15. `at` is the event's time.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event, held_event
from events.ground import live
from events.ground.database import after_commit, find_rows, moment, query, run_tx, within_tx
from registrations.phones import heartbeat
from registrations.phones.door import PHONE_NAME, Device, epoch, phone_in, topic
from registrations.tickets.ticket import Ticket

from . import calling, rows
from .roll_call import ID, Mark, Press, RollCall, RollPress, RollTick

MOST_AT_ONCE = 200
MOST_ANSWERED = 1000  # people
ROW = re.compile(r"[0-9a-f]{32}")
HELD = "UPDATE roll_call SET kind = kind WHERE id = ? RETURNING *"
NEW = f"SELECT id FROM roll_tick WHERE roll_call_id = ? AND id > ? AND NOT after_end ORDER BY id LIMIT {MOST_ANSWERED}"  # noqa: S608
PEOPLE = """SELECT DISTINCT t.registration_id FROM roll_tick k JOIN ticket t ON t.id = k.ticket_id
    WHERE k.roll_call_id = ? AND k.id > ? AND k.id <= ? AND NOT k.after_end"""
# Of each of these people the latest tick of each phone.
LATEST = f"""SELECT * FROM (SELECT t.registration_id, k.mark, k.happened_at, k.id, k.door_pass_id, {PHONE_NAME},
    {rows.SHOWN_N} AS n,
    row_number() OVER (PARTITION BY t.registration_id, k.door_pass_id ORDER BY k.happened_at DESC, k.id DESC) AS newest
    FROM roll_tick k JOIN ticket t ON t.id = k.ticket_id JOIN door_pass p ON p.id = k.door_pass_id
    WHERE k.roll_call_id = ? AND NOT k.after_end AND t.registration_id IN ({PEOPLE})) latest
    WHERE newest = 1 ORDER BY happened_at DESC, id DESC"""  # noqa: S608  # ours


class SentTick(NamedTuple):
    """A tick as a phone sends it."""

    id: str
    row: str  # hexadecimal
    mark: Mark
    age: float  # seconds
    by_ticket: bool


class SentPrint(NamedTuple):
    id: str
    age: float  # seconds


class Taken(NamedTuple):
    """By their ids. What is refused is an answer too: nobody sends it again."""

    kept: list[str]
    refused: list[str]


class Changed(NamedTuple):
    """What marshals say now of those who were ticked since a cursor, and the next cursor."""

    ticks: list[dict[str, Any]]
    cursor: int
    more: bool


@run_tx
async def take(
    roll_call: RollCall | None, ticks: Sequence[SentTick], prints: Sequence[SentPrint], by: Device, at: datetime
) -> Taken:
    """Keeps each tick and each print once, however often it is sent; also of a roll call that has ended meanwhile. Of a
    pass that has ended ticks are kept, and do not count. A tick of an unknown roll call, or of an unknown row, is
    refused."""
    kept = await _keep_prints(roll_call, prints, by, at)
    if roll_call is None or not ticks:
        return Taken(kept, [tick.id for tick in ticks])
    await find_rows(RollCall, HELD, [roll_call.id])  # so that ticks are numbered as they commit: see `changed`
    tickets = await _tickets(by.event_id, {tick.row for tick in ticks})
    known = {tick.id: tick for tick in ticks if tick.row in tickets}
    there = {tick.client_id for tick in await RollTick.filter(client_id__in=list(known)).only("client_id")}
    new = [tick for tick in known.values() if tick.id not in there]
    await RollTick.bulk_create(_row(tick, roll_call, tickets[tick.row], by, at) for tick in new)
    if new:
        after_commit(live.publish, topic(by.event_id))
    refused = dict.fromkeys(tick.id for tick in ticks if tick.id not in known)
    return Taken(kept + list(known), list(refused))


def _row(tick: SentTick, roll_call: RollCall, ticket_id: int, by: Device, at: datetime) -> RollTick:
    return RollTick(
        roll_call_id=roll_call.id, client_id=tick.id, ticket_id=ticket_id, door_pass_id=by.id, mark=tick.mark,
        by_ticket=tick.by_ticket, age=tick.age, happened_at=calling.happened(at, tick.age, by.longest_age),
        arrived_at=at, after_end=not by.live,
    )  # fmt: skip


@within_tx
async def _keep_prints(roll_call: RollCall | None, prints: Sequence[SentPrint], by: Device, at: datetime) -> list[str]:
    """A print names people on paper, so the audit log says who printed it and when."""
    sent = {print_.id: print_ for print_ in prints}
    if sent:
        await held_event(by.event_id)  # told twice at once, it is logged once
    there = {press.client_id for press in await RollPress.filter(client_id__in=list(sent)).only("client_id")}
    for new in (print_ for print_ in sent.values() if print_.id not in there):
        press = await RollPress.create(
            event_id=by.event_id, client_id=new.id, what=Press.PRINT, roll_call=roll_call, pressed_by=by.actor,
            happened_at=calling.happened(at, new.age, by.longest_age), arrived_at=at,
        )  # fmt: skip
        printed = epoch(press.happened_at)
        await audit.record(Action.ROLL_CALL_PRINTED, press, by=by, at=at, event_id=by.event_id, printed=printed)
        after_commit(live.publish, topic(by.event_id))
    return list(sent)


async def _tickets(event_id: int, wanted: Collection[str]) -> dict[str, int]:
    """The ticket of each row of this event."""
    known = await rows.numbers(await Event.get(id=event_id))
    numbers = {known[row]: row for row in wanted if row in known}
    found = await Ticket.filter(event_id=event_id, n__in=list(numbers)).values_list("n", "id") if numbers else []
    return {numbers[n]: ticket_id for n, ticket_id in found}


async def changed(roll_call: RollCall, since: int, asks: int | None = None) -> Changed:
    """Whoever sends ticks holds the roll call's row, so their numbers commit in order: a cursor misses none. The pass
    that `asks` is told which ticks are its own, since two phones may have one name."""
    new = await query(NEW, [roll_call.id, since])
    if not new:
        return Changed([], since, more=False)
    last = new[-1]["id"]
    found = await query(LATEST, [roll_call.id, roll_call.id, since, last])
    event = await Event.get(id=roll_call.event_id)
    by_person: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        by_person.setdefault(row["registration_id"], []).append(row)
    return Changed([_told(event, ticks, asks) for ticks in by_person.values()], last, more=len(new) == MOST_ANSWERED)


def _told(event: Event, ticks: Sequence[Mapping[str, Any]], asks: int | None) -> dict[str, Any]:
    """`ticks`: the latest of each phone, the latest of all first."""
    first, *rest = ticks
    others = [_said(tick, asks) for tick in rest if tick["mark"] != first["mark"]]
    return {"row": rows.row_of(event, first["n"])} | _said(first, asks) | {"others": others}


def _said(tick: Mapping[str, Any], asks: int | None) -> dict[str, Any]:
    at, mine = epoch(moment(tick["happened_at"])), tick["door_pass_id"] == asks
    return {"mark": tick["mark"], "device": phone_in(tick).shown, "at": at, "mine": mine}


def read_ticks(sent: Iterable[object]) -> tuple[list[SentTick], list[str]]:
    """What was posted as ticks, and the ids of those that are none. Never raises."""
    ticks, wrong = list[SentTick](), list[str]()
    for said in sent:
        tick = read_tick(said) if isinstance(said, dict) else None
        if tick is not None:
            ticks.append(tick)
        elif isinstance(said, dict) and isinstance(said.get("id"), str):
            wrong.append(said["id"][:22])
    return ticks, wrong


def read_tick(said: Mapping[str, Any]) -> SentTick | None:
    id_, row, mark, by_ticket = (said.get(name) for name in ("id", "row", "mark", "by_ticket"))
    if not (isinstance(id_, str) and ID.fullmatch(id_) and isinstance(row, str) and ROW.fullmatch(row)):
        return None
    if mark not in list(Mark):
        return None
    return SentTick(id_, row, Mark(mark), heartbeat.read_age(said), by_ticket is True)


def read_prints(sent: Iterable[object]) -> list[SentPrint]:
    """What was posted as prints. Never raises."""
    said = [print_ for print_ in sent if isinstance(print_, dict) and isinstance(print_.get("id"), str)]
    return [SentPrint(print_["id"], heartbeat.read_age(print_)) for print_ in said if ID.fullmatch(print_["id"])]
