"""Letting people in. Every scan is answered once, and the same however often it comes. Of all phones with one
ticket, one gets it in.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tortoise.exceptions import IntegrityError

from events.event import NEXT_VERSION, held_event, list_step
from events.ground import live
from events.ground.batching import batched
from events.ground.database import after_commit, among, lock_rows, moment, places, query, update_with
from registrations.codes.verdict import Verdict
from registrations.people.person import COLUMNS
from registrations.phones import alarm, finding, scan_answer
from registrations.phones.door import Device, Name, topic
from registrations.phones.scan_answer import NAMED_BESIDE, NAMED_FOR, Answer, guest_of
from registrations.tickets.ticket import REFERENCE_COLUMNS, hash_of_proof

from . import lead_override, together, undoing
from .admitting import LOCK, admit
from .already_in import with_repeats
from .received_scan import Judged, ReceivedScan, hold_ended, keep, passed_anyway_id
from .rooms import limits
from .rooms.due import where_due
from .scan import ScanKind, Sent

MOST_AT_ONCE = 50  # that a phone may send
MOST_TOGETHER = 1000  # of many phones in one transaction
TRIES = 3
GIVEN = f"""SELECT s.client_id, s.door_pass_id, s.verdict, s.answer, s.ticket_id, s.passed, s.offline, s.arrived_at,
    {REFERENCE_COLUMNS}, {COLUMNS}
    FROM scan s LEFT JOIN ticket t ON t.id = s.ticket_id LEFT JOIN registration r ON r.id = t.registration_id
    WHERE {{wanted}}"""  # noqa: S608  # ours

TICKETS = f"""SELECT t.id FROM ticket t WHERE t.id IN (SELECT id FROM ticket WHERE proof_hash IN ({{proofs}})
    UNION ALL SELECT ticket_id FROM scan WHERE client_id IN ({{undone}})) {LOCK}"""  # noqa: S608
STAMP = "UPDATE ticket SET list_version = changed.list_version FROM changed WHERE {moved} RETURNING id"


class DoorClosed(Exception):
    """The event's door was closed after these scans' phones were looked up as live: nothing of them is kept yet."""


async def settle(
    scans: Sequence[Sent], by: Device, at: datetime, made_by: Mapping[str, Device] = MappingProxyType({})
) -> list[Answer]:
    """Answers each scan, in their order, in one transaction. An id that was answered before gets the same answer,
    whatever has happened since. An id of another phone's scan is refused and tells nothing. `made_by` names the
    phones of scans that were made under another pass."""
    received = [ReceivedScan(scan, made_by.get(scan.pass_mark, by), at) for scan in scans]
    try:
        return await _settle_once(received)
    except DoorClosed:  # so each phone's pass had ended before it
        return await _settle_once([arrival.after_the_end for arrival in received])


async def _settle_once(received: Sequence[ReceivedScan]) -> list[Answer]:
    for _ in range(TRIES - 1):
        try:
            return await _settle_in_batches(received)
        except IntegrityError:  # the same scan came twice at once: the other has committed, so its answer is there
            continue
    return await _settle_in_batches(received)


async def _settle(received: Sequence[ReceivedScan]) -> list[Answer]:
    readable = [arrival for arrival in received if arrival.scan.fault != "id"]
    given = await _given_before({scan_id for arrival in readable for scan_id in _ids(arrival)})
    fresh: dict[str, ReceivedScan] = {}
    for arrival in readable:
        if arrival.scan.id not in given:
            fresh[arrival.scan.id] = _fuller_copy(fresh.get(arrival.scan.id, arrival), arrival)
        elif (after := _passed_anyway(arrival, given)) and after.scan.id not in given:
            fresh.setdefault(after.scan.id, after)
    await hold_ended({arrival.by.id for arrival in fresh.values() if not arrival.by.live})
    groups = _in_groups(await together.resolved(await lead_override.honoured(fresh.values())))
    await _lock(groups)
    judged = [scan for group in groups for scan in await _settle_group(group)]
    await lead_override.note(judged)
    await lead_override.open_doubted(judged)
    await _alert_and_publish(judged)
    await _tell_devices(judged)
    settled = {scan.received.scan.id: scan for scan in judged}
    doors = await _doors_told(received, [*(row["facts"] for row in given.values()), *(scan.facts for scan in judged)])
    due = await where_due(received, given, settled)
    return [
        _answer(arrival, given.get(arrival.scan.id), settled.get(arrival.scan.id), doors, due) for arrival in received
    ]


_settle_in_batches = batched(_settle, MOST_TOGETHER)


def _fuller_copy(received: ReceivedScan, again: ReceivedScan) -> ReceivedScan:
    """Of two copies of a scan that came at once, the one that says what its phone has done by itself meanwhile."""
    alone = received.scan.offline, received.scan.tap != ""
    return again if received.by.id == again.by.id and (again.scan.offline, again.scan.tap != "") > alone else received


def _ids(received: ReceivedScan) -> list[str]:
    decided = received.scan.entered or received.scan.turned_away
    return [received.scan.id, passed_anyway_id(received.scan.id)] if decided else [received.scan.id]


def _passed_anyway(received: ReceivedScan, given: Mapping[str, Mapping[str, Any]]) -> ReceivedScan | None:
    """A scan to which we had answered no, or not yet, while its phone let them in by its list (DR-14); or one that is
    quarantined, while its steward let nobody in.

    The answer stays, and what happened is settled as a scan of its own.
    """
    was = given[received.scan.id]
    turned_away = received.scan.turned_away and was["verdict"] == Verdict.DEVICE_REVOKED
    is_news = received.scan.entered or turned_away
    if not is_news or was["passed"] or was["offline"] or was["door_pass_id"] != received.by.id:
        return None
    return received._replace(scan=received.scan._replace(id=passed_anyway_id(received.scan.id)), inferred=True)


async def _given_before(ids: set[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    wanted, values = among("s.client_id", "text", ids)
    rows = await query(GIVEN.format(wanted=wanted), values)
    return {row["client_id"]: row | {"facts": json.loads(row["answer"])} for row in rows}


async def _doors_told(received: Sequence[ReceivedScan], told: Iterable[Mapping[str, Any]]) -> dict[int, Name]:
    """The names of the doors that answers tell of. What is kept of an answer has a door's number alone."""
    wanted = {facts["door"] for facts in told if "door" in facts}
    if not wanted:
        return {}
    doors = {arrival.by.door_id: arrival.by.door_named for arrival in received}
    others = wanted - doors.keys()
    return doors | (await finding.doors_named(others) if others else {})


