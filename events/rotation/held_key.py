"""The data key of an event, as acts hold it that add what it seals, and as whoever replaces it waits for them."""

from copy import copy

from events.event import Event
from events.ground.database import is_postgres, query, within_tx

SEALING = 8418  # the class of PostgreSQL's advisory locks with two numbers, beside those of `presence`


@within_tx
async def with_held_key(event: Event) -> Event:
    """The same with the data key that it has now, which nobody replaces before the transaction ends: for what adds a
    sealed row. What replaces a sealed value needs no lock: it is sealed as that one is, on condition that it stands."""
    if is_postgres():
        await query("SELECT pg_advisory_xact_lock_shared(?, ?)", [SEALING, event.id])
    [row] = await query("SELECT data_key FROM event WHERE id = ?", [event.id])
    held = copy(event)
    held.data_key = row["data_key"]
    return held


@within_tx
async def hold_alone(event: Event) -> None:
    """Waits until no act holds the key, and makes others wait until the transaction ends."""
    if is_postgres():
        await query("SELECT pg_advisory_xact_lock(?, ?)", [SEALING, event.id])
