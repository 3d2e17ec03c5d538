"""Decides scans by the tickets they show, lets the database admit each once, and keeps rows that never change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.ground import clock
from events.ground.database import among, inserted, moment, places, query
from registrations.codes.room import Room
from registrations.codes.verdict import OVERRIDES, Known, Standing, Verdict, judge
from registrations.people.person import COLUMNS
from registrations.people.registration import State
from registrations.phones.counted import counted
from registrations.phones.door import ENTRANCES, NOT_YET
from registrations.phones.rights import AS_ANYBODY, Right, rights
from registrations.phones.scan_answer import guest_of
from registrations.phones.together import BELONGS, Beside, beside, outside
from registrations.tickets.ticket import REFERENCE_COLUMNS, hash_of_proof, standing

from . import moving_on, reconciling
from .already_in import already_in
from .conflict import ConflictKind
from .received_scan import Judged, Key, ReceivedScan
from .rooms import at_entrance, limits
from .scan import ScanKind

LATE = 30  # seconds: what is older may have happened before what we know
# In one order for all: nobody withdraws or admits a ticket meanwhile, and no two phones wait for each other.
LOCK = "ORDER BY t.id FOR NO KEY UPDATE OF t"
TICKETS = f"""SELECT t.id AS ticket_id, t.event_id, t.proof_hash, {REFERENCE_COLUMNS}, t.revoked_at, t.passed_on,
    r.state, {COLUMNS}, {BELONGS} AS belongs, a.presence, a.door_id, a.admitted_at, a.left_at
    FROM ticket t JOIN registration r ON r.id = t.registration_id LEFT JOIN admission a ON a.ticket_id = t.id
    WHERE {{wanted}} {LOCK}"""  # noqa: S608  # ours
CLAIMED = {"ticket_id": "int", "presence": "int", "door_id": "int", "client_id": "text", "admitted_at": "timestamptz"}
CLAIM = """INSERT INTO admission {rows}
    ON CONFLICT (ticket_id, presence) DO NOTHING RETURNING ticket_id, presence"""
WINNERS = "SELECT ticket_id, presence, door_id, admitted_at FROM admission WHERE ticket_id IN ({tickets})"


class Stay(NamedTuple):
    """A ticket in one presence group, as the admission has it."""

    admitted_at: datetime
    door: int  # that let it in
    left_at: datetime | None = None


class Shown(NamedTuple):
    """A ticket as it is shown to a phone, and the presence groups where it has been."""

    row: dict[str, Any]
    stays: dict[int, Stay]
    along: Sequence[Beside] = ()  # who comes with them
    right: Right = AS_ANYBODY  # at the door where it is shown
    is_inside: bool = False  # at the entrance, by whichever of their tickets; asked of whoever is at a room

    @property
    def is_counted(self) -> bool:
        """In at the entrance by this ticket. The stay alone does not tell: it was read before the ticket was locked."""
        entry = self.stays.get(ENTRANCES)
        return self.is_inside and entry is not None and entry.left_at is None


async def admit(group: Sequence[ReceivedScan]) -> list[Judged]:
    """Decides a group of scans with no ticket twice in it. Their rows are not kept yet."""
    tickets = await _tickets({hash_of_proof(arrival.scan.proof) for arrival in group if arrival.scan.proof})
    tickets = await _with_inside(group, await _with_rights(group, tickets))
    group = [_by_another(arrival, tickets) for arrival in group]
    await limits.hold(group)
    judged = [_judge(arrival, tickets) for arrival in group]
    careful = [scan for scan in judged if scan.careful]
    plain = await _claim([scan for scan in judged if not scan.careful])
    plain = [await at_entrance.question(scan) if scan.verdict is Verdict.NOT_COUNTED else scan for scan in plain]
    await reconciling.open_conflicts(plain)
    if not careful:
        return plain
    settled = await reconciling.settle(careful)
    exits = await moving_on.out_of_other_rooms(settled)  # before the entries that they follow from, as they happened
    return sorted([*plain, *exits, *settled], key=lambda scan: scan.received.happened_at)


async def _tickets(proofs: set[str]) -> dict[str, Shown]:
    """The tickets by the hash of their proof."""
    shown: dict[str, Shown] = {}
    if not proofs:
        return shown
    wanted, values = among("t.proof_hash", "text", proofs)
    for row in await query(TICKETS.format(wanted=wanted), values):
        ticket = shown.setdefault(row["proof_hash"], Shown(row, {}))
        if admitted_at := moment(row["admitted_at"]):
            ticket.stays[row["presence"]] = Stay(admitted_at, row["door_id"], moment(row["left_at"]))
    return await _with_along(shown)


async def _with_along(shown: dict[str, Shown]) -> dict[str, Shown]:
    """Few have somebody with them, so only of those is it asked who is still outside."""
    theirs = {proof: ticket.row["registration_id"] for proof, ticket in shown.items() if ticket.row["belongs"]}
    along = await beside(theirs.values())
    return shown | {proof: shown[proof]._replace(along=along.get(id_, ())) for proof, id_ in theirs.items()}


async def _with_rights(group: Sequence[ReceivedScan], tickets: dict[str, Shown]) -> dict[str, Shown]:
    """Only at rooms that are for some it is asked for whom. No ticket is twice in the group."""
    rooms: dict[Room, dict[str, int]] = {}
    for arrival in group:
        shown = tickets.get(proof := hash_of_proof(arrival.scan.proof)) if arrival.by.room.is_for_some else None
        if shown:
            rooms.setdefault(arrival.by.room, {})[proof] = shown.row["ticket_id"]
    for room, asked in rooms.items():
        found = await rights(room, asked.values())
        tickets = tickets | {proof: tickets[proof]._replace(right=found[ticket]) for proof, ticket in asked.items()}
    return tickets


async def _with_inside(group: Sequence[ReceivedScan], tickets: dict[str, Shown]) -> dict[str, Shown]:
    """Only of whoever is at a room. Their tickets are locked, so it is as it stands now."""
    proofs = {hash_of_proof(arrival.scan.proof) for arrival in group if arrival.at_room} & tickets.keys()
    asked = {proof: tickets[proof].row["ticket_id"] for proof in proofs}
    known = await counted(asked.values())
    return tickets | {proof: tickets[proof]._replace(is_inside=True) for proof in asked if asked[proof] in known}


def _by_another(arrival: ReceivedScan, tickets: Mapping[str, Shown]) -> ReceivedScan:
    """Whoever is in at the entrance by another ticket is counted by this one too, and asked nothing."""
    shown = tickets.get(hash_of_proof(arrival.scan.proof)) if arrival.at_room else None
    return arrival._replace(by_another=True) if shown and shown.is_inside and not shown.is_counted else arrival


def _judge(received: ReceivedScan, tickets: dict[str, Shown]) -> Judged:
    scan, by = received.scan, received.by
    if scan.fault:
        return Judged(received, Verdict.ERROR, {"fault": scan.fault})
    if scan.kind is ScanKind.INVALID:
        return Judged(received, Verdict.INVALID, {})
    shown = tickets.get(hash_of_proof(scan.proof))
    if shown is not None and shown.row["event_id"] != by.event_id:
        shown = None  # another event's is as unknown as an invented one
    if not by.live:  # quarantined: an organiser decides what it counts for
        return Judged(received, Verdict.DEVICE_REVOKED, {}, guest_of(shown.row) if shown else None)
    if shown is None:
        stranger = ConflictKind.NO_TICKET if scan.entered and scan.kind is ScanKind.IN else None
        return Judged(received, Verdict.UNKNOWN, {"conflict": True} if stranger else {}, conflict=stranger)
    return _of_ticket(received, shown, shown.stays.get(by.presence))


def _of_ticket(received: ReceivedScan, shown: Shown, stay: Stay | None) -> Judged:
    """What the ticket and its admission alone can decide. If that is not enough, the verdict is marked `careful`."""
    by, scan = received.by, received.scan
    guest, is_in = guest_of(shown.row), stay is not None and stay.left_at is None
    overridden = scan.entered or scan.code in OVERRIDES  # they are in already, or a lead has decided
    elsewhere = shown.right.is_elsewhere and not overridden
    meets = guest is not None and guest.meets_lead and not scan.entered and not is_in
    known = Known(_standing(received, shown.row), inside=False, wrong_door=elsewhere, meets=meets)
    verdict = judge(known, by.window, int(received.happened_at.timestamp()))
    along = outside(shown.along, by.presence) if verdict is Verdict.OK else []
    facts = _facts(verdict, received) | ({"along": along} if along else {})
    uncounted = received.at_room and not shown.is_counted
    judged = Judged(received, verdict, facts, guest, joins=not shown.right.here)
    told = (
        by.one_place
        or overridden
        or scan.lets_nobody_in
        or scan.kind is ScanKind.OUT
        or (uncounted and received.counts_both)
    )
    if told or (verdict is Verdict.OK and (scan.age > LATE or (stay and stay.left_at))):
        return judged._replace(careful=True)
    if verdict is Verdict.OK and stay:
        return already_in(judged, stay.admitted_at, stay.door)
    return judged._replace(verdict=Verdict.NOT_COUNTED) if uncounted and verdict is Verdict.OK else judged


def _standing(received: ReceivedScan, row: dict[str, Any]) -> Standing:
    """The standing now. For somebody whom a phone let in by itself, the standing then: a ticket withdrawn later was
    good."""
    revoked_at = moment(row["revoked_at"])
    if received.scan.entered and revoked_at and revoked_at > received.happened_at:
        return Standing.OK
    return standing(State(row["state"]), revoked=revoked_at is not None, passed_on=bool(row["passed_on"]))


def _facts(verdict: Verdict, received: ReceivedScan) -> dict[str, Any]:
    by = received.by
    if verdict is Verdict.TOO_EARLY and by.opens_at and by.opens_at != NOT_YET:
        return {"opens": _time_words(by.opens_at, received.happened_at)}
    if verdict is Verdict.TOO_LATE and by.closes_at:
        return {"closes": _time_words(by.closes_at, received.happened_at)}
    return {}


def _time_words(moment: datetime, seen_at: datetime) -> str:
    """09:00, with the day if it is another."""
    same_day = clock.local(moment).date() == clock.local(seen_at).date()
    return clock.time_words(moment) + ("" if same_day else f" on {clock.day_words(moment)}")


async def _claim(judged: list[Judged]) -> list[Judged]:
    """The database lets in one scan for each ticket and presence group. The second one hears of the first; and where
    a limit is, so many as have a place."""
    claims = {scan.key: scan.received for scan in judged if scan.verdict is Verdict.OK}
    limited = {key: received for key, received in claims.items() if limits.binds(received)}
    joining = {scan.key for scan in judged if scan.joins}
    won = await _won({key: received for key, received in claims.items() if key not in limited})
    if limited:
        won |= await limits.take(limited, joining)
    first = await _winners(claims.keys() - won) if claims.keys() - won else {}
    return [await _claimed(scan, won, first) if scan.key in claims else scan for scan in judged]


async def _won(claims: dict[Key, ReceivedScan]) -> set[Key]:
    if not claims:
        return set()
    sql, values = inserted(CLAIMED, [_claim_of(key, claims[key]) for key in sorted(claims)])
    return {(row["ticket_id"], row["presence"]) for row in await query(CLAIM.format(rows=sql), values)}


def _claim_of(key: Key, received: ReceivedScan) -> tuple[int, int, int, str, datetime]:
    return (*key, received.by.door_id, received.scan.id, received.happened_at)


async def _winners(lost: set[Key]) -> dict[Key, Stay]:
    winners = await query(WINNERS.format(tickets=places(len(lost))), [ticket for ticket, _ in lost])
    found = [((row["ticket_id"], row["presence"]), moment(row["admitted_at"]), row["door_id"]) for row in winners]
    return {key: Stay(admitted_at, door) for key, admitted_at, door in found if admitted_at}


async def _claimed(judged: Judged, won: set[Key], first: dict[Key, Stay]) -> Judged:
    if judged.key in won:
        return judged._replace(passed=True, moved=True)
    if judged.key not in first:
        return await limits.full(judged)
    return already_in(judged, first[judged.key].admitted_at, first[judged.key].door)
