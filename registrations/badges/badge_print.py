"""Which badges were printed: when, by whom, and a keyed hash of what stood on each, which says whether it has changed.

Of one person each print has a number, which the database gives once: so two who print at the same moment print one
badge. A row goes with what the person told us.
"""

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal
from registrations.people.needs import KEPT
from registrations.people.person import BASIS
from registrations.people.registration import Registration

PRINTED = Personal(
    "that somebody's badge was printed, when and by whom, with a keyed hash of what stood on it: so that none is"
    " printed twice unasked, and a changed one is printed again",
    BASIS,
    f"{KEPT}; at once when what they told us is deleted",
)
NOTICE = "when your badge was printed"


class BadgePrint(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="badge_prints")
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="badge_prints"
    )
    registration_id: int
    n = fields.IntField()  # the first of this person is 1
    text_hash = personal(fields.CharField(max_length=32), PRINTED)
    printed_at = personal(fields.DatetimeField(), PRINTED)
    printed_by = personal(fields.CharField(max_length=40), PRINTED)  # staff:3
    on_arrival = fields.BooleanField(db_default=False)  # at a badge desk, for somebody who had come in

    MADE = made(text_hash=Left("it is of the key that the event is bound to, as its tickets are"))

    class Meta:
        app, table = "registrations", "badge_print"