async def _lock(groups: Sequence[Sequence[ReceivedScan]]) -> None:
    """Locks all tickets at once and in one order, then the rooms, so that no two phones wait for each other, where
    several groups follow, or an undo. One group of entries and exits locks its own, in that order, as it reads them."""
    received = [arrival for group in groups for arrival in group]
    undone = [arrival.scan.undoes for arrival in received if arrival.scan.undoes]
    if len(groups) < 2 and not undone:
        return
    proofs = [hash_of_proof(arrival.scan.proof) for arrival in received if arrival.scan.proof]
    sql = TICKETS.format(proofs=places(len(proofs)) or "NULL", undone=places(len(undone)) or "NULL")
    await lock_rows(sql, [*proofs, *undone])
    await limits.hold(received)


def _in_groups(received: Iterable[ReceivedScan]) -> list[list[ReceivedScan]]:
    """Oldest first, in groups that a few statements can settle: no ticket twice in a group, an undo by itself."""
    groups: list[list[ReceivedScan]] = []
    proofs: set[bytes] = set()
    for arrival in sorted(received, key=lambda arrival: arrival.happened_at):
        undo = ScanKind.UNDO in (arrival.scan.kind, groups[-1][0].scan.kind if groups else ScanKind.UNDO)
        if undo or arrival.scan.proof in proofs:
            groups.append([])
            proofs.clear()
        groups[-1].append(arrival)
        proofs |= {arrival.scan.proof} - {b""}
    return groups


