"""Puts a new instance key in front, and makes anew with it what can be. The old one stays until nothing needs it.

The new key is put into the file first, where it only opens and verifies. Once all servers know it, it comes to the
front. Interrupted anywhere, the same again goes on from there; on another machine it brings that one's file up to date.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from events.audit import key_use
from events.event import Event, send_whole_lists
from events.ground import keys, presence
from events.ground.database import query, run_tx
from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import fingerprint_in, new_key
from events.ground.keys import NEXT
from events.ground.presence import Said
from events.ground.refusal import Refused

from . import others, resealing
from .new_key import InstanceKey
from .resealing import Now, Tally, Tell

BEHIND = "{} not know the new key yet. {}, then run this again: it goes on from here."
COPY, RESTART = "Copy {} to their machines", "Start them anew with the same MUSTER_KEY"
NOT_SEALING = "{} not seal with the new key yet. {}; the last of these ends it."
NOT_HERE = "The key that seals now is not here. Copy the keys from a machine that has it, then run this again."
ROTATE_THERE = "Run this on their machines too"
BY_SETTING = (
    "MUSTER_KEY is set, so the file is not read, and servers learn of a new key when they start. "
    "1. Put this behind the keys in MUSTER_KEY, with a comma between, and start every server anew: {}. "
    "2. Then put it in front of the others, and start every server anew. 3. Then run this again."
)


async def rotate(key_file: Path | None, file: Path | None, now: Now, tell: Tell) -> Tally:
    """`key_file`: None where MUSTER_KEY is set. `file`: of the database, on SQLite. Raises Refused while a server does
    not know the new key, or at the end while one does not seal with it.

    What is noted has its own time, of `now`: an old key is needed for what was made before the end.
    """
    coming = await _coming(key_file)
    if servers := await others.behind(Said(presence.OPENS, coming), file):
        do = COPY.format(key_file) if key_file else RESTART
        raise Refused(BEHIND.format(others.are(servers), do))
    await _begin(coming, now())
    _put_in_front(key_file)
    tell("The new key seals and signs. Older ones still open and verify.")
    behind = await others.behind(Said(presence.SEALS, coming), file)
    tally = await resealing.renew_all(InstanceKey(), tell)
    await _rebind(coming)
    if behind:
        raise Refused(NOT_SEALING.format(others.are(behind), ROTATE_THERE if key_file else RESTART))
    await _note(coming, tally, now())
    return tally


async def _coming(key_file: Path | None) -> str:
    """The fingerprint of the key that is to be in front: one that was begun with, or else a new one."""
    done, newest = await key_use.done_with(), await key_use.newest()
    if newest and newest not in keys.ring().fingerprints:
        raise Refused(NOT_HERE)
    if key_file is None:
        ring = keys.ring()
        if ring.older == 0 or ring.fingerprints[0] == done:
            raise Refused(BY_SETTING.format(new_key()))
        return ring.fingerprints[0]
    lines = rewrite(key_file, _with_next(done))
    keys.look()
    return fingerprint_in(next((line for line in lines if line.startswith(NEXT)), lines[0]))


def _with_next(done: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        is_coming = any(line.startswith(NEXT) for line in lines)
        is_under_way = len(lines) > 1 and fingerprint_in(lines[0]) != done
        return lines if is_coming or is_under_way else [*lines, f"{NEXT}{new_key()}"]

    return change


def _put_in_front(key_file: Path | None) -> None:
    def change(lines: list[str]) -> list[str]:
        coming = [line.removeprefix(NEXT) for line in lines if line.startswith(NEXT)]
        return [*coming, *(line for line in lines if not line.startswith(NEXT))]

    if key_file is not None:
        rewrite(key_file, change)
        keys.look()


@run_tx
async def _begin(coming: str, at: datetime) -> None:
    """Before it seals anything: a server without it is not to start from then on."""
    await key_use.begin(coming, None, at)


async def _rebind(coming: str) -> None:
    """Tickets come from the key that their event is bound to, so only an event without any takes a new one."""
    for event in await Event.filter(next_n=1).exclude(key_fingerprint=coming):
        await _bind(event, coming)


BIND = "UPDATE event SET key_fingerprint = ? WHERE id = ? AND next_n = 1 RETURNING id"


@run_tx
async def _bind(event: Event, coming: str) -> None:
    """Phones may hold rows for tickets that are not given out yet: they fetch them anew."""
    if await query(BIND, [coming, event.id]):
        await send_whole_lists(event.id)


@run_tx
async def _note(coming: str, tally: Tally, at: datetime) -> None:
    await key_use.end(coming, None, at, tally.left.total())
