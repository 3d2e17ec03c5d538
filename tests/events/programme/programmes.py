"""Programmes for tests: two sessions, and a slot with workshops between them."""

from typing import NamedTuple

from events.accounts.staff import Staff
from events.event import Event
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ProgrammeItem, ShownTo, Slot, Words, programme_of
from tests.people import MONDAY

OPENING = Words("Opening", "Why we are here", "The long room", "")
STORY = Words("A story", "Told by somebody who was there", "The long room", "Describes a case of stalking")
MORNING, SLOT, NOON = Times(570, 600), Times(600, 660), Times(660, 720)


class Filled(NamedTuple):
    opening: ProgrammeItem
    slot: Slot
    first: ProgrammeItem
    second: ProgrammeItem
    story: ProgrammeItem


async def a_workshop(event: Event, slot: Slot, title: str, capacity: int, by: Staff) -> ProgrammeItem:
    words = Words(title, f"About {title.lower()}", f"Room of {title.lower()}", "")
    return await changing.add_workshop(event, slot.id, words, capacity, by=by, at=MONDAY)


async def a_programme(event: Event, by: Staff, shown_to: ShownTo = ShownTo.EVERYBODY, capacity: int = 2) -> Filled:
    """Each of the two workshops has room for so many."""
    opening = await changing.add_session(event, OPENING, MORNING, by=by, at=MONDAY)
    slot = await changing.add_slot(event, SLOT, by=by, at=MONDAY)
    first = await a_workshop(event, slot, "Safety planning", capacity, by)
    second = await a_workshop(event, slot, "Working with the police", capacity, by)
    story = await changing.add_session(event, STORY, NOON, by=by, at=MONDAY)
    await changing.show_to(event, shown_to, by=by, at=MONDAY)
    return Filled(opening, slot, first, second, story)


async def listed(event: Event) -> list[tuple[str, str]]:
    """Hours and names of its lines."""
    return [(line.hours, line.name) for line in (await programme_of(event)).lines]
