"""The programme of an event: sessions for everybody, and slots, each of several workshops among which guests choose.

Times are minutes of the event's day at the venue, so that the programme moves with the day. What organisers write is
sealed: a text may tell where it is, and a speaker is a person. Rules: EV-01, SG-14.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import DESTROYED, SEALED_KEPT, Event
from events.ground import data_keys
from events.ground.database import find_row, find_rows
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.ground.refusal import Refused

SEALED_AS = "programme"
WORDS = Personal(
    "what the programme says: titles, texts, rooms and content notes, which may name speakers, sealed",
    "public task",
    SEALED_KEPT,
)


class ShownTo(StrEnum):
    """Who sees the programme, the rooms apart."""

    NOBODY = "nobody"
    GUESTS = "guests"
    EVERYBODY = "everybody"


class Programme(Model):
    """What holds of all of it. An event without a row shows its programme to nobody."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="programmes")
    event_id: int
    shown_to = fields.CharEnumField(ShownTo, max_length=10, default=ShownTo.NOBODY)

    class Meta:
        app, table = "events", "programme"


class Slot(Model):
    """A time at which there are workshops: each guest takes part in one of them at most."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="slots")
    event_id: int
    starts = fields.IntField()  # minutes since midnight at the venue
    ends = fields.IntField()

    class Meta:
        app, table = "events", "slot"


@dataclass(frozen=True)
class Words:
    """What organisers write of a session or a workshop."""

    title: str = ""
    text: str = ""
    room: str = ""
    content_note: str = ""

    @property
    def public(self) -> tuple[str, str, str]:
        """What everybody may read of it. The room is for guests alone."""
        return self.title, self.text, self.content_note


class ProgrammeItem(Model):
    """A session, or a workshop of a slot, which has its times from there."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="programme_items")
    event_id: int
    slot: fields.ForeignKeyNullableRelation[Slot] = fields.ForeignKeyField(
        "events.Slot", related_name="workshops", on_delete=OnDelete.RESTRICT, null=True
    )
    slot_id: int | None
    public_id = fields.CharField(max_length=16)  # what its words are sealed with
    words_sealed = personal(fields.BinaryField(), WORDS)
    starts = fields.IntField(null=True)
    ends = fields.IntField(null=True)
    capacity = fields.IntField(default=0)  # of a workshop; 0: any number
    version = fields.IntField(default=0)  # raised with each change of organisers

    MADE = made(words_sealed=Sealed(SEALED_AS, "{public_id}", event="event_id"))

    class Meta:
        app, table = "events", "programme_item"

    @property
    def words(self) -> Words | None:
        """None if they were damaged, and an error in our log that names the row; or once the key is destroyed."""
        named = f"programme_item:{self.id}"
        opened = data_keys.opened_in(named, SEALED_AS, self.public_id, bytes(self.words_sealed))
        return Words(**json.loads(opened)) if opened else None


def sealed(words: Words, event: Event, public_id: str) -> bytes:
    """For the row with this public id. Hold the event's key. Raises Refused once it is destroyed."""
    if not event.data_key:
        raise Refused(DESTROYED)
    return data_keys.seal(event.data_key, SEALED_AS, public_id, json.dumps(asdict(words), ensure_ascii=False))


def time_words(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


UNREADABLE = Words(title="Cannot be read")


@dataclass(frozen=True)
class Entry:
    """A session or a workshop, opened."""

    item: ProgrammeItem
    words: Words

    @property
    def id(self) -> int:
        return self.item.id

    @property
    def capacity(self) -> int:
        return self.item.capacity


@dataclass
class Line:
    """What stands at one time: a session, or a slot with its workshops, in the order in which they were added."""

    starts: int
    ends: int
    session: Entry | None = None
    slot: Slot | None = None
    workshops: list[Entry] = field(default_factory=list)

    @property
    def slot_id(self) -> int:
        """0 of a session."""
        return self.slot.id if self.slot else 0

    @property
    def hours(self) -> str:
        return f"{time_words(self.starts)} to {time_words(self.ends)}"

    @property
    def entries(self) -> list[Entry]:
        return [self.session] if self.session else self.workshops

    @property
    def name(self) -> str:
        return self.session.words.title if self.session else "Workshops"

    def overlaps(self, starts: int, ends: int) -> bool:
        return self.starts < ends and starts < self.ends


@dataclass
class Whole:
    """All of a programme, by time."""

    shown_to: ShownTo
    lines: list[Line]

    @property
    def slots(self) -> list[Line]:
        return [line for line in self.lines if line.slot]

    def slot(self, id_: int) -> Line | None:
        return next((line for line in self.slots if line.slot and line.slot.id == id_), None)

    @property
    def entries(self) -> Mapping[int, Entry]:
        return {entry.id: entry for line in self.lines for entry in line.entries}


ITEMS = "SELECT * FROM programme_item WHERE event_id = ? ORDER BY id"
SLOTS = "SELECT * FROM slot WHERE event_id = ? ORDER BY id"


async def programme_of(event: Event) -> Whole:
    items: list[ProgrammeItem] = await find_rows(ProgrammeItem, ITEMS, [event.id])
    slots: list[Slot] = await find_rows(Slot, SLOTS, [event.id])
    about = await find_row(Programme, "event_id = ?", [event.id])
    lines = [Line(slot.starts, slot.ends, slot=slot) for slot in slots]
    by_slot: dict[Any, Line] = {line.slot.id: line for line in lines if line.slot}
    for part in items:
        entry = Entry(part, (part.words if event.data_key else None) or UNREADABLE)
        if part.slot_id is not None:
            by_slot[part.slot_id].workshops.append(entry)
        else:
            lines.append(Line(part.starts or 0, part.ends or 0, session=entry))
    lines.sort(key=lambda line: (line.starts, line.ends))
    return Whole(about.shown_to if about else ShownTo.NOBODY, lines)


async def item_with(id_: int) -> ProgrammeItem | None:
    return await find_row(ProgrammeItem, "id = ?", [id_])


async def guests_programme(event: Event) -> Whole | None:
    """What guests with a place see of it: None while they see nothing."""
    whole = await programme_of(event)
    return whole if whole.shown_to is not ShownTo.NOBODY and whole.entries else None


async def public_programme(event: Event) -> Whole | None:
    """What everybody sees of it, but for the rooms."""
    whole = await guests_programme(event)
    return whole if whole and whole.shown_to is ShownTo.EVERYBODY else None
