"""Lists what cannot be right at a door, without names. A conflict is open until somebody says what it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, moment, query, rows_of, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.phones.door import DOOR_NAME, PHONE_NAME, DoorPass, PassRole, door_in, phone_in, topic
from registrations.tickets.ticket import REFERENCE_COLUMNS, reference_in

from .conflict import LOUD, Conflict, ConflictKind, Outcome
from .received_scan import NO_KNOWN_CARD, NOBODY
from .scan import PAPER

SETTLED_SHOWN = 100
SETTLED_ALREADY = "Somebody else has settled this one. Nothing was changed."
COUNT = """SELECT count(*) AS open,
    sum(CASE WHEN c.kind IN ('not valid', 'no ticket', 'card', 'walk-in') THEN 1 ELSE 0 END) AS loud
    FROM conflict c JOIN door d ON d.id = c.door_id WHERE d.event_id = ? AND c.settled_at IS NULL"""
LISTED = f"""SELECT c.id, c.kind, c.uncertain, c.opened_at, c.settled_at, c.settled_by, c.outcome, c.first_scan,
    {DOOR_NAME}, c.ticket_id, {REFERENCE_COLUMNS}, t.registration_id, a.client_id AS holds
    FROM conflict c JOIN door d ON d.id = c.door_id LEFT JOIN ticket t ON t.id = c.ticket_id
    LEFT JOIN admission a ON a.ticket_id = c.ticket_id AND a.presence = d.presence
    WHERE d.event_id = ? AND {{which}} ORDER BY c.id DESC"""  # noqa: S608  # ours
SCANS = f"""SELECT c.id, s.client_id, s.happened_at, s.unsure, s.held, s.offline, s.tap, s.initials, s.source,
    s.decided_by, {PHONE_NAME}, {DOOR_NAME} FROM conflict c JOIN scan s ON s.client_id IN (c.first_scan, c.second_scan)
    JOIN door d ON d.id = s.door_id JOIN door_pass p ON p.id = s.door_pass_id
    WHERE d.event_id = ? AND {{which}} ORDER BY s.happened_at, s.id"""  # noqa: S608
INSERT = """INSERT INTO conflict (door_id, ticket_id, kind, first_scan, second_scan, uncertain, opened_at) VALUES {rows}
    ON CONFLICT (first_scan, second_scan) DO NOTHING RETURNING id"""
OPEN = "c.settled_at IS NULL"
SETTLED = "c.settled_at IS NOT NULL"


class Entry(NamedTuple):
    """One of the scans."""

    at: datetime | None
    unsure: int  # seconds
    held: bool  # its time was impossible
    offline: bool
    tap: str
    initials: str
    on_paper: bool
    device: str
    door: str
    keeps: bool  # the admission is by this one
    card: str  # whose card a lead held to the camera; '' where a lead decided with none


class Listed(NamedTuple):
    id: int
    kind: ConflictKind
    loud: bool
    uncertain: bool
    door: str
    reference: str
    registration_id: int | None
    settled_at: datetime | None
    settled_by: str
    outcome: str
    entries: list[Entry]
    undone_on_paper: bool = False  # a line was taken back at the desk

    @property
    def on_paper(self) -> bool:
        """None of it comes from a phone."""
        return bool(self.entries) and all(entry.on_paper for entry in self.entries)


class Counted(NamedTuple):
    open: int
    loud: int


async def counted(event_id: int) -> Counted:
    [row] = await query(COUNT, [event_id])
    return Counted(row["open"], row["loud"] or 0)


async def still_open(event_id: int) -> list[Listed]:
    """Loud conflicts first, and the newest first among each."""
    return sorted(await _listed(event_id, OPEN), key=lambda conflict: not conflict.loud)


async def settled(event_id: int) -> list[Listed]:
    """The newest settled conflicts."""
    return (await _listed(event_id, SETTLED))[:SETTLED_SHOWN]


async def _listed(event_id: int, which: str) -> list[Listed]:
    entries: dict[int, list[dict[str, Any]]] = {}
    for row in await query(SCANS.format(which=which), [event_id]):
        entries.setdefault(row["id"], []).append(row)
    rows = await query(LISTED.format(which=which), [event_id])
    shown = {row["decided_by"] for scans in entries.values() for row in scans if row["decided_by"]}
    leads = {lead.id: lead.name for lead in await DoorPass.filter(id__in=shown)} if shown else {}
    sheets = await _passes_of_sheets(rows)
    return [_of(row, entries.get(row["id"], []), leads, sheets) for row in rows]


async def _passes_of_sheets(rows: Sequence[dict[str, Any]]) -> set[str]:
    """Which of those who settled are no phone, but a sheet whose line was taken back."""
    undone = {row["settled_by"] for row in rows if row["outcome"] == Outcome.UNDONE}
    ids = [int(actor.partition(":")[2]) for actor in undone if actor.startswith("pass:")]
    sheets = DoorPass.filter(id__in=ids, role=PassRole.PAPER)
    return {f"pass:{id_}" for (id_,) in await sheets.values_list("id")} if ids else set()


def _of(row: dict[str, Any], scans: list[dict[str, Any]], leads: dict[int, str], sheets: set[str]) -> Listed:
    return Listed(
        id=row["id"],
        kind=ConflictKind(row["kind"]),
        loud=row["kind"] in LOUD,
        uncertain=bool(row["uncertain"]),
        door=door_in(row).shown,
        reference=reference_in(row).shown if row["ticket_id"] else "",
        registration_id=row["registration_id"],
        settled_at=moment(row["settled_at"]),
        settled_by=row["settled_by"],
        outcome=row["outcome"] or "",
        entries=[_entry(scan, row["holds"], leads) for scan in scans],
        undone_on_paper=row["outcome"] == Outcome.UNDONE and row["settled_by"] in sheets,
    )


def _entry(row: dict[str, Any], holds: str | None, leads: dict[int, str]) -> Entry:
    whose = {NOBODY: NO_KNOWN_CARD} | leads
    return Entry(
        at=moment(row["happened_at"]),
        unsure=round(row["unsure"]),
        held=bool(row["held"]),
        offline=bool(row["offline"]),
        tap=row["tap"],
        initials=row["initials"],
        on_paper=row["source"] == PAPER,
        device=phone_in(row).shown,
        door=door_in(row).shown,
        keeps=row["client_id"] == holds,
        card=whose.get(row["decided_by"], "") if row["offline"] else "",
    )


@run_tx
async def settle(event: Event, conflict_id: int, outcome: Outcome, by: Actor, at: datetime) -> None:
    """Records what it was. No scan and no admission changes. Raises Refused when somebody else has settled it."""
    conflict = await Conflict.get(id=conflict_id, door__event_id=event.id)
    still = Conflict.filter(id=conflict.id, settled_at=None)
    if await still.update(settled_at=at, settled_by=by.actor, outcome=outcome) != 1:
        raise Refused(SETTLED_ALREADY)
    await audit.record(Action.CONFLICT_SETTLED, conflict, by=by, at=at, event_id=event.id, outcome=outcome.value)
    after_commit(live.publish, topic(event.id))


@within_tx
async def open_rows(opened: Sequence[tuple[int, int, ConflictKind, tuple[str, str], bool, datetime]]) -> None:
    """By ticket, door, kind, the two scans ("" where it is of one alone), whether their order is uncertain, and when.
    What is known stays as it is."""
    if not opened:
        return
    values: list[Any] = []
    for ticket, door, kind, scans, uncertain, at in opened:
        values += [door, ticket or None, kind.value, *scans, uncertain, at]
    await query(INSERT.format(rows=rows_of(len(opened), 7)), values)
