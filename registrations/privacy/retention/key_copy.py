"""What a lead says of the copies of a data key that was destroyed on the server."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock

NINE, WEEK = 9, 7  # o'clock at the venue: reminders are no business of the night; and days


class Answer(StrEnum):
    DESTROYED = "their copies are destroyed"
    NEVER_HAD_ONE = "never had a copy"


class KeyCopy(Model):
    """Asked of each lead of an event, once for each day of the event after which a key was destroyed."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="key_copies", on_delete=OnDelete.CASCADE
    )
    event_id: int
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="key_copies", on_delete=OnDelete.CASCADE
    )
    staff_id: int
    day = fields.DateField()  # of the event
    asked_at = fields.DatetimeField()
    reminded = fields.IntField(default=0)  # so many reminders were sent
    answer = fields.CharEnumField(Answer, description="from the closed list", max_length=40, null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "registrations", "key_copy"

    def reminders_due(self, at: datetime) -> int:
        """How many should have gone out by now: one a week, at nine."""
        local = clock.local(at)
        days = (local.date() - clock.local(self.asked_at).date()).days - (local.hour < NINE)
        return max(0, days // WEEK)
