"""Finds, counts and deletes rows of a class whose time is over, so many at once that nobody has to wait for it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Machine
from events.event import Event
from events.ground import clock
from events.ground.database import moment, query, within_tx

from .kept import AT_ONCE, Gone, Kept, Standing

BATCH = 200
COUNT = """INSERT INTO deletion (event_id, kind, number, first_at, last_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (kind, coalesce(event_id, 0)) DO UPDATE SET number = deletion.number + excluded.number,
    last_at = excluded.last_at RETURNING id"""


class Due(NamedTuple):
    """A condition of SQL and its values."""

    where: str
    values: list[Any]

    def some(self, kept: Kept, most: int) -> "Due":
        """So many of the rows at most. On PostgreSQL one may change after it was found, so the condition is said twice;
        and it leaves out what somebody else holds, so that nobody waits for us while we wait for them."""
        found = f"SELECT id FROM {kept.rows.table} WHERE {self.where} LIMIT {most} FOR UPDATE SKIP LOCKED"  # noqa: S608
        return Due(f"id IN ({found}) AND ({self.where}) IS TRUE", self.values * 2)  # so SQLite takes the ids first


async def due(kept: Kept, at: datetime, real: datetime) -> Due | None:
    """None where no row can be due, since no event is long enough past."""
    rows = kept.rows
    where, values = [rows.where, rows.may_go], list[Any]()
    if rows.days is not None:
        past: Sequence[Any] = await Event.filter(day__lte=clock.local(at).date() - rows.days).values_list(
            "id", flat=True
        )
        of_past = rows.of.format(events=", ".join(map(str, past)) or "NULL")
        if not past and not rows.since:
            return None
        where.append(f"({of_past} OR event_id IS NULL)" if rows.since else of_past)
    if rows.since:
        where.append(f"{rows.since} <= ?")
        values.append((real if rows.by_machine else at) - rows.after)
    return Due(" AND ".join(where), values)


async def delete(kept: Kept, at: datetime, real: datetime) -> Gone:
    """One batch of rows, whole. Leaves an entry for each event, but none of what goes every hour."""
    found = await due(kept, at, real)
    if found is None:
        return Counter()
    where, values = found.some(kept, BATCH)
    sql = f"DELETE FROM {kept.rows.table} WHERE {where} RETURNING {kept.rows.event or 'NULL'} AS event_id"  # noqa: S608
    return by_event(await query(sql, values))


@within_tx
async def delete_and_record(kept: Kept, at: datetime, real: datetime) -> Gone:
    """The same, with an entry of the audit log for each event."""
    gone = await delete(kept, at, real)
    await record(kept, gone, at)
    return gone


@within_tx
async def record(kept: Kept, gone: Gone, at: datetime) -> None:
    """An entry of the audit log for each event."""
    for event_id, number in in_order(gone):
        await audit.record(Action.DELETED, by=Machine(), at=at, event_id=event_id, what=kept.name, number=number)


def by_event(rows: Sequence[dict[str, Any]]) -> Gone:
    return Counter(row["event_id"] for row in rows)


def in_order(gone: Gone) -> list[tuple[int | None, int]]:
    """Of several servers each comes to the events in this order."""
    return sorted(gone.items(), key=lambda event: event[0] or 0)


@within_tx
async def count(kept: Kept, gone: Gone, at: datetime) -> None:
    """Notes what went, in the transaction in which it went."""
    for event_id, number in in_order(gone):
        await query(COUNT, [event_id, kept.code, number, at, at])


async def standing(kept: Kept, event: Event) -> Standing:
    """Of this event; of rows that are not counted by events, all there are."""
    rows = kept.rows
    where = f"{rows.where} AND {rows.of.format(events=event.id)}" if rows.of else rows.where
    first = f"min(CASE WHEN {rows.may_go} THEN {rows.since} END)" if rows.since else "NULL"
    if rows.in_order:
        first = f"(SELECT {rows.since} FROM {rows.table} WHERE {where} ORDER BY id LIMIT 1)"  # noqa: S608
    [found] = await query(f"SELECT count(*) AS number, {first} AS first_at FROM {rows.table} WHERE {where}")  # noqa: S608
    return Standing(found["number"], _next_on(kept, event, moment(found["first_at"])) if found["number"] else None)


def _next_on(kept: Kept, event: Event, first: datetime | None) -> date | None:
    """By the venue's calendar, as a rehearsal has moved it. None while none of them may go."""
    rows = kept.rows
    days = [event.day + rows.days] if rows.days is not None else []
    if rows.since:
        if first is None:
            return None
        moved = clock.moved() if rows.by_machine else AT_ONCE
        days.append(clock.local(first + rows.after + moved).date())
    return max(days)
