"""Drops old keys that nothing needs any more: their lines are overwritten and taken out of the file."""

from datetime import datetime
from pathlib import Path

from events.audit import key_use
from events.event import Event
from events.ground import data_keys, keys
from events.ground.database import run_tx
from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import fingerprint_in

from . import needs, resealing
from .needs import Old
from .new_key import DataKey

NOT_DONE = "Not all is made with the new key yet: run ./run key rotate first."
STILL_SEALED = "{} values of the event are still sealed by it: run ./run key rotate first."
Needed = dict[str, list[str]]  # old keys that stay, by their fingerprints, and why


async def of_event(event: Event, folder: Path | None, at: datetime) -> Needed:
    """Drops the old data keys of this event on this machine. `folder`: of the backups, or None to leave them out."""
    event, known = await Event.get(id=event.id), data_keys.kept().fingerprints_of(event.slug)
    old = known[known.index(event.data_key) + 1 :] if event.data_key in known else []  # a newer one may be coming
    if old and (why := await _why_event(event, folder)):
        return dict.fromkeys(old, why)
    if old:
        await _note(old, at, event)
        rewrite(data_keys.kept().file(event.slug), lambda lines: _without(lines, old))
        data_keys.kept().read()
    return {}


async def _why_event(event: Event, folder: Path | None) -> list[str]:
    uses = await key_use.uses(event.id)
    since = next((use.done_at for use in uses if use.fingerprint == event.data_key), None)
    if since is None:
        return [NOT_DONE]
    left = await resealing.to_renew(DataKey(event, event.data_key))
    return [STILL_SEALED.format(left)] if left else needs.of_backups(folder, since)


async def of_instance(
    key_file: Path | None, folder: Path | None, at: datetime, real: datetime
) -> tuple[list[str], Needed]:
    """Drops the old instance keys that nothing needs, and says which; or only says it, where MUSTER_KEY is set.

    `folder`: of the backups, or None to leave them out.
    """
    known, gone, needed = keys.ring().fingerprints, list[str](), Needed()
    for place, old in enumerate(known[1:], 1):
        if why := await _why(old, known[:place], folder, real):
            needed[old] = why
        else:
            gone.append(old)
    if gone:
        await _note(gone, at)
    if gone and key_file is not None:
        rewrite(key_file, lambda lines: _without(lines, gone))
        keys.install(keys.load("", key_file))
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
    return [line for line in lines if fingerprint_in(line) not in gone]
