"""How far the certificates of an event are, for whoever asks: since when they are released, and how many guests have
theirs.
"""

from datetime import datetime
from typing import NamedTuple

from events.event import Event
from events.ground.database import query
from registrations.codes.arrived import has_arrived

from .certificate import terms_of

COUNTS = f"""SELECT
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.person_sealed IS NOT NULL
        AND {has_arrived("r.id")}) AS came,
    (SELECT count(*) FROM certificate c WHERE c.event_id = e.id AND c.ended_at IS NULL) AS issued,
    (SELECT count(c.taken_at) FROM certificate c WHERE c.event_id = e.id AND c.ended_at IS NULL) AS taken,
    (SELECT count(c.ended_at) FROM certificate c WHERE c.event_id = e.id) AS ended,
    (SELECT count(*) FROM certificate_number n WHERE n.event_id = e.id
        AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.number_id = n.id)) AS deleted
    FROM event e WHERE e.id = ?"""  # noqa: S608  # ours


class Counts(NamedTuple):
    """People. Of `issued` `taken` have looked at theirs; those that `ended` are in neither. `deleted`: of whom nothing
    is left but a number that is valid."""

    came: int
    issued: int
    taken: int
    ended: int
    deleted: int = 0


async def released(event: Event) -> datetime | None:
    """Since when guests who came have theirs; None while they are not released."""
    terms = await terms_of(event.id)
    return terms.released_at if terms else None


async def counted(event: Event) -> Counts:
    [row] = await query(COUNTS, [event.id])
    return Counts(row["came"], row["issued"], row["taken"], row["ended"], row["deleted"])
