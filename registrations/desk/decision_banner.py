"""The banner about decisions just made: who was decided on, who was not and why, and what to do."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from events.event import Event
from registrations.deciding import undone_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration

MOST_NAMED = 90


class Act(StrEnum):
    """What was just asked for: a decision, or one of these."""

    UNDO = "undo"
    OTHER = "other"  # anything else on the page of a person who had moved on meanwhile


class Banner(NamedTuple):
    act: Decision | Act
    people: dict[Result, list[Registration]]
    undo_for: int = 0  # seconds for which the one decision can still be undone

    @property
    def done(self) -> list[Registration]:
        return self.people[Result.DONE]


def in_query(act: Decision | Act, results: Mapping[int, Result]) -> dict[str, str]:
    """The banner as the query string of the page that shows it: ids, and nobody's name."""
    said = {"said": act.value}
    for result in Result:
        if ids := [str(id_) for id_, became in results.items() if became is result]:
            said[result.value] = ",".join(ids)
    return said


async def of(event: Event, query: Mapping[str, str], real: datetime) -> Banner | None:
    """The banner, or None if nothing was just decided. `real` is the machine's time."""
    act = _act(query.get("said"))
    if act is None:
        return None
    people = {result: await _people(event, query.get(result.value, "")) for result in Result}
    if not any(people.values()):
        return None
    return Banner(act, people, await _undo_for(act, people[Result.DONE], real))


def _act(text: str | None) -> Decision | Act | None:
    for acts in (Decision, Act):
        if text in set(acts):
            return acts(text)
    return None


async def _people(event: Event, listed: str) -> list[Registration]:
    ids = [int(id_) for id_ in listed.split(",")[:MOST_NAMED] if id_.isdecimal() and id_.isascii() and len(id_) < 10]
    return await vetting.in_order(event, ids)


async def _undo_for(act: Decision | Act, done: list[Registration], real: datetime) -> int:
    """Offers to undo a single decision only: several were shown before, and their emails go out at once."""
    if len(done) != 1 or not isinstance(act, Decision):
        return 0
    due = [email.next_try_at for email in await undone_decisions.undoable(done[0])]
    return max(0, ceil((min(due) - real).total_seconds())) if due else 0
