"""The part of a copy that came from a ticket: what it is, what was scanned, when they came in, what was unclear."""

from collections.abc import Collection

from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import PAPER, Admission, Scan, ScanKind
from registrations.codes.verdict import RULES
from registrations.paper.sheet import Tick
from registrations.roll_call.roll_call import Mark, RollTick
from registrations.tickets.ticket import Ticket

from .copy_of_data import Row, Section

SCANNED = {
    ScanKind.IN: "Scanned to come in",
    ScanKind.OUT: "Scanned to go out",
    ScanKind.UNDO: "A scan was taken back",
    ScanKind.INVALID: "Scanned, and not readable",
}
TICKED = "Ticked on paper to come in, and typed up"
MARKS = {
    Mark.SAFE: "Safe at the assembly point",
    Mark.NOT_SEEN: "Not seen at the assembly point",
    Mark.LEFT: "Had left before the alarm",
}
WORDS = {str(verdict): rule.word for verdict, rule in RULES.items()}


async def sections(request_ids: Collection[int]) -> list[Section]:
    tickets = await Ticket.filter(registration_id__in=list(request_ids)).order_by("id")
    ids = [ticket.id for ticket in tickets]
    scans = await Scan.filter(ticket_id__in=ids).order_by("happened_at", "id").select_related("door")
    entries = await Admission.filter(ticket_id__in=ids).order_by("id").select_related("door")
    unclear = await Conflict.filter(ticket_id__in=ids).order_by("id").select_related("door")
    ticks = await Tick.filter(ticket_id__in=ids).order_by("id").select_related("sheet")
    called = await RollTick.filter(ticket_id__in=ids).order_by("id").select_related("roll_call")
    return [
        Section("ticket", "Your tickets", [_ticket(ticket) for ticket in tickets]),
        Section("admission", "When you came in", [_admission(entry) for entry in entries]),
        Section("scan", "What was scanned at a door", [_scan(scan) for scan in scans]),
        Section("paper_tick", "Where you were ticked on paper", [_tick(tick) for tick in ticks]),
        Section("roll_tick", "What marshals ticked in a roll call", [_called(tick) for tick in called]),
        Section("conflict", "What was unclear at a door", [_conflict(conflict) for conflict in unclear]),
    ]


def _ticket(ticket: Ticket) -> Row:
    return {"Reference": ticket.reference, "Issued": ticket.issued_at, "Ended": ticket.revoked_at}


def _admission(entry: Admission) -> Row:
    return {"Door": entry.door.name, "Came in": entry.admitted_at, "Left": entry.left_at}


def _scan(scan: Scan) -> Row:
    """Without the initials of whoever held the phone: they are somebody else's."""
    return {
        "What": TICKED if scan.source == PAPER and scan.kind is ScanKind.IN else SCANNED[scan.kind],
        "Door": scan.door.name,
        "When": scan.happened_at,
        "Received": scan.arrived_at,
        "Answer": WORDS.get(scan.verdict, scan.verdict),
        "Answer of the phone without a network": WORDS.get(scan.shown, scan.shown),
        "Reason of a lead": scan.code.replace("_", " "),
    }


def _tick(tick: Tick) -> Row:
    return {
        "Sheet": tick.sheet.title,
        "Line": str(tick.line or ""),
        "Typed up": tick.typed_at,
        "Taken back": tick.undone_at,
    }


def _called(tick: RollTick) -> Row:
    kind = tick.roll_call.kind.value
    return {"What": MARKS[tick.mark], "Emergency or drill": kind, "When": tick.happened_at, "Received": tick.arrived_at}


def _conflict(conflict: Conflict) -> Row:
    return {
        "What": conflict.kind.value,
        "Door": conflict.door.name,
        "Noticed": conflict.opened_at,
        "Settled": conflict.settled_at,
        "What it was": conflict.outcome.value if conflict.outcome else None,
    }
