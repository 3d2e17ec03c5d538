"""An offer that one organiser could make, since the new address is of a checked organisation, holds for that one."""

from dataclasses import replace

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from registrations.booking import new_address
from registrations.deciding import offers, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, confirmed, queued
from tests.registrations.booking.addressing import NEW, newest, waits
from tests.registrations.deciding.decisions import LATER, anew

WAITING, OFFERED, APPROVED = State.WAITING, State.OFFERED, State.APPROVED


@pytest.fixture
async def event(event: Event) -> Event:
    """Two approve there."""
    await Event.filter(id=event.id).update(two_approvals=True)
    return await Event.get(id=event.id)


async def offered_at_a_checked_address(event: Event, omar: Staff, ada: Person) -> Registration:
    """Her present one is of no checked organisation, and was vetted before two had to."""
    moves = (await waits(ada, event)).registration
    domain = NEW.partition("@")[2]
    await KnownOrganisation.create(event=event, domain=domain, kind="charity", treatment=Treatment.PARTNER)
    await vetting.put_on_waiting_list(moves, omar, MONDAY)
    assert await vetting.decide(await anew(moves), Decision.OFFER, omar, LATER) is Result.DONE, (
        "one is enough for the new address"
    )
    return await anew(moves)


async def test_an_offer_for_a_checked_address_ends_with_it(event: Event, omar: Staff, ada: Person) -> None:
    offered = await offered_at_a_checked_address(event, omar, ada)
    assert await new_address.keep(await newest(offered), LATER)
    now = await anew(offered)
    assert (now.state, now.email, now.generation, (await Event.get(id=event.id)).taken) == (WAITING, ada.email, 1, 0)
    assert not await offers.take(offered, LATER)
    assert (await queued())[-1] == ("waiting", offered.id)


async def test_an_offer_for_a_checked_address_is_not_taken_at_the_other(
    event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    """By now somebody else has a request with it. Without the switch the offer is taken all the same."""
    offered = await offered_at_a_checked_address(event, omar, ada)
    await confirmed(replace(bo, email=NEW), event)
    with pytest.raises(Refused, match="cannot take this place with the link"):
        await offers.take(offered, LATER)
    assert ((await anew(offered)).state, (await anew(offered)).email) == (OFFERED, ada.email)
    await Event.filter(id=event.id).update(two_approvals=False)
    assert await offers.take(await anew(offered), LATER)
    assert ((await anew(offered)).state, (await anew(offered)).email) == (APPROVED, ada.email)
