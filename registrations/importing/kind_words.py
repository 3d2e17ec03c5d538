"""What organisers said of words for kinds of organisation in lists, so that nobody is asked twice at an event. Sealed,
since somebody may have chosen a column that has names."""

import json
from collections.abc import Mapping
from datetime import timedelta

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event, held_event
from events.ground import data_keys
from events.ground.database import within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal

SEALED_AS = "words for kinds of organisation"
KEPT = Period(timedelta(days=30), "after the event")
WORDS = Personal("what organisers said that words for kinds of organisation mean, sealed: a list may have names there",
                 "legitimate interests", str(KEPT))  # fmt: skip
MOST = 500  # words, the newest


class KindWords(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="kind_words", on_delete=OnDelete.CASCADE
    )
    event_id: int
    words_sealed = personal(fields.BinaryField(), WORDS)

    MADE = made(words_sealed=Sealed(SEALED_AS, "{event_id}", event="event_id"))

    class Meta:
        app, table = "registrations", "kind_words"

    @property
    def words(self) -> dict[str, str]:
        """By a folded word our kind. Empty if it was damaged, and an error in our log that names the row."""
        sealed = bytes(self.words_sealed)
        text = data_keys.opened_in(f"kind_words:{self.id}", SEALED_AS, str(self.event_id), sealed)
        return json.loads(text) if text else {}


async def remembered(event: Event) -> dict[str, str]:
    """By a folded word the kind that organisers last said for it."""
    kept = await KindWords.get_or_none(event_id=event.id)
    return kept.words if kept else {}


@within_tx
async def remember(event: Event, said: Mapping[str, str]) -> None:
    """Adds these. The event's row is held, so that of two who say something at the same moment both count."""
    held = await held_event(event.id)
    words = await remembered(held)
    newest = list(({word: kind for word, kind in words.items() if word not in said} | dict(said)).items())[-MOST:]
    text = json.dumps(dict(newest), ensure_ascii=False, separators=(",", ":"))
    sealed = data_keys.seal(held.data_key, SEALED_AS, str(held.id), text)
    if not await KindWords.filter(event_id=held.id).update(words_sealed=sealed):
        await KindWords.create(event_id=held.id, words_sealed=sealed)
