"""A ticket: the number its code is derived from, its reference for people, and whether it still counts."""

import hashlib
import hmac
from collections.abc import Callable

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from registrations.codes import sealing, ticket_code
from registrations.codes.verdict import Standing
from registrations.people.registration import Registration, State

REFERENCE = "ticket reference"  # what it is sealed as, and what its hash is for


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

    class Meta:
        app, table = "registrations", "ticket"

    @property
    def reference(self) -> str:
        """HK7-4QD."""
        return open_reference(self.reference_sealed)


def open_reference(sealed: bytes) -> str:
    return keys.open_sealed(REFERENCE, bytes(sealed))


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


def standing(state: State, *, revoked: bool) -> Standing:
    """Where a ticket stands. Every move out of approved kills the ticket, so the person's state is reported first."""
    if state in BY_STATE:
        return BY_STATE[state]
    if revoked:  # withdrawn, or replaced by a newer one
        return Standing.REVOKED
    return Standing.OK if state is State.APPROVED else Standing.NOT_APPROVED


BY_STATE = {
    State.CANCELLED: Standing.CANCELLED,
    State.EXPIRED: Standing.CANCELLED,
    State.WAITING: Standing.WAITLISTED,
    State.OFFERED: Standing.WAITLISTED,
    State.NOT_OFFERED: Standing.NOT_APPROVED,
}
