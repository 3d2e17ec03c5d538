"""Answers under way, sealed, known by a cookie's hash; gone after 20 idle hours, on exit, or an hour after asking."""

from datetime import timedelta

from tortoise import fields
from tortoise.models import Model

from events.event import Event

IDLE = timedelta(hours=20)
ANSWERS = "draft.answers"


class Draft(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="drafts")
    event_id: int
    cookie_hash = fields.CharField(max_length=64)
    answers_sealed = fields.BinaryField()
    expires_at = fields.DatetimeField()  # the machine's time

    class Meta:
        app, table = "registrations", "draft"
