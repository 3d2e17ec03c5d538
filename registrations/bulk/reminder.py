"""The last reminder that somebody was sent of what they still have to do: of what, when, and which email it was."""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground.personal import Personal, personal
from registrations.people.person import BASIS
from registrations.people.registration import Registration

from .bulk_act import CLOSED_LIST, KEPT, Outcome

OF_WHAT = Personal("which reminder somebody was sent last, and when", BASIS, str(KEPT))


class Reminder(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="reminders", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="reminders", on_delete=OnDelete.CASCADE
    )
    registration_id: int
    what = personal(fields.CharEnumField(Outcome, description=CLOSED_LIST, max_length=12), OF_WHAT)
    cause = fields.CharField(max_length=60)  # of its email
    reminded_at = fields.DatetimeField()
    reminded_by = fields.CharField(max_length=40)  # 'staff:3'

    class Meta:
        app, table = "registrations", "reminder"
