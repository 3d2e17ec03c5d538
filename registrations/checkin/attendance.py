"""How many people came, by door and by kind of organisation: what is left of an event's scans once they are deleted.

Nothing else is. People are counted once for the event, at the entrance where they first came in, and once for each room
that they came to; nobody is named, and no time is kept.
"""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from registrations.phones.door import Door

ALL_KINDS = ""  # of the row that counts the whole event: it is there once an event was counted, also if nobody came


class Attendance(Model):
    """So many people of one kind came in at one door, or at the event, on a day. Counted once, before scans go."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="attendance", on_delete=OnDelete.CASCADE
    )
    event_id: int
    day = fields.DateField()  # an event that is put off is counted again
    door: fields.ForeignKeyNullableRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="attendance", on_delete=OnDelete.CASCADE, null=True
    )
    door_id: int | None  # None: the event as a whole
    kind = fields.CharField(max_length=40, default=ALL_KINDS)  # of organisation
    people = fields.IntField()

    class Meta:
        app, table = "registrations", "attendance"
