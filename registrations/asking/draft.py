"""Answers in progress: sealed, known by a cookie's hash, gone after 20 idle hours, on exit, or an hour after asking."""

from datetime import timedelta

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground.keeping import span
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal

IDLE = timedelta(hours=20)
AFTER_ASKING = timedelta(hours=1)  # how long we remember that they asked, and where we wrote to
KEPT = f"{span(IDLE)} after the last answer, {span(AFTER_ASKING)} after sending, or when they leave"
ANSWERS = "draft.answers"

UNDER_WAY = Personal(
    "answers under way, sealed; once sent, only the address that we wrote to and the public half of the link",
    "public task (council), legitimate interests (charity)",
    KEPT,
)


class Draft(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="drafts")
    event_id: int
    cookie_hash = fields.CharField(max_length=64)
    answers_sealed = personal(fields.BinaryField(), UNDER_WAY)
    expires_at = fields.DatetimeField()  # the machine's time

    MADE = made(answers_sealed=Sealed(ANSWERS, "{cookie_hash}", event="event_id"))

    class Meta:
        app, table = "registrations", "draft"
