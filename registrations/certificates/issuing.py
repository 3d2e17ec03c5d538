"""The turn that gives each guest who came a certificate once they are released, and ends that of somebody who, as it
turns out, had not come: an entry may be typed up from paper, or undone, long after the release.

It works in batches, each a transaction that several servers may try at the same moment: the database gives a guest one
certificate. A server that was killed leaves none half made. Rules: EV-09.
"""

import asyncio
import secrets
from datetime import datetime
from typing import Any

import structlog

from events.audit import audit, triggers
from events.audit.action import Action
from events.audit.audit import Machine
from events.event import Event, events_with
from events.ground import clock, live
from events.ground.database import after_commit, find_rows, inserted, places, query, run_tx, within_tx
from events.ground.repeating import repeat_woken
from registrations.codes.arrived import has_arrived
from registrations.codes.certificate_number import new_number
from registrations.people.person import IS_DELETED, NAMED
from registrations.people.registration import Registration

from .certificate import Certificate, Held, hash_of, seal_held, terms_of

TOPIC = "certificates"  # whoever issues them wakes by it
BATCH = 200
EVERY_SECONDS = 30.0
FAILED = "certificates were not issued"  # for the log
DUE = """SELECT t.event_id FROM certificate_terms t JOIN event e ON e.id = t.event_id
    WHERE t.released_at IS NOT NULL AND t.settled_version <> e.list_version AND e.data_key <> '' ORDER BY t.event_id"""
RELEASED = "SELECT id FROM certificate_terms WHERE event_id = ? AND released_at IS NOT NULL FOR SHARE"
LACKING = f"""FROM registration r WHERE r.event_id = ? AND r.person_sealed IS NOT NULL AND {has_arrived("r.id")}
    AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.registration_id = r.id)"""  # noqa: S608  # ours
# In an order that says nothing of who asked when: numbers are kept in it, and stay when people are deleted.
NEXT = f"SELECT r.id {LACKING} ORDER BY r.public_id LIMIT {BATCH} FOR NO KEY UPDATE OF r SKIP LOCKED"
NUMBER = {"event_id": "int", "number_hash": "text"}
MAKE_NUMBERS = "INSERT INTO certificate_number {rows} RETURNING id, number_hash"
ROW = {
    "event_id": "int",
    "registration_id": "int",
    "number_id": "int",
    "held_sealed": "bytea",
    "issued_at": "timestamptz",
}
MAKE = "INSERT INTO certificate {rows} ON CONFLICT (registration_id) DO NOTHING RETURNING number_id"
END = f"""UPDATE certificate SET ended_at = ?, ended_by = ? WHERE id IN (SELECT c.id FROM certificate c
    WHERE c.event_id = ? AND c.ended_at IS NULL AND NOT {has_arrived("c.registration_id")}
    LIMIT {BATCH}) RETURNING registration_id, number_id"""  # noqa: S608
BACK = f"""SELECT c.registration_id FROM certificate c WHERE c.event_id = ? AND c.ended_by = ?
    AND {has_arrived("c.registration_id")} LIMIT {BATCH}"""  # noqa: S608
SETTLED = "UPDATE certificate_terms SET settled_version = ? WHERE event_id = ? AND released_at IS NOT NULL RETURNING id"
GOES = "DELETE FROM certificate WHERE registration_id = NEW.id"
triggers.ended_with("registration", IS_DELETED, "certificates_ended", [GOES])
log = structlog.get_logger()


async def turn(at: datetime) -> int:
    """All events that are due, one after the other. Returns how many certificates were made."""
    due = await events_with([row["event_id"] for row in await query(DUE)])
    return sum([await settle(event, at) for event in due.values()])


async def settle(event: Event, at: datetime) -> int:
    """Brings the certificates of an event in line with who came, as its row says it was when it was read. Nothing while
    they are not released, and once its entries are deleted, which then say nothing of who came."""
    if clock.local(at).date() >= event.day + NAMED.time:
        return 0
    made = 0
    while some := await _issue(event, at):
        made += some
    while await _end(event, at):
        pass
    while await _renew_some(event, at):
        pass
    await _note_settled(event)
    return made


@within_tx
async def hold_released(event_id: int) -> bool:
    """Whether they are released, which nobody takes back before the transaction ends."""
    return bool(await query(RELEASED, [event_id]))


