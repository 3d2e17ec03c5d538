"""Who is in a workshop, also by the guest with whom they come along, or has a place at the event and is in none of
those at one time: what organisers filter, write to and print by. Only of slots whose places are given out: before,
nobody is in any.

Rules: EV-01.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from events.event import Event
from events.ground.database import among, query
from events.programme.programme import Line, programme_of

from . import choice
from .place import IN_NONE_OF_SLOT, IN_WORKSHOP, TAKES_PART_BY
from .shown import is_given_out

NONE_OF = "none-"  # so begins what stands in an address for those in no workshop of a slot
IDS = "SELECT r.id FROM registration r WHERE r.event_id = ? AND {where}"
PLACES = f"""SELECT r.id AS registration_id, w.workshop_id FROM registration r JOIN workshop_place w ON {TAKES_PART_BY}
    WHERE {{whose}} ORDER BY r.id"""  # noqa: S608  # ours


class Group(NamedTuple):
    """One of them is 0: who is in this workshop, or in none of this slot."""

    workshop_id: int = 0
    slot_id: int = 0

    @property
    def code(self) -> str:
        """As it stands in an address."""
        return str(self.workshop_id or f"{NONE_OF}{self.slot_id}")

    @property
    def where(self) -> str:
        """As a condition on `registration r`, with the value `number`."""
        return IN_WORKSHOP if self.workshop_id else IN_NONE_OF_SLOT

    @property
    def number(self) -> int:
        return self.workshop_id or self.slot_id


def group_of(code: str) -> Group | None:
    """None where it names none, whether or not there is such a workshop."""
    number = code.removeprefix(NONE_OF)
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 10 and int(number)):
        return None
    return Group(slot_id=int(number)) if code.startswith(NONE_OF) else Group(int(number))


async def given_out(event: Event) -> Sequence[Line]:
    """The slots whose places are given out, by time."""
    slots = await slots_given_out(event.id)
    lines = (await programme_of(event)).slots if slots else []
    return [line for line in lines if line.slot_id in slots and line.workshops]


async def slots_given_out(event_id: int) -> set[int]:
    """By their numbers."""
    return {slot_id for slot_id, known in (await choice.allocations_of(event_id)).items() if is_given_out(known)}


def groups_of(lines: Sequence[Line]) -> Mapping[Group, str]:
    """All of these slots, with words for organisers."""
    found = dict[Group, str]()
    for line in lines:
        found |= {Group(entry.id): f"{entry.words.title}, {line.hours}" for entry in line.workshops}
        found[Group(slot_id=line.slot_id)] = f"In none, {line.hours}"
    return found


async def people_in(event_id: int, group: Group) -> set[int]:
    """Their requests."""
    rows = await query(IDS.format(where=group.where), [event_id, group.number])
    return {int(row["id"]) for row in rows}


async def workshops_of(ids: Collection[int]) -> Mapping[int, Collection[int]]:
    """The workshops of these requests."""
    found = dict[int, list[int]]()
    whose, values = among("r.id", "int", ids)
    rows: Sequence[Mapping[str, Any]] = await query(PLACES.format(whose=whose), values) if ids else []
    for row in rows:
        found.setdefault(row["registration_id"], []).append(row["workshop_id"])
    return found


def places_in_words(lines: Sequence[Line], workshop_ids: Collection[int]) -> Sequence[str]:
    """What a list says of a guest, for each of these slots: when, and which or none."""
    titles = [[entry.words.title for entry in line.workshops if entry.id in workshop_ids] for line in lines]
    return [f"{line.hours}: {', '.join(found) or 'none'}" for line, found in zip(lines, titles, strict=True)]
