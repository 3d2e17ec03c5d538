"""Addresses that were erased, by tags that name nobody, until they are noted beside the backups.

The row is written in the act's transaction, so that no crash loses it (privacy/rights/noting.py writes the note).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tortoise import fields
from tortoise.models import Model

from events.event import Event, event_with
from events.ground.database import within_tx
from events.ground.keeping import span
from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal

from .person import address_tags
from .registration import Registration

HELD_FOR = timedelta(days=30)  # as long as backups are kept: later none brings anybody back
KEPT = f"they are noted beside the backups, or {span(HELD_FOR)}"
TAGS = Personal(
    "keyed hashes of an address that was erased, so that a backup that is restored does not bring it back",
    "legal obligation (Article 17 of the UK GDPR)",
    KEPT,
)


class ErasedAddress(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="erased")
    event_id: int
    tags = personal(fields.TextField(), TAGS)  # under each key of the event, with a space between them
    erased_at = fields.DatetimeField()

    MADE = made(tags=Left("it has a tag under each key that there was, and is gone once it is noted"))

    class Meta:
        app, table = "registrations", "erased_address"


@within_tx
async def note(registration: Registration, at: datetime) -> None:
    """That this request is emptied. Call it before, while its address can still be read."""
    event, email = await event_with(registration.event_id), registration.email
    await note_tags(event, {registration.address_tag, *(address_tags(event, email) if email else ())}, at)


@within_tx
async def note_tags(event: Event, tags: Iterable[str], at: datetime) -> None:
    await ErasedAddress.create(event=event, tags=" ".join(sorted(tags)), erased_at=at)
