"""Erased addresses and withdrawn consents, by tags that name nobody, until they are noted beside the backups.

The row is written in the act's transaction, so that no crash loses it (privacy/rights/noting.py writes the note).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tortoise import fields
from tortoise.models import Model

from events.event import Event, event_with
from events.ground import keys
from events.ground.database import within_tx
from events.ground.keeping import span
from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal

from .consent import Subject
from .registration import Registration

HELD_FOR = timedelta(days=30)  # as long as backups are kept: later none brings anybody back
EMPTIED, WITHDRAWN = "emptied request", "withdrawn consent"  # what their tags are hashed for
KEPT = f"they are noted beside the backups, or {span(HELD_FOR)}"
TAGS = Personal(
    "keyed hashes of an address that was erased and of its requests, or of a consent that was withdrawn, so that no"
    " backup brings it back",
    "legal obligation (Article 17 of the UK GDPR)",
    KEPT,
)


class ErasedAddress(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="erased")
    event_id: int
    tags = personal(fields.TextField(), TAGS)  # under each key of the event, and of requests; a space between them
    erased_at = fields.DatetimeField()

    MADE = made(tags=Left("it has a tag under each key that there was, and is gone once it is noted"))

    class Meta:
        app, table = "registrations", "erased_address"


@within_tx
async def note(registration: Registration, at: datetime) -> None:
    """That this one request was emptied: nothing else of its address is over. Call it before that."""
    await note_tags(await event_with(registration.event_id), request_tags(registration.public_id)[:1], at)


def request_tags(public_id: str) -> list[str]:
    """By which a request that was emptied, for a place or about rights, is known: under the newest key first.

    Each backup has it under the same public id, whatever its address was then; and the event's data key may be gone.
    """
    return [f"request-{known}" for known in keys.keyed_hashes(EMPTIED, public_id)]


def consent_tags(public_id: str, subject: Subject) -> list[str]:
    """By which a consent of this request is known, once it was withdrawn: under the newest key first."""
    return [f"consent-{known}" for known in keys.keyed_hashes(WITHDRAWN, f"{public_id}|{subject}")]


@within_tx
async def note_tags(event: Event, tags: Iterable[str], at: datetime) -> None:
    await ErasedAddress.create(event=event, tags=" ".join(sorted(tags)), erased_at=at)
