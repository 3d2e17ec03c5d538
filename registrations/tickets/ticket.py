"""A ticket: the number its code is derived from, its reference for people, and whether it still counts."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from events.ground.keyring.made import Left, Sealed, made
from registrations.codes import sealing, ticket_code
from registrations.codes.verdict import Standing
from registrations.people.registration import Registration, State

REFERENCE = "ticket reference"  # what it is sealed as, and what its hash is for
UNREADABLE = "Cannot be read"  # stands for the reference of a row that was damaged: all others go on without it
REFERENCE_COLUMNS = (
    "t.event_id AS ticket_of, t.n AS ticket_n, t.reference_sealed"  # what a join reads for `reference_in`
)


class Reference(NamedTuple):
    """Of one ticket, sealed for its row."""

    ticket_id: int
    event_id: int
    n: int
    sealed: bytes

    @property
    def shown(self) -> str:
        """HK7-4QD. UNREADABLE if it does not open."""
        row = reference_row(self.event_id, self.n)
        return keys.opened_in(f"ticket:{self.ticket_id}", REFERENCE, self.sealed, row) or UNREADABLE


class Ticket(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="tickets", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration",
        related_name="tickets",
        on_delete=OnDelete.RESTRICT,
    )
    registration_id: int
    n = fields.IntField()  # its secret is derived from the event's key and salt and this number
    proof_hash = fields.CharField(max_length=64)  # SHA-256 of what a phone sends in place of the code
    reference_hash = fields.CharField(max_length=32)  # finds it: keyed, since six characters are tried in a second
    reference_sealed = fields.BinaryField()  # shows it
    list_version = fields.IntField(default=0)
    issued_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    passed_on = fields.BooleanField(db_default=False)  # a colleague has its place, and a newer ticket

    MADE = made(
        reference_hash=Left("it is of the key that the event is bound to, as its tickets are"),
        reference_sealed=Sealed(REFERENCE, "{event_id}|{n}"),
    )

    class Meta:
        app, table = "registrations", "ticket"

    @property
    def reference(self) -> str:
        """As `Reference.shown`."""
        return self.sealed_reference.shown

    @property
    def sealed_reference(self) -> Reference:
        return Reference(self.id, self.event_id, self.n, self.reference_sealed)


def reference_in(row: Mapping[str, Any]) -> Reference:
    """Of a row that holds REFERENCE_COLUMNS and `ticket_id`."""
    return Reference(row["ticket_id"], row["ticket_of"], row["ticket_n"], row["reference_sealed"])


def seal_reference(event_id: int, n: int, reference: str) -> bytes:
    """For the ticket of this number."""
    return keys.seal(REFERENCE, reference, reference_row(event_id, n))


def reference_row(event_id: int, n: int) -> str:
    """Whose it is: in another ticket it does not open."""
    return f"{event_id}|{n}"


def hash_of_reference(event: Event, reference: str) -> str:
    """Under the key that the event is bound to, so that a new key lets no reference of the event be drawn twice."""
    return keys.keyed_hash(REFERENCE, _key_text(event.id, reference), event.key_fingerprint)


async def ticket_of_reference(event_id: int, reference: str) -> Ticket | None:
    """The ticket with its person, by the reference as `ticket_code.normal_reference` writes it."""
    hashes = keys.keyed_hashes(REFERENCE, _key_text(event_id, reference))
    found = Ticket.get_or_none(event_id=event_id, reference_hash__in=hashes)
    return await found.select_related("registration")


def _key_text(event_id: int, reference: str) -> str:
    return f"{event_id}|{reference}"


def secret_of(event: Event, n: int) -> bytes:
    """16 bytes nobody can know without the instance key."""
    return secrets_of(event)(n)


def secrets_of(event: Event) -> Callable[[int], bytes]:
    """The same for many numbers: the key is looked up once."""
    key, salt = event.ticket_key, event.salt
    return lambda n: hmac.digest(key, salt + n.to_bytes(8, "big"), "sha256")[:16]


def code_of(event: Event, n: int) -> str:
    """What the QR holds: 29 characters."""
    return ticket_code.encode(secret_of(event, n))


def proof_of(event: Event, n: int) -> bytes:
    return sealing.derive(secret_of(event, n), event.salt).proof


def hash_of_proof(proof: bytes) -> str:
    return hashlib.sha256(proof).hexdigest()


def standing(state: State, *, revoked: bool, passed_on: bool) -> Standing:
    """Where a ticket stands. Every move out of approved kills the ticket, so the person's state is reported first: but
    of a place that was handed over the newer ticket is."""
    if state in BY_STATE and not passed_on:
        return BY_STATE[state]
    if revoked:  # withdrawn, or replaced by a newer one
        return Standing.REVOKED
    return Standing.OK if state is State.APPROVED else Standing.NOT_APPROVED


BY_STATE = {
    State.CANCELLED: Standing.CANCELLED,
    State.EXPIRED: Standing.CANCELLED,
    State.WAITING: Standing.WAITLISTED,
    State.OFFERED: Standing.WAITLISTED,
    State.RECHECKING: Standing.NOT_APPROVED,  # not withdrawn: an organiser has to look at them, and no newer one exists
    State.NOT_OFFERED: Standing.NOT_APPROVED,
}
