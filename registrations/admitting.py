"""What becomes of scans: judged by the tickets they show, let in by the database, kept as rows that never change."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from events import clock, keys
from events.database import is_postgres, moment, query

from .answer import Bearer, bearer_of
from .door import Phone
from .registration import State
from .scan import ScanKind, Sent
from .ticket import hash_of_proof, standing
from .verdict import Known, Verdict, judge

TICKETS = """SELECT t.id AS ticket_id, t.event_id, t.proof_hash, t.reference, t.revoked_at, r.state,
    r.full_name, r.badge_name, r.organisation, a.door_id, a.admitted_at
    FROM ticket t JOIN registration r ON r.id = t.registration_id LEFT JOIN admission a ON a.ticket_id = t.id
    WHERE t.proof_hash IN ({proofs}) ORDER BY t.id {lock}"""
CLAIM = """INSERT INTO admission (ticket_id, door_id, client_id, admitted_at) VALUES {rows}
    ON CONFLICT (ticket_id, door_id) DO NOTHING RETURNING ticket_id, door_id"""
WINNERS = "SELECT ticket_id, door_id, admitted_at FROM admission WHERE ticket_id IN ({tickets})"
KEEP = """INSERT INTO scan (client_id, door_id, door_pass_id, ticket_id, kind, age, arrived_at, happened_at, verdict,
    undoes, proof_mark, length, answer) VALUES {rows}"""


class Arrived(NamedTuple):
    """A scan, the phone that it came from, and when."""

    scan: Sent
    by: Phone
    at: datetime

    @property
    def happened_at(self) -> datetime:
        """Arrival minus age, never before the phone last had nothing to send; no clock of a phone is believed."""
        return self.at - timedelta(seconds=min(self.scan.age, self.by.longest_age))


class Judged(NamedTuple):
    """With its verdict, before its row is written. `facts` are kept, so they hold nobody's name."""

    arrived: Arrived
    verdict: str
    facts: dict[str, Any]
    bearer: Bearer | None = None


class Shown(NamedTuple):
    """A ticket as it is held to a phone, and since when it is in at which doors."""

    row: dict[str, Any]
    inside: dict[int, datetime]


async def admit(group: Sequence[Arrived]) -> list[Judged]:
    """No ticket may be twice in the group. Their rows are still to be kept."""
    tickets = await _tickets({hash_of_proof(one.scan.proof) for one in group if one.scan.proof})
    return await _claim([_judge(one, tickets) for one in group])


async def _tickets(proofs: set[str]) -> dict[str, Shown]:
    """By hash of proof."""
    shown: dict[str, Shown] = {}
    if not proofs:
        return shown
    for row in await query(TICKETS.format(proofs=places(len(proofs)), lock=lock()), list(proofs)):
        ticket = shown.setdefault(row["proof_hash"], Shown(row, {}))
        if admitted_at := moment(row["admitted_at"]):
            ticket.inside[row["door_id"]] = admitted_at
    return shown


def lock() -> str:
    """On PostgreSQL the tickets' rows are ours until the end, in one order for all: nobody withdraws or admits one
    meanwhile, and no two phones wait for each other. SQLite runs one transaction at a time anyway."""
    return "FOR NO KEY UPDATE OF t" if is_postgres() else ""


def _judge(one: Arrived, tickets: dict[str, Shown]) -> Judged:
    scan, by = one.scan, one.by
    if scan.fault:
        return Judged(one, Verdict.ERROR, {"fault": scan.fault})
    if scan.kind is ScanKind.INVALID:
        return Judged(one, Verdict.INVALID, {})
    shown = tickets.get(hash_of_proof(scan.proof))
    if shown is not None and shown.row["event_id"] != by.event_id:
        shown = None  # another event's is as unknown as an invented one
    if not by.live:  # kept apart: an organiser decides what it counts for
        return Judged(one, Verdict.DEVICE_REVOKED, {}, bearer_of(shown.row) if shown else None)
    if shown is None:
        return Judged(one, Verdict.UNKNOWN, {})
    stands = standing(State(shown.row["state"]), revoked=shown.row["revoked_at"] is not None)
    known = Known(stands, None, inside=by.door_id in shown.inside)
    verdict = judge(known, by.door_id, by.window, int(one.happened_at.timestamp()))
    return Judged(one, verdict, _facts(verdict, one, shown.inside.get(by.door_id)), bearer_of(shown.row))


def _facts(verdict: Verdict, one: Arrived, admitted_at: datetime | None) -> dict[str, Any]:
    by = one.by
    if verdict is Verdict.TOO_EARLY and by.opens_at:
        return {"opens": _time_words(by.opens_at, one.happened_at)}
    if verdict is Verdict.TOO_LATE and by.closes_at:
        return {"closes": _time_words(by.closes_at, one.happened_at)}
    if verdict is Verdict.ALREADY_IN and admitted_at:
        return {"at": clock.time_words(admitted_at), "door": by.door_name}
    return {}


def _time_words(moment: datetime, seen_at: datetime) -> str:
    """09:00, and which day where it is another."""
    same_day = clock.local(moment).date() == clock.local(seen_at).date()
    return clock.time_words(moment) + ("" if same_day else f" on {clock.day_words(moment)}")


async def _claim(judged: list[Judged]) -> list[Judged]:
    """The database lets one scan in for each ticket and door; whoever comes second hears who was first."""
    claims = {_key(one): one.arrived for one in judged if one.verdict is Verdict.OK}
    if not claims:
        return judged
    values = [(*key, claims[key].scan.id, claims[key].happened_at) for key in sorted(claims)]
    rows = await query(CLAIM.format(rows=rows_of(len(values), 4)), [value for row in values for value in row])
    lost = claims.keys() - {(row["ticket_id"], row["door_id"]) for row in rows}
    if not lost:
        return judged
    sql = WINNERS.format(tickets=places(len(lost)))
    winners = await query(sql, [ticket for ticket, _ in lost])
    first = {(row["ticket_id"], row["door_id"]): moment(row["admitted_at"]) for row in winners}
    return [_beaten(one, first[_key(one)]) if _key(one) in lost else one for one in judged]


def _key(one: Judged) -> tuple[int, int]:
    """What the database admits once: a ticket at a door."""
    return one.bearer.ticket_id if one.bearer else 0, one.arrived.by.door_id


def _beaten(one: Judged, admitted_at: datetime | None) -> Judged:
    return one._replace(verdict=Verdict.ALREADY_IN, facts=_facts(Verdict.ALREADY_IN, one.arrived, admitted_at))


async def keep(judged: Sequence[Judged]) -> None:
    """In the order in which they happened, which their own ids then follow."""
    values = [value for one in judged for value in _row(one)]
    await query(KEEP.format(rows=rows_of(len(judged), 13)), values)


def _row(one: Judged) -> tuple[Any, ...]:
    scan, by, at = one.arrived
    ticket_id = one.bearer.ticket_id if one.bearer else None
    mark = keys.keyed_hash("proofs", scan.proof.hex()) if scan.proof and ticket_id is None else ""
    return (scan.id, by.door_id, by.id, ticket_id, scan.kind.value, scan.age, at, one.arrived.happened_at,
            str(one.verdict), scan.undoes, mark, scan.length, json.dumps(one.facts))  # fmt: skip


@lru_cache(maxsize=1024)
def places(count: int) -> str:
    return ", ".join("?" * count)


@lru_cache(maxsize=1024)
def rows_of(count: int, columns: int) -> str:
    return ", ".join([f"({places(columns)})"] * count)
