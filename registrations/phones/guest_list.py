"""The guest list as it goes to a phone: sealed rows of one length, all of them or those that changed.

With a ticket in hand, a row tells what the phone may show. Without tickets the list reveals only a number of rows, and
that includes numbers not given out yet; and where a room or the venue has a limit, how many are in.
"""

import secrets
from datetime import datetime

import anyio.to_thread

from events.event import Event
from events.ground.database import among

from . import lead_cards, list_rows, together, whole_list
from .door import Device
from .inside import places_of
from .list_rows import RESERVE, Numbered

LIVES = 12 * 3600  # seconds after which a phone destroys it
FRESH, OLD = 300, 4 * 3600  # seconds up to which it lets in by itself, and with one tap
FEW = 5  # a fifth of the spare rows left: somebody is to hear of it
TOGETHER = 11  # changed rows come in multiples of this, so that how many there are tells nothing; two fit into 4 kB


async def since(device: Device, version: int, at: datetime) -> bytes:
    """What changed since this version of the phone's list; the whole list if that is unknown or too long ago.

    The version of the answer is read first. Rows that commit meanwhile come again in the next answer, so nothing is
    skipped.
    """
    event = await Event.get(id=device.event_id)
    if not (version > 0 and event.list_whole_since <= version <= event.list_version):
        return await whole_list.of(device, event, at)
    cards, places = await lead_cards.listed(event.id), await places_of(device)
    if version == event.list_version:
        return list_rows.packed(event, version, at.timestamp(), [], cards, places)
    numbered = await _padded(await _changed(device, version), event, device)
    rows = await anyio.to_thread.run_sync(list_rows.sealed, event, numbered)
    return list_rows.packed(event, version, at.timestamp(), rows, cards, places)


async def _changed(device: Device, version: int) -> list[Numbered]:
    """Of whoever comes with somebody the row tells of those who are still outside, so it changes with theirs."""
    rows = await list_rows.rows_where(device, "t.list_version > ?", version)
    others = await together.others_of(rows)
    which, values = among("t.registration_id", "int", others)
    beside = await list_rows.rows_where(device, which, *values) if others else []
    return list_rows.numbered([*rows, *beside])


async def _tickets(device: Device, which: str, *values: int) -> list[Numbered]:
    return list_rows.numbered(await list_rows.rows_where(device, which, *values))


def running_out(event: Event) -> int | None:
    """How many more tickets a phone without network would know as real; None while that is no worry."""
    left = list_rows.last(event) - event.next_n + 1
    return left if left <= list_rows.spare(event) // FEW else None


async def _padded(changed: list[Numbered], event: Event, device: Device) -> list[Numbered]:
    """Adds unchanged rows, sealed anew, so that the length does not tell how many changed."""
    wanted = -len(changed) % TOGETHER if changed else TOGETHER
    known, drawn, last = {row.n for row in changed}, set[int](), list_rows.last(event)
    while len(drawn) < min(wanted, last - len(known)):
        drawn |= {1 + secrets.randbelow(last)} - known
    given_out = sorted(n for n in drawn if n < event.next_n)
    marks = ", ".join("?" * len(given_out)) or "NULL"
    unchanged = await _tickets(device, f"t.n IN ({marks})", *given_out)
    reserve = [Numbered(n, RESERVE) for n in drawn if n >= event.next_n]
    return [*changed, *unchanged, *reserve]
