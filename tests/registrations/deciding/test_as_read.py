"""A decision moves only who stands as they were read: each thing that an organiser was shown counts."""

from datetime import timedelta
from typing import Any

import pytest

from events.event import Event
from events.ground.database import run_tx
from registrations.deciding.decision import move_all
from registrations.people.registration import OrganisationKind, Registration, State
from tests.people import MONDAY, confirmed, someone, tell_anew

move = run_tx(move_all)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": OrganisationKind.POLICE},
        {"generation": 1},
        {"confirmed_at": MONDAY + timedelta(minutes=1)},
        {"confirmed_at": None},
        {"person_sealed": None},
        {"state": State.WAITING},
    ],
)
async def test_who_changed_since_they_were_read_stays(event: Event, changed: dict[str, Any]) -> None:
    read, other = [await confirmed(someone(), event) for _ in range(2)]
    await Registration.filter(id=read.id).update(**changed)
    moved = await move([read, other], State.APPROVED, State.CONFIRMED, MONDAY)
    assert moved.keys() == {other.id}
    assert (await Registration.get(id=other.id)).state is State.APPROVED


async def test_other_answers_than_were_read_stay(event: Event) -> None:
    read, other = [await confirmed(someone(), event) for _ in range(2)]
    await tell_anew(await Registration.get(id=read.id), role="Manager")
    assert (await move([read, other], State.APPROVED, State.CONFIRMED, MONDAY)).keys() == {other.id}


async def test_what_was_nothing_when_it_was_read_is_compared_too(event: Event) -> None:
    """As of a request that was entered by telephone, which no address said yes to."""
    rows = [await confirmed(someone(), event) for _ in range(3)]
    await Registration.filter(event_id=event.id).update(confirmed_at=None)
    read = [await Registration.get(id=row.id) for row in rows]
    await Registration.filter(id=read[1].id).update(confirmed_at=MONDAY)
    moved = await move(read, State.APPROVED, State.CONFIRMED, MONDAY)
    assert moved.keys() == {read[0].id, read[2].id}
