"""Who comes along with a guest to support them: an assistant, an interpreter, a support person. Never why.

A companion has a request of their own, which is vetted like any other, and which says with whom they come. It is
joined to a guest who has a place, and to nobody who comes along themselves or has companions. For as long as it says
so, this place is outside capacity: whoever moves the counter of an event asks here whose place is counted, of rows that
they hold, and nobody has to be told what was true when a place was taken. Rules: EV-05, SE-15.
"""

from collections.abc import Collection

from events.event import release_place, take_place
from events.ground.database import among, find_rows, query, within_tx
from events.ground.refusal import Refused

from .registration import HOLDS_A_PLACE, KNOWS_OF_A_PLACE, MANAGED, Registration, State, held_in_order

NO_PLACE_LEFT = (
    "Their place would be counted then, and no place is left. Nothing was changed: add places first, or cancel their"
    " request."
)
MOST = 2  # of one guest: those who interpret a whole day take turns


def _in(states: Collection[State]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


JOINED = f"comes_with_id = ? AND state IN ({_in(MANAGED | {State.NOT_OFFERED})})"
JOIN = f"""UPDATE registration SET comes_with_id = ?
    WHERE id = ? AND comes_with_id IS NULL AND state IN ({_in(MANAGED)})
    AND EXISTS (SELECT 1 FROM registration g WHERE g.id = ? AND g.id <> registration.id
        AND g.event_id = registration.event_id AND g.comes_with_id IS NULL AND g.state IN ({_in(KNOWS_OF_A_PLACE)}))
    AND NOT EXISTS (SELECT 1 FROM registration c WHERE c.comes_with_id = registration.id)
    AND NOT EXISTS (SELECT 1 FROM hand_over h WHERE (h.address_sealed IS NOT NULL OR h.receiver_id IS NOT NULL)
        AND (h.registration_id = registration.id OR h.receiver_id = registration.id))
    AND (SELECT count(*) FROM registration c WHERE c.{JOINED}) < {MOST}
    RETURNING *"""  # noqa: S608  # ours
PART = "UPDATE registration SET comes_with_id = NULL WHERE id = ? AND comes_with_id = ? RETURNING *"
COUNTED = "SELECT count(*) AS places FROM registration WHERE {wanted} AND comes_with_id IS NULL"
THEIRS = f"SELECT * FROM registration WHERE {JOINED} ORDER BY id"  # noqa: S608


async def companions_of(guest: Registration) -> list[Registration]:
    """Whose requests go on, in their order."""
    return await find_rows(Registration, THEIRS, [guest.id])


async def guest_of(companion: Registration) -> Registration | None:
    """With whom they come, if they come along with anybody."""
    return await Registration.get_or_none(id=companion.comes_with_id) if companion.comes_with_id else None


@within_tx
async def counted(ids: Collection[int]) -> int:
    """How many of these requests have a place that is counted, if they have one. Hold them before."""
    if not ids:
        return 0
    wanted, values = among("id", "int", list(ids))
    [row] = await query(COUNTED.format(wanted=wanted), values)
    return int(row["places"])


@within_tx
async def join(guest_id: int, companion_id: int) -> Registration | None:
    """From now on the one comes along with the other, and a place that they have is free for others. None if that may
    not be: see above. Both are held, so that nobody moves meanwhile, and a third companion at the same moment finds
    two."""
    await held_in_order([guest_id, companion_id])
    joined = await find_rows(Registration, JOIN, [guest_id, companion_id, guest_id, guest_id])
    if not joined:
        return None
    if joined[0].state in HOLDS_A_PLACE:
        await release_place(joined[0].event_id)
    return joined[0]


@within_tx
async def part(companion: Registration) -> Registration | None:
    """They do not come along with that guest any more, and a place that they have is counted. None if that has changed
    since it was read. Raises Refused if no place is left for them."""
    parted = await find_rows(Registration, PART, [companion.id, companion.comes_with_id or 0])
    if not parted:
        return None
    if parted[0].state in HOLDS_A_PLACE and not await take_place(parted[0].event_id):
        raise Refused(NO_PLACE_LEFT)
    return parted[0]
