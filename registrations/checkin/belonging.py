"""How many who belong to a guest have not come in yet: a number, and never who or why. Rules: EV-05."""

from collections.abc import Collection

from events.ground.database import among, query

# Of a request r: whether it has a guest or companions. One look into a small index, since it is asked for each scan.
BELONGS = "r.comes_with_id IS NOT NULL OR EXISTS (SELECT 1 FROM registration o WHERE o.comes_with_id = r.id)"
WAITED_FOR = """SELECT r.id AS registration_id, count(*) AS people FROM registration r
    JOIN registration o ON o.comes_with_id = r.id OR o.id = r.comes_with_id
    JOIN ticket u ON u.registration_id = o.id AND u.revoked_at IS NULL
    WHERE {wanted} AND NOT EXISTS (SELECT 1 FROM admission b WHERE b.ticket_id = u.id) GROUP BY r.id"""


async def waited_for(ids: Collection[int]) -> dict[int, int]:
    """By request, of those for whom somebody waits."""
    if not ids:
        return {}
    wanted, values = among("r.id", "int", list(ids))
    rows = await query(WAITED_FOR.format(wanted=wanted), values)
    return {row["registration_id"]: row["people"] for row in rows}
