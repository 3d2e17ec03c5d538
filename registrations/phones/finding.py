"""Which phone speaks: by the token in its cookie, by its pass, or by the mark on the scans that it brings.

`real` is the machine's time.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from events.event import EventState
from events.ground import keys
from events.ground.batching import read_together
from events.ground.database import among, moment, query
from registrations.codes.room import ComesIn, Entrance, Room

from .door import DOOR_NAME, NOT_YET, PHONE_NAME, Device, DoorPass, Name, PassRole, Policy, door_in, phone_in

MOST_TOGETHER = 100  # phones that one statement looks for
PHONE = f"""SELECT {PHONE_NAME}, {DOOR_NAME}, p.role, p.event_id,
    coalesce(d.opens_at, e.doors_open_at) AS opens_at, d.closes_at, p.revoked_at, p.expires_at, p.last_seen_at,
    p.to_send, coalesce(p.emptied_at, p.paired_at) AS emptied_at, e.state, d.policy, d.presence, d.one_place,
    d.capacity, d.comes_in, d.for_slot_id, d.for_workshop_id, d.needs_entrance,
    n.id AS entrance_id, n.capacity AS venue_limit, n.policy AS entrance_policy,
    e.list_version, p.page, p.page_before, p.token_hash, l.id AS override_by, p.override_until,
    p.wiped_at, e.doors_closing_at, e.doors_closed_at, r.kind AS roll_call, r.started_at AS roll_call_since
    FROM door_pass p JOIN door d ON d.id = p.door_id JOIN event e ON e.id = p.event_id
    LEFT JOIN door n ON n.id = CASE WHEN d.presence <> 0
        THEN (SELECT min(i.id) FROM door i WHERE i.event_id = d.event_id AND i.presence = 0) END
    LEFT JOIN roll_call r ON r.event_id = p.event_id AND r.ended_at IS NULL
    LEFT JOIN door_pass l ON l.id = p.override_by AND l.revoked_at IS NULL WHERE """  # noqa: S608  # a revoked lead overrides nothing


async def find_pass(token: str, real: datetime) -> Device | None:
    """The phone whose cookie this is, live or not; None for a stranger, and for one that is done with a door that is
    closed: for it there is no event any more."""
    [row] = await _phones_together([hash_of_token(token)]) if token else [None]
    device = _device(row, real) if row else None
    return None if device is None or device.is_done else device


async def _phones(hashes: Sequence[str]) -> list[dict[str, Any] | None]:
    wanted, values = among("p.token_hash", "text", hashes)
    rows = await query(PHONE + wanted, values)
    found = {row["token_hash"]: row for row in rows}
    return [found.get(token_hash) for token_hash in hashes]


_phones_together = read_together(_phones, MOST_TOGETHER)


async def device_of(door_pass: DoorPass, real: datetime) -> Device:
    """The same by the pass itself: for commands, rehearsals and tests."""
    return _device((await query(PHONE + "p.id = ?", [door_pass.id]))[0], real)


async def doors_named(doors: Collection[int]) -> dict[int, Name]:
    wanted, values = among("d.id", "int", sorted(doors))
    rows = await query(f"SELECT {DOOR_NAME} FROM door d WHERE {wanted}", values)  # noqa: S608  # ours
    return {row["door_id"]: door_in(row) for row in rows}


def mark_of(pass_id: int) -> str:
    """What a phone's scans say of the pass they were made under. It proves the pass, and opens nothing."""
    return _marks_of(pass_id)[0]


def _marks_of(pass_id: int) -> list[str]:
    """The mark under each key of ours: phones hold scans for longer than a key may be the newest."""
    return [f"{pass_id}.{known}" for known in keys.keyed_hashes("scans of a pass", str(pass_id))]


async def makers(marks: Collection[str], by: Device, real: datetime) -> dict[str, Device]:
    """The phones that made these scans, if a phone that was paired anew brings some from before.

    They may be of another door, or of another event. They are quarantined at the pass that they were made under, until
    an organiser of that event accepts them. Scans with a mark that is not ours are quarantined at the pass that brings
    them.
    """
    found: dict[str, Device] = {}
    brought = set(marks) - {""}
    for mark in brought - set(_marks_of(by.id)) if brought else ():
        number = mark.partition(".")[0]
        ours = number.isascii() and number.isdecimal() and mark in _marks_of(int(number))
        rows = await query(PHONE + "p.id = ?", [int(number)]) if ours else []
        found[mark] = (_device(rows[0], real) if rows else by)._replace(live=False, lead=None)
    return found


def _device(row: dict[str, Any], real: datetime) -> Device:
    left = (moment(row["expires_at"]) or real) - real
    override_until = moment(row["override_until"])
    empty_for = real - (moment(row["emptied_at"]) or real)
    is_closed = row["doors_closed_at"] is not None
    return Device(
        id=row["phone_id"],
        named=phone_in(row),
        role=PassRole(row["role"]),
        door_id=row["door_id"],
        door_named=door_in(row),
        presence=row["presence"],
        one_place=bool(row["one_place"]),
        limit=row["capacity"],
        room=Room(ComesIn(row["comes_in"]), row["for_slot_id"], row["for_workshop_id"]),
        entrance=_entrance(row),
        event_id=row["event_id"],
        opens_at=moment(row["opens_at"]) or NOT_YET,
        closes_at=moment(row["closes_at"]),
        live=row["revoked_at"] is None and left > timedelta(0) and not is_closed and row["state"] != EventState.OVER,
        seconds_left=max(0, int(left.total_seconds())),
        last_seen_at=moment(row["last_seen_at"]),
        to_send=row["to_send"],
        longest_age=max(0.0, empty_for.total_seconds()),
        policy=Policy(row["policy"]),
        list_version=row["list_version"],
        page=row["page"],
        page_before=row["page_before"],
        lead=row["override_by"] if override_until and override_until > real else None,
        is_closing=row["doors_closing_at"] is not None,
        roll_call=(row["roll_call"], since) if (since := moment(row["roll_call_since"])) else None,
        is_done=is_closed and row["wiped_at"] is not None,
    )


def _entrance(row: dict[str, Any]) -> Entrance | None:
    """None of an entrance, and where the event has none."""
    if row["entrance_id"] is None:
        return None
    asks, once = bool(row["needs_entrance"]), row["entrance_policy"] == Policy.ONCE
    return Entrance(row["entrance_id"], asks, row["venue_limit"], once)


def hash_of_token(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
