"""The data key of an event, as acts hold it that add what it seals, and as whoever replaces it waits for them."""

from collections.abc import Iterable
from copy import copy

from events.event import Event
from events.ground.database import is_postgres, places, query, within_tx

SEALING = 8418  # the class of PostgreSQL's advisory locks with two numbers, beside those of `presence`


@within_tx
async def with_held_key(event: Event) -> Event:
    """The same with the data key that it has now, which nobody replaces before the transaction ends: for what adds a
    sealed row. What replaces a sealed value needs no lock: it is sealed as that one is, on condition that it stands."""
    return (await with_held_keys([event]))[event.id]


@within_tx
async def with_held_keys(events: Iterable[Event]) -> dict[int, Event]:
    """The same for several, by their ids."""
    known = {event.id: event for event in events}
    ids = sorted(known)
    if is_postgres():
        locks = ", ".join(["pg_advisory_xact_lock_shared(?, ?)"] * len(ids))
        await query(f"SELECT {locks}", [number for id_ in ids for number in (SEALING, id_)])
    held = {id_: copy(event) for id_, event in known.items()}
    for row in await query(f"SELECT id, data_key FROM event WHERE id IN ({places(len(ids))})", ids):  # noqa: S608
        held[row["id"]].data_key = row["data_key"]
    return held


@within_tx
async def hold_alone(event: Event) -> None:
    """Waits until no act holds the key, and makes others wait until the transaction ends."""
    if is_postgres():
        await query("SELECT pg_advisory_xact_lock(?, ?)", [SEALING, event.id])
