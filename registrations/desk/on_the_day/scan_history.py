"""What doors did with somebody's tickets, for the history on their page: each scan, and each conflict about them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.ground.database import moment, query
from registrations.checkin.received_scan import NO_KNOWN_CARD, NOBODY
from registrations.checkin.scan import (
    BOTH,
    CAME_IN_ELSEWHERE,
    LEAD,
    LEADS_CODES,
    NOT_LET_IN,
    PAPER,
    STILL_STANDS,
    WITH_ROOM,
    ScanKind,
)
from registrations.codes.verdict import RULES, Verdict
from registrations.phones.door import DOOR_NAME, PHONE_NAME, DoorPass, door_in, phone_in
from registrations.roll_call import calling
from registrations.roll_call.roll_call import RollCall

AT_MOST = 200  # of each kind
SCANS = f"""SELECT t.event_id, s.client_id, s.kind, s.happened_at, s.arrived_at, s.verdict, s.offline, s.tap, s.code,
    s.passed, s.inferred, s.source, s.decided_by, s.answer, NOT ({STILL_STANDS}) AS undone, {DOOR_NAME}, {PHONE_NAME}
    FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN door d ON d.id = s.door_id
    JOIN door_pass p ON p.id = s.door_pass_id
    WHERE t.registration_id = ? ORDER BY s.happened_at DESC, s.id DESC LIMIT {AT_MOST}"""  # noqa: S608  # ours
CONFLICTS = f"""SELECT c.kind, c.opened_at, c.settled_at, c.settled_by, c.outcome, {DOOR_NAME} FROM conflict c
    JOIN door d ON d.id = c.door_id JOIN ticket t ON t.id = c.ticket_id WHERE t.registration_id = ?
    ORDER BY c.id DESC LIMIT {AT_MOST}"""  # noqa: S608  # ours
WAY = {ScanKind.IN: "In at", ScanKind.OUT: "Out at", ScanKind.UNDO: "Undo at", ScanKind.INVALID: "At"}
COUNTED_BOTH = "The steward had them counted at the entrance too"
TAPS = {NOT_LET_IN: "Not let in", "id_seen": "Work ID seen", BOTH: COUNTED_BOTH}
ANSWERS = {BOTH: COUNTED_BOTH, CAME_IN_ELSEWHERE: "The steward had them counted in and out"}
BESIDE = "Beside somebody whom they come with: their own ticket was not shown"
AFTER_ALARM = ". After the alarm"
NO_NAME = {  # what a phone says of all these is the same: here is which
    Verdict.REVOKED: "The ticket is replaced or withdrawn",
    Verdict.CANCELLED: "The place was given up",
    Verdict.NOT_APPROVED: "Not approved",
    Verdict.WAITLISTED: "On the waiting list",
    Verdict.LEAD_MEETS: "The lead meets them",
}


class AtDoor(NamedTuple):
    at: datetime
    actor: str  # 'staff:3' who settled a conflict; '' where a phone scanned
    phone: str
    what: str


async def of_person(registration_id: int) -> list[AtDoor]:
    """In no order."""
    scans = await query(SCANS, [registration_id])
    leads = {scan["decided_by"] for scan in scans} - {None}
    phones = {phone.id: phone.name for phone in await DoorPass.filter(id__in=leads)} if leads else {}
    alarms = await calling.alarms_of(scans[0]["event_id"]) if scans else []
    return [*_of_scans(scans, phones, alarms), *_of_conflicts(await query(CONFLICTS, [registration_id]))]


def _of_scans(
    scans: Iterable[Mapping[str, Any]], phones: Mapping[int, str], alarms: Sequence[RollCall]
) -> Iterable[AtDoor]:
    """Scans during a roll call that is no drill are marked: whoever came in then went into a building that was left."""
    for scan in scans:
        if at := moment(scan["happened_at"]):
            said = _sentence(scan, phones) + (AFTER_ALARM if any(alarm.ran_at(at) for alarm in alarms) else "")
            yield AtDoor(at, "", phone_in(scan).shown, said)


def _sentence(scan: Mapping[str, Any], leads: Mapping[int, str]) -> str:
    """In at Main door: COME IN. Offline. Undone since."""
    verdict, kind = scan["verdict"], ScanKind(scan["kind"])
    told = [f"{WAY[kind]} {door_in(scan).shown}: {RULES[Verdict(verdict)].word}"]
    told += [NO_NAME[verdict]] if verdict in NO_NAME else []
    if scan["passed"] and kind is ScanKind.IN and verdict != Verdict.OK:
        told.append("Let in all the same")
    told += _who_decided(scan, leads)
    told += [BESIDE] if "beside" in json.loads(scan["answer"]) else []
    told.append(_how(scan))
    told += ["Undone since"] if scan["undone"] else []
    return ". ".join(told)


def _how(scan: Mapping[str, Any]) -> str:
    if scan["inferred"]:
        return "Inferred from an entry into a room" if scan["code"] == WITH_ROOM else "Follows from a later scan"
    if scan["source"] == PAPER:
        return "Ticked on paper"
    return "Offline" if scan["offline"] else "Online"


def _who_decided(scan: Mapping[str, Any], leads: Mapping[int, str]) -> Iterable[str]:
    if scan["source"] == PAPER or scan["code"] == WITH_ROOM:
        return
    if scan["code"] in ANSWERS:
        yield ANSWERS[scan["code"]]
    elif scan["code"] in LEADS_CODES or scan["tap"] == LEAD:
        why = f": {scan['code'].replace('_', ' ')}" if scan["code"] else ""
        yield f"The lead decided, by {_by_what(scan, leads)}{why}"
    elif scan["tap"]:
        yield TAPS.get(scan["tap"], scan["tap"])


def _by_what(scan: Mapping[str, Any], leads: Mapping[int, str]) -> str:
    if scan["decided_by"] == NOBODY:
        return NO_KNOWN_CARD
    lead = leads.get(scan["decided_by"], "")
    return f"the {'card' if scan['offline'] else 'PIN'} of {lead}" if lead else "a tap"


def _of_conflicts(rows: Iterable[Mapping[str, Any]]) -> Iterable[AtDoor]:
    for row in rows:
        opened, settled, door = moment(row["opened_at"]), moment(row["settled_at"]), door_in(row).shown
        if opened:
            yield AtDoor(opened, "", "Muster", f"Conflict at {door}: {row['kind']}")
        if settled:
            yield AtDoor(settled, row["settled_by"], "", f"Conflict at {door} settled: {row['outcome']}")
