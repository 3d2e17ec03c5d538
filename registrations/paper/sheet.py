"""A sheet of paper for the doors: what it is, who printed it, until when it may be kept; and each line typed up of it.

Neither says who is on it: tickets and people are numbers. Rules: EV-06, SG-15.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground.personal import Personal, personal
from registrations.people.person import NAMED
from registrations.phones.door import Door, DoorPass
from registrations.tickets.ticket import Ticket


class SheetKind(StrEnum):
    DOOR_LIST = "door list"
    WALK_IN = "walk-in sheet"
    RELEASE = "release list"
    ROLL_CALL = "roll call"
    ACCESS = "access sheet"
    ROOM_LIST = "room list"

    @property
    def rules(self) -> "Rules":
        return RULES[self]


class Rules(NamedTuple):
    """What is fixed about one kind."""

    name: str
    what: str  # what is on it
    kept: timedelta  # after the day of the event: by then it is destroyed
    typed_up: bool  # afterwards, as scans


ROLL_CALL_HEADER = "Checked in, not proof of who is inside. Follow the venue's fire marshal and sweep."
RULES: Mapping[SheetKind, Rules] = {
    SheetKind.DOOR_LIST: Rules(
        "Door list", "Everybody with a ticket: name, organisation, reference, a box to tick", timedelta(days=7), True
    ),
    SheetKind.WALK_IN: Rules(
        "Walk-in sheet", "Empty rows for people who are on no list. It names nobody", timedelta(days=7), True
    ),
    SheetKind.RELEASE: Rules(
        "Release list",
        "Numbers for you, away from the doors: each lets in one walk-in by telephone where a door has no network",
        timedelta(days=7),
        False,
    ),
    SheetKind.ROLL_CALL: Rules(
        "Roll call", "Who is checked in now: surname, name on the badge, when they came in", timedelta(days=1), False
    ),
    SheetKind.ACCESS: Rules(
        "Access sheet",
        "Who asked for help to leave the building, and agreed that marshals know: name on the badge, and what helps",
        timedelta(days=1),
        False,
    ),
    SheetKind.ROOM_LIST: Rules(
        "Room list",
        "Who is in one workshop, for whoever runs it: name on the badge, organisation, a box to tick",
        timedelta(days=1),
        False,
    ),
}
OF_WORKSHOP = {SheetKind.ROOM_LIST}  # who prints one says of which
OF_ORGANISERS = [kind for kind in RULES if kind is not SheetKind.ACCESS]  # that one is the access lead's alone
ROWS_TO_WRITE_IN = {SheetKind.WALK_IN, SheetKind.RELEASE}
KINDS = "from the closed list"
TICKED = Personal(
    "that a ticket was ticked on a sheet of paper, which was typed up as a scan",
    "public task (council), legitimate interests (charity)",
    str(NAMED),
    notice="that you were ticked on a list on paper: to count you once, where there was no network",
)


class Sheet(Model):
    """The number counts the event's sheets. `tickets` are those on its lines, in order."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="sheets", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    number = fields.IntField()
    kind = fields.CharEnumField(SheetKind, description=KINDS, max_length=16)
    lines = fields.IntField()
    tickets: Any = fields.JSONField(default=list)  # none of an access sheet: to stand on it tells of somebody's health
    printed_at = fields.DatetimeField()
    printed_by = fields.CharField(max_length=40)  # 'staff:3', here and in the next ones
    destroy_by = fields.DateField()
    destroyed_at = fields.DatetimeField(null=True)
    destroyed_by = fields.CharField(max_length=40, db_default="")
    ended_at = fields.DatetimeField(null=True)  # of a release list that was lost: its numbers count no more
    ended_by = fields.CharField(max_length=40, db_default="")
    door: fields.ForeignKeyNullableRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="sheets", on_delete=OnDelete.RESTRICT, null=True
    )
    door_id: int | None  # where it was used: this and what follows once somebody types it up
    door_pass: fields.ForeignKeyNullableRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="sheets", on_delete=OnDelete.RESTRICT, null=True
    )
    door_pass_id: int | None  # its scans are of this pass, which no phone can be paired with
    ticks = fields.IntField(null=True)  # on the paper, as somebody counted them
    begun_at = fields.DatetimeField(null=True)
    begun_by = fields.CharField(max_length=40, db_default="")
    finished_at = fields.DatetimeField(null=True)
    finished_by = fields.CharField(max_length=40, db_default="")

    class Meta:
        app, table = "registrations", "paper_sheet"

    @property
    def is_closed(self) -> bool:
        """No more lines are typed."""
        return self.finished_at is not None or self.destroyed_at is not None

    @property
    def title(self) -> str:
        name = self.kind.rules.name
        return f"{name} {self.number}" if name.endswith("sheet") else f"{name}, sheet {self.number}"


class Tick(Model):
    """A line typed up as a scan. The database lets a ticket, a line and a release be typed once, unless undone."""

    id = fields.IntField(primary_key=True)
    sheet: fields.ForeignKeyRelation[Sheet] = fields.ForeignKeyField(
        "registrations.Sheet", related_name="typed", on_delete=OnDelete.RESTRICT
    )
    sheet_id: int
    line = fields.IntField(null=True)  # None: its reference was typed, and is on no line
    release: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "registrations.Release", related_name="typed", on_delete=OnDelete.RESTRICT, null=True
    )
    release_id: int | None  # of a walk-in: the number that stands on its line
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket", related_name="ticks", on_delete=OnDelete.RESTRICT
    )
    ticket_id: int
    client_id = fields.CharField(max_length=32)  # of the scan
    typed_at = personal(fields.DatetimeField(), TICKED)
    typed_by = fields.CharField(max_length=40)
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.CharField(max_length=40, db_default="")

    class Meta:
        app, table = "registrations", "paper_tick"


def destroy_by(event: Event, kind: SheetKind) -> date:
    return event.day + kind.rules.kept
