"""One act at a door, never changed; and the admission, by which the database lets a ticket in at a door only once."""

import base64
import re
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from .door import Door, DoorPass
from .ticket import Ticket


class ScanKind(StrEnum):
    IN = "in"
    UNDO = "undo"
    INVALID = "invalid"  # a code that was none of ours: its length is kept, never its text


class Scan(Model):
    """Insert-only: a trigger says so."""

    id = fields.IntField(primary_key=True)
    client_id = fields.CharField(max_length=32)  # made by the phone before anything was sent
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="scans", on_delete=OnDelete.RESTRICT
    )
    door_id: int
    door_pass: fields.ForeignKeyRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="scans", on_delete=OnDelete.RESTRICT
    )
    door_pass_id: int
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket",
        related_name="scans",
        on_delete=OnDelete.RESTRICT,
        null=True,
    )
    ticket_id: int | None
    kind = fields.CharEnumField(ScanKind, max_length=10)
    age = fields.FloatField()  # seconds, as the phone said
    arrived_at = fields.DatetimeField()
    happened_at = fields.DatetimeField()  # reckoned: arrival minus age, held within what is possible
    verdict = fields.CharField(max_length=20)
    undoes = fields.CharField(max_length=32, null=True)  # client id of the scan that this one undoes
    proof_mark = fields.CharField(max_length=32, default="")  # keyed hash of an unknown proof
    length = fields.IntField(null=True)
    answer: Any = fields.JSONField()  # ids and codes by which the same answer is given again; no name

    class Meta:
        app, table = "registrations", "scan"


class Admission(Model):
    """The scan by which a ticket is in at a door. Only undo removes it. Leaving sets left_at."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket", related_name="admissions", on_delete=OnDelete.RESTRICT
    )
    ticket_id: int
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="admissions", on_delete=OnDelete.RESTRICT
    )
    door_id: int
    client_id = fields.CharField(max_length=32)  # of the scan, whose row follows once its verdict is known
    admitted_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "registrations", "admission"


CLIENT_ID = re.compile(r"[0-9a-f]{32}")
PROOF_BYTES = 16
LONGEST_AGE = 7 * 24 * 3600.0  # seconds; what is more is a fault of the phone
LONGEST_LENGTH = 1_000_000


class Sent(NamedTuple):
    """One scan as a phone sent it, each value held to what is possible. Of a `fault` only the id counts."""

    id: str
    kind: ScanKind
    proof: bytes = b""
    age: float = 0.0  # seconds
    undoes: str | None = None
    length: int | None = None
    fault: str = ""  # the field that we cannot read


def read_sent(told: object) -> Sent:
    """Never raises, whatever was posted. A fault in the id means that no row can be kept of it."""
    if not isinstance(told, dict) or not _is_id(told.get("id")):
        named = told.get("id") if isinstance(told, dict) else None
        return Sent(named[:64] if isinstance(named, str) else "", ScanKind.INVALID, fault="id")
    made = Sent(told["id"], ScanKind.INVALID, age=_age(told.get("age")))
    match told.get("kind"):
        case ScanKind.IN:
            proof = _proof(told.get("proof"))
            return made._replace(kind=ScanKind.IN, proof=proof) if proof else made._replace(fault="proof")
        case ScanKind.UNDO:
            undoes = told.get("undoes")
            return made._replace(kind=ScanKind.UNDO, undoes=undoes) if _is_id(undoes) else made._replace(fault="undoes")
        case ScanKind.INVALID:
            return made._replace(length=_length(told.get("length")))
    return made._replace(fault="kind")


def _is_id(told: object) -> bool:
    return isinstance(told, str) and CLIENT_ID.fullmatch(told) is not None


def _proof(told: object) -> bytes | None:
    """Base64url of 16 bytes, with or without the padding."""
    if not isinstance(told, str) or not re.fullmatch(r"[A-Za-z0-9_-]{22}(==)?", told):
        return None
    return base64.urlsafe_b64decode(told[:22] + "==")


def _age(told: object) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not told > 0:  # NaN is not above nothing
        return 0.0
    return float(min(told, LONGEST_AGE))


def _length(told: object) -> int | None:
    return max(0, min(told, LONGEST_LENGTH)) if isinstance(told, int) and not isinstance(told, bool) else None
