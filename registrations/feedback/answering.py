"""Takes an answer: the token that lets it in is spent in the same transaction, and nothing else is written.

No entry of the audit log says that somebody answered, no news goes out, and no other row changes: each would say when.
"""

from datetime import datetime

from events.event import Event, event_with
from events.ground import clock
from events.ground.database import places, query, run_tx
from events.ground.refusal import Refused

from . import asking, token
from .box import OPEN_FOR, Answer, last_day

SPEND = """DELETE FROM feedback_token WHERE token_hash IN ({hashes})
    AND EXISTS (SELECT 1 FROM event e WHERE e.id = feedback_token.event_id AND e.day >= ?) RETURNING event_id"""
FIND = "SELECT event_id FROM feedback_token WHERE token_hash IN ({hashes})"
NOT_NOW = (
    "We cannot take your answers at the moment, and have kept none of them. Your link still works: please try again"
    " later."
)


async def asked_by(public_id: str) -> Event | None:
    """The event whose feedback a link leads to. None once it is spent, or feedback is closed."""
    hashes = token.hashes_of(public_id)
    found = await query(FIND.format(hashes=places(len(hashes))), hashes)
    return await event_with(found[0]["event_id"]) if found else None


def is_open(event: Event, at: datetime) -> bool:
    return clock.local(at).date() <= last_day(event)


@run_tx
async def take(public_id: str, answer: Answer, at: datetime) -> bool:
    """False where the link has let an answer in before, or feedback is over. Raises Refused, and leaves the token as it
    is, while the box cannot be read."""
    hashes = token.hashes_of(public_id)
    first_day = clock.local(at).date() - OPEN_FOR  # of an event whose feedback is open
    spend, values = SPEND.format(hashes=places(len(hashes))), [*hashes, first_day]
    spent = await query(spend, values) or await query(spend, values)  # all may have been put anew in this moment
    if not spent:
        return False
    held = await asking.held_box(spent[0]["event_id"])
    contents = held.contents if held and not held.is_closed else None
    if held is None or contents is None:
        raise Refused(NOT_NOW, 503)
    contents.put(answer)
    await asking.put_back(held, contents)
    return True
