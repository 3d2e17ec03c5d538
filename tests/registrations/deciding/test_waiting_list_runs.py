"""200 people, 50 places, and any history: the list does what the model foretells, with two servers at once.

Rules: EV-08, SE-15.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.booking import own_booking
from registrations.deciding import offers, vetting, waiting_list
from registrations.people.registration import HOLDS_A_PLACE, Registration, State
from registrations.tickets.ticket import Ticket
from tests.registrations.deciding import waiting_model
from tests.registrations.deciding.decisions import anew

RUNS = [(0, 200, 50), (1, 60, 10)]  # seed, people, places; in the small one those who stay have their turn again
TURNS = 40


@pytest.mark.parametrize(("seed", "number", "places"), RUNS)
async def test_whatever_happens_the_list_does_what_is_foretold(
    database: Database, omar: Staff, seed: int, number: int, places: int
) -> None:
    run = await waiting_model.begin(omar, seed, number, places)
    await waiting_model.turn(run)
    await waiting_model.go_on(run, TURNS)
    await waiting_model.ends_well(run)


async def test_in_a_storm_no_place_is_given_twice_and_none_stays_free(database: Database, omar: Staff) -> None:
    """Everybody acts at once, and both servers take their turns in the middle of it."""
    run = await waiting_model.begin(omar, 7, 200, 50)
    await waiting_model.turn(run)
    at, event = run.at, run.event
    for n in range(4):
        at += timedelta(hours=1)
        acts = [waiting_list.move(event.id, at) for _ in range(3)]
        with_offer = await Registration.filter(event_id=event.id, state=State.OFFERED).order_by("id")
        verbs = [offers.take, offers.decline, own_booking.give_up, offers.decline]
        acts += [verbs[(n + k) % 4](row, at) for k, row in enumerate(with_offer)]  # type: ignore[misc]
        acts += [offers.take(await anew(row), at) for row in with_offer[::3]]  # type: ignore[misc]
        line = await Registration.filter(event_id=event.id, state=State.WAITING).order_by("requested_at")
        acts += [vetting.approve(row, omar, at) for row in line[-3:]]  # type: ignore[misc]
        answers = await asyncio.gather(*acts, return_exceptions=True)
        assert [
            answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, Refused)
        ] == []
    await waiting_list.move(event.id, at)
    now = await Event.get(id=event.id)
    rows = await Registration.filter(event_id=event.id)
    held = [row for row in rows if row.state in HOLDS_A_PLACE]
    tickets = await Ticket.filter(event_id=event.id, revoked_at=None).count()
    assert (now.taken, tickets) == (len(held), sum(row.state is State.APPROVED for row in rows))
    assert now.taken <= now.places
    assert now.is_full or await waiting_list.next_in_line(now, at) is None
