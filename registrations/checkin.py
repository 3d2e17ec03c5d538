"""Letting people in: every scan is judged, kept and answered; of all phones with one ticket, one gets it in."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from tortoise.exceptions import IntegrityError

from events import audit, clock, keys, live
from events.audit import Action
from events.database import after_commit, is_postgres, moment, query, run_tx

from . import alarm, answer
from .answer import UNDO_SECONDS, Answer, Bearer, bearer_of
from .door import Phone, topic
from .registration import State
from .scan import ScanKind, Sent
from .ticket import Ticket, hash_of_proof, standing
from .verdict import Known, Verdict, judge

MOST_AT_ONCE = 50
TRIES = 3
UNDONE, UNDO_NEEDS_LEAD, NOTHING_TO_UNDO = "undone", "undo_needs_lead", "nothing_to_undo"

GIVEN = """SELECT s.client_id, s.door_pass_id, s.verdict, s.answer, s.ticket_id, t.reference,
    r.full_name, r.badge_name, r.organisation
    FROM scan s LEFT JOIN ticket t ON t.id = s.ticket_id LEFT JOIN registration r ON r.id = t.registration_id
    WHERE s.client_id IN ({ids})"""
TICKETS = """SELECT t.id AS ticket_id, t.proof_hash, t.reference, t.revoked_at, r.state,
    r.full_name, r.badge_name, r.organisation, a.admitted_at
    FROM ticket t JOIN registration r ON r.id = t.registration_id
    LEFT JOIN admission a ON a.ticket_id = t.id AND a.door_id = ?
    WHERE t.event_id = ? AND t.proof_hash IN ({proofs}) ORDER BY t.id {lock}"""
CLAIM = """INSERT INTO admission (ticket_id, door_id, client_id, admitted_at) VALUES {rows}
    ON CONFLICT (ticket_id, door_id) DO NOTHING RETURNING ticket_id"""
WINNERS = "SELECT ticket_id, admitted_at FROM admission WHERE door_id = ? AND ticket_id IN ({tickets})"
KEEP = """INSERT INTO scan (client_id, door_id, door_pass_id, ticket_id, kind, age, arrived_at, happened_at, verdict,
    undoes, proof_mark, length, answer) VALUES {rows}"""
UNDONE_SCAN = """SELECT s.client_id, s.door_pass_id, s.door_id, s.happened_at, s.ticket_id, t.reference,
    r.full_name, r.badge_name, r.organisation,
    (SELECT max(o.id) FROM scan o WHERE o.door_pass_id = s.door_pass_id AND o.verdict = 'ok') = s.id AS last
    FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN registration r ON r.id = t.registration_id
    WHERE s.client_id = ? AND s.verdict = 'ok' AND t.event_id = ? {lock}"""
LEAVE = "DELETE FROM admission WHERE ticket_id = ? AND door_id = ? AND client_id = ? RETURNING id"


class Judged(NamedTuple):
    """A scan with its verdict, before its row is written. `facts` are kept, so they hold nobody's name."""

    scan: Sent
    happened_at: datetime
    verdict: str
    facts: dict[str, Any]
    bearer: Bearer | None = None


async def settle(scans: Sequence[Sent], by: Phone, at: datetime) -> list[Answer]:
    """An answer to each, in their order, in one transaction. An id that was answered before gets the same answer,
    whatever has happened since; an id of another phone's is refused, and tells nothing."""
    for _ in range(TRIES - 1):
        try:
            return await _settle(scans, by, at)
        except IntegrityError:  # the same scan came twice at once: the other has committed, so its answer is there
            continue
    return await _settle(scans, by, at)


@run_tx
async def _settle(scans: Sequence[Sent], by: Phone, at: datetime) -> list[Answer]:
    readable = {scan.id: scan for scan in scans if scan.fault != "id"}
    answers = await _given_before(list(readable), by)
    fresh = [scan for scan in readable.values() if scan.id not in answers]
    judged = [one for group in _apart(fresh) for one in await _settle_group(group, by, at)]
    answers |= {one.scan.id: _answer(one, by) for one in judged}
    if any(one.verdict == Verdict.UNKNOWN for one in judged):
        await alarm.after_unknown(by, at)
    if judged:
        after_commit(live.publish, topic(by.event_id))
    return [answers.get(scan.id) or _refusal(scan.id) for scan in scans]


