"""Puts a new key in front while no server runs, and makes anew with it all that can be.

The new key comes into its file first and is noted as begun; from then on no server starts before it is noted as done.
Interrupted anywhere, the same again goes on from there. The old key stays in its file until nothing needs it.
"""

from datetime import datetime
from pathlib import Path

from events.audit import key_use
from events.event import Event, held_event, send_whole_lists
from events.ground import data_keys, keys, presence
from events.ground.database import query, run_tx
from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import fingerprint_in, new_key
from events.ground.refusal import Refused

from . import resealing
from .new_key import DataKey, InstanceKey, NewKey
from .resealing import Now, Tally, Tell

RUNS = (
    "A server of Muster still works with this database, or a restore. Stop every server first, also on other machines, "
    "then run this again."
)
NOT_HERE = "The key that seals now is not here. Copy the keys from a machine that has it, then run this again."
DESTROYED = "The data key of this event is destroyed, since its day is long past: there is nothing to seal anew."
DATA_KEY_NOT_HERE = "The data key of this event is not in {}: put it back first."
BY_SETTING = (
    "MUSTER_KEY is set, so the file is not read. Put this in front of the keys in MUSTER_KEY, with a comma between, "
    "then run this again: {}"
)


async def refuse_beside_servers(file: Path | None) -> None:
    """Raises Refused while a server works. `file`: of an SQLite database."""
    if await presence.is_held(file):
        raise Refused(RUNS)


async def refuse_instance(key_file: Path | None) -> None:
    """Raises Refused where the instance key cannot be replaced. `key_file`: None where MUSTER_KEY is set."""
    done, newest, known = await key_use.done_with(), await key_use.newest(), keys.ring().fingerprints
    if newest and newest not in known:
        raise Refused(NOT_HERE)
    if key_file is None and known[0] in (done, known[-1]):
        raise Refused(BY_SETTING.format(new_key()))


def refuse_event(event: Event) -> None:
    """Raises Refused where the data key of this event cannot be."""
    if not event.data_key:
        raise Refused(DESTROYED)
    if event.data_key not in data_keys.kept().fingerprints_of(event.slug):
        raise Refused(DATA_KEY_NOT_HERE.format(data_keys.kept().file(event.slug)))


async def rotate_instance(key_file: Path | None, file: Path | None, now: Now, tell: Tell) -> Tally:
    """Raises Refused as the functions above do. What is noted has its own time: an old key is needed for what was made
    before the end."""
    await refuse_instance(key_file)
    new = await _new_instance_key(key_file)
    await _begin(new, None, file, now())
    tally = await _renew(InstanceKey(), tell)
    for event in await Event.filter(next_n=1).exclude(key_fingerprint=new):
        await _bind(event, new)
    await _end(new, None, tally, now())
    return tally


async def rotate_event(event: Event, file: Path | None, now: Now, tell: Tell) -> Tally:
    """The same for the data key of this event."""
    refuse_event(event)
    new = await _new_data_key(event)
    await _begin(new, event, file, now())
    await _give(event, new)
    tally = await _renew(DataKey(event, new), tell)
    await _end(new, event, tally, now())
    return tally


async def _new_instance_key(key_file: Path | None) -> str:
    """The fingerprint of the key in front: one that was begun with, or else a new one."""
    done = await key_use.done_with()

    def with_it(lines: list[str]) -> list[str]:
        is_under_way = len(lines) > 1 and fingerprint_in(lines[0]) != done
        return lines if is_under_way else [new_key(), *lines]

    if key_file is not None:
        rewrite(key_file, with_it)
        keys.install(keys.load("", key_file))
    return keys.ring().fingerprints[0]


async def _new_data_key(event: Event) -> str:
    """The same of the event."""
    kept = data_keys.kept()
    is_under_way = event.data_key in [use.fingerprint for use in await key_use.unfinished(event.id)]

    def with_it(lines: list[str]) -> list[str]:
        return lines if is_under_way or fingerprint_in(lines[0]) != event.data_key else [new_key(), *lines]

    lines = rewrite(kept.file(event.slug), with_it)
    kept.read()
    return fingerprint_in(lines[0])


async def _begin(new: str, event: Event | None, file: Path | None, at: datetime) -> None:
    """Noted before anything is sealed, and before we look for servers: of a server that starts in this moment and us
    one sees the other."""
    await run_tx(key_use.begin)(new, event, at)
    await refuse_beside_servers(file)


@run_tx
async def _give(event: Event, new: str) -> None:
    if not (await held_event(event.id)).data_key:
        raise Refused(DESTROYED)
    await Event.filter(id=event.id).update(data_key=new)


async def _renew(key: NewKey, tell: Tell) -> Tally:
    tell("The new key seals. Older ones still open.")
    return await resealing.renew_all(key, tell)


BIND = "UPDATE event SET key_fingerprint = ? WHERE id = ? AND next_n = 1 RETURNING id"


@run_tx
async def _bind(event: Event, new: str) -> None:
    """Tickets come from the key that their event is bound to, so only an event without any takes a new one. Phones may
    hold rows for tickets that are not given out yet: they fetch them anew."""
    if await query(BIND, [new, event.id]):
        await send_whole_lists(event.id)


@run_tx
async def _end(new: str, event: Event | None, tally: Tally, at: datetime) -> None:
    await key_use.end(new, event, at, tally.left.total())
