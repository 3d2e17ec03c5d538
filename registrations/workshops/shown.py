"""What a guest reads of their workshops: on the booking page, on the ticket page and on paper. Rules: EV-01."""

from collections.abc import Mapping
from typing import NamedTuple

from events.event import Event
from events.programme.programme import Entry, Line, Whole, guests_programme, programme_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

from . import choice, place
from .choice import Allocation, WorkshopChoice
from .place import WorkshopPlace

NOT_CHOSEN = "Not chosen"
IN_NONE = "None"
MAY_JOIN = "None yet. You can take a place in one that has room"


class Shown(NamedTuple):
    """A slot, as the booking page tells its guest of it."""

    hours: str
    says: str
    path: str  # where it can be changed; nothing where it cannot


async def workshops_of_guest(registration: Registration, path: str, may_change: bool) -> list[Shown]:
    """Each slot for somebody with a place, while organisers show the programme. `path`: of the booking page."""
    if registration.state not in KNOWS_OF_A_PLACE or (whole := await guests_programme(registration.event)) is None:
        return []
    chosen, allocations = await choice.choices_of(registration.id), await choice.allocations_of(registration.event_id)
    places, found = await place.places_for(registration), []
    for line in whole.slots:
        if line.slot and line.workshops:
            id_, allocation = line.slot.id, allocations.get(line.slot.id)
            told = standing(line, allocation, chosen.get(id_), places.get(id_))
            closed = choice.is_closed(allocation) and not is_given_out(allocation)
            to_change = f"{path}/workshops/{id_}" if may_change and not closed else ""
            if to_change and is_given_out(allocation) and not workshop_of(line, places.get(id_)):
                told = MAY_JOIN
            found.append(Shown(line.hours, told, to_change))
    return found


def is_given_out(allocation: Allocation | None) -> bool:
    return allocation is not None and allocation.allocated_at is not None


def standing(
    line: Line, allocation: Allocation | None, chosen: WorkshopChoice | None, takes_part: WorkshopPlace | None
) -> str:
    """Where a guest stands in a slot."""
    if is_given_out(allocation):
        return workshop_of(line, takes_part) or IN_NONE
    return said(line, chosen) + (". The choice is closed" if choice.is_closed(allocation) else "")


def workshop_of(line: Line, takes_part: WorkshopPlace | None) -> str:
    """Its title, or nothing."""
    entry = workshop_in(line, takes_part)
    return entry.words.title if entry else ""


def workshop_in(line: Line, takes_part: WorkshopPlace | None) -> Entry | None:
    return next((entry for entry in line.workshops if takes_part and entry.id == takes_part.workshop_id), None)


def said(line: Line, wanted: WorkshopChoice | None) -> str:
    titles = {entry.id: entry.words.title for entry in line.workshops}
    if wanted is None or wanted.first_workshop_id not in titles:
        return NOT_CHOSEN
    second = titles.get(wanted.second_workshop_id or 0)
    return f"First choice: {titles[wanted.first_workshop_id]}. Second choice: {second or 'none'}"


class AtDesk(NamedTuple):
    """A slot, as a person's page at the desk tells of it."""

    id: int
    hours: str
    says: str
    is_given_out: bool


async def workshops_at_desk(event: Event, registration: Registration) -> list[AtDesk]:
    """Of somebody with a place, also while guests see no programme."""
    if registration.state not in KNOWS_OF_A_PLACE or not (whole := await programme_of(event)).slots:
        return []
    chosen, allocations = await choice.choices_of(registration.id), await choice.allocations_of(event.id)
    places, found = await place.places_for(registration), []
    for line in whole.slots:
        if line.slot and line.workshops:
            id_, allocation = line.slot.id, allocations.get(line.slot.id)
            told = said(line, chosen.get(id_))
            if is_given_out(allocation):
                told = f"{workshop_of(line, places.get(id_)) or 'No workshop'} ({told})"
            found.append(AtDesk(id_, line.hours, told, is_given_out(allocation)))
    return found


class TakesPart(NamedTuple):
    """A workshop that a guest with a ticket takes part in. `room`: empty before the venue is released."""

    hours: str
    title: str
    room: str

    @property
    def words(self) -> str:
        return f"{self.title} ({self.room})" if self.room else self.title


async def on_ticket(event: Event, registration: Registration) -> list[TakesPart]:
    """Each workshop that they take part in, while organisers show the programme."""
    places = await place.places_for(registration)
    return taken_part_in(event, await guests_programme(event) if places else None, places)


def taken_part_in(event: Event, whole: Whole | None, places: Mapping[int, WorkshopPlace]) -> list[TakesPart]:
    """The same, of what was read. `places`: by slot."""
    lines = whole.slots if whole else []
    found = [(line.hours, workshop_in(line, places.get(line.slot_id))) for line in lines]
    with_rooms = event.venue_released_at is not None
    return [
        TakesPart(hours, entry.words.title, entry.words.room if with_rooms else "") for hours, entry in found if entry
    ]
