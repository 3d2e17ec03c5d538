"""Scans from a pass that had ended or was lost: they let nobody in until an organiser accepts them (SE-08)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tortoise.expressions import Q

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import live
from events.ground.database import after_commit, lock_rows, moment, places, query, run_tx
from events.ground.refusal import Refused
from registrations.codes.verdict import Verdict
from registrations.phones import finding
from registrations.phones.door import DOOR_NAME, PHONE_NAME, DoorPass, door_in, phone_in, topic
from registrations.tickets.ticket import Ticket, proof_of

from . import checkin, reconciling
from .admitting import LOCK
from .received_scan import hold_ended, passed_anyway_id
from .scan import LONGEST_AGE, Scan, ScanKind, Sent

QUARANTINED = Verdict.DEVICE_REVOKED.value
DECIDED_ALREADY = "These scans have been decided on, or there are others by now. Look again."
WAITING = f"""SELECT {PHONE_NAME}, {DOOR_NAME}, count(*) AS scans, count(DISTINCT s.ticket_id) AS tickets,
    min(s.happened_at) AS first, max(s.happened_at) AS last, max(s.id) AS newest
    FROM scan s JOIN door_pass p ON p.id = s.door_pass_id JOIN door d ON d.id = p.door_id
    WHERE p.event_id = ? AND s.verdict = 'device_revoked'
    AND (p.quarantine_decided IS NULL OR s.id > p.quarantine_decided)
    GROUP BY p.id, d.id ORDER BY p.id"""  # noqa: S608  # ours

TICKETS = f"SELECT t.id FROM ticket t WHERE t.id IN ({{tickets}}) {LOCK}"  # noqa: S608  # ours


class Waiting(NamedTuple):
    """The quarantined scans of one phone."""

    id: int
    name: str
    door: str
    scans: int
    tickets: int
    first: datetime | None
    last: datetime | None
    newest: int  # whoever decides has seen it up to this one


async def waiting(event_id: int) -> list[Waiting]:
    return [_waiting(row) for row in await query(WAITING, [event_id])]


def _waiting(row: dict[str, Any]) -> Waiting:
    name, door, first, last = phone_in(row).shown, door_in(row).shown, moment(row["first"]), moment(row["last"])
    return Waiting(row["phone_id"], name, door, row["scans"], row["tickets"], first, last, row["newest"])


@run_tx
async def accept(event: Event, pass_id: int, newest: int, by: Actor, at: datetime, real: datetime) -> int:
    """Settles them as if the phone were live, at the times at which they happened. Returns how many that let in."""
    door_pass, scans = await _undecided(event, pass_id, newest)
    await _lock(scans)
    numbers = {
        ticket.id: ticket.n for ticket in await Ticket.filter(id__in=[s.ticket_id for s in scans if s.ticket_id])
    }
    proofs = {ticket: proof_of(event, n) for ticket, n in numbers.items()}
    device = (await finding.device_of(door_pass, real))._replace(live=True, at_desk=True, longest_age=LONGEST_AGE)
    quarantined = {scan.client_id for scan in await Scan.filter(door_pass=door_pass, verdict=QUARANTINED)}
    whole = await _not_yet_counted(
        [scan for scan in scans if passed_anyway_id(scan.client_id) not in quarantined], quarantined
    )
    sent = [_again(scan, quarantined, proofs, at) for scan in whole if scan.ticket_id or scan.kind is ScanKind.UNDO]
    answers = [answer for n in range(0, len(sent), checkin.MOST_AT_ONCE)
               for answer in await checkin.settle(sent[n : n + checkin.MOST_AT_ONCE], device, at)]  # fmt: skip
    unknown = [scan for scan in whole if scan.ticket_id is None and scan.kind is ScanKind.IN]
    strangers = [scan for scan in unknown if _again(scan, quarantined, proofs, at).entered]
    if strangers:
        await held_event(event.id)  # whoever closes the door comes before these conflicts, or sees them
    await reconciling.open_strangers(door_pass.door_id, [stranger.client_id for stranger in strangers], at)
    await _decide(door_pass, newest)  # last: whoever ends a lead's pass comes to it after the event
    await _note(Action.SCANS_ACCEPTED, door_pass, len(scans), by, at)
    return sum(answer["verdict"] == Verdict.OK for answer in answers)


@run_tx
async def discard(event: Event, pass_id: int, newest: int, by: Actor, at: datetime) -> None:
    """The rows stay. They let nobody in, and nobody is asked again."""
    door_pass, scans = await _undecided(event, pass_id, newest)
    await _decide(door_pass, newest)
    await _note(Action.SCANS_DISCARDED, door_pass, len(scans), by, at)


async def _lock(scans: list[Scan]) -> None:
    """Locks all their tickets before any list version: each part takes a version, and its owner may hold a ticket."""
    undone = [scan_id for scan in scans if scan.undoes for scan_id in (scan.undoes, passed_anyway_id(scan.undoes))]
    of_undone = await Scan.filter(client_id__in=undone).values_list("ticket_id", flat=True) if undone else []
    tickets = sorted({scan.ticket_id for scan in scans if scan.ticket_id} | {ticket for ticket in of_undone if ticket})
    await lock_rows(TICKETS.format(tickets=places(len(tickets)) or "NULL"), tickets)


async def _not_yet_counted(scans: list[Scan], quarantined: set[str]) -> list[Scan]:
    """Leaves out "let in anyway" scans whose first scan was accepted already and let them in."""
    firsts = {passed_anyway_id(scan_id): accepted_id(scan_id) for scan_id in quarantined}
    counted: list[Any] = await Scan.filter(
        client_id__in=[firsts[scan.client_id] for scan in scans if scan.client_id in firsts], passed=True
    ).values_list("client_id", flat=True)
    return [scan for scan in scans if firsts.get(scan.client_id) not in set(counted)]


async def _undecided(event: Event, pass_id: int, newest: int) -> tuple[DoorPass, list[Scan]]:
    """Lets only the first organiser decide, and only on what was shown. A scan that still arrives has a higher
    number, and waits for the next decision."""
    await hold_ended([pass_id])
    door_pass = await DoorPass.get(id=pass_id, event=event)
    undecided = Q(id__gt=door_pass.quarantine_decided) if door_pass.quarantine_decided else Q()
    scans = await Scan.filter(undecided, door_pass=door_pass, verdict=QUARANTINED).order_by("happened_at", "id")
    last = max(scans, key=lambda scan: scan.id, default=None)
    if last is None or last.id != newest:
        raise Refused(DECIDED_ALREADY)
    return door_pass, scans


async def _decide(door_pass: DoorPass, newest: int) -> None:
    """Nobody else decides meanwhile: `_undecided` has the lock of these scans."""
    await DoorPass.filter(id=door_pass.id).update(quarantine_decided=newest)


def _again(scan: Scan, quarantined: set[str], proofs: dict[int, bytes], at: datetime) -> Sent:
    """As it is settled now. The scan that it undoes was quarantined too, or counted while the phone was live."""
    undone = scan.undoes or ""
    undone = passed_anyway_id(undone) if passed_anyway_id(undone) in quarantined else undone
    return Sent(
        id=accepted_id(scan.client_id),
        kind=scan.kind,
        proof=proofs.get(scan.ticket_id or 0, b""),
        age=max(0.0, (at - scan.happened_at) / timedelta(seconds=1)),
        undoes=accepted_id(undone) if undone in quarantined else scan.undoes,
        offline=scan.offline,
        shown=scan.shown,
        tap=scan.tap,
        initials=scan.initials,
        unsure=scan.unsure,
        code=scan.code,
        decided_by=scan.decided_by,
    )


def accepted_id(scan_id: str) -> str:
    """The id of the row that counts. The first row is never changed."""
    return hashlib.sha256(f"accepted {scan_id}".encode()).hexdigest()[:32]


async def _note(action: Action, door_pass: DoorPass, scans: int, by: Actor, at: datetime) -> None:
    await audit.record(action, door_pass, by=by, at=at, scans=scans)
    after_commit(live.publish, topic(door_pass.event_id))
