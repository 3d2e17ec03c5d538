"""Who comes along with a guest to support them: an assistant, an interpreter, a support person. Never why.

A companion has a request of their own, which is vetted like any other, and which says with whom they come. It is
joined to a guest who has a place, and to nobody who comes along themselves or has companions. Rules: EV-05.
"""

from collections.abc import Collection

from events.ground.database import find_rows, within_tx

from .registration import KNOWS_OF_A_PLACE, MANAGED, Registration, State, held_in_order

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
THEIRS = f"SELECT * FROM registration WHERE {JOINED} ORDER BY id"  # noqa: S608


async def companions_of(guest: Registration) -> list[Registration]:
    """Whose requests go on, in their order."""
    return await find_rows(Registration, THEIRS, [guest.id])


async def guest_of(companion: Registration) -> Registration | None:
    """With whom they come, if they come along with anybody."""
    return await Registration.get_or_none(id=companion.comes_with_id) if companion.comes_with_id else None


@within_tx
async def join(guest_id: int, companion_id: int) -> Registration | None:
    """From now on the one comes along with the other. None if that may not be: see above. Both are held, so that
    nobody moves meanwhile, and a third companion at the same moment finds two."""
    await held_in_order([guest_id, companion_id])
    joined = await find_rows(Registration, JOIN, [guest_id, companion_id, guest_id, guest_id])
    return joined[0] if joined else None


@within_tx
async def part(companion: Registration) -> Registration | None:
    """They do not come along with that guest any more. None if that has changed since it was read."""
    parted = await find_rows(Registration, PART, [companion.id, companion.comes_with_id or 0])
    return parted[0] if parted else None
