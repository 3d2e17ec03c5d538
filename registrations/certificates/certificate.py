"""Certificates of an event: what stands on all of them, one for each guest who came, and the numbers that are valid.

A number is kept as a keyed hash alone, in a row that says of which event it is and never whose: it stays valid when
the person is deleted. The key is the event's own, and sealed under the instance key, so that a new instance key changes
no hash. A number that is ended has no row. Rules: EV-09.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import DESTROYED, SEALED_KEPT, Event
from events.ground import data_keys, keys
from events.ground.database import find_row
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.ground.refusal import Refused
from registrations.people.person import BASIS, NAMED
from registrations.people.registration import Registration

WORDS, CHECK_KEY, CERTIFICATE = "words of certificates", "check key of certificates", "certificate"
KEPT = f"{NAMED}; at once when what they told us is deleted"
SAID = Personal(
    "what stands on every certificate: what was learned, and who accredited it; words may name somebody, sealed",
    "public task",
    SEALED_KEPT,
)
THEIRS = Personal(
    "the certificate of attendance of somebody who came: its number and which of their names stands on it, sealed; when"
    " it was made, taken and ended",
    BASIS,
    KEPT,
    notice="your certificate of attendance, if you came and the organisers give them: its number, and when you took it",
)
NOTICE = "your certificate of attendance: its number, and when you took it"
NOTHING = "Nothing is written for the certificates of this event yet."


@dataclass(frozen=True)
class Words:
    """What organisers write. `outcomes`: one on a line. Without an accreditation the certificate says so."""

    outcomes: str = ""
    accredited_by: str = ""
    accreditation: str = ""  # the reference that this body gave


class Hours(NamedTuple):
    """In minutes of the event's day at the venue."""

    starts: int
    ends: int
    breaks: Sequence[tuple[int, int]] = ()


class CertificateTerms(Model):
    """What holds of all certificates of an event, and since when guests have theirs."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="certificate_terms", on_delete=OnDelete.CASCADE
    )
    event_id: int
    words_sealed = personal(fields.BinaryField(), SAID)
    starts = fields.IntField()
    ends = fields.IntField()
    breaks: Any = fields.JSONField(default=list)  # [[660, 675]]
    version = fields.IntField(default=0)  # raised with each change of organisers
    check_key_sealed = fields.BinaryField()  # makes the hashes of its numbers
    released_at = fields.DatetimeField(null=True)
    released_by = fields.CharField(max_length=40, db_default="")  # 'staff:3'
    settled_version = fields.IntField(db_default=-1)  # of the guest list: who had come by then has a certificate

    MADE = made(
        words_sealed=Sealed(WORDS, "{event_id}", event="event_id"), check_key_sealed=Sealed(CHECK_KEY, "{event_id}")
    )

    class Meta:
        app, table = "registrations", "certificate_terms"

    @property
    def words(self) -> Words | None:
        """None if they were damaged, or once the data key is destroyed."""
        named = f"certificate_terms:{self.id}"
        opened = data_keys.opened_in(named, WORDS, str(self.event_id), bytes(self.words_sealed))
        return Words(**json.loads(opened)) if opened else None

    @property
    def hours(self) -> Hours:
        return Hours(self.starts, self.ends, [(first, last) for first, last in self.breaks])

    @property
    def check_key(self) -> str | None:
        """None if it was damaged."""
        named = f"certificate_terms:{self.id}"
        return keys.opened_in(named, CHECK_KEY, bytes(self.check_key_sealed), str(self.event_id))


class CertificateNumber(Model):
    """A number that is valid. Whose it is stands in `Certificate` alone, which goes with the person."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="certificate_numbers", on_delete=OnDelete.CASCADE
    )
    event_id: int
    number_hash = fields.CharField(max_length=64)  # under the check key of its event, which is sealed anew in its place

    class Meta:
        app, table = "registrations", "certificate_number"


class Shows(StrEnum):
    """Which name stands on a certificate."""

    FULL_NAME = "full"
    BADGE_NAME = "badge"


class Held(NamedTuple):
    """What is sealed in the row of a certificate."""

    number: str
    shows: Shows = Shows.FULL_NAME


class Certificate(Model):
    """Of one guest who came, at most one. Ended, it has no number that is valid."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="certificates", on_delete=OnDelete.CASCADE
    )
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="certificates", on_delete=OnDelete.CASCADE
    )
    registration_id: int
    number: fields.ForeignKeyNullableRelation[CertificateNumber] = fields.ForeignKeyField(
        "registrations.CertificateNumber", related_name="certificates", on_delete=OnDelete.SET_NULL, null=True
    )
    number_id: int | None
    held_sealed = personal(fields.BinaryField(), THEIRS)
    issued_at = personal(fields.DatetimeField(), THEIRS)
    taken_at = personal(fields.DatetimeField(null=True), THEIRS)  # by the guest, for the first time
    ended_at = personal(fields.DatetimeField(null=True), THEIRS)
    ended_by = fields.CharField(
        max_length=40, db_default=""
    )  # 'staff:3'; 'system' where it turned out they had not come

    MADE = made(held_sealed=Sealed(CERTIFICATE, "{event_id}|{registration_id}", event="event_id"))

    class Meta:
        app, table = "registrations", "certificate"

    @property
    def held(self) -> Held | None:
        """None if it was damaged."""
        named, row = f"certificate:{self.id}", f"{self.event_id}|{self.registration_id}"
        opened = data_keys.opened_in(named, CERTIFICATE, row, bytes(self.held_sealed))
        return _read(opened) if opened else None


def _read(text: str) -> Held:
    number, shows = json.loads(text)
    return Held(number, Shows(shows))


def seal_words(words: Words, event: Event) -> bytes:
    """Hold the event's key. Raises Refused once it is destroyed."""
    if not event.data_key:
        raise Refused(DESTROYED)
    text = json.dumps(asdict(words), ensure_ascii=False)
    return data_keys.seal(event.data_key, WORDS, str(event.id), text)


def seal_held(held: Held, event: Event, registration_id: int) -> bytes:
    """For a new row. Hold the event's key."""
    return data_keys.seal(event.data_key, CERTIFICATE, f"{event.id}|{registration_id}", json.dumps(held))


def seal_held_as(held: Held, certificate: Certificate) -> bytes:
    """In place of what stands in this row, under its key. Write it only while that still stands."""
    row = f"{certificate.event_id}|{certificate.registration_id}"
    return data_keys.seal_as(bytes(certificate.held_sealed), CERTIFICATE, row, json.dumps(held))


def new_check_key(event_id: int) -> bytes:
    return keys.seal(CHECK_KEY, secrets.token_hex(32), str(event_id))


def hash_of(check_key: str, number: str) -> str:
    """64 hex characters, of a number as `certificate_number` writes it."""
    return hmac.new(bytes.fromhex(check_key), number.encode(), hashlib.sha256).hexdigest()


async def terms_of(event_id: int) -> CertificateTerms | None:
    return await find_row(CertificateTerms, "event_id = ?", [event_id])


async def certificate_of(registration_id: int) -> Certificate | None:
    return await find_row(Certificate, "registration_id = ?", [registration_id])
