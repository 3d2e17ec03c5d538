"""By what a phone knows each ticket on its list: the id of its row on the guest list, which a ticket held to the
phone's camera gives too. It finds a row, and says nothing.
"""

import asyncio
from weakref import WeakKeyDictionary

from anyio import to_thread

from events.event import Event
from registrations.codes import sealing
from registrations.tickets.ticket import secrets_of

# Of a ticket t the number of the one that its person would show now, which may be a newer one.
SHOWN_N = """coalesce((SELECT max(l.n) FROM ticket l WHERE l.registration_id = t.registration_id
    AND l.event_id = t.event_id AND l.revoked_at IS NULL), t.n)"""
Of = tuple[int, bytes]  # an event, and its salt: ids that were derived never change

_known: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Of, dict[str, int]]] = WeakKeyDictionary()


def row_of(event: Event, n: int) -> str:
    """In hexadecimal. For many at once see `numbers`."""
    return sealing.derive(secrets_of(event)(n), event.salt).id.hex()


async def numbers(event: Event) -> dict[str, int]:
    """The number of each ticket by its row. Derived in a thread, once in a process."""
    of = _known.setdefault(asyncio.get_running_loop(), {})
    key = event.id, bytes(event.salt)
    known = of.get(key, {})
    if len(known) < event.next_n - 1:
        known = of[key] = known | await to_thread.run_sync(_derived, event, len(known) + 1)
    return known


def _derived(event: Event, first: int) -> dict[str, int]:
    secret_of, salt = secrets_of(event), event.salt
    return {sealing.derive(secret_of(n), salt).id.hex(): n for n in range(first, event.next_n)}
