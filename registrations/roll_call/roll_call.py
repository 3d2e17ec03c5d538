"""A roll call, each press that a phone told of it, and each tick of a marshal: rows that are never changed.

None of them names anybody: tickets, phones and people are numbers. Rules: SG-15.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground.personal import Personal, personal
from registrations.people.person import NAMED
from registrations.phones.door import DoorPass
from registrations.tickets.ticket import Ticket

LASTS = timedelta(hours=12)  # then it is over by itself
ID = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits, as a phone draws them
KINDS = "from the closed list"  # fixed: a column whose words differ is rebuilt on SQLite, without its triggers
TICKED = Personal(
    "whether a marshal saw somebody at the assembly point after an evacuation, on which phone and when",
    "public task (council), legitimate interests (charity)",
    str(NAMED),
    notice="whether you were seen at the assembly point, if the building was left in an emergency or in a drill",
)


class RollKind(StrEnum):
    REAL = "real"
    DRILL = "drill"


class Mark(StrEnum):
    SAFE = "safe"
    NOT_SEEN = "not_seen"
    LEFT = "left"  # the building, before the alarm


class Press(StrEnum):
    """What somebody pressed on a phone or at the desk, apart from ticks."""

    START = "start"
    PRINT = "print"


class RollCall(Model):
    """The database lets one run at an event: see `one_roll_call`."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="roll_calls", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    public_id = fields.CharField(max_length=22)  # of the press that began it
    kind = fields.CharEnumField(RollKind, description=KINDS, max_length=8)
    started_at = fields.DatetimeField()  # the event's time; of a phone calculated: arrival minus age
    started_by = fields.CharField(max_length=40)  # 'pass:7', 'staff:3'
    people = fields.IntField()  # who were inside then, as far as the server knew
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=40, db_default="")  # '' where it was over by itself

    class Meta:
        app, table = "registrations", "roll_call"

    @property
    def over(self) -> datetime:
        """When it ended; when it will be over by itself while nobody has ended it."""
        return self.ended_at or self.started_at + LASTS

    def over_at(self, at: datetime) -> datetime | None:
        """When it ended; None while it runs at this time."""
        return self.over if self.ended_at is not None or self.over <= at else None

    def ran_at(self, at: datetime) -> bool:
        return self.started_at <= at < self.over

    def runs(self, at: datetime) -> bool:
        return self.over_at(at) is None


class RollPress(Model):
    """Told once, however often its phone sends it. Two that pressed start apart may have begun one roll call."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="roll_presses", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    client_id = fields.CharField(max_length=22)
    what = fields.CharEnumField(Press, description=KINDS, max_length=8)
    roll_call: fields.ForeignKeyNullableRelation[RollCall] = fields.ForeignKeyField(
        "registrations.RollCall", related_name="presses", on_delete=OnDelete.RESTRICT, null=True
    )
    roll_call_id: int | None  # None: printed while none ran
    pressed_by = fields.CharField(max_length=40)
    happened_at = fields.DatetimeField()
    arrived_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "roll_press"


class RollTick(Model):
    """Insert-only: a trigger says so."""

    id = fields.IntField(primary_key=True)
    roll_call: fields.ForeignKeyRelation[RollCall] = fields.ForeignKeyField(
        "registrations.RollCall", related_name="ticks", on_delete=OnDelete.RESTRICT
    )
    roll_call_id: int
    client_id = fields.CharField(max_length=22)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket", related_name="roll_ticks", on_delete=OnDelete.RESTRICT
    )
    ticket_id: int
    door_pass: fields.ForeignKeyRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="roll_ticks", on_delete=OnDelete.RESTRICT
    )
    door_pass_id: int
    mark = personal(fields.CharEnumField(Mark, description=KINDS, max_length=10), TICKED)
    by_ticket = fields.BooleanField()  # the guest held their ticket to the phone's camera
    age = fields.FloatField()  # seconds, as the phone said
    happened_at = personal(fields.DatetimeField(), TICKED)  # calculated: arrival minus age, within what is possible
    arrived_at = fields.DatetimeField()
    after_end = fields.BooleanField()  # of the phone's pass: kept, and not counted

    class Meta:
        app, table = "registrations", "roll_tick"
