"""The guest list as it goes to a phone: sealed rows of one length, all of them or those that changed.

Of a ticket in hand a row says what the phone may show; without tickets the list is a number of rows, and that number
holds the tickets not given out yet.
"""

import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import anyio.to_thread

from events.event import Event
from events.ground.database import moment, query
from registrations.codes import sealing
from registrations.codes.verdict import Standing
from registrations.people.registration import State
from registrations.tickets.ticket import secrets_of, standing

from .door import Phone, epoch
from .scan_answer import BADGE

LIVES = 12 * 3600  # seconds after which a phone destroys it
FRESH, OLD = 300, 4 * 3600  # seconds up to which it lets in by itself, and with one tap
RESERVE_LEAST, RESERVE_SHARE, RESERVE_MOST = 50, 10, 400  # rows beyond the places: a tenth, within these bounds
FEW = 5  # a fifth of those rows left: somebody is to hear of it
TOGETHER = 11  # changed rows come in multiples of this, so that how many there are tells nothing; two fit into 4 kB
DOOR_NAME_BYTES = 24
HEAD = ">4sIIdII"
RESERVE = {"s": "reserve"}
ROWS = """SELECT t.n, t.revoked_at, t.list_version, r.state, r.full_name, r.badge_name, r.organisation,
    a.admitted_at, a.left_at
    FROM ticket t JOIN registration r ON r.id = t.registration_id
    LEFT JOIN admission a ON a.ticket_id = t.id AND a.door_id = ?
    WHERE t.event_id = ? AND """


class Numbered(NamedTuple):
    """The number of a ticket, given out or not, and what its row is to say."""

    n: int
    record: sealing.Record


async def since(phone: Phone, version: int, at: datetime) -> bytes:
    """What changed since this version of the phone's list; all of it where that is unknown, or from too long ago.

    The version of the answer is read first: what commits meanwhile is in the next one too, and nothing is skipped.
    """
    event = await Event.get(id=phone.event_id)
    base = version if event.list_whole_since <= version <= event.list_version and version > 0 else 0
    if base and base == event.list_version:
        return _packed(event, base, at, [])
    changed = await _tickets(phone, "t.list_version > ?", base or -1)
    numbered = await _padded(changed, event, phone) if base else _whole(changed, event)
    return _packed(event, base, at, await anyio.to_thread.run_sync(_sealed, event, numbered))


async def _tickets(phone: Phone, which: str, *values: int) -> list[Numbered]:
    rows = await query(ROWS + which, [phone.door_id, phone.event_id, *values])
    door = _short(phone.door_name)
    return [Numbered(row["n"], _record(row, door)) for row in rows]


def _record(row: dict[str, Any], door: str) -> sealing.Record:
    """Short keys, since the block is short; no name unless they may come in."""
    stands = standing(State(row["state"]), revoked=row["revoked_at"] is not None)
    stay = _stay(row, door)
    if stands is not Standing.OK:
        return {"s": stands.value} | stay
    named = {"s": stands.value, "n": row["full_name"], "o": row["organisation"], "t": BADGE}
    badge = row["badge_name"]
    return named | ({"b": badge} if badge and badge != row["full_name"] else {}) | stay


def _stay(row: dict[str, Any], door: str) -> dict[str, Any]:
    """In at this phone's door since when; or when they came and left: where people come in once, they are barred."""
    came, left = epoch(moment(row["admitted_at"])), epoch(moment(row["left_at"]))
    if came is None:
        return {}
    return {"i": [came, door]} if left is None else {"l": [came, door, left]}


def _short(name: str) -> str:
    return name.encode()[:DOOR_NAME_BYTES].decode(errors="ignore")


def _whole(tickets: list[Numbered], event: Event) -> list[Numbered]:
    """With the numbers not given out yet: a ticket issued after the phone was last told opens as issued since."""
    given_out = {one.n for one in tickets}  # one of them may be younger than what we know of the event
    rest = range(event.next_n, _last(event) + 1)
    return [*tickets, *(Numbered(n, RESERVE) for n in rest if n not in given_out)]


def _last(event: Event) -> int:
    """The highest number that has a row."""
    return max(event.next_n - 1, event.places + _spare(event))


def _spare(event: Event) -> int:
    """Bounded above, so that the list of 20,000 people goes through a door's network in 3.6 MB."""
    return min(max(RESERVE_LEAST, event.places // RESERVE_SHARE), RESERVE_MOST)


async def running_out(event_id: int) -> int | None:
    """How many tickets can still be issued that a phone alone will know as real; None while that is no worry."""
    event = await Event.get(id=event_id)
    left = _last(event) - event.next_n + 1
    return left if left <= _spare(event) // FEW else None


async def _padded(changed: list[Numbered], event: Event, phone: Phone) -> list[Numbered]:
    """With unchanged rows among them, sealed anew."""
    wanted = -len(changed) % TOGETHER if changed else TOGETHER
    known, drawn, last = {one.n for one in changed}, set[int](), _last(event)
    while len(drawn) < min(wanted, last - len(known)):
        drawn |= {1 + secrets.randbelow(last)} - known
    given_out = sorted(n for n in drawn if n < event.next_n)
    marks = ", ".join("?" * len(given_out)) or "NULL"
    unchanged = await _tickets(phone, f"t.n IN ({marks})", *given_out)
    reserve = [Numbered(n, RESERVE) for n in drawn if n >= event.next_n]
    return [*changed, *unchanged, *reserve]


def _sealed(event: Event, numbered: Sequence[Numbered]) -> list[bytes]:
    """In a thread: 20,000 rows would keep the loop. All bear the version of the list, so none says when it changed."""
    version, salt = event.list_version, event.salt
    secret_of = secrets_of(event)
    return [sealing.seal(secret_of(one.n), salt, version, one.record) for one in numbered]


def _packed(event: Event, base: int, at: datetime, rows: Sequence[bytes]) -> bytes:
    made_at = at.timestamp() * 1000
    head = struct.pack(HEAD, b"MSR1", base, event.list_version, made_at, len(rows), 0)
    return b"".join([head, event.salt, *sorted(rows)])