async def _settle_group(group: list[ReceivedScan]) -> list[Judged]:
    first = group[0].scan
    undo = first.kind is ScanKind.UNDO and not first.fault and group[0].by.live
    judged = [await undoing.undo(group[0])] if undo else together.noted(await with_repeats(await admit(group)))
    await keep(judged)
    return judged


async def _alert_and_publish(judged: Sequence[Judged]) -> None:
    unknown = {scan.received.by.door_id: scan.received for scan in judged if scan.verdict == Verdict.UNKNOWN}
    for door in sorted(unknown):
        await alarm.after_unknown(unknown[door].by, unknown[door].at)
    for event_id in {scan.received.by.event_id for scan in judged}:
        after_commit(live.publish, topic(event_id))


async def _tell_devices(judged: Sequence[Judged]) -> None:
    """Gives tickets that went in or out a new version of the list. Call it last: from then on the event's row is
    ours, and nobody closes the door. Raises DoorClosed for what a phone did if somebody has closed it."""
    moved: dict[int, set[int]] = {}
    for scan in judged:
        if scan.counts:
            moved.setdefault(scan.received.by.event_id, set()).update({scan.key[0]} if scan.moved else ())
    closed = {event_id for event_id in sorted(moved) if await _stamp(event_id, sorted(moved[event_id]))}
    if any(scan.counts and scan.received.by.event_id in closed and not scan.received.by.at_desk for scan in judged):
        raise DoorClosed


async def _stamp(event_id: int, tickets: Sequence[int]) -> bool:
    """From it to the commit every other scan of the event waits for its row. True if its door is closed."""
    if not tickets:
        return (await held_event(event_id)).doors_closed_at is not None
    moved, values = among("id", "int", tickets)
    [event] = await update_with(NEXT_VERSION, [list_step(), event_id], STAMP.format(moved=moved), values)
    return event["doors_closed_at"] is not None


def _answer(
    received: ReceivedScan,
    given: dict[str, Any] | None,
    settled: Judged | None,
    doors: Mapping[int, Name],
    due: Mapping[str, str],
) -> Answer:
    """The answer as it was kept, or as it was settled just now. The id of another phone's scan is refused.

    It has a name only while the guest can be at the door, so that proofs kept on a phone reveal no names later.
    """
    answer = _with_door(_whole_answer(received, given, settled), doors)
    if answer["verdict"] == Verdict.WRONG_DOOR and received.scan.id in due:
        answer |= {"due": due[received.scan.id]}
    since = moment(given["arrived_at"]) if given else received.at
    kept_for = (received.at - (since or received.at)).total_seconds()
    named_for = NAMED_BESIDE if received.scan.mark else NAMED_FOR
    late = received.scan.offline or max(received.scan.age, kept_for) > named_for
    return scan_answer.nameless(answer) if late else answer


def _with_door(answer: Answer, doors: Mapping[int, Name]) -> Answer:
    return answer | {"door": doors[answer["door"]].shown} if "door" in answer else answer


def _whole_answer(received: ReceivedScan, given: dict[str, Any] | None, settled: Judged | None) -> Answer:
    if given and given["door_pass_id"] == received.by.id:
        guest, leads = guest_of(given), received.by.leads
        return scan_answer.of_scan(received.scan.id, given["verdict"], given["facts"], guest, leads=leads)
    if settled and settled.received.by.id == received.by.id:
        return scan_answer.of_scan(
            received.scan.id, settled.verdict, settled.facts, settled.guest, leads=received.by.leads
        )
    return scan_answer.of_scan(received.scan.id, Verdict.ERROR, {"fault": "id"}, None, leads=received.by.leads)
