"""What went by itself: a row for each class and event, which counts and names nobody, and stays."""

from datetime import date

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import clock


class Deletion(Model):
    """How many rows of one class went, of one event or of none, and when."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyNullableRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="deletions", on_delete=OnDelete.CASCADE, null=True
    )
    event_id: int | None
    kind = fields.CharField(max_length=20)  # the class
    number = fields.IntField()
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "deletion"

    @property
    def first_on(self) -> date:
        """By the venue's calendar, as the next."""
        return clock.local(self.first_at).date()

    @property
    def last_on(self) -> date:
        return clock.local(self.last_at).date()
