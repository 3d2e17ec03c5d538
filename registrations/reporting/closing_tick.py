"""What somebody has ticked of an event's closing: a row that says who and when. Taking it back deletes the row."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event


class Ticked(StrEnum):
    """What no system can see, so that somebody says it."""

    EXPORTS = "exports"
    PRINTED = "printed"
    COUNTS = "counts"


class ClosingTick(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="closing_ticks", on_delete=OnDelete.CASCADE
    )
    event_id: int
    day = fields.DateField()  # of the event: one that is put off is closed anew
    item = fields.CharEnumField(Ticked, description="from the closed list", max_length=12)
    ticked_at = fields.DatetimeField()
    ticked_by = fields.CharField(max_length=40)  # 'staff:3'

    class Meta:
        app, table = "registrations", "closing_tick"
