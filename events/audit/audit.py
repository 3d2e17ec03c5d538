"""What happened: an entry for every act, written in the act's own transaction, from a closed list of actions."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from tortoise import fields
from tortoise.models import Model

from events.ground import keys, live, source
from events.ground.database import after_commit, inserted, query, within_tx
from events.ground.keyring.made import Left, made

from .action import Action
from .seal import NO_SEAL, head_of

MARKS = "audit marks"
VOUCHED = 8  # so many entries before it one entry vouches for
Detail = str | int | bool | list[int] | list[str] | None
Details = Mapping[str, Detail]
Act = tuple[Action, Model | None, Details]  # what was done, to what, and what else there is to say
Values = Mapping[str, str]  # what was changed, in words, and how it stands
VALUES = "audit values"  # what old and new values are sealed for
SEALED = "sealed"  # the detail in which they stand: the leads are told of such an entry


class Actor(Protocol):
    """Whoever acts: a member of staff, a door phone, or the server by itself."""

    @property
    def actor(self) -> str:
        """'staff:3', 'pass:7' or 'system'."""
        ...


class Machine:
    """The actor of what the server does by itself, at its time."""

    actor = "system"


class Deed(NamedTuple):
    """An act with all that its entry says."""

    action: Action
    subject: Model | None
    details: Details
    by: Actor | None
    at: datetime
    event_id: int | None
    source: str  # as `source.hashed` has it


class AuditEntry(Model):
    """One act. Insert-only: a trigger says so. Details hold ids, counts and codes, never a name, address or token."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=40)  # 'staff:3', 'pass:7', 'person:12' (acting for themselves) or 'system'
    action = fields.CharEnumField(Action, description="from the closed list", max_length=60)
    event_id = fields.IntField(null=True)
    subject = fields.CharField(max_length=60)  # 'registration:12'; '' where there is none
    details: Any = fields.JSONField(default=dict)
    mark = fields.CharField(max_length=40)  # 8 random hex digits and a MAC: who has only the database writes no entry
    written_after = fields.CharField(max_length=40)  # the head that stood then
    source = fields.CharField(max_length=32, default="")  # keyed hash of the network it came from
    vouches = fields.CharField(max_length=440, default="")  # entries that its writer had committed before: "12:mark"

    MADE = made(**{name: Left("the audit log is never changed") for name in ("mark", "vouches", "source", "details")})

    class Meta:
        app, table = "events", "audit_entry"

    def canonical(self) -> str:
        """The text of the entry that is sealed: the same from SQLite and from PostgreSQL."""
        at = self.at.astimezone(UTC).isoformat()
        said = [at, self.actor, str(self.action), self.event_id, self.subject, self.details]
        said += [self.written_after, self.vouches, self.source]
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def mark_under(self, key: bytes, nonce: str) -> str:
        return nonce + hmac.new(key, f"{nonce}{self.canonical()}".encode(), hashlib.sha256).hexdigest()[:32]


Teller = Callable[[AuditEntry], Awaitable[None]]
ALERTS: list[Teller] = []  # each hears, inside the act's transaction, of what the leads are told; who can tell adds it


def about(row: Model | None) -> str:
    return f"{row._meta.db_table}:{row.pk}" if row is not None else ""


Unvouched = dict[str, dict[str, None]]
_unvouched: WeakKeyDictionary[live.Hub, Unvouched] = WeakKeyDictionary()


def unvouched() -> Unvouched:
    """Entries, by their actors, that this process committed and that no entry of another actor vouches for yet, oldest
    first, each as "12:mark". By actors: after many emails thousands wait that are all of one.

    There is no counter: every act would have to wait for its row, and a rollback would lose a number.
    """
    return _unvouched.setdefault(live.hub(), {})


def _committed(entry: AuditEntry, vouched: list[tuple[str, str]]) -> None:
    mine = unvouched()
    for other, known in vouched:
        mine.get(other, {}).pop(known, None)
        if not mine.get(other, True):
            del mine[other]
    entries = mine[entry.actor] = mine.pop(entry.actor, {})  # who acted last stands last
    entries[f"{entry.id}:{entry.mark}"] = None