async def _given_before(ids: list[str], by: Phone) -> dict[str, Answer]:
    if not ids:
        return {}
    rows = await query(GIVEN.format(ids=_places(len(ids))), ids)
    return {row["client_id"]: _again(row, by) for row in rows}


def _again(row: dict[str, Any], by: Phone) -> Answer:
    if row["door_pass_id"] != by.id:
        return _refusal(row["client_id"])
    facts = json.loads(row["answer"])
    return answer.of_scan(row["client_id"], row["verdict"], facts, bearer_of(row), leads=by.leads)


def _answer(one: Judged, by: Phone) -> Answer:
    return answer.of_scan(one.scan.id, one.verdict, one.facts, one.bearer, leads=by.leads)


def _refusal(scan_id: str) -> Answer:
    return answer.of_scan(scan_id, Verdict.ERROR, {"fault": "id"}, None, leads=False)


def _apart(scans: Iterable[Sent]) -> list[list[Sent]]:
    """Oldest first, in groups that a few statements settle: no ticket twice in a group, an undo by itself."""
    groups: list[list[Sent]] = []
    for scan in sorted(scans, key=lambda scan: -scan.age):
        alone = scan.kind is ScanKind.UNDO or not groups or groups[-1][0].kind is ScanKind.UNDO
        if alone or (scan.proof and any(scan.proof == other.proof for other in groups[-1])):
            groups.append([])
        groups[-1].append(scan)
    return groups


async def _settle_group(group: list[Sent], by: Phone, at: datetime) -> list[Judged]:
    if group[0].kind is ScanKind.UNDO and not group[0].fault:
        judged = [await _undo(group[0], by, at)]
    else:
        tickets = await _tickets({hash_of_proof(scan.proof) for scan in group if scan.proof}, by)
        judged = await _claim([_judge(scan, tickets, by, at) for scan in group], by)
    await _keep(judged, by, at)
    return judged


async def _tickets(proofs: set[str], by: Phone) -> dict[str, dict[str, Any]]:
    """By hash of proof. On PostgreSQL their rows are ours until the end, always in one order: nobody withdraws or
    admits one meanwhile, and no two phones wait for each other. SQLite runs one transaction at a time anyway."""
    if not proofs:
        return {}
    sql = TICKETS.format(proofs=_places(len(proofs)), lock=_lock())
    return {row["proof_hash"]: row for row in await query(sql, [by.door_id, by.event_id, *proofs])}


def _lock() -> str:
    return "FOR NO KEY UPDATE OF t" if is_postgres() else ""


def _judge(scan: Sent, tickets: dict[str, dict[str, Any]], by: Phone, at: datetime) -> Judged:
    happened_at = _reckoned(scan, by, at)
    if scan.fault:
        return Judged(scan, happened_at, Verdict.ERROR, {"fault": scan.fault})
    if scan.kind is ScanKind.INVALID:
        return Judged(scan, happened_at, Verdict.INVALID, {})
    row = tickets.get(hash_of_proof(scan.proof))
    if row is None:
        return Judged(scan, happened_at, Verdict.UNKNOWN, {})
    stands = standing(State(row["state"]), revoked=row["revoked_at"] is not None)
    known = Known(stands, None, inside=row["admitted_at"] is not None)
    verdict = judge(known, by.door_id, by.window, int(happened_at.timestamp()))
    facts = _facts(verdict, by, happened_at, moment(row["admitted_at"]))
    return Judged(scan, happened_at, verdict, facts, bearer_of(row))


def _reckoned(scan: Sent, by: Phone, at: datetime) -> datetime:
    """Arrival minus age, never before the phone last had nothing to send; no clock of a phone is believed."""
    return at - timedelta(seconds=min(scan.age, by.longest_age))


