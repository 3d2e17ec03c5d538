"""The numbers at the top of the desk: what waits for a decision, which places are taken, which emails did not
arrive.
"""

from datetime import datetime
from typing import NamedTuple

from events.ground.database import places, query
from registrations.people.place_counts import COME_ALONG, GUESTS, HELD, KEPT
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import TEMPLATES


class Counts(NamedTuple):
    to_decide: int
    approved: int
    places_left: int
    come_along: int  # of the approved: who take no place
    held: int  # places: for who was offered one, or is looked at once more
    kept: int  # places: for invitations that nobody has used yet
    waiting: int
    failed_emails: int
    walk_ins: int  # who wait at a door for a decision


COUNTS = """SELECT e.capacity + e.allowance - e.taken AS places_left,
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.state IN ('confirmed', 'rechecking'))
    AS to_decide,
    {guests} AS approved, {come_along} AS come_along, {held} AS held, {kept} AS kept,
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.state = 'waiting') AS waiting,
    (SELECT count(*) FROM message m WHERE m.event_id = e.id AND m.state = 'failed' AND m.template IN ({templates}))
    AS failed_emails,
    (SELECT count(*) FROM walk_in w JOIN registration r ON r.id = w.registration_id
        WHERE w.event_id = e.id AND w.stage = 'waiting' AND r.state NOT IN ('cancelled', 'expired')) AS walk_ins
    FROM event e WHERE e.id = ?"""


async def counts(event_id: int) -> Counts:
    """Those who are approved are many and are not counted: with the offered, they are the places that are taken."""
    sql = COUNTS.format(guests=GUESTS, come_along=COME_ALONG, held=HELD, kept=KEPT, templates=places(len(TEMPLATES)))
    [row] = await query(sql, [*sorted(TEMPLATES), event_id])
    return Counts(**row | {"places_left": max(0, row["places_left"])})


async def newer_requests(event_id: int, since: datetime) -> int:
    """Requests to decide that were confirmed after a page was drawn."""
    return await Registration.filter(event_id=event_id, state=State.CONFIRMED, confirmed_at__gt=since).count()
