"""What organisers would do better next time, in their words, sealed. The page asks to name nobody."""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import data_keys
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from registrations.people.person import NAMED

SEALED_AS = "lesson"
LONGEST = 1000
WORDS = Personal("what organisers would do better next time, whose words may name somebody: sealed",
                 "legitimate interests", str(NAMED))  # fmt: skip


class Lesson(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="lessons", on_delete=OnDelete.CASCADE
    )
    event_id: int
    public_id = fields.CharField(max_length=16)  # what its words are sealed with
    words_sealed = personal(fields.BinaryField(), WORDS)
    written_at = fields.DatetimeField()
    written_by = fields.CharField(max_length=40)  # 'staff:3'

    MADE = made(words_sealed=Sealed(SEALED_AS, "{public_id}", event="event_id"))

    class Meta:
        app, table = "registrations", "lesson"

    @property
    def words(self) -> str | None:
        """None if it was damaged, and an error in our log that names the row."""
        return data_keys.opened_in(f"lesson:{self.id}", SEALED_AS, self.public_id, bytes(self.words_sealed))