def _facts(verdict: Verdict, by: Phone, happened_at: datetime, admitted_at: datetime | None) -> dict[str, Any]:
    if verdict is Verdict.TOO_EARLY and by.opens_at:
        return {"opens": _time_words(by.opens_at, happened_at)}
    if verdict is Verdict.TOO_LATE and by.closes_at:
        return {"closes": _time_words(by.closes_at, happened_at)}
    if verdict is Verdict.ALREADY_IN and admitted_at:
        return {"at": clock.time_words(admitted_at), "door": by.door_name}
    return {}


def _time_words(moment: datetime, seen_at: datetime) -> str:
    """09:00, and which day where it is another."""
    same_day = clock.local(moment).date() == clock.local(seen_at).date()
    return clock.time_words(moment) + ("" if same_day else f" on {clock.day_words(moment)}")


async def _claim(judged: list[Judged], by: Phone) -> list[Judged]:
    """The database lets one scan in for each ticket and door; whoever comes second hears who was first."""
    claims = {one.bearer.ticket_id: one for one in judged if one.verdict is Verdict.OK and one.bearer}
    if not claims:
        return judged
    values = [(ticket, by.door_id, claims[ticket].scan.id, claims[ticket].happened_at) for ticket in sorted(claims)]
    rows = await query(CLAIM.format(rows=_rows(len(values), 4)), [value for row in values for value in row])
    lost = claims.keys() - {row["ticket_id"] for row in rows}
    if not lost:
        return judged
    sql = WINNERS.format(tickets=_places(len(lost)))
    winners = {row["ticket_id"]: moment(row["admitted_at"]) for row in await query(sql, [by.door_id, *lost])}
    return [_beaten(one, by, winners[one.bearer.ticket_id]) if one.bearer and one.bearer.ticket_id in lost else one
            for one in judged]  # fmt: skip


def _beaten(one: Judged, by: Phone, admitted_at: datetime | None) -> Judged:
    facts = _facts(Verdict.ALREADY_IN, by, one.happened_at, admitted_at)
    return one._replace(verdict=Verdict.ALREADY_IN, facts=facts)


async def _undo(scan: Sent, by: Phone, at: datetime) -> Judged:
    """A steward takes back the own last entry within a minute, a lead any of the event. It is a row of its own."""
    undo = Judged(scan, _reckoned(scan, by, at), NOTHING_TO_UNDO, {})
    found = await query(UNDONE_SCAN.format(lock=_lock()), [scan.undoes, by.event_id])
    if not found or not (by.leads or found[0]["door_pass_id"] == by.id):
        return undo
    row = found[0]
    undo = undo._replace(bearer=bearer_of(row))
    since = undo.happened_at - (moment(row["happened_at"]) or undo.happened_at)
    if not by.leads and not (row["last"] and since <= timedelta(seconds=UNDO_SECONDS)):
        return undo._replace(verdict=UNDO_NEEDS_LEAD)
    if not await query(LEAVE, [row["ticket_id"], row["door_id"], scan.undoes]):
        return undo
    ticket = Ticket(id=row["ticket_id"])
    await audit.record(Action.SCANS_UNDONE, ticket, by=by, at=at, event_id=by.event_id, door=row["door_id"])
    return undo._replace(verdict=UNDONE)


async def _keep(judged: list[Judged], by: Phone, at: datetime) -> None:
    """In the order in which they happened, which their own ids then follow."""
    values = [value for one in judged for value in _row(one, by, at)]
    await query(KEEP.format(rows=_rows(len(judged), 13)), values)


def _row(one: Judged, by: Phone, at: datetime) -> tuple[Any, ...]:
    scan, ticket_id = one.scan, one.bearer.ticket_id if one.bearer else None
    mark = keys.keyed_hash("proofs", scan.proof.hex()) if one.verdict == Verdict.UNKNOWN else ""
    return (scan.id, by.door_id, by.id, ticket_id, scan.kind.value, scan.age, at, one.happened_at, str(one.verdict),
            scan.undoes, mark, scan.length, json.dumps(one.facts))  # fmt: skip


@lru_cache
def _places(count: int) -> str:
    return ", ".join("?" * count)


@lru_cache
def _rows(count: int, columns: int) -> str:
    return ", ".join([f"({_places(columns)})"] * count)
