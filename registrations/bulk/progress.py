"""How far a bulk act is, and who is where in it."""

from collections.abc import Sequence

from events.ground.database import query

from .bulk_act import BulkAct, Outcome

COUNTED = "SELECT outcome, count(*) AS number FROM bulk_person WHERE bulk_id = ? GROUP BY outcome"
OF_OUTCOME = """SELECT registration_id FROM bulk_person WHERE bulk_id = ? AND outcome = ? ORDER BY id
    LIMIT ? OFFSET ?"""
OF_STATES = """SELECT r.state, count(*) AS number FROM bulk_person b JOIN registration r ON r.id = b.registration_id
    WHERE b.bulk_id = ? GROUP BY r.state"""
NEED_A_PLACE = """SELECT count(*) AS number FROM bulk_person b JOIN registration r ON r.id = b.registration_id
    WHERE b.bulk_id = ? AND r.comes_with_id IS NULL AND r.state NOT IN ('approved', 'offered', 'rechecking')"""


async def counted(act: BulkAct) -> dict[Outcome | None, int]:
    """By what became of them; None of those whose turn has not come."""
    rows = await query(COUNTED, [act.id])
    return {Outcome(row["outcome"]) if row["outcome"] else None: int(row["number"]) for row in rows}


async def some(act: BulkAct, outcome: Outcome | None, most: int, skip: int) -> Sequence[int]:
    """Ids of requests, in the order in which they are acted on."""
    rows = await query(OF_OUTCOME, [act.id, outcome or "", most, skip])
    return [int(row["registration_id"]) for row in rows]


async def by_state(act: BulkAct) -> dict[str, int]:
    return {row["state"]: int(row["number"]) for row in await query(OF_STATES, [act.id])}


async def need_a_place(act: BulkAct) -> int:
    """Who of its people would take one: not whoever comes along with a guest, or holds one."""
    [row] = await query(NEED_A_PLACE, [act.id])
    return int(row["number"])
