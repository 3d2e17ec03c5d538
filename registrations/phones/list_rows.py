"""Rows of the guest list: one sealed row of one length for each ticket, and for each number not given out yet."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from events.event import Event
from events.ground.database import moment, query
from registrations.codes import sealing
from registrations.codes.badge_type import BadgeType
from registrations.codes.verdict import Standing
from registrations.people import choices
from registrations.people.choices import Choices
from registrations.people.person import COLUMNS, Person, of_row
from registrations.people.registration import State
from registrations.tickets.ticket import secrets_of, standing

from . import counted, rights, together
from .door import DOOR_NAME, Device, door_in, epoch
from .inside import Places
from .rights import Right
from .scan_answer import badge_facts, sorted_name
from .together import BELONGS

RESERVE_LEAST, RESERVE_SHARE, RESERVE_MOST = 50, 10, 400  # rows beyond the places: a tenth, within these bounds
DOOR_NAME_BYTES = 24
HEAD = ">4sIIdIIIII"
RESERVE = {"s": "reserve"}
ROWS = f"""SELECT t.id AS ticket_id, t.n, t.revoked_at, t.passed_on, t.list_version, r.state, {COLUMNS},
    {BELONGS} AS belongs,
    a.admitted_at, a.left_at, {DOOR_NAME}
    FROM ticket t JOIN registration r ON r.id = t.registration_id
    LEFT JOIN admission a ON a.ticket_id = t.id AND a.presence = ? LEFT JOIN door d ON d.id = a.door_id
    WHERE t.event_id = ? AND """  # noqa: S608  # ours


class Numbered(NamedTuple):
    """The number of a ticket, issued or not, and what its row has to say."""

    n: int
    record: sealing.Record


async def rows_where(device: Device, which: str, *values: Any) -> list[dict[str, Any]]:
    """What the rows are made from, for the tickets that meet this condition."""
    rows = await with_rights(device, await query(ROWS + which, [device.presence, device.event_id, *values]))
    return await together.marked(await _with_uncounted(device, rows), device.presence)


async def with_rights(device: Device, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """In a room that is for some: whether each may join, or where they are due."""
    if not device.room.is_for_some:
        return list(rows)
    found = await rights.rights(device.room, [row["ticket_id"] for row in rows])
    words = await rights.named({right.due for right in found.values() if right.is_elsewhere and right.due})
    return [row | _right(found[row["ticket_id"]], words) for row in rows]


async def _with_uncounted(device: Device, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """At a room that asks for it: who is not counted at the entrance now."""
    if device.entrance is None or not device.entrance.asks:
        return list(rows)
    known = await counted.counted([row["ticket_id"] for row in rows])
    return [row if row["ticket_id"] in known else row | {"uncounted": True} for row in rows]


def _right(right: Right, words: Mapping[int, str]) -> dict[str, Any]:
    return {"right": {"w": words.get(right.due or 0, "")} if right.is_elsewhere else {"j": 1} if right.joins else {}}


def numbered(rows: Sequence[dict[str, Any]]) -> list[Numbered]:
    """Of those who are in by which door: the names of doors are opened once."""
    named = {row["door_id"]: door_in(row) for row in rows if row["door_id"] is not None}
    doors = {door: _short(name.shown) for door, name in named.items()}
    return [Numbered(row["n"], _record(row, doors)) for row in rows]


def _record(row: dict[str, Any], doors: Mapping[int, str]) -> sealing.Record:
    """Short keys, since the block is short; no name unless they may come in."""
    stands = standing(State(row["state"]), revoked=row["revoked_at"] is not None, passed_on=bool(row["passed_on"]))
    stay = _stay(row, doors)
    if stands is not Standing.OK:
        return {"s": stands.value} | stay
    person, chosen = of_row(row), choices.of_row(row)
    badge, right = chosen.badge_name(person), dict(row.get("right", {}))
    if row.get("uncounted") and "w" not in right and "i" not in stay:  # neither of these asks where they were counted
        right["u"] = 1
    if "w" in right:
        right["w"] = rights.short(right["w"], rights.LONGEST_INSIDE if stay else rights.LONGEST)
    named = {
        "s": stands.value,
        "n": person.full_name,
        "o": chosen.badge_organisation(person),
        "t": BadgeType(row["badge_type"]).words,
    }
    named |= {} if stay else _badge_facts(person, chosen)  # whoever was here before has their badge
    if chosen.meets_lead:  # no name that is not on the badge
        return named | {"m": 1, "n": badge} | right | stay
    beside = {"c": row["marks"]} if row["marks"] else {}  # who comes with them and is not in: marks, and no name
    return named | ({"b": badge} if badge != person.full_name else {}) | right | beside | stay


def _badge_facts(person: Person, chosen: Choices) -> dict[str, Any]:
    """Of their badge the tray; and that they said yes to photographs, as fewer do."""
    facts = badge_facts(sorted_name(person, chosen), in_photos=chosen.in_photos)
    return ({"y": facts["tray"]} if "tray" in facts else {}) | ({"p": 1} if facts["photos"] else {})


def _stay(row: dict[str, Any], doors: Mapping[int, str]) -> dict[str, Any]:
    """In since when, and by which door of the phone's presence group; or in and out again: where people come in once,
    they are barred."""
    came, left = epoch(moment(row["admitted_at"])), epoch(moment(row["left_at"]))
    if came is None:
        return {}
    door = doors[row["door_id"]]
    return {"i": [came, door]} if left is None else {"l": [came, door, left]}


def _short(name: str) -> str:
    return name.encode()[:DOOR_NAME_BYTES].decode(errors="ignore")


def last(event: Event) -> int:
    """The highest number that has a row."""
    return max(event.next_n - 1, event.places + spare(event))


def spare(event: Event) -> int:
    """Bounded, so that a list of 20,000 people goes through a door's network in 3.6 MB."""
    return min(max(RESERVE_LEAST, event.places // RESERVE_SHARE), RESERVE_MOST)


def sealed(event: Event, numbered: Sequence[Numbered]) -> list[bytes]:
    """All rows have the version of the list, so none tells when it changed."""
    version, salt = event.list_version, event.salt
    secret_of = secrets_of(event)
    return [sealing.seal(secret_of(row.n), salt, version, row.record) for row in numbered]


def packed(
    event: Event, base: int, made_at: float, rows: Sequence[bytes], cards: Sequence[bytes], places: Places
) -> bytes:
    """The bytes that a phone reads. `made_at` is in seconds of the event's time. `cards`: ids of leads' cards.
    `places`: of the phone's room, or of the venue."""
    head = struct.pack(HEAD, b"MSR2", base, event.list_version, made_at * 1000, len(rows), len(cards), *places)
    return head + event.salt + b"".join(sorted(rows)) + b"".join(cards)
