"""An announcement: what organisers write to people they choose. Sealed, kept until it is sent, and a while after."""

from enum import StrEnum
from typing import Any

import structlog
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import data_keys
from events.ground.keyring.made import Sealed, made
from events.ground.keys import CannotOpen
from events.ground.personal import Personal, personal
from registrations.people.registration import State

from .mailing import ALL_WHO_WAIT, GUESTS, Recipients

log = structlog.get_logger()
SUBJECT, WORDS = "announcement.subject", "announcement.words"  # sealed for
KEPT = Personal("what organisers write to many, sealed", "legitimate interests", "30 days after the event")


class Audience(StrEnum):
    GUESTS = "everybody with a place"
    NOT_ARRIVED = "people with a place who have not arrived yet"
    ARRIVED = "people who have arrived"
    WAITING = "people on the waiting list"
    UNDECIDED = "people on whom nobody has decided yet"
    CHOSEN = "people on a list that was chosen"  # as far as they have a place, or still may get one


OF_AUDIENCE = {
    Audience.GUESTS: Recipients(frozenset({State.APPROVED})),
    Audience.NOT_ARRIVED: Recipients(frozenset({State.APPROVED}), arrived=False),
    Audience.ARRIVED: Recipients(frozenset({State.APPROVED}), arrived=True),
    Audience.WAITING: Recipients(frozenset({State.WAITING, State.OFFERED})),
    Audience.UNDECIDED: Recipients(frozenset({State.CONFIRMED, State.RECHECKING})),
    Audience.CHOSEN: Recipients(GUESTS | ALL_WHO_WAIT),
}  # never people who were not offered a place


class Announcement(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="announcements", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    public_id = fields.CharField(max_length=16)  # what its texts are sealed with
    subject_sealed = personal(fields.BinaryField(), KEPT)
    words_sealed = personal(fields.BinaryField(), KEPT)
    audience = fields.CharEnumField(Audience, description="from the closed list", max_length=60)
    kind = fields.CharField(max_length=40, default="")  # of organisation; '' for all
    ids: Any = fields.JSONField(default=list)  # of requests: these alone
    greets = fields.BooleanField(default=True)  # begins with "Dear", and the name
    workshop_id = fields.IntField(default=0)  # whoever takes part in it alone; 0 for all
    none_of_id = fields.IntField(default=0)  # of a slot: whoever is in none of its workshops alone; 0 for all
    act_id = fields.IntField(default=0)  # of the bulk act that fixed a list: the people of it alone; 0 for all
    version = fields.IntField(default=0)  # grows with each change, so that none replaces another unseen
    changed_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    MADE = made(
        subject_sealed=Sealed(SUBJECT, "{public_id}", event="event_id"),
        words_sealed=Sealed(WORDS, "{public_id}", event="event_id"),
    )

    class Meta:
        app, table = "registrations", "announcement"

    @property
    def subject(self) -> str | None:
        return self._opened(SUBJECT, self.subject_sealed)

    @property
    def words(self) -> str | None:
        """In Markdown."""
        return self._opened(WORDS, self.words_sealed)

    @property
    def recipients(self) -> Recipients:
        chosen = OF_AUDIENCE[self.audience]
        groups = {"workshop": self.workshop_id, "none_of": self.none_of_id, "act": self.act_id}
        return Recipients(chosen.states, chosen.arrived, self.kind, tuple(self.ids), **groups)

    @property
    def mailing_cause(self) -> str:
        """What causes its mailing: it is sent once."""
        return f"announcement {self.id}"

    def _opened(self, purpose: str, sealed: bytes) -> str | None:
        """None if it was damaged, and an error in our log that names the row."""
        try:
            return data_keys.open_sealed(purpose, self.public_id, bytes(sealed))
        except CannotOpen:
            log.error("an announcement cannot be opened", row=f"announcement:{self.id}", text=purpose)
            return None


def announcement_of(mailing_cause: str) -> int:
    """The id of the announcement that caused this mailing; 0 if none did."""
    word, _, number = mailing_cause.partition(" ")
    return int(number) if word == "announcement" and number.isdecimal() else 0
