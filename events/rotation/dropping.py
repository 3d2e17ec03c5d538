"""Drops old keys that nothing needs any more: their lines are overwritten and taken out of the file."""

import asyncio
from datetime import datetime
from pathlib import Path

from events.audit import key_use
from events.event import Event
from events.ground import data_keys, keys, presence
from events.ground.database import run_tx
from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import fingerprint_in
from events.ground.keys import NEXT
from events.ground.presence import Said

from . import needs, others, resealing
from .needs import Old
from .new_key import DataKey

GRACE = 3.0  # seconds: whoever read a value before it was sealed anew has opened it by then
NOT_DONE = "Not all is made with the new key yet: run ./run key rotate first."
NOT_SEALING = "{} not seal with the new key: see ./run key rotate."
STILL_SEALED = "{} values of the event are still sealed by it: run ./run key rotate first."
Needed = dict[str, list[str]]  # old keys that stay, by their fingerprints, and why


async def of_event(event: Event, folder: Path | None, at: datetime) -> Needed:
    """Drops the old data keys of this event on this machine. `folder`: of the backups, or None to leave them out."""
    event, known = await Event.get(id=event.id), data_keys.kept().fingerprints_of(event.slug)
    old = known[known.index(event.data_key) + 1 :] if event.data_key in known else []  # a newer one may be coming
    for wait in (0.0, GRACE) if old else ():
        await asyncio.sleep(wait)
        if why := await _why_event(event, folder):
            return dict.fromkeys(old, why)
    if old:
        await _note(old, at, event)
        rewrite(data_keys.kept().file(event.slug), lambda lines: _without(lines, old))
        data_keys.kept().look()
    return {}


async def _why_event(event: Event, folder: Path | None) -> list[str]:
    uses = await key_use.uses(event.id)
    since = next((use.done_at for use in uses if use.fingerprint == event.data_key), None)
    if since is None:
        return [NOT_DONE]
    left = await resealing.to_renew(DataKey(event, event.data_key))
    return [STILL_SEALED.format(left)] if left else needs.of_backups(folder, since)


async def of_instance(
    key_file: Path | None, folder: Path | None, file: Path | None, at: datetime, real: datetime
) -> tuple[list[str], Needed]:
    """Drops the old instance keys that nothing needs, and says which; or only says it, where MUSTER_KEY is set.

    `file`: of the database, on SQLite. `folder`: of the backups, or None to leave them out.
    """
    ring, gone, needed = keys.ring(), list[str](), Needed()
    servers = await others.behind(Said(presence.SEALS, ring.fingerprints[0]), file) if ring.older else 0
    for place in range(1, ring.older + 1):
        old, newer = ring.fingerprints[place], ring.fingerprints[:place]
        why = [NOT_SEALING.format(others.are(servers))] if servers else await _why(old, newer, folder, real)
        if why:
            needed[old] = why
        else:
            gone.append(old)
    if gone:
        await _note(gone, at)
    if gone and key_file is not None:
        rewrite(key_file, lambda lines: _without(lines, gone))
        keys.look()
    return gone, needed


async def _why(old: str, newer: list[str], folder: Path | None, real: datetime) -> list[str]:
    since = [use.done_at for use in await key_use.uses() if use.done_at and use.fingerprint in newer]
    return await needs.of_key(Old(old, min(since)), folder, real) if since else [NOT_DONE]


@run_tx
async def _note(gone: list[str], at: datetime, event: Event | None = None) -> None:
    """Before they go. Events that were bound to them, where nobody is named any more, are bound to none."""
    for fingerprint in gone:
        await key_use.drop(fingerprint, event, at)
    await Event.filter(key_fingerprint__in=gone).update(key_fingerprint="")


def _without(lines: list[str], gone: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(NEXT) or fingerprint_in(line) not in gone]
