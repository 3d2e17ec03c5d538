"""The list that a marshal's phone holds: who is inside, as the roll call on paper says it, sealed as one.

Nobody reads it without its key: that of the card, or the one that the server gives while a roll call runs.

Rules: SG-15.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from anyio import to_thread
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.codes.arrived import at_entrances
from registrations.codes.sealing import COMPACT
from registrations.paper import lines
from registrations.paper.lines import A_PART, Line
from registrations.paper.sheet import SheetKind

from . import rows
from .list_keys import Current

PADDED, NONCE = 4096, 12  # bytes: so that the length says little of how many are inside
SHOWN = f"""SELECT t.id, {rows.SHOWN_N} AS n
    FROM ticket t JOIN {at_entrances()}
    WHERE t.event_id = ? AND t.id > ? ORDER BY t.id LIMIT {A_PART}"""  # noqa: S608  # ours


async def made(event: Event, key: Current, salt_text: str, at: datetime) -> bytes:
    """`salt_text`: the event's salt as its phones know it, which binds the list to the event."""
    inside = await lines.of_sheet(event, SheetKind.ROLL_CALL)
    shown = await _shown(event)
    known = await rows.numbers(await Event.get(id=event.id))  # tickets may have been given out since it was read
    row_of = {n: row for row, n in known.items()}
    return await to_thread.run_sync(_sealed, inside, shown, row_of, key, salt_text, at)


async def _shown(event: Event) -> dict[int, int]:
    """The number of the ticket that each would show, by the ticket that let them in."""
    found, last = dict[int, int](), 0
    while part := await query(SHOWN, [event.id, last]):
        found |= {row["id"]: row["n"] for row in part}
        last = part[-1]["id"]
        if len(part) < A_PART:
            break
    return found


def _sealed(
    inside: Sequence[Line],
    shown: Mapping[int, int],
    row_of: Mapping[int, str],
    key: Current,
    salt_text: str,
    at: datetime,
) -> bytes:
    listed = [_row(line, row_of[shown[line.ticket_id]]) for line in inside if shown.get(line.ticket_id) in row_of]
    plain = COMPACT.encode({"at": int(at.timestamp()), "rows": listed}).encode()
    plain += b" " * (-len(plain) % PADDED)
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key.key).encrypt(nonce, plain, bound(salt_text, key.key_id))


def _row(line: Line, row: str) -> list[str]:
    return [line.surname, line.badge_name, clock.time_words(line.came_in) if line.came_in else "", row]


def bound(salt_text: str, key_id: str) -> bytes:
    """What the list is sealed with besides: that of another event, or under another key, does not open."""
    return f"muster roll call 1|{salt_text}|{key_id}".encode()
