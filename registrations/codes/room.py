"""What part of the programme a room is for, and whom its door lets in by right."""

from enum import StrEnum
from typing import NamedTuple


class ComesIn(StrEnum):
    EVERYBODY = "everybody"
    REGISTERED = "registered"  # those who take part in its workshop, and whoever comes along with one of them
    JOINING = "joining"  # also those who take part in none at that time, where a place is left


class Room(NamedTuple):
    comes_in: ComesIn = ComesIn.EVERYBODY
    slot: int | None = None
    workshop: int | None = None  # None: any workshop of the slot

    @property
    def is_for_some(self) -> bool:
        """A room whose slot was taken out of the programme is for everybody again."""
        return self.comes_in is not ComesIn.EVERYBODY and self.slot is not None


class Entrance(NamedTuple):
    """Where whoever comes into a room is counted too: the event's first entrance."""

    door: int
    asks: bool = True  # the room's door asks about who is not counted there; else they are counted in silence
    limit: int = 0  # of the venue
    once: bool = False  # nobody comes in a second time


FOR_EVERYBODY = Room()
