"""Scans that cannot all be right, or an entry that should not have been: open until somebody says what it was."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from registrations.phones.door import Door
from registrations.tickets.ticket import Ticket


class ConflictKind(StrEnum):
    TWICE = "twice"  # one ticket let two in at a door
    NOT_VALID = "not valid"  # let in by a phone alone, and the ticket was no longer good
    HOURS = "hours"  # let in by a phone alone while the door was closed
    NO_TICKET = "no ticket"  # let in by the lead's override, and there is no such ticket
    CARD = "card"  # decided by a lead's card that was none of this event's then
    WALK_IN = "walk-in"  # let in on paper without a place, and no organiser's yes counts for them


LOUD = frozenset({ConflictKind.NOT_VALID, ConflictKind.NO_TICKET, ConflictKind.CARD, ConflictKind.WALK_IN})


class Outcome(StrEnum):
    """What it turned out to be."""

    SAME_PERSON = "same person twice"
    TWO_PEOPLE = "two people"
    WRONG_TICKET = "wrong ticket scanned"
    CLOCK = "clock"
    CANNOT_TELL = "cannot tell"
    SAID_YES = "an organiser said yes"  # these two of a walk-in alone
    NOBODY_DID = "no organiser said yes"
    UNDONE = "undone at the door"  # by the phone that had let them in, or its lead
    EXIT_BETWEEN = "an exit arrived later"  # sent late by a phone: nothing contradicts any more


class Conflict(Model):
    """The database keeps one for each pair of scans. A row is settled once, and goes with the scans."""

    id = fields.IntField(primary_key=True)
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="conflicts", on_delete=OnDelete.RESTRICT
    )
    door_id: int
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket", related_name="conflicts", on_delete=OnDelete.RESTRICT, null=True
    )
    ticket_id: int | None
    kind = fields.CharEnumField(ConflictKind, description="what cannot be right", max_length=12)
    first_scan = fields.CharField(max_length=32)  # client ids, in the order of the letters: a pair has one order
    second_scan = fields.CharField(max_length=32, db_default="")  # '' where one scan alone cannot be right
    uncertain = fields.BooleanField(db_default=False)  # their times overlap: the order is not certain
    opened_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(max_length=40, db_default="")  # 'staff:3' or 'pass:7'
    outcome = fields.CharEnumField(Outcome, description="from the closed list", max_length=24, null=True)

    class Meta:
        app, table = "registrations", "conflict"

    @property
    def loud(self) -> bool:
        return self.kind in LOUD
