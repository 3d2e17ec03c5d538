"""A door lead's card is made, replaced, and ends with its lead's pass. Phones hear of each with their next list.

`at` is the event's time, `real` the machine's.
"""

import hashlib
import secrets
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import held_event, next_list_version
from events.ground import live, wording
from events.ground.database import after_commit, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes import lead_card

from .door import DoorPass, PassRole, Stage, topic
from .lead_card import LeadCard

SECRET_BYTES = 16
LISTED = "SELECT list_id FROM lead_card WHERE event_id = ? AND ended_at IS NULL ORDER BY list_id"


@run_tx
async def make(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> str:
    """The text of the card's QR, which is known only now. It replaces the one that the lead had.

    Raises Refused for a pass that has ended, or is of no lead.
    """
    event = await held_event(door_pass.event_id)  # whoever ends the pass comes before, or ends this card
    lead = await DoorPass.get(id=door_pass.id)
    if lead.role is not PassRole.DOOR_LEAD or lead.stage(real) not in (Stage.WAITING, Stage.PAIRED):
        raise Refused(wording.NO_CARD)
    secret = secrets.token_bytes(SECRET_BYTES)
    derived = lead_card.derive(secret, event.salt)
    replaced = await LeadCard.filter(door_pass_id=lead.id, ended_at=None).update(ended_at=at)
    await LeadCard.create(
        event_id=event.id, door_pass_id=lead.id, list_id=derived.id.hex(), proof_hash=hash_of(derived.proof), made_at=at
    )
    await audit.record(Action.CARD_MADE, lead, by=by, at=at, door=lead.door_id, replaced=replaced)
    await next_list_version(event.id)
    after_commit(live.publish, topic(event.id))
    return lead_card.encode(secret)


@within_tx
async def end_with(door_pass: DoorPass, at: datetime) -> None:
    """Its lead's pass has ended. The event's row is ours."""
    if await LeadCard.filter(door_pass_id=door_pass.id, ended_at=None).update(ended_at=at):
        await next_list_version(door_pass.event_id)


async def listed(event_id: int) -> list[bytes]:
    """What phones know the cards by that count now."""
    return [bytes.fromhex(row["list_id"]) for row in await query(LISTED, [event_id])]


def hash_of(proof: bytes) -> str:
    return hashlib.sha256(proof).hexdigest()
