"""Organisers change the programme: they add, change and take out sessions, slots and workshops, and say who sees it.

Each act holds the event's row, so that two who add at the same time see each other's times and rooms.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import PUBLIC, Event, held_event, send_whole_lists
from events.ground import live, tokens
from events.ground.database import after_commit, lock_rows, places, query, run_tx, within_tx
from events.ground.refusal import Refused

from .programme import Line, Programme, ProgrammeItem, ShownTo, Slot, Whole, Words, programme_of, sealed

MOST_IN_A_WORKSHOP = 100_000
ENDS_FIRST = "It must end after it starts"
OVERLAPS = "From {} there is “{}” already. Only workshops of one slot stand beside each other: choose another time"
ROOM_TAKEN = "“{}” is in that room at the same time"
TOO_SMALL = "{} people have a place in this workshop. Enter at least as many, or 0 for any number"
CHANGED_SINCE = "Someone else has changed this part of the programme since you opened it. Look at it again."
HAS_WORKSHOPS = "Take out the workshops of this slot first."
HAS_A_DOOR = "A room is for those who take part in it. Say first, under Doors and phones, whom that room is for."
TELLS_WHERE = "“{}” says where the event is. Change it first"
SAYS_WHERE: list[Callable[..., bool]] = []  # of an event and texts, whether they say where it is (SG-01)
HAVE_A_DOOR: list[Callable[[int], Awaitable[bool]]] = []  # whether the door of a room is for those of this workshop
GOES: list[Callable[[ProgrammeItem, datetime, datetime], Awaitable[None]]] = []  # hear of a workshop before it goes
Changed = Callable[[Event, list[int], bool, datetime, datetime], Awaitable[None]]
CHANGED: list[Changed] = []  # hear of workshops with another title or time, or another room alone: then it is true
HAVE_A_PLACE: list[Callable[[int], Awaitable[int]]] = []  # how many guests have a place in this workshop


class Times(NamedTuple):
    starts: int  # minutes since midnight at the venue
    ends: int


def clash(whole: Whole, times: Times, besides: Line | None = None) -> str:
    """Why nothing can stand at this time, for organisers; '' where it can. `besides`: the line that moves there."""
    if times.ends <= times.starts:
        return ENDS_FIRST
    others = (line for line in whole.lines if line != besides and line.overlaps(*times))
    return next((OVERLAPS.format(line.hours, line.name) for line in others), "")


def room_clash(line: Line, room: str, besides: int = 0) -> str:
    """Why no other workshop of this slot can be in this room. `besides`: the id of the one that moves there."""
    same = (entry for entry in line.workshops if entry.id != besides and room and _same(entry.words.room, room))
    return next((ROOM_TAKEN.format(entry.words.title) for entry in same), "")


def _same(room: str, other: str) -> bool:
    return room.casefold() == other.casefold()


def says_where(event: Event, *texts: str) -> bool:
    """Only a room may: the public page shows all else long before the venue is released."""
    return any(says(event, *texts) for says in SAYS_WHERE)


def telling(event: Event, whole: Whole) -> str:
    """Why this programme cannot be shown, for organisers; '' where it can: a text may be older than the venue."""
    told = (entry.words.title for entry in whole.entries.values() if says_where(event, *entry.words.public))
    return next((TELLS_WHERE.format(title) for title in told), "")


@run_tx
async def show_to(event: Event, shown_to: ShownTo, *, by: Actor, at: datetime) -> None:
    """Raises Refused where it says where the event is, unless nobody is to see it."""
    held, whole = await _held(event)
    _refuse("" if shown_to is ShownTo.NOBODY else telling(held, whole))
    if not await Programme.filter(event_id=event.id).update(shown_to=shown_to):
        await Programme.create(event_id=event.id, shown_to=shown_to)
    await _note(event, "shown to", by, at, to=shown_to.value)


@run_tx
async def add_session(event: Event, words: Words, times: Times, *, by: Actor, at: datetime) -> ProgrammeItem:
    """Raises Refused where something else stands at that time."""
    held, whole = await _held(event)
    _refuse(clash(whole, times))
    return await _add(held, words, by, at, starts=times.starts, ends=times.ends)


@run_tx
async def add_slot(event: Event, times: Times, *, by: Actor, at: datetime) -> Slot:
    """Raises Refused where something else stands at that time."""
    _, whole = await _held(event)
    _refuse(clash(whole, times))
    slot = await Slot.create(event_id=event.id, starts=times.starts, ends=times.ends)
    await _note(event, "added a slot", by, at, slot=slot.id)
    return slot


@run_tx
async def add_workshop(
    event: Event, slot_id: int, words: Words, capacity: int, *, by: Actor, at: datetime
) -> ProgrammeItem:
    """Raises Refused where another workshop of the slot is in that room, or the slot is gone."""
    held, whole = await _held(event)
    line = _there(whole.slot(slot_id))
    _refuse(room_clash(line, words.room))
    return await _add(held, words, by, at, slot_id=slot_id, capacity=capacity)


@run_tx
async def change_session(
    item: ProgrammeItem, words: Words, times: Times, seen: int, *, by: Actor, at: datetime
) -> None:
    """`seen`: the version on the page. Raises Refused if it has moved on since, or something stands at that time."""
    held, whole = await _held(item.event)
    mine = next((line for line in whole.lines if line.session and line.session.id == item.id), None)
    _refuse(clash(whole, times, _there(mine)))
    await _change(held, item, words, seen, by, at, starts=times.starts, ends=times.ends)


@run_tx
async def change_workshop(
    item: ProgrammeItem, words: Words, capacity: int, seen: int, *, by: Actor, at: datetime, real: datetime
) -> None:
    """Whoever is in it is told of another title or room. Raises Refused as `change_session`, or where more people have
    a place in it than there would be."""
    held, whole = await _held(item.event)
    line = _there(whole.slot(item.slot_id or 0))
    _refuse(room_clash(line, words.room, item.id))
    await hold_workshops([item.id])
    if capacity and (have := await have_a_place(item.id)) > capacity:
        raise Refused(TOO_SMALL.format(have), 422)
    await _change(held, item, words, seen, by, at, capacity=capacity)
    before = next((entry.words for entry in line.workshops if entry.id == item.id), words)
    if (before.title, before.room) != (words.title, words.room):
        await _tell_guests(held, [item.id], before.title == words.title, at, real)
    await send_whole_lists(item.event_id)  # phones at rooms say where people are due


@run_tx
async def change_slot(event: Event, slot_id: int, times: Times, *, by: Actor, at: datetime, real: datetime) -> None:
    """All of its workshops move with it, and whoever is in one is told."""
    held, whole = await _held(event)
    line = _there(whole.slot(slot_id))
    _refuse(clash(whole, times, line))
    await Slot.filter(id=slot_id).update(starts=times.starts, ends=times.ends)
    if (line.starts, line.ends) != times:
        await _tell_guests(held, [entry.id for entry in line.workshops], False, at, real)
    await _note(event, "moved a slot", by, at, slot=slot_id)


@run_tx
async def take_out(item: ProgrammeItem, *, by: Actor, at: datetime, real: datetime) -> None:
    """What guests have chosen of it goes with it, and they are told. Refused while a room is for those who take part in
    it: that room would be for all of its slot, and nobody told."""
    await _held(item.event)
    if any([await has_a_door(item.id) for has_a_door in HAVE_A_DOOR]):
        raise Refused(HAS_A_DOOR)
    await _lock([item.id], "FOR UPDATE")  # nobody takes a place in it, or chooses it, any more
    for hear in GOES:
        await hear(item, at, real)
    if not await ProgrammeItem.filter(id=item.id).delete():
        raise Refused(CHANGED_SINCE)
    await _note(item.event, "took out", by, at, item=item.id)
    await send_whole_lists(item.event_id)


@run_tx
async def take_out_slot(event: Event, slot_id: int, *, by: Actor, at: datetime) -> None:
    _, whole = await _held(event)
    if _there(whole.slot(slot_id)).workshops:
        raise Refused(HAS_WORKSHOPS)
    await Slot.filter(id=slot_id).delete()
    await _note(event, "took out a slot", by, at, slot=slot_id)


@within_tx
async def _tell_guests(event: Event, ids: list[int], room_alone: bool, at: datetime, real: datetime) -> None:
    for hear in CHANGED:
        await hear(event, ids, room_alone, at, real)


@within_tx
async def hold_workshops(ids: list[int]) -> None:
    """Nobody takes a place in these before the transaction ends. In their order, so that nobody waits in a circle."""
    await _lock(ids, "FOR NO KEY UPDATE")


@within_tx
async def held_seats(slot_id: int) -> dict[int, int]:
    """How many can take part in each workshop of the slot; nobody changes that, or takes one, before the end."""
    sql = "SELECT id, capacity FROM programme_item WHERE slot_id = ? ORDER BY id FOR NO KEY UPDATE"
    rows = await query(sql, [slot_id])
    return {row["id"]: row["capacity"] for row in rows}


@within_tx
async def keep_workshops(ids: list[int]) -> None:
    """Nobody takes these out before the transaction ends. Hold them before what somebody wants of them: whoever takes
    one out comes to that afterwards."""
    await _lock(ids, "FOR KEY SHARE")


@within_tx
async def _lock(ids: list[int], how: str) -> None:
    await lock_rows(f"SELECT id FROM programme_item WHERE id IN ({places(len(ids))}) ORDER BY id {how}", ids)  # noqa: S608


async def have_a_place(item_id: int) -> int:
    """How many guests have a place in this workshop."""
    return sum([await count(item_id) for count in HAVE_A_PLACE])


@within_tx
async def _held(event: Event) -> tuple[Event, Whole]:
    """The event with the key that it has now, and the programme, which nobody else changes before the end."""
    held = await held_event(event.id)  # whose key may have been given up until then
    return held, await programme_of(held)


@within_tx
async def _add(event: Event, words: Words, by: Actor, at: datetime, **columns: int) -> ProgrammeItem:
    _refuse_where(event, words)
    public_id = tokens.new_public_id()
    now_sealed, more = sealed(words, event, public_id), dict[str, Any](columns)
    item = await ProgrammeItem.create(event_id=event.id, public_id=public_id, words_sealed=now_sealed, **more)
    await _note(event, "added", by, at, item=item.id)
    return item


@within_tx
async def _change(
    event: Event, item: ProgrammeItem, words: Words, seen: int, by: Actor, at: datetime, **columns: int
) -> None:
    _refuse_where(event, words)
    as_seen = ProgrammeItem.filter(id=item.id, version=seen)
    now_sealed = sealed(words, event, item.public_id)
    if not await as_seen.update(words_sealed=now_sealed, version=seen + 1, **columns):
        raise Refused(CHANGED_SINCE)
    await _note(event, "changed", by, at, item=item.id)


def _refuse_where(event: Event, words: Words) -> None:
    _refuse(TELLS_WHERE.format(words.title) if says_where(event, *words.public) else "")


def _there(line: Line | None) -> Line:
    if line is None:
        raise Refused(CHANGED_SINCE)
    return line


def _refuse(why: str) -> None:
    if why:
        raise Refused(f"{why}.", 422)


@within_tx
async def _note(event: Event, act: str, by: Actor, at: datetime, **what: int | str) -> None:
    await audit.record(Action.PROGRAMME_CHANGED, event, by=by, at=at, event_id=event.id, act=act, **what)
    after_commit(live.publish, f"event:{event.id}")
    after_commit(live.publish, PUBLIC)
