"""The banner about decisions just made: who was decided on, who was not and why, and what to do.

It comes sealed in the address, for whoever decided: nobody writes one that names people or tells what never happened.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from events.accounts.staff import Staff
from events.event import Event
from events.web.sealed_query import opened, sealed
from registrations.deciding import several_decisions, undone_decisions, vetting
from registrations.deciding.two_approvals import COUNTED
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration

DECIDED = "decided"  # the name in the query string, and what it is sealed for


class Act(StrEnum):
    """What was just asked for: a decision, or one of these."""

    UNDO = "undo"
    OTHER = "other"  # anything else on the page of a person who had moved on meanwhile


class Banner(NamedTuple):
    act: Decision | Act
    people: dict[Result, list[Registration]]
    undo_for: int = 0  # seconds for which what was decided can still be undone

    @property
    def waits_for_morning(self) -> bool:
        return timedelta(seconds=self.undo_for) > vetting.UNDO_FOR

    @property
    def done(self) -> list[Registration]:
        return self.people[Result.DONE]

    @property
    def undoable(self) -> list[Registration]:
        """Whom *Undo* is about: those who still stand where they were put."""
        become = several_decisions.BECOMES[self.act][0] if isinstance(self.act, Decision) else None
        return [person for person in self.done if self.undo_for and person.state is become]

    @property
    def ids(self) -> list[int]:
        """Of everybody whom it may name."""
        return [person.id for people in self.people.values() for person in people]


def in_query(act: Decision | Act, results: Mapping[int, Result], event: Event, by: Staff) -> dict[str, str]:
    """The banner as the query string of the page that shows it to whoever decided: ids, and nobody's name."""
    said = {"act": [act.value]} | {result.value: [str(id_) for id_ in _with(result, results)] for result in Result}
    return {DECIDED: sealed(DECIDED, urlencode(said, doseq=True), event.id, by.id)}


def _with(result: Result, results: Mapping[int, Result]) -> list[int]:
    return [id_ for id_, became in results.items() if became is result]


async def of(
    event: Event, by: Staff, query: Mapping[str, str], real: datetime, *, about: Registration | None = None
) -> Banner | None:
    """The banner, or None if nothing was just decided. `real` is the machine's time; `about` is the one person whom the
    page may name, if it is not the queue."""
    said = parse_qs(opened(DECIDED, query.get(DECIDED, ""), event.id, by.id))
    if not said:
        return None
    act, people = _act(said["act"][0]), dict[Result, list[Registration]]()
    for result in Result:
        ids = [int(id_) for id_ in said.get(result.value, ())]
        people[result] = await several_decisions.in_order(
            event, [id_ for id_ in ids if about is None or id_ == about.id]
        )
    people[Result.FIRST] = [person for person in people[Result.FIRST] if person.state in COUNTED]  # seconded since
    if not any(people.values()):
        return None
    return Banner(act, people, await _undo_for(act, people[Result.DONE], real))


def _act(text: str) -> Decision | Act:
    return Decision(text) if text in set(Decision) else Act(text)


async def _undo_for(act: Decision | Act, done: list[Registration], real: datetime) -> int:
    """What was decided in one act waits for the same moment, so one of them tells for all."""
    if not isinstance(act, Decision):
        return 0
    same = [person for person in done if person.state is several_decisions.BECOMES[act][0]]
    if not same:
        return 0  # in another state: somebody else has decided since, and that decision is theirs
    due = [email.next_try_at for email in await undone_decisions.undoable(same[-1])]
    return max(0, ceil((min(due) - real).total_seconds())) if due else 0