@within_tx
async def record(
    action: Action,
    subject: Model | None = None,
    *,
    by: Actor | None,
    at: datetime,
    event_id: int | None = None,
    **details: Detail,
) -> AuditEntry:
    """An entry of the act whose transaction is open. `by=None`: the person whom the subject is, or the machine."""
    [entry] = await record_all([(action, subject, details)], by=by, at=at, event_id=event_id)
    return entry


WRITTEN = {
    "at": "timestamptz", "actor": "text", "action": "text", "event_id": "int", "subject": "text", "details": "jsonb",
    "mark": "text", "written_after": "text", "source": "text", "vouches": "text",
}  # fmt: skip
INSERT = "INSERT INTO audit_entry {rows} RETURNING id, mark"


@within_tx
async def record_all(
    acts: Sequence[Act], *, by: Actor | None, at: datetime, event_id: int | None = None
) -> list[AuditEntry]:
    """As `record`, for several acts of one transaction at one time: a single statement writes their entries."""
    here = source.hashed()
    return await record_each([Deed(*act, by, at, event_id, here) for act in acts])


@within_tx
async def record_each(deeds: Sequence[Deed]) -> list[AuditEntry]:
    """The same for acts of several people who share a transaction."""
    head, key = await _head_now(), keys.ring().sub_key(MARKS)
    entries, rows, taken = list[AuditEntry](), list[list[object]](), set[str]()
    for action, subject, details, by, at, event_id, from_there in deeds:
        who = by.actor if by is not None else _self(subject)
        of = event_id if event_id is not None else getattr(subject, "event_id", None)
        others = ((actor, known) for actor, entries in unvouched().items() if actor != who for known in entries)
        vouched = list(islice((other for other in others if other[1] not in taken), VOUCHED))
        taken.update(known for _, known in vouched)
        vouches = " ".join(known for _, known in vouched)
        entry = AuditEntry(
            at=at, actor=who, action=action, event_id=of, subject=about(subject), details=details, mark="",
            written_after=head, source=from_there, vouches=vouches,
        )  # fmt: skip
        entry.mark = entry.mark_under(key, secrets.token_hex(4))
        entries.append(entry)
        said = [at, who, str(action), of, entry.subject, json.dumps(details, separators=(",", ":"))]
        rows.append([*said, entry.mark, head, entry.source, entry.vouches])
        after_commit(_committed, entry, vouched)
    sql, values = inserted(WRITTEN, rows)
    ids = {row["mark"]: row["id"] for row in await query(INSERT.format(rows=sql), values)}
    for entry in entries:
        entry.id = ids[entry.mark]
    after_commit(live.publish, "audit")
    return entries


@within_tx
async def record_and_alert(
    action: Action,
    subject: Model | None = None,
    *,
    by: Actor | None,
    at: datetime,
    event_id: int,
    old: Values,
    new: Values,
    **details: Detail,
) -> None:
    """As `record`, and seals the old and the new values; the event's leads get both by email."""
    await record_deed_and_alert(Deed(action, subject, details, by, at, event_id, source.hashed()), old, new)


@within_tx
async def record_deed_and_alert(deed: Deed, old: Values, new: Values) -> None:
    """The same for an act of one of several people who share a transaction."""
    sealed = base64.b64encode(keys.seal(VALUES, json.dumps([dict(old), dict(new)]))).decode()
    [entry] = await record_each([deed._replace(details={**deed.details, SEALED: sealed})])
    for alert in ALERTS:
        await alert(entry)


def values_of(entry: AuditEntry) -> tuple[Values, Values]:
    """The old and the new values. Raises CannotOpen when no key of ours sealed them."""
    old, new = json.loads(keys.open_sealed(VALUES, base64.b64decode(entry.details[SEALED])))
    return old, new


async def _head_now() -> str:
    """Each entry vouches for the seals that it has seen: to take seals away, one has to take all later entries too."""
    newest = await query("SELECT sequence, mac FROM audit_seal ORDER BY sequence DESC LIMIT 1")
    return head_of(newest[0]["sequence"], newest[0]["mac"]) if newest else NO_SEAL


def _self(subject: Model | None) -> str:
    named = about(subject)
    return f"person:{named.split(':')[1]}" if named.startswith("registration:") else "system"
