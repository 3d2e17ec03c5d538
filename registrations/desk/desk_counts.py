"""The numbers at the top of the desk: what waits for a decision, which places are taken, which emails did not
arrive.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.ground.batching import read_together
from events.ground.database import filled, places, query
from registrations.people.companions import COME_ALONG, GUESTS
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import TEMPLATES


class Counts(NamedTuple):
    to_decide: int
    approved: int
    places_left: int
    come_along: int  # beside the places that are counted
    waiting: int
    failed_emails: int
    walk_ins: int  # who wait at a door for a decision


MOST_TOGETHER = 50  # pages
COUNTS = """SELECT e.id, e.capacity + e.allowance - e.taken AS places_left,
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.state IN ('confirmed', 'rechecking'))
    AS to_decide,
    {guests} AS approved, {come_along} AS come_along,
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.state = 'waiting') AS waiting,
    (SELECT count(*) FROM message m WHERE m.event_id = e.id AND m.state = 'failed' AND m.template IN ({templates}))
    AS failed_emails,
    (SELECT count(*) FROM walk_in w JOIN registration r ON r.id = w.registration_id
        WHERE w.event_id = e.id AND w.stage = 'waiting' AND r.state NOT IN ('cancelled', 'expired')) AS walk_ins
    FROM event e WHERE e.id IN ({events})"""


async def counts(event_id: int) -> Counts:
    """Those who are approved are many and are not counted: with the offered, they are the places that are taken."""
    [counted] = await _count_together([event_id])
    return counted


async def _count_each(event_ids: Sequence[int]) -> list[Counts]:
    events = filled(set(event_ids))
    sql = COUNTS.format(
        guests=GUESTS, come_along=COME_ALONG, templates=places(len(TEMPLATES)), events=places(len(events))
    )
    rows = {row.pop("id"): row for row in await query(sql, [*sorted(TEMPLATES), *events])}
    counted = {id_: Counts(**row | {"places_left": max(0, row["places_left"])}) for id_, row in rows.items()}
    return [counted[event_id] for event_id in event_ids]


_count_together = read_together(_count_each, MOST_TOGETHER)


async def newer_requests(event_id: int, since: datetime) -> int:
    """Requests to decide that were confirmed after a page was drawn."""
    return await Registration.filter(event_id=event_id, state=State.CONFIRMED, confirmed_at__gt=since).count()
