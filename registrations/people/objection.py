"""Whoever reads an address said No to an email that a guest had us send, or a list of the organisers, or had their data
erased: none goes there again on a guest's word, or for a list.

The address itself is deleted. What stays is a keyed hash, by which an address that is typed again is known: it opens
nothing, and the pages that guests see are the same. Its reader can still ask for a place, and organisers can write.
"""

from collections.abc import Sequence
from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from events.ground.database import among, find_rows, places, query, within_tx
from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal

from .person import NOT_OFFERED

TAGGED_AS = "address that said no"
KEPT = f"{NOT_OFFERED.time.days} days after the event"
TAG = Personal(
    "a keyed hash of an address whose reader said no to an email that a guest or a list of the organisers had us send,"
    " or had their data erased, so that no guest and no list makes us write there again",
    "legal obligation (Article 21 of the UK GDPR)",
    KEPT,
)


class Objection(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="objections")
    event_id: int
    address_tag = personal(fields.CharField(max_length=32), TAG)
    made_at = fields.DatetimeField()

    MADE = made(address_tag=Left("nothing says the address any more: the key that made it stays as long as it does"))

    class Meta:
        app, table = "registrations", "objection"


NOTE = """INSERT INTO objection (event_id, address_tag, made_at) VALUES (?, ?, ?)
    ON CONFLICT (event_id, address_tag) DO NOTHING RETURNING id"""
FIND = "SELECT * FROM objection WHERE event_id = ? AND address_tag IN ({tags}) ORDER BY id"
FIND_ALL = "SELECT address_tag FROM objection WHERE event_id = ? AND {tags}"


@within_tx
async def note(event_id: int, address: str, at: datetime) -> None:
    """The address in its normal form."""
    await query(NOTE, [event_id, _tags(event_id, address)[0], at])


async def is_made(event_id: int, address: str) -> bool:
    return bool(await of(event_id, address))


async def made_by(event_id: int, addresses: Sequence[str]) -> set[str]:
    """Those of them whose readers did."""
    whose = {tag: address for address in addresses for tag in _tags(event_id, address)}
    if not whose:
        return set()
    tags, values = among("address_tag", "text", whose)
    return {whose[row["address_tag"]] for row in await query(FIND_ALL.format(tags=tags), [event_id, *values])}


async def of(event_id: int, address: str) -> list[Objection]:
    """One at most, unless a new key came between."""
    tags = _tags(event_id, address)
    return await find_rows(Objection, FIND.format(tags=places(len(tags))), [event_id, *tags])


def _tags(event_id: int, address: str) -> list[str]:
    """Under each key of ours, the newest first."""
    return keys.keyed_hashes(TAGGED_AS, f"{event_id}|{address}")
