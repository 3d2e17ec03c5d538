"""The numbers at the top of the desk: what waits for a decision, what is given out, and which mails did not arrive."""

from datetime import datetime
from typing import NamedTuple

from events.event import Event
from events.ground.database import query
from events.mail.outbox import Message, MessageState
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import WRITERS


class Counts(NamedTuple):
    to_decide: int
    approved: int
    places_left: int
    waiting: int
    mail_troubles: int


BY_STATE = """SELECT state, count(*) AS n FROM registration
    WHERE event_id = ? AND state IN ('confirmed', 'approved', 'waiting') GROUP BY state"""


async def counts(event_id: int) -> Counts:
    event = await Event.get(id=event_id)
    states = {row["state"]: row["n"] for row in await query(BY_STATE, [event_id])}
    troubles = await Message.filter(event_id=event_id, state=MessageState.FAILED, template__in=list(WRITERS)).count()
    return Counts(
        to_decide=states.get("confirmed", 0),
        approved=states.get("approved", 0),
        places_left=event.places_left,
        waiting=states.get("waiting", 0),
        mail_troubles=troubles,
    )


async def newer_requests(event_id: int, since: datetime) -> int:
    """Requests to decide that were confirmed after a page was drawn."""
    return await Registration.filter(event_id=event_id, state=State.CONFIRMED, confirmed_at__gt=since).count()
