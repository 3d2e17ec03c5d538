"""Who is counted at the entrance now: by whichever of their tickets, since that is one person."""

from collections.abc import Collection

from events.ground.database import among, query
from registrations.codes.arrived import IS_INSIDE, at_entrances

IN_NOW = f"""SELECT o.id FROM ticket o WHERE {{wanted}} AND EXISTS
    (SELECT 1 FROM ticket t JOIN {at_entrances()}
     WHERE t.registration_id = o.registration_id AND {IS_INSIDE})"""  # noqa: S608  # ours


async def counted(tickets: Collection[int]) -> set[int]:
    """Of these tickets, those whose owner came in at an entrance, and has not left."""
    if not tickets:
        return set()
    wanted, values = among("o.id", "int", sorted(tickets))
    return {row["id"] for row in await query(IN_NOW.format(wanted=wanted), values)}
