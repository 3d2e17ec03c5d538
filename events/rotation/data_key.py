"""Gives an event a new data key, and seals all that names somebody there anew. The old one goes when nothing needs it.

The new key is put into the file first, where it only opens. Once all servers know it, one transaction gives it to the
event and moves whatever is promised by a keyed hash: so the promise that an address has one live request has no hole.
Then the rest follows in parts. Interrupted anywhere, the same again goes on from there.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from events.audit import key_use
from events.event import Event, held_event
from events.ground import data_keys, presence
from events.ground.database import is_postgres, query, run_tx
from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import fingerprint_in, new_key
from events.ground.presence import Said
from events.ground.refusal import Refused

from . import others, resealing
from .held_key import hold_alone
from .new_key import DataKey
from .resealing import Now, Renewal, Table, Tally, Tell

BEHIND = "{} not know the new key yet. Copy {} to their machines, then run this again: it goes on from here."
DESTROYED = "The data key of this event is destroyed, since its day is long past: there is nothing to seal anew."
NOT_HERE = "The data key of this event is not in {}: put it back first."
TOGETHER = 500  # rows that one statement moves
Ready = dict[tuple[str, int], Renewal]  # by table and id


async def rotate(event: Event, file: Path | None, now: Now, tell: Tell) -> Tally:
    """`file`: of the database, on SQLite. Raises Refused while a server does not know the new key.

    What is noted has its own time, of `now`: an old key is needed for what was made before the end.
    """
    key = DataKey(event, await _coming(event))
    tell("The new key is there, and only opens.")
    if servers := await others.behind(Said(presence.OPENS, key.fingerprint), file):
        raise Refused(BEHIND.format(others.are(servers), data_keys.kept().file(event.slug)))
    if moved := await _give(key, await _made_ready(key), now()):
        tell(f"It seals now: {moved} values made anew in one go")
    tally = await resealing.renew_all(key, tell)
    tally.renewed += moved
    await _note(key, tally, now())
    return tally


async def _coming(event: Event) -> str:
    """The fingerprint of the key that the event is to have: one that was begun with, or else a new one."""
    file = data_keys.kept().file(event.slug)
    if not event.data_key:
        raise Refused(DESTROYED)
    if event.data_key not in data_keys.kept().fingerprints_of(event.slug):
        raise Refused(NOT_HERE.format(file))
    is_done = await key_use.done_with(event.id) == event.data_key

    def with_it(lines: list[str]) -> list[str]:
        stands = bool(lines) and fingerprint_in(lines[0]) == event.data_key
        return [new_key(), *lines] if stands and (is_done or len(lines) == 1) else lines

    lines = rewrite(file, with_it)
    data_keys.kept().look()
    return fingerprint_in(lines[0])


@run_tx
async def _give(key: DataKey, ready: Ready, at: datetime) -> int:
    """Nobody adds a sealed row meanwhile, or with the old key afterwards. Rows are locked by their ids, and the event's
    last, as acts that decide on people lock them; then those that acts lock after it. How many values were made anew:
    none if it was done before."""
    await hold_alone(key.event)
    if (await Event.get(id=key.event.id)).data_key == key.fingerprint:
        return 0
    before, after = ([t for t in _promised(key) if t.after_event is late] for late in (False, True))
    moved = sum([await _move(table, key, ready) for table in before])
    event = await held_event(key.event.id)
    if not event.data_key:
        raise Refused(DESTROYED)
    moved += sum([await _move(table, key, ready) for table in after])
    await Event.filter(id=event.id).update(data_key=key.fingerprint)
    await key_use.begin(key.fingerprint, event, at)
    return moved


def _promised(key: DataKey) -> list[Table]:
    """Tables in which something is promised by a keyed hash."""
    return [table for table in resealing.tables_of(key) if table.keyed]


async def _made_ready(key: DataKey) -> Ready:
    """What most rows will hold, made while nobody waits for it."""
    ready: Ready = {}
    for table in _promised(key):
        last = 0
        while renewals := await resealing.part(table, key, last):
            ready |= {(table.name, renewed.id): renewed for renewed in renewals}
            last = renewals[-1].id
    return ready


async def _move(table: Table, key: DataKey, ready: Ready) -> int:
    moved, last = 0, 0
    while rows := await _held(table, key, last):
        last = rows[-1]["id"]
        found = {row["id"]: row for row in rows}
        stand = [renewed for id_ in found if (renewed := ready.get((table.name, id_))) and _stands(renewed, found[id_])]
        stand += await resealing.of_rows(table, key, found.keys() - {renewed.id for renewed in stand})
        written = await resealing.put(table, stand)
        moved += sum(len(renewed.values) for renewed in stand if renewed.id in written)
    return moved


async def _held(table: Table, key: DataKey, after: int) -> list[dict[str, Any]]:
    (which, values), columns = key.rows(table.any), ", ".join([*table.sealed, *table.keyed])
    held = "FOR NO KEY UPDATE" if is_postgres() else ""
    sql = f"SELECT id, {columns} FROM {table.name} WHERE {which} AND id > ? ORDER BY id LIMIT {TOGETHER} {held}"  # noqa: S608
    return await query(sql, [*values, after])


def _stands(renewed: Renewal, row: Mapping[str, Any]) -> bool:
    return bool(renewed.values) and all(row[name] == old for name, (_, old) in renewed.values.items())


@run_tx
async def _note(key: DataKey, tally: Tally, at: datetime) -> None:
    await key_use.end(key.fingerprint, key.event, at, tally.left.total())
