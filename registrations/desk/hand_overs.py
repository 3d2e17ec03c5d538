"""Whose place somebody takes over, and to whom somebody hands theirs over, as the desk shows it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from registrations.people.hand_over import by_receiver, open_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, State, with_events


class Handing(NamedTuple):
    """A hand-over that is not decided, as one of the two sees it."""

    id: int
    other: Registration | None  # None: the colleague who was asked has not answered


async def taken_over(people: Collection[Registration]) -> dict[int, Handing]:
    """Whose place these people take over, by their ids."""
    found = await by_receiver([person.id for person in people if person.state is State.CONFIRMED])
    givers = await with_events([hand_over.registration_id for hand_over in found.values()])
    return {id_: Handing(hand_over.id, givers[hand_over.registration_id]) for id_, hand_over in found.items()}


async def handed_over(person: Registration, at: datetime) -> Handing | None:
    """To whom they hand their place over, if they do."""
    found = await open_of(person, at) if person.state in KNOWS_OF_A_PLACE else None
    if found is None:
        return None
    receiver = await Registration.get_or_none(id=found.receiver_id) if found.receiver_id else None
    return Handing(found.id, receiver)
