"""A door lead's card: what is kept of it, from when and until when it counted."""

from datetime import datetime

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event

from .door import DoorPass


class LeadCard(Model):
    """The card itself is in nobody's database: its secret was drawn, shown once, and forgotten."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="lead_cards", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    door_pass: fields.ForeignKeyRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="lead_cards", on_delete=OnDelete.RESTRICT
    )
    door_pass_id: int
    list_id = fields.CharField(max_length=32)  # what phones know it by, in hexadecimal
    proof_hash = fields.CharField(max_length=64)  # of what they send in its place
    made_at = fields.DatetimeField()  # the event's time, as ended_at
    ended_at = fields.DatetimeField(null=True)  # replaced, or its lead's pass ended

    class Meta:
        app, table = "registrations", "lead_card"

    def counted_at(self, at: datetime) -> bool:
        return self.made_at <= at and (self.ended_at is None or at < self.ended_at)
