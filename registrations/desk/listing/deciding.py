"""Several people of one filtered list are decided on as from the queue, or from the waiting list."""

from collections.abc import Collection
from typing import NamedTuple

from events.event import Event
from registrations.deciding import several_decisions
from registrations.people.registration import State

OF_STATES = {State.CONFIRMED: "requests", State.WAITING: "waiting"}


class Deciding(NamedTuple):
    """Where the form posts, below the event's desk, and the mark of each person as the list shows them."""

    path: str
    marks: dict[int, str]


async def of_list(event: Event, state: State | None, ids: Collection[int]) -> Deciding | None:
    """None where the list is not one of people who are to be decided on."""
    if state not in OF_STATES or not ids:
        return None
    people = await several_decisions.in_order(event, ids)
    return Deciding(OF_STATES[state], {person.id: person.marks[0] for person in people if person.state is state})
