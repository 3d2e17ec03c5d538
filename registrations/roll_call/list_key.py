"""The key that seals the list of people inside for marshals' phones: derived from a printed card, or drawn.

Rules: SG-15.
"""

from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import data_keys
from events.ground.keyring.made import Sealed, made

PURPOSE = "roll_key.key"


class ListKey(Model):
    """Of an event one counts. The card itself is in nobody's database: its secret was drawn, shown once, forgotten."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="roll_keys", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    public_id = fields.CharField(max_length=16)  # what the key is sealed with
    key_id = fields.CharField(max_length=32)  # what phones know it by, in hexadecimal
    key_sealed: Any = fields.BinaryField()
    of_card = fields.BooleanField()
    made_at = fields.DatetimeField()  # the event's time, as ended_at
    made_by = fields.CharField(max_length=40)  # 'staff:3'; 'pass:7', for whose list it was drawn
    ended_at = fields.DatetimeField(null=True)  # replaced, or ended
    ended_by = fields.CharField(max_length=40, db_default="")

    MADE = made(key_sealed=Sealed(PURPOSE, "{public_id}", event="event_id"))

    class Meta:
        app, table = "registrations", "roll_key"

    @property
    def opened(self) -> bytes | None:
        """None if it was damaged, and an error in our log that names the row."""
        found = data_keys.opened_in(f"roll_key:{self.id}", PURPOSE, self.public_id, self.key_sealed)
        return None if found is None else bytes.fromhex(found)
