"""The draw of a slot: in which order people come to what they chose, and what each gets. Anybody can compute it again.

A lot is a hash of a guest's public id under the seed, which was noted before anything was computed: who knows the
choices cannot choose a seed to suit somebody. Rules: EV-01.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground.database import find_rows
from events.ground.personal import Personal, personal
from registrations.people.person import BASIS
from registrations.people.registration import Registration

from .choice import KEPT, Allocation

DRAWN = Personal(
    "in which order somebody came in the draw of workshops, what they wanted and got, by numbers; without whose it is"
    " once their place has ended",
    BASIS,
    KEPT,
)


class Lot(Model):
    """As it was in the draw: it is never changed, but that it forgets whose it is when their place ends."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="lots")
    event_id: int
    allocation: fields.ForeignKeyRelation[Allocation] = fields.ForeignKeyField(
        "registrations.Allocation", related_name="lots"
    )
    allocation_id: int
    registration: fields.ForeignKeyNullableRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="lots", on_delete=OnDelete.SET_NULL, null=True
    )
    registration_id: int | None
    drawn = personal(fields.CharField(max_length=64), DRAWN)
    wanted_first = fields.IntField()
    wanted_second = fields.IntField(null=True)
    got = fields.IntField(null=True)

    class Meta:
        app, table = "registrations", "lot"


class Wish(NamedTuple):
    """What somebody chose, with the lot that says when they come."""

    drawn: str
    first: int
    second: int | None


Seats = Mapping[int, int]  # how many can take part, by workshop; 0: any number


def drawn_for(seed: str, public_id: str) -> str:
    return hmac.new(bytes.fromhex(seed), public_id.encode(), hashlib.sha256).hexdigest()


def allot(wishes: Sequence[Wish], seats: Seats, leftover: bool) -> dict[str, int | None]:
    """What each gets, by lot, in the order of the lots: their first choice if a place is left, then their second. With
    `leftover` then the workshop with the most places left, else nothing."""
    taken, got = Counter[int](), dict[str, int | None]()
    for wish in sorted(wishes):
        wanted = [wish.first, wish.second, _emptiest(seats, taken) if leftover else None]
        given = next((workshop for workshop in wanted if workshop and _left(workshop, seats, taken)), None)
        got[wish.drawn] = given
        if given is not None:
            taken[given] += 1
    return got


def _left(workshop: int, seats: Seats, taken: Mapping[int, int]) -> float:
    """How many places; none in what is no workshop."""
    capacity = seats.get(workshop)
    return 0 if capacity is None else capacity - taken.get(workshop, 0) if capacity else float("inf")


def _emptiest(seats: Seats, taken: Mapping[int, int]) -> int:
    """Of several the one that was added first."""
    return max(sorted(seats), key=lambda workshop: _left(workshop, seats, taken), default=0)


def fingerprint(seed: str, seats: Seats, leftover: bool, wishes: Sequence[Wish], got: Mapping[str, int | None]) -> str:
    """Of a whole draw: with anything else in it, it is another one."""
    drawn = [[*wish, got[wish.drawn]] for wish in sorted(wishes)]
    return hashlib.sha256(repr([seed, sorted(seats.items()), leftover, drawn]).encode()).hexdigest()


LOTS = "SELECT * FROM lot WHERE allocation_id = ? ORDER BY drawn"


async def lots_of(allocation: Allocation) -> list[Lot]:
    found: list[Any] = await find_rows(Lot, LOTS, [allocation.id])
    return found
