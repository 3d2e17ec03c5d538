"""A request that still has its tag under the old key is restored: its address gets no second live request by that.

Rules: SE-16.
"""

import pytest

from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.asking import registering
from registrations.deciding import restoring, vetting
from registrations.people.person import address_tag
from registrations.people.registration import LIVE, Registration, State
from tests.callers_world import World
from tests.events.rotation.rotating import Place
from tests.people import MONDAY, Person, someone
from tests.professional import told_by, with_ticket


async def not_reached_yet(place: Place, world: World, person: Person) -> Registration:
    """Cancelled; its event has a new key, and it stands as before: as it does until its turn comes."""
    asked, _ = await with_ticket(person, world.event)
    await vetting.cancel(asked, world.staff["lead"], MONDAY)
    old = await Registration.get(id=asked.id)
    await place.rotates_event(world.event)
    await Registration.filter(id=asked.id).update(address_tag=old.address_tag, person_sealed=old.person_sealed)
    return await Registration.get(id=asked.id)


async def live(event: Event, person: Person) -> list[Registration]:
    return [row for row in await Registration.filter(event_id=event.id, state__in=LIVE) if row.email == person.email]


async def test_whoever_asked_again_has_one_request(place: Place, world: World) -> None:
    person = someone()
    cancelled = await not_reached_yet(place, world, person)
    event = await Event.get(id=world.event.id)
    await registering.ask(event, told_by(person), MONDAY, clock.real())
    with pytest.raises(Refused) as refused:
        await restoring.restore(cancelled, State.APPROVED, world.staff["lead"], MONDAY)
    assert refused.value.sentence == restoring.ASKED_AGAIN
    assert [row.state for row in await live(event, person)] == [State.REQUESTED]


async def test_whoever_is_restored_is_known_by_the_new_key(place: Place, world: World) -> None:
    """So that the database refuses a second one."""
    person = someone()
    cancelled = await not_reached_yet(place, world, person)
    event = await Event.get(id=world.event.id)
    await restoring.restore(cancelled, State.APPROVED, world.staff["lead"], MONDAY)
    assert [row.address_tag for row in await live(event, person)] == [address_tag(event, person.email)]
    await place.rotates_event(event)
