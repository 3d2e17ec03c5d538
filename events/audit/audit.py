"""What happened: an entry for every act, written in the act's own transaction, from a closed list of actions."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from tortoise import fields
from tortoise.models import Model

from events.ground import keys, live, source
from events.ground.database import after_commit, query, rows_of, within_tx

from .seal import NO_SEAL, head_of

MARKS = "audit marks"
VOUCHED = 8  # so many entries before it one entry vouches for
Detail = str | int | bool | list[int] | list[str] | None
Details = Mapping[str, Detail]
Act = tuple["Action", Model | None, Details]  # what was done, to what, and what else there is to say
Values = Mapping[str, str]  # what was changed, in words, and how it stands
VALUES = "audit values"  # what old and new values are sealed for
SEALED = "sealed"  # the detail in which they stand: the leads are told of such an entry


class Action(StrEnum):
    # a person
    REQUESTED = "asked for a place"
    ASKED_AGAIN = "asked again"
    CONFIRMED = "confirmed the address"
    NOT_ASKED = "said that they did not ask"
    EMAILS_HELD_BACK = "held emails back, since far more was asked than usual"
    GAVE_UP = "gave up the place"
    RESENT = "had the ticket sent again"
    # vetting
    APPROVED = "approved"
    PUT_ON_WAITING_LIST = "put on the waiting list"
    NOT_OFFERED = "not offered a place"
    RECONSIDERED = "reconsidered"
    DECISION_UNDONE = "undid the decision"
    WITHDRAWN = "withdrew the approval"
    CANCELLED = "cancelled"
    CORRECTED = "corrected a name"
    VIEWED = "looked at a person"
    SEARCHED = "searched"
    LISTED = "read a list"
    READ_ODDLY = "read more than people usually do, or at night"
    EXPIRED = "let a request expire"
    FORGOTTEN = "deleted a person's details"
    DATA_KEY_DESTROYED = "destroyed the data key"
    # the event
    EVENT_LOADED = "loaded the event"
    EVENT_CHANGED = "changed the event"
    EVENT_OPENED = "opened registration"
    EVENT_CLOSED = "closed registration"
    EVENT_OVER = "noted that the event is over"
    VENUE_RELEASED = "released the venue"
    VENUE_HELD_BACK = "held the venue back"
    VENUE_READ = "read the venue that is held back"
    ORGANISATIONS_LOADED = "loaded known organisations"
    ORGANISATION_CHANGED = "changed a known organisation"
    # staff
    STAFF_ADDED = "added an account"
    STAFF_INVITED = "invited an account"
    STAFF_JOINED = "accepted an invitation"
    STAFF_DISABLED = "disabled an account"
    STAFF_ENABLED = "enabled an account"
    ROLE_GIVEN = "gave a role"
    ROLE_TAKEN = "took a role away"
    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "failed to sign in"
    SIGN_IN_SLOWED = "tried to sign in too often"
    SIGNED_OUT = "signed out"
    SESSIONS_ENDED = "ended sessions"
    STEPPED_UP = "proved it again"
    STEP_UP_FAILED = "failed to prove it again"
    PASSWORD_CHANGED = "changed a password"  # noqa: S105
    PASSWORD_RESET_SENT = "sent a password email"  # noqa: S105
    PASSWORD_RESET_REFUSED = "sent no password email: there is no such account"  # noqa: S105
    TOTP_CHANGED = "set up sign-in codes"
    RECOVERY_USED = "used a recovery code"
    RECOVERY_MADE = "made recovery codes"
    FORBIDDEN = "was refused a page"
    # email
    EMAIL_SENT = "sent an email"
    EMAIL_FAILED = "could not send an email"
    EMAIL_DROPPED = "dropped an email that was no longer true"
    EMAIL_TELEPHONED = "told somebody by telephone what an email could not"
    EMAIL_RETRIED = "put an email back into the queue"
    # door
    DOOR_MADE = "made a door"
    DOOR_CHANGED = "changed a door"
    PASS_MADE = "made a pairing code"  # noqa: S105
    PASS_PAIRED = "paired a phone"  # noqa: S105
    PAIRING_FAILED = "typed a wrong pairing code"
    PASS_REVOKED = "revoked a phone"  # noqa: S105
    PASS_SIGNED_OUT = "signed a phone out"  # noqa: S105
    DOOR_LOOKED_UP = "typed a reference"
    DOOR_ALERT = "raised an alert at a door"
    ALERT_SEEN = "acknowledged an alert at a door"
    OVERRIDE_GIVEN = "gave a phone the lead's override"
    PIN_REFUSED = "typed a wrong PIN"
    PINS_SPENT = "spent the leads' PINs"
    LEAD_DECIDED = "let somebody in by the lead's override"
    REASON_REFUSED = "was refused a lead's reason"
    SCANS_UNDONE = "undid a scan"
    SCANS_ACCEPTED = "accepted scans of a revoked phone"
    SCANS_DISCARDED = "discarded scans of a revoked phone"
    ADMISSION_MOVED = "gave an admission to an earlier scan"
    CONFLICT_SETTLED = "settled a conflict at a door"
    # data protection
    COMPLAINT_RECEIVED = "received a complaint"
    COMPLAINT_READ = "read a complaint"
    COMPLAINT_REMINDED = "reminded the leads of a complaint"
    COMPLAINT_ACKNOWLEDGED = "noted that a complaint was acknowledged"
    COMPLAINT_OUTCOME = "noted the outcome of a complaint"
    COMPLAINT_CLOSED = "closed a complaint"
    COMPLAINT_DELETED = "deleted a complaint that was closed"
    INCIDENT_OPENED = "opened an incident"
    INCIDENT_READ = "read an incident"
    INCIDENT_REMINDED = "reminded the leads of an incident"
    INCIDENT_DECIDED = "decided whether an incident is reported"
    INCIDENT_CLOSED = "closed an incident"
    INCIDENT_DELETED = "deleted an incident that was closed"
    # the audit log itself, and all of the database
    AUDIT_VIEWED = "read the audit"
    READS_VIEWED = "read who looked at people"
    RESTORED = "restored a backup"


class Actor(Protocol):
    """Whoever acts: a member of staff or a door phone."""

    @property
    def actor(self) -> str:
        """'staff:3' or 'pass:7'."""
        ...


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
    vouches = fields.CharField(max_length=400, default="")  # marks of entries that its writer had committed before

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
    """Marks, by their actors, of entries that this process committed and that no entry of another actor vouches for
    yet, oldest first. By actors: after many emails thousands wait that are all of one.

    There is no counter: every act would have to wait for its row, and a rollback would lose a number.
    """
    return _unvouched.setdefault(live.hub(), {})


def _committed(mark: str, actor: str, vouched: list[tuple[str, str]]) -> None:
    mine = unvouched()
    for other, known in vouched:
        mine.get(other, {}).pop(known, None)
        if not mine.get(other, True):
            del mine[other]
    marks = mine[actor] = mine.pop(actor, {})  # who acted last stands last
    marks[mark] = None


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


INSERT = """INSERT INTO audit_entry (at, actor, action, event_id, subject, details, mark, written_after, source,
    vouches) VALUES {rows} RETURNING id, mark"""


@within_tx
async def record_all(
    acts: Sequence[Act], *, by: Actor | None, at: datetime, event_id: int | None = None
) -> list[AuditEntry]:
    """As `record`, for several acts of one transaction at one time: a single statement writes their entries."""
    head, key = await _head_now(), keys.ring().sub_key(MARKS)
    entries, values, taken = list[AuditEntry](), list[object](), set[str]()
    for action, subject, details in acts:
        who = by.actor if by is not None else _self(subject)
        of = event_id if event_id is not None else getattr(subject, "event_id", None)
        others = ((actor, mark) for actor, marks in unvouched().items() if actor != who for mark in marks)
        vouched = list(islice((other for other in others if other[1] not in taken), VOUCHED))
        taken.update(mark for _, mark in vouched)
        entry = AuditEntry(
            at=at, actor=who, action=action, event_id=of, subject=about(subject), details=details, written_after=head,
            vouches=" ".join(mark for _, mark in vouched), source=source.hashed(),
        )  # fmt: skip
        entry.mark = entry.mark_under(key, secrets.token_hex(4))
        entries.append(entry)
        values += [at, who, str(action), of, entry.subject, json.dumps(details, separators=(",", ":"))]
        values += [entry.mark, head, entry.source, entry.vouches]
        after_commit(_committed, entry.mark, who, vouched)
    for row in await query(INSERT.format(rows=rows_of(len(entries), 10)), values):
        next(entry for entry in entries if entry.mark == row["mark"]).id = row["id"]
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
    sealed = keys.seal(VALUES, json.dumps([dict(old), dict(new)]))
    details |= {SEALED: base64.b64encode(sealed).decode()}
    entry = await record(action, subject, by=by, at=at, event_id=event_id, **details)
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
