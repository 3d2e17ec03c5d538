"""Which keys came to seal, and since when all that can be is made with which: what a new key is begun and ended by.

The audit log says the same, but forgets it after twelve months.
"""

import hmac
from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from events.ground import keys
from events.ground.database import find_rows, query, within_tx
from events.ground.keyring.made import Keyed, made

from . import audit
from .action import Action

USED_AS = "key use"  # hashed for
INSTANCE = 0  # in place of an event: its key is that of the whole installation


class KeyUse(Model):
    """Of one key, named by its fingerprint. Proved with the key: a false row would have one dropped that is needed."""

    id = fields.IntField(primary_key=True)
    event_id = fields.IntField()  # of the event whose data key it is, or INSTANCE
    fingerprint = fields.CharField(max_length=16)
    began_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)  # what was made before may be made with an older one
    proof = fields.CharField(max_length=32)  # a keyed hash of the four

    MADE = made(proof=Keyed(USED_AS, lambda use: said(use.event_id, use.fingerprint, use.began_at, use.done_at)))

    class Meta:
        app, table = "events", "key_use"

    @property
    def is_ours(self) -> bool:
        known = keys.keyed_hashes(USED_AS, said(self.event_id, self.fingerprint, self.began_at, self.done_at))
        return any(hmac.compare_digest(self.proof, proof) for proof in known)


def said(event_id: int, fingerprint: str, began_at: datetime, done_at: datetime | None) -> str:
    moments = [str(at.timestamp()) if at else "" for at in (began_at, done_at)]
    return "|".join([str(event_id), fingerprint, *moments])


async def uses(event_id: int = INSTANCE) -> list[KeyUse]:
    """Newest first. A row that Muster did not write counts as none."""
    rows = await find_rows(KeyUse, "SELECT * FROM key_use WHERE event_id = ? ORDER BY id DESC", [event_id])
    return [row for row in rows if row.is_ours]


async def newest(event_id: int = INSTANCE) -> str:
    """The key that came to seal last, by its fingerprint, whoever says so: whoever has not that key cannot tell."""
    rows = await find_rows(KeyUse, "SELECT * FROM key_use WHERE event_id = ? ORDER BY id DESC LIMIT 1", [event_id])
    return rows[0].fingerprint if rows else ""


async def unfinished(event_id: int | None = None) -> list[KeyUse]:
    """Keys that were begun with, and with which not all is made yet: of this event, or of all."""
    some, values = ("event_id = ? AND", [event_id]) if event_id is not None else ("", [])
    rows = await find_rows(KeyUse, f"SELECT * FROM key_use WHERE {some} done_at IS NULL ORDER BY id", values)  # noqa: S608
    return [row for row in rows if row.is_ours]


async def done_with(event_id: int = INSTANCE) -> str:
    """The key with which all was made last that can be, by its fingerprint; nothing where there was only one."""
    return next((use.fingerprint for use in await uses(event_id) if use.done_at), "")


BEGIN = """INSERT INTO key_use (event_id, fingerprint, began_at, done_at, proof) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (event_id, fingerprint) DO NOTHING RETURNING id"""
END = "UPDATE key_use SET done_at = ?, proof = ? WHERE id = ? AND done_at IS NULL RETURNING id"


@within_tx
async def begin(fingerprint: str, event: Model | None, at: datetime) -> None:
    """Whoever does the same at the same time, or goes on with it, finds it noted. So are instance keys that sealed
    before, or else a server could not tell that it has an old one in front."""
    event_id = event.pk if event else INSTANCE
    for older in [] if event else reversed(keys.ring().fingerprints[1:]):
        await _insert(event_id, older, at, at)
    if await _insert(event_id, fingerprint, at, None):
        await _record(Action.KEY_ROTATION_BEGUN, fingerprint, event, at)


async def _insert(event_id: int, fingerprint: str, began_at: datetime, done_at: datetime | None) -> bool:
    proof = keys.keyed_hash(USED_AS, said(event_id, fingerprint, began_at, done_at))
    return bool(await query(BEGIN, [event_id, fingerprint, began_at, done_at, proof]))


@within_tx
async def end(fingerprint: str, event: Model | None, at: datetime, left: int) -> None:
    """`left`: how many values cannot be made anew. An older key that was begun with, as a restored backup may say, ends
    with this one."""
    for use in await unfinished(event.pk if event else INSTANCE):
        proof = keys.keyed_hash(USED_AS, said(use.event_id, use.fingerprint, use.began_at, at))
        if await query(END, [at, proof, use.id]) and use.fingerprint == fingerprint:
            await _record(Action.KEY_ROTATED, fingerprint, event, at, left=left)


@within_tx
async def drop(fingerprint: str, event: Model | None, at: datetime) -> None:
    await _record(Action.KEY_DROPPED, fingerprint, event, at)


async def _record(action: Action, fingerprint: str, event: Model | None, at: datetime, **details: int) -> None:
    event_id = event.pk if event else None
    await audit.record(action, event, by=None, at=at, event_id=event_id, key=fingerprint, **details)
