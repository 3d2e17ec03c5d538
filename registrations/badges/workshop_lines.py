"""The workshops on a badge: when, which and where, as its owner reads them on the ticket page. All is read at once.

Nothing while guests see no programme, and no room before the venue is released. Whoever comes along with a guest has
that guest's, unless they take part in one of their own: as doors let them in. Rules: EV-01, EV-05.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from events.event import Event
from events.ground.database import among, query, string_agg
from events.programme.programme import UNREADABLE, Entry, Line, guests_programme, time_words

from .badge import Workshop, workshop_of

A_PART = 5000  # people at once
OF_ALL = """SELECT registration_id, {all} AS workshops FROM workshop_place WHERE event_id = ? AND registration_id > ?
    GROUP BY registration_id ORDER BY registration_id LIMIT {part}"""
OF_SOME = "SELECT registration_id, {all} AS workshops FROM workshop_place WHERE {among} GROUP BY registration_id"
Slot = Mapping[int, Workshop | None]
Places = dict[int, str]  # by request: the numbers of its workshops, 3,8


class Lines:
    """`said`: the workshops of each slot, by time, each by its number; None for one that cannot be read."""

    def __init__(self, said: Sequence[Slot] = (), places: Mapping[int, str] | None = None) -> None:
        self._said, self._places = said, places or {}
        self._known: dict[tuple[str, str], tuple[Workshop, ...]] = {("", ""): ()}  # many people have the same

    def of(self, row: Mapping[str, Any]) -> tuple[Workshop, ...]:
        """Of whom this row is, by time: their own, else that of whom they come with."""
        taken = self._places.get(row["registration_id"], ""), self._places.get(row["comes_with_id"] or 0, "")
        if taken not in self._known:
            self._known[taken] = self._by_time(*([int(n) for n in some.split(",") if n] for some in taken))
        return self._known[taken]

    def _by_time(self, own: Collection[int], along: Collection[int]) -> tuple[Workshop, ...]:
        found = (next((slot[n] for n in (*own, *along) if n in slot), None) for slot in self._said)
        return tuple(workshop for workshop in found if workshop)


async def lines_of(event: Event, rows: Collection[Mapping[str, Any]] | None = None) -> Lines:
    """For whom these rows are; without rows for everybody, in one question for some thousand of them."""
    whole = await guests_programme(event)
    lines = [line for line in whole.slots if line.workshops] if whole else []
    if not lines or rows == []:
        return Lines()
    said = [{entry.id: _said(event, line, entry) for entry in line.workshops} for line in lines]
    return Lines(said, await (_places_of_all(event) if rows is None else _places_of(rows)))


def _said(event: Event, line: Line, entry: Entry) -> Workshop | None:
    """No badge says that a title cannot be read."""
    if entry.words is UNREADABLE:
        return None
    return workshop_of(time_words(line.starts), entry.words.title, entry.words.room if event.venue_released_at else "")


async def _places_of(rows: Collection[Mapping[str, Any]]) -> Places:
    whose = {row["registration_id"] for row in rows} | {row["comes_with_id"] for row in rows} - {None}
    condition, values = among("registration_id", "int", sorted(whose))
    found = await query(OF_SOME.format(all=string_agg("workshop_id"), among=condition), values)
    return {row["registration_id"]: row["workshops"] for row in found}


async def _places_of_all(event: Event) -> Places:
    found, after, part = Places(), 0, A_PART
    while some := await query(OF_ALL.format(all=string_agg("workshop_id"), part=part), [event.id, after]):
        found |= {row["registration_id"]: row["workshops"] for row in some}
        after = some[-1]["registration_id"]
        await asyncio.sleep(0)
        if len(some) < part:
            break
    return found
