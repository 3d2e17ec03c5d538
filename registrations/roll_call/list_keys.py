"""The key of the list is drawn where there is none; a card's replaces it, and ends.

Rules: SG-15. `at` is the event's time.
"""

import secrets
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import DESTROYED, Event, held_event
from events.ground import data_keys, live, tokens
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes import key_card
from registrations.codes.key_card import KeyDerived
from registrations.phones.door import topic

from .list_key import PURPOSE, ListKey

SECRET_BYTES = 16


class Current(NamedTuple):
    """The key that counts now."""

    key: bytes
    key_id: str  # hexadecimal


class Card(NamedTuple):
    number: int  # as people read it: the first of an event is 1
    made_at: datetime


class NewCard(NamedTuple):
    """A key card, whose text is known only now."""

    text: str  # of its QR
    number: int


async def made_if_need_be(event_id: int, by: Actor, at: datetime) -> Current:
    """The key that counts now, drawn for this phone if there is none, or if it was damaged."""
    return await current(event_id) or await _draw(event_id, by, at)


@run_tx
async def _draw(event_id: int, by: Actor, at: datetime) -> Current:
    event = await _held(event_id)  # two phones that ask at once draw one
    if (found := await current(event_id)) is not None:
        return found
    await ListKey.filter(event_id=event_id, ended_at=None).update(ended_at=at, ended_by=by.actor)
    drawn = KeyDerived(secrets.token_bytes(key_card.KEY_BYTES), secrets.token_bytes(key_card.ID_BYTES))
    await _keep(event, drawn, by, at, of_card=False)
    return Current(drawn.key, drawn.id.hex())


async def current(event_id: int) -> Current | None:
    """None if there is none, or if it was damaged: then an error in our log names the row."""
    row = await ListKey.get_or_none(event_id=event_id, ended_at=None)
    key = row.opened if row is not None else None
    return Current(key, row.key_id) if row is not None and key is not None else None


async def card_of(event_id: int) -> Card | None:
    """The card that counts now."""
    row = await ListKey.get_or_none(event_id=event_id, ended_at=None, of_card=True)
    return Card(await _number_of(row), row.made_at) if row is not None else None


async def _number_of(card: ListKey) -> int:
    """Keys that were drawn for phones have none: nobody sees them."""
    return await ListKey.filter(event_id=card.event_id, of_card=True, id__lte=card.id).count()


@run_tx
async def make_card(event: Event, by: Actor, at: datetime) -> NewCard:
    """It replaces the card that there was."""
    held = await _held(event.id)
    secret = secrets.token_bytes(SECRET_BYTES)
    ended = ListKey.filter(event_id=event.id, ended_at=None)
    replaced = await ListKey.filter(event_id=event.id, ended_at=None, of_card=True).exists()
    await ended.update(ended_at=at, ended_by=by.actor)
    kept = await _keep(held, key_card.derive(secret, held.salt), by, at, of_card=True)
    await audit.record(Action.KEY_CARD_MADE, event, by=by, at=at, event_id=event.id, replaced=replaced)
    after_commit(live.publish, topic(event.id))
    return NewCard(key_card.encode(secret), await _number_of(kept))


@run_tx
async def end_card(event: Event, by: Actor, at: datetime) -> bool:
    """From each phone's next list on it opens nothing. False if there is none any more."""
    await held_event(event.id)
    if not await ListKey.filter(event_id=event.id, ended_at=None, of_card=True).update(ended_at=at, ended_by=by.actor):
        return False
    await audit.record(Action.KEY_CARD_ENDED, event, by=by, at=at, event_id=event.id)
    after_commit(live.publish, topic(event.id))
    return True


@within_tx
async def end_drawn(event_id: int, by: Actor, at: datetime) -> None:
    """What phones heard in a roll call opens no list that they get after it. A card counts on."""
    await ListKey.filter(event_id=event_id, ended_at=None, of_card=False).update(ended_at=at, ended_by=by.actor)


@within_tx
async def _held(event_id: int) -> Event:
    """The event, held. Raises Refused once its data key is destroyed."""
    held = await held_event(event_id)
    if not held.data_key:
        raise Refused(DESTROYED)
    return held


@within_tx
async def _keep(event: Event, derived: KeyDerived, by: Actor, at: datetime, *, of_card: bool) -> ListKey:
    public_id = tokens.new_public_id()
    sealed = data_keys.seal(event.data_key, PURPOSE, public_id, derived.key.hex())
    return await ListKey.create(
        event_id=event.id, public_id=public_id, key_id=derived.id.hex(), key_sealed=sealed, of_card=of_card,
        made_at=at, made_by=by.actor,
    )  # fmt: skip
