"""What stands in an export: people read in parts, opened in a thread, so that others are answered meanwhile.

Whoever organisers noted as known by the name on their badge alone stands there by it, and by nothing that would say
more: a file leaves the house. Rules: SG-13, SE-13.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from anyio import to_thread

from events.event import Event
from events.ground import clock, wording
from events.ground.database import moment, places, query
from events.programme.programme import Line as ProgrammeLine
from registrations.codes.arrived import BY_LAST, at_entrances
from registrations.codes.badge_type import BadgeType
from registrations.paper.lines import ASK_LEAD
from registrations.people import choices
from registrations.people.choices import Choices
from registrations.people.names.surname import order
from registrations.people.person import COLUMNS, Person, of_row
from registrations.people.registration import HOLDS_A_PLACE, KNOWS_OF_A_PLACE, State
from registrations.tickets.ticket import REFERENCE_COLUMNS, reference_in
from registrations.workshops import roster

from .export import ExportKind
from .needs_rows import access_lines, catering_lines

SAY_WORKSHOPS = {ExportKind.ATTENDANCE, ExportKind.CONTACTS}
BATCH = 1000  # people read at once
Cell = str | int  # a number is one that can be summed
Line = Mapping[str, Cell]  # by code of a column
Progress = Callable[[int], Awaitable[None]]  # is told how many have been read so far
KEPT = "r.event_id = ? AND r.person_sealed IS NOT NULL"
CAME = f"""(SELECT o.registration_id AS who, min(a.admitted_at) AS came_in, max(a.left_at) AS left_at,
    {BY_LAST} % 2 AS has_left FROM ticket o JOIN {at_entrances("o")}
    WHERE o.event_id = ? GROUP BY o.registration_id) c"""  # noqa: S608  # ours


class Source(NamedTuple):
    """Where the people of a kind come from: SQL behind the columns, and how often the event is a value of it."""

    columns: str
    joined: str
    where: str
    line_of: Callable[[Person, Choices, Mapping[str, Any]], list[dict[str, Cell]]]
    events: int = 1


def _among(states: Sequence[State] | set[State]) -> str:
    return f"r.state IN ({', '.join(repr(state.value) for state in sorted(states))})"


def _shown(person: Person, chosen: Choices) -> dict[str, Cell]:
    """Of an alias the name alone."""
    said = {"organisation": person.organisation, "role": person.role, "email": person.email, "phone": person.phone}
    return {"name": chosen.listed_name(person), **(dict.fromkeys(said, ASK_LEAD) if _is_hidden(chosen) else said)}


def _is_hidden(chosen: Choices) -> bool:
    return chosen.alias or chosen is choices.UNREADABLE


def _contact(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, Cell]]:
    state = wording.STATES[row["state"]]
    return [{**_shown(person, chosen), "kind": str(row["kind"]).capitalize(), "state": state}]


def _attendance(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, Cell]]:
    [line] = _contact(person, chosen, row)
    left = _time(row["left_at"]) if row["came_in"] and row["has_left"] else ""
    return [{**line, "came": "Yes" if row["came_in"] else "No", "came_in": _time(row["came_in"]), "left": left}]


def _badge(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, Cell]]:
    said = {
        "badge_name": chosen.badge_name(person),
        "badge_organisation": chosen.badge_organisation(person),
        "type": BadgeType(row["badge_type"]).words,
        "photographs": "Yes" if chosen.in_photos else "No photographs",
        "reference": reference_in(row).shown,
    }
    return [{"name": said["badge_name"], **said}]


def _listed(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, Cell]]:
    """As the people list has it."""
    [line] = _contact(person, chosen, row)
    there = "Not yet" if State(row["state"]) is State.APPROVED else ""
    if row["came_in"]:
        there = f"Left {_time(row['left_at'])}" if row["has_left"] else f"In {_time(row['came_in'])}"
    badge_type = ASK_LEAD if _is_hidden(chosen) else BadgeType(row["badge_type"]).words
    told = {"telephone": line["phone"], "badge": chosen.badge_name(person), "type": badge_type, "there": there}
    return [{**line, **told, "asked": _time(row["requested_at"])}]


def _time(value: Any) -> str:
    """As it sorts: 2019-04-15 09:12, at the venue."""
    at: datetime | None = moment(value)
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else ""


class Workshops(NamedTuple):
    """Who takes part in which, of those that were read."""

    slots: Sequence[ProgrammeLine] = ()
    taken: Mapping[int, Collection[int]] = {}  # their workshops, by request

    def words(self, chosen: Choices, row: Mapping[str, Any]) -> str:
        """When and which, of whoever has a place. Where an alias is at what time stands in no file."""
        if not self.slots or row["state"] not in KNOWS_OF_A_PLACE:
            return ""
        ids = self.taken.get(row["registration_id"], ())
        return ASK_LEAD if _is_hidden(chosen) else "; ".join(roster.places_in_words(self.slots, ids))


TICKETED = f"t.id AS ticket_id, {REFERENCE_COLUMNS}"
SOURCES: Mapping[ExportKind, Source] = {
    ExportKind.PEOPLE: Source(
        "r.requested_at, c.came_in, c.left_at, c.has_left", f"LEFT JOIN {CAME} ON c.who = r.id", "TRUE", _listed, 2,
    ),
    ExportKind.ATTENDANCE: Source(
        "c.came_in, c.left_at, c.has_left", f"LEFT JOIN {CAME} ON c.who = r.id",
        f"({_among(KNOWS_OF_A_PLACE)} OR c.came_in IS NOT NULL)", _attendance, 2,
    ),
    ExportKind.CONTACTS: Source(
        "r.id", "", _among({*HOLDS_A_PLACE, State.WAITING, State.CONFIRMED}), _contact,
    ),
    ExportKind.BADGES: Source(
        TICKETED, "JOIN ticket t ON t.registration_id = r.id AND t.revoked_at IS NULL",
        _among({State.APPROVED}), _badge,
    ),
    ExportKind.ACCESS: Source(
        "r.needs_sealed", "", f"r.needs_sealed IS NOT NULL AND {_among(KNOWS_OF_A_PLACE)}", access_lines
    ),
    ExportKind.CATERING: Source(
        "r.needs_sealed, c.came_in", f"LEFT JOIN {CAME} ON c.who = r.id",
        f"r.needs_sealed IS NOT NULL AND {_among({State.APPROVED})}", catering_lines, 2,
    ),
}  # fmt: skip


async def total(event: Event, kind: ExportKind) -> int:
    """How many people are to be read."""
    source = SOURCES[kind]
    sql = f"SELECT count(*) AS number FROM registration r {source.joined} WHERE {KEPT} AND {source.where}"  # noqa: S608
    [row] = await query(sql, [event.id] * source.events)
    return int(row["number"])


async def of_event(event: Event, kind: ExportKind, progress: Progress) -> list[Line]:
    """As they stand now, in the order of their surnames."""
    source, found, last, read = SOURCES[kind], list[tuple[Any, Line]](), 0, 0
    slots = await roster.given_out(event) if kind in SAY_WORKSHOPS else []
    sql = f"""SELECT r.kind, r.state, {source.columns}, {COLUMNS} FROM registration r {source.joined}
        WHERE {KEPT} AND {source.where} AND r.id > ? ORDER BY r.id LIMIT {BATCH}"""  # noqa: S608  # ours
    while rows := await query(sql, [*[event.id] * source.events, last]):
        taken = await roster.workshops_of([row["registration_id"] for row in rows]) if slots else {}
        found += await to_thread.run_sync(_opened, rows, source, Workshops(slots, taken))
        last, read = rows[-1]["registration_id"], read + len(rows)
        await progress(read)
        if len(rows) < BATCH:
            break
    found.sort(key=lambda line: line[0])
    return [line for _, line in found]


async def of_people(event: Event, ids: Sequence[int], progress: Progress) -> list[Line]:
    """Of a list, in its order. Whoever is known by their badge alone comes last: their place would say more."""
    source, found = SOURCES[ExportKind.PEOPLE], list[tuple[bool, Line]]()
    slots = await roster.given_out(event)
    sql = f"""SELECT r.kind, r.state, {source.columns}, {COLUMNS} FROM registration r {source.joined}
        WHERE {KEPT} AND r.id IN """  # noqa: S608  # ours
    for some in (ids[n : n + BATCH] for n in range(0, len(ids), BATCH)):
        rows = await query(f"{sql} ({places(len(some))})", [event.id, event.id, *some])
        by_id = {row["registration_id"]: row for row in rows}
        in_order = [by_id[id_] for id_ in some if id_ in by_id]
        workshops = Workshops(slots, await roster.workshops_of(list(by_id)) if slots else {})
        found += await to_thread.run_sync(_in_list, in_order, source, workshops)
        await progress(len(found))
    return [line for _, line in sorted(found, key=lambda opened: opened[0])]


async def without_hidden(event_id: int, ids: Sequence[int]) -> list[int]:
    """Those of these, in their order, who are not known by their badge alone: for a list that is filtered by what a
    file does not say of them."""
    seen = set[int]()
    for some in (ids[n : n + BATCH] for n in range(0, len(ids), BATCH)):
        sql = f"SELECT {COLUMNS} FROM registration r WHERE r.event_id = ? AND r.id IN ({places(len(some))})"  # noqa: S608
        rows = await query(sql, [event_id, *some])
        seen |= {row["registration_id"] for row in rows if not _is_hidden(choices.of_row(row))}
    return [id_ for id_ in ids if id_ in seen]


def _in_list(rows: Sequence[Mapping[str, Any]], source: Source, workshops: Workshops) -> list[tuple[bool, Line]]:
    """Each with whether they are hidden."""
    hidden = [_is_hidden(choices.of_row(row)) for row in rows]
    return list(zip(hidden, [line for _, line in _opened(rows, source, workshops)], strict=True))


def _opened(rows: Sequence[Mapping[str, Any]], source: Source, workshops: Workshops) -> list[tuple[Any, Line]]:
    lines = list[tuple[Any, Line]]()
    for row in rows:
        person, chosen = of_row(row), choices.of_row(row)
        sort = order(chosen.listed_name(person)), row["registration_id"]
        more = {"workshops": workshops.words(chosen, row)}
        lines += [(sort, {**line, **more}) for line in source.line_of(person, chosen, row)]
    return lines


async def names_of(ids: Sequence[int]) -> dict[int, dict[str, Cell]]:
    """Name and address of these requests, by their ids, as an export says them."""
    sql = f"SELECT {COLUMNS} FROM registration r WHERE r.id IN ({places(len(ids))})"  # noqa: S608  # ours
    rows = await query(sql, list(ids)) if ids else []
    return {row["registration_id"]: _shown(of_row(row), choices.of_row(row)) for row in rows if row["person_sealed"]}
