"""An invitation: a code with which people of one domain, or of one address, ask for a place, so many of them.

It may keep places free until its last day: these count as taken. What it says is sealed: a partner's domain tells who
comes, and an address whom.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, data_keys
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal
from events.ground.settings import current

from .person import BASIS, NOT_OFFERED

SEALED_AS, TAGGED_AS = "invitation", "invitation code"
KEPT_FOR = NOT_OFFERED.time
TERMS = Personal(
    "an invitation code, for which partner it is, and for which domain or address alone, sealed",
    BASIS,
    f"{KEPT_FOR.days} days after the event",
)


class Standing(StrEnum):
    WORKS = "Works"
    ENDED = "Ended"
    OVER = "Its time is over"
    USED_UP = "Used up"


@dataclass(frozen=True)
class Terms:
    code: str
    partner: str
    only_for: str  # one address, or a domain: as addresses are compared

    def fits(self, email: str) -> bool:
        """Whether it is for this address, in its normal form. A domain is itself alone, and none below it."""
        return self.only_for == (email if "@" in self.only_for else email.rpartition("@")[2])


class Invitation(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="invitations")
    event_id: int
    public_id = fields.CharField(max_length=16)  # what its terms are sealed with
    code_tag = fields.CharField(max_length=64)  # a keyed hash of the code, which finds it
    terms_sealed = personal(fields.BinaryField(), TERMS)
    places = fields.IntField()
    used = fields.IntField(default=0)  # moves only in `invited.use`, and never back
    kept = fields.IntField(default=0)  # of the event's places, taken for whoever uses it; never more than uses left
    until = fields.DatetimeField()
    skips_queue = fields.BooleanField()  # whoever uses it has a place at once, while there are places
    made_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="invitations", on_delete=OnDelete.RESTRICT
    )
    made_by_id: int
    made_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    MADE = made(
        code_tag=Keyed(TAGGED_AS, lambda invitation: invitation.terms and invitation.terms.code, event="event_id"),
        terms_sealed=Sealed(SEALED_AS, "{public_id}", event="event_id"),
    )

    class Meta:
        app, table = "registrations", "invitation"

    @property
    def terms(self) -> Terms | None:
        """None if they were damaged, and an error in our log that names the row. Then it opens nothing."""
        named = f"invitation:{self.id}"
        opened = data_keys.opened_in(named, SEALED_AS, self.public_id, bytes(self.terms_sealed))
        return Terms(**json.loads(opened)) if opened else None

    @property
    def link(self) -> str:
        """The address of its page, complete. For those alone who may give it to the partner."""
        return f"{current().base_url}/e/{self.event.slug}/invited/{self.terms.code}" if self.terms else ""

    @property
    def last_day(self) -> str:
        return clock.day_words(self.until - timedelta(minutes=1))

    def standing(self, at: datetime) -> Standing:
        if self.ended_at:
            return Standing.ENDED
        if self.until <= at:
            return Standing.OVER
        return Standing.WORKS if self.used < self.places else Standing.USED_UP


def sealed(terms: Terms, event: Event, public_id: str) -> bytes:
    """For the row with this public id: in another one it does not open."""
    return data_keys.seal(event.data_key, SEALED_AS, public_id, json.dumps(asdict(terms), ensure_ascii=False))


def tag_of(code: str, event: Event) -> str:
    return data_keys.tag(event.data_key, TAGGED_AS, code)
