"""One act at a door, never changed; and the admission, by which the database lets a ticket in at a door only once."""

from enum import StrEnum
from typing import Any

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
