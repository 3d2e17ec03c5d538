"""Counts what guests eat, by diet and by who has arrived; names only those who let the caterer know what they wrote.

Guests are those with a ticket, as at the top of the desk (`people/place_counts.py`). A place that is held while
organisers look at its guest once more is counted apart. Rules: EV-03.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import query
from registrations.codes.arrived import at_entrances
from registrations.people import needs
from registrations.people.consent import Subject
from registrations.people.names.surname import order
from registrations.people.needs import Diet, Needs
from registrations.people.registration import Registration, State

from .arranging import guests

ARRIVED = f"""SELECT DISTINCT t.registration_id AS id FROM ticket t JOIN {at_entrances()}
    WHERE t.event_id = ?"""  # noqa: S608  # ours


class Count(NamedTuple):
    """Of guests; whoever has two diets is counted at both."""

    label: str
    guests: int
    arrived: int


class Line(NamedTuple):
    """Word for word what a guest lets the caterer know, with the name on their badge."""

    name: str
    diets: str
    words: str
    arrived: bool


class Catering(NamedTuple):
    diets: list[Count]
    several: list[Count]  # by those who have more than one diet: all of theirs
    all: Count
    lines: list[Line]
    unread: int  # of how many guests it cannot be read
    held: int  # places of guests who are looked at once more


async def catering(event: Event, by: Staff, at: datetime, real: datetime) -> Catering:
    """That it was read is recorded."""
    came = {int(row["id"]) for row in await query(ARRIVED, [event.id])}
    told = [(person, person.needs) for person in await guests(event) if person.state is State.APPROVED]
    with_ticket = await Registration.filter(event_id=event.id, state=State.APPROVED).values_list("id", flat=True)
    lines = [_line(person, known, person.id in came) for person, known in told if Subject.CATERER in known.consents]
    await reading.needs_read(event, "diets", len(lines), by=by, at=at, real=real)
    ids = {int(str(id_)) for id_ in with_ticket}
    return Catering(
        _by_diet(told, came),
        _by_several(told, came),
        Count("All guests", len(ids), len(ids & came)),
        sorted(lines, key=lambda line: order(line.name)),
        sum(known is needs.UNREADABLE for _, known in told),
        await Registration.filter(event_id=event.id, state=State.RECHECKING).count(),
    )


Told = Sequence[tuple[Registration, Needs]]


def _by_diet(told: Told, came: set[int]) -> list[Count]:
    """Every diet has a row: a nought says that nobody eats so."""
    guests_with = Counter(diet for _, known in told for diet in known.diets)
    arrived = Counter(diet for person, known in told if person.id in came for diet in known.diets)
    return [Count(diet.label, guests_with[diet], arrived[diet]) for diet in Diet]


def _by_several(told: Told, came: set[int]) -> list[Count]:
    theirs = {person.id: _labels(known) for person, known in told if len(known.diets) > 1}
    guests_with = Counter(theirs.values())
    arrived = Counter(labels for id_, labels in theirs.items() if id_ in came)
    return [Count(labels, number, arrived[labels]) for labels, number in sorted(guests_with.items())]


def _labels(known: Needs) -> str:
    return ", ".join(Diet(diet).label for diet in known.diets)


def _line(person: Registration, known: Needs, arrived: bool) -> Line:
    return Line(person.choices.badge_name(person.person), _labels(known), known.diet_words, arrived)
