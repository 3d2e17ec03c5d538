"""A guest list as a phone reads it."""

import struct
from datetime import timedelta
from typing import Any, NamedTuple

from events.event import Event
from registrations.codes import sealing
from registrations.tickets.ticket import secret_of
from tests.people import THE_DAY

LATER = THE_DAY + timedelta(minutes=12)


class Blob(NamedTuple):
    base: int
    version: int
    made_at: float
    salt: bytes
    rows: dict[bytes, bytes]
    cards: list[bytes]
    places: tuple[int, int, int]  # how many are in, of how many, and how many of the free ones are kept


def read_blob(blob: bytes) -> Blob:
    """As a phone reads it."""
    magic, base, version, made_at, rows, cards, *places = struct.unpack(">4sIIdIIIII", blob[:40])
    end = 56 + rows * sealing.ROW
    assert (magic, len(blob)) == (b"MSR2", end + cards * 16)
    listed = [blob[at : at + sealing.ROW] for at in range(56, end, sealing.ROW)]
    of_cards = [blob[at : at + 16] for at in range(end, len(blob), 16)]
    ids = [row[:16] for row in listed]
    assert ids == sorted(set(ids))
    return Blob(
        base,
        version,
        made_at,
        blob[40:56],
        dict(zip(ids, listed, strict=True)),
        of_cards,
        (places[0], places[1], places[2]),
    )


async def of_number(event: Event, n: int, blob: Blob) -> dict[str, Any] | None:
    """What this list says of the ticket of this number."""
    derived = sealing.derive(secret_of(await Event.get(id=event.id), n), blob.salt)
    row = blob.rows.get(derived.id)
    return sealing.open_row(row, derived.key, blob.salt) if row else None
