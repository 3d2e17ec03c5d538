"""Organisers set the badge type of one person, or of many at once. Rules: EV-02."""

from collections.abc import Collection
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live, wording
from events.ground.database import after_commit, among, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes.badge_type import BadgeType
from registrations.people.registration import LIVE, Registration, held_in_order

from . import ticketing

SET = "UPDATE registration SET badge_type = ? WHERE {them} RETURNING id"


@run_tx
async def set_badge_type(registration: Registration, badge_type: BadgeType, by: Actor, at: datetime) -> bool:
    """False where it is theirs already. Raises Refused for a request that has ended."""
    changed = await set_badge_types([registration.id], badge_type, by, at)
    if not changed and (await Registration.get(id=registration.id)).state not in LIVE:
        raise Refused(wording.MOVED_ON_AT_DESK)
    return bool(changed)


@within_tx
async def set_badge_types(ids: Collection[int], badge_type: BadgeType, by: Actor, at: datetime) -> set[int]:
    """Of people of one event. Returns the ids of whoever had another one: a request that has ended keeps its own. All
    phones are sent the new one."""
    held = await held_in_order(ids)
    changed = [row for row in held.values() if row.state in LIVE and row.badge_type is not badge_type]
    if not changed:
        return set()
    them, values = among("id", "int", [row.id for row in changed])
    await query(SET.format(them=them), [badge_type.value, *values])
    said = {"what": badge_type.words}
    await audit.record_all([(Action.BADGE_TYPE_SET, row, said) for row in changed], by=by, at=at)
    await ticketing.tell_devices(*changed)
    after_commit(live.publish, f"event:{changed[0].event_id}")
    return {row.id for row in changed}
