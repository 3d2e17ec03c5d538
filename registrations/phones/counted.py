"""Who is counted at the entrance now: by whichever of their tickets, since that is one person."""

from collections.abc import Collection

from events.ground.database import among, query

from .door import ENTRANCES

IN_NOW = f"""SELECT t.id FROM ticket t WHERE {{wanted}} AND EXISTS
    (SELECT 1 FROM ticket o JOIN admission a ON a.ticket_id = o.id AND a.presence = {ENTRANCES} AND a.left_at IS NULL
     WHERE o.registration_id = t.registration_id{{and_}})"""  # noqa: S608  # ours


async def counted(tickets: Collection[int], *, by_another: bool = False) -> set[int]:
    """Of these tickets, those whose owner came in at an entrance, and has not left. `by_another`: by another ticket."""
    if not tickets:
        return set()
    wanted, values = among("t.id", "int", sorted(tickets))
    sql = IN_NOW.format(wanted=wanted, and_=" AND o.id <> t.id" if by_another else "")
    return {row["id"] for row in await query(sql, values)}