@run_tx
async def _issue(event: Event, at: datetime) -> int:
    """One batch. Holds the requests, so that nobody is deleted meanwhile; leaves out what somebody else holds."""
    if not await hold_released(event.id):
        return 0
    ids = [row["id"] for row in await query(NEXT, [event.id])]
    terms = await terms_of(event.id) if ids else None
    key = terms.check_key if terms else None
    if not ids or key is None:
        return 0
    numbers = {hash_of(key, number): number for number in (new_number() for _ in ids)}
    made = await _numbered(event.id, sorted(numbers))
    secrets.SystemRandom().shuffle(made)
    rows = [
        (event.id, id_, row["id"], seal_held(Held(numbers[row["number_hash"]]), event, id_), at)
        for id_, row in zip(ids, made, strict=True)
    ]
    sql, values = inserted(ROW, rows)
    used = {row["number_id"] for row in await query(MAKE.format(rows=sql), values)}
    await forget_numbers([row["id"] for row in made if row["id"] not in used])
    if used:
        await audit.record(Action.CERTIFICATES_ISSUED, event, by=Machine(), at=at, event_id=event.id, number=len(used))
    return len(used)


@within_tx
async def _numbered(event_id: int, hashes: list[str]) -> list[dict[str, Any]]:
    sql, values = inserted(NUMBER, [(event_id, hashed) for hashed in hashes])
    return list(await query(MAKE_NUMBERS.format(rows=sql), values))


@within_tx
async def forget_numbers(ids: list[int]) -> None:
    """They are valid no more."""
    if ids:
        await query(f"DELETE FROM certificate_number WHERE id IN ({places(len(ids))}) RETURNING id", ids)  # noqa: S608


@run_tx
async def _end(event: Event, at: datetime) -> int:
    """Those of people who have no entry any more: a scan was undone."""
    if not await hold_released(event.id):
        return 0
    ended = await query(END, [at, Machine.actor, event.id])
    await forget_numbers([row["number_id"] for row in ended if row["number_id"]])
    await _note(Action.CERTIFICATE_ENDED, [row["registration_id"] for row in ended], event, at)
    return len(ended)


async def _renew_some(event: Event, at: datetime) -> int:
    """Those that ended by themselves, of people who turn out to have come after all. A damaged one is left."""
    back = [row["registration_id"] for row in await query(BACK, [event.id, Machine.actor])]
    return sum([await _renew(registration_id, event, at) for registration_id in back])


@run_tx
async def _renew(registration_id: int, event: Event, at: datetime) -> bool:
    if not await hold_released(event.id) or not await renewed(registration_id, event.id, ended_by=Machine.actor):
        return False
    await _note(Action.CERTIFICATE_RENEWED, [registration_id], event, at)
    return True


RENEW = """UPDATE certificate SET ended_at = NULL, ended_by = '', number_id = ?
    WHERE id = ? AND ended_by = ? RETURNING id"""
OF_PERSON = "SELECT * FROM certificate WHERE registration_id = ? AND ended_by = ? FOR NO KEY UPDATE"


@within_tx
async def renewed(registration_id: int, event_id: int, ended_by: str) -> bool:
    """Makes the number of an ended certificate valid again: the same, as the guest may have it on paper. False where
    somebody was quicker, or it cannot be read."""
    found = await find_rows(Certificate, OF_PERSON, [registration_id, ended_by])
    terms = await terms_of(event_id)
    held, key = found[0].held if found else None, terms.check_key if terms else None
    if held is None or key is None:
        return False
    [number] = await _numbered(event_id, [hash_of(key, held.number)])
    return bool(await query(RENEW, [number["id"], found[0].id, ended_by]))


async def _note(action: Action, ids: list[int], event: Event, at: datetime) -> None:
    acts: list[audit.Act] = [(action, Registration(id=id_), {}) for id_ in sorted(ids)]
    if acts:
        await audit.record_all(acts, by=Machine(), at=at, event_id=event.id)
        after_commit(live.publish, f"event:{event.id}")


@run_tx
async def _note_settled(event: Event) -> None:
    """Not while somebody lacks one, whose request somebody else held: the next turn looks again."""
    if not await query(f"SELECT 1 AS one {LACKING} LIMIT 1", [event.id]):
        await query(SETTLED, [event.list_version, event.id])


async def run(stop: asyncio.Event) -> None:
    """Whenever they are released, and now and then, until the server stops."""
    await repeat_woken(lambda: turn(clock.now()), TOPIC, EVERY_SECONDS, stop, FAILED)
