"""An invitation keeps places free until its last day: for whoever uses it, and for nobody else. Rules: SE-15."""

import asyncio
from datetime import date, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event, event_with
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.asking import inviting
from registrations.asking.invited import Used
from registrations.asking.inviting import NotSoMany
from registrations.deciding import vetting, waiting_list
from registrations.desk import desk_counts
from registrations.people.invitation import Invitation
from registrations.people.registration import State
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from registrations.tickets.ticketing import EventFull
from tests.people import MONDAY, Person, confirmed, someone
from tests.registrations.asking.invitations import WARDENS, an_invitation, asks, code_of, confirms
from tests.registrations.deciding.decisions import anew
from tests.registrations.deciding.waiting import states, waiting
from tests.registrations.privacy.rights.asking import a_rights_request

LAST_DAY = date(2019, 4, 10)
OVER = clock.at_venue(LAST_DAY + timedelta(days=1), 9, 0)


@pytest.fixture
async def two_places(event: Event) -> Event:
    await Event.filter(id=event.id).update(capacity=2, allowance=0)
    return await event_with(event.id)


async def kept(made: Invitation) -> tuple[int, int]:
    """The places that it keeps, and those of the event that are taken."""
    row = await Invitation.get(id=made.id)
    return row.kept, (await event_with(row.event_id)).taken


async def a_keeper(event: Event, by: Staff, places: int = 2) -> Invitation:
    return await an_invitation(event, by, places=places, skips=True, keeps=True, last_day=LAST_DAY)


async def test_nobody_else_gets_a_kept_place_and_who_uses_the_code_does(
    database: Database, two_places: Event, ada: Person, omar: Staff
) -> None:
    made = await a_keeper(two_places, omar)
    assert await kept(made) == (2, 2)
    other = await confirmed(someone(), two_places)
    with pytest.raises(EventFull):
        await vetting.approve(other, omar, MONDAY)
    assert await confirms(await asks(ada, two_places, code_of(made))) is Used.PLACE
    assert await kept(made) == (1, 2), "theirs now, and no second place"
    counts = await desk_counts.counts(two_places.id)
    assert (counts.approved, counts.kept, counts.places_left) == (1, 1, 0)


async def test_without_keeping_who_uses_the_code_waits_where_all_places_are_taken(
    two_places: Event, ada: Person, omar: Staff
) -> None:
    """The control."""
    made = await an_invitation(two_places, omar, skips=True)
    await Event.filter(id=two_places.id).update(capacity=0)
    asked = await asks(ada, two_places, code_of(made))
    await confirms(asked)
    assert (await anew(asked)).state is State.WAITING


async def test_kept_places_fall_free_after_the_last_day_and_go_to_who_waits(two_places: Event, omar: Staff) -> None:
    made = await a_keeper(two_places, omar)
    people = await waiting(two_places, omar, 2)
    await waiting_list.turn(MONDAY + timedelta(hours=3))
    assert await states(*people) == [State.WAITING] * 2
    await waiting_list.turn(OVER)
    assert await kept(made) == (0, 2)
    assert await states(*people) == [State.OFFERED] * 2


async def test_kept_places_fall_free_with_the_end_of_the_invitation_once(two_places: Event, omar: Staff) -> None:
    made = await a_keeper(two_places, omar)
    await inviting.end(made, omar, MONDAY)
    await inviting.free_over(OVER)
    assert await kept(made) == (0, 0)


async def test_no_more_places_are_kept_than_are_left(two_places: Event, omar: Staff) -> None:
    with pytest.raises(NotSoMany):
        await a_keeper(two_places, omar, places=3)
    assert (await Invitation.all().count(), (await event_with(two_places.id)).taken) == (0, 0)


async def test_places_are_kept_for_those_alone_who_have_one_at_once(two_places: Event, omar: Staff) -> None:
    with pytest.raises(Refused, match="Choose that too, or keep none"):
        await an_invitation(two_places, omar, keeps=True)


async def test_a_use_that_waits_for_two_organisers_keeps_no_place_that_nobody_can_use(
    two_places: Event, ada: Person, omar: Staff
) -> None:
    made = await a_keeper(two_places, omar)
    await Event.filter(id=two_places.id).update(two_approvals=True)
    assert await confirms(await asks(ada, two_places, code_of(made))) is Used.COUNTS
    assert await kept(made) == (1, 1)


async def test_of_many_at_once_each_gets_one_kept_place_and_others_none(
    database: Database, event: Event, omar: Staff
) -> None:
    await Event.filter(id=event.id).update(capacity=3, allowance=0)
    made = await a_keeper(event, omar, places=3)
    people = [Person(f"Warden {n}", f"w{n}@{WARDENS}", "Wardens", "charity", "Warden") for n in range(3)]
    invited = [await asks(person, event, code_of(made)) for person in people]
    others = [await confirmed(someone(), event) for _ in range(3)]
    acts = [confirms(asked) for asked in invited], [vetting.approve(asked, omar, MONDAY) for asked in others]
    came = await asyncio.gather(*acts[0], *acts[1], return_exceptions=True)
    assert came[:3] == [Used.PLACE] * 3
    assert [type(answer) for answer in came[3:]] == [EventFull] * 3
    assert await kept(made) == (0, 3)


async def test_ending_and_using_at_once_lose_no_place(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    made = await a_keeper(event, omar)
    asked = await asks(ada, event, code_of(made))
    await asyncio.gather(inviting.end(made, omar, MONDAY), confirms(asked), inviting.free_over(OVER))
    has_one = (await anew(asked)).state is State.APPROVED
    assert await kept(made) == (0, int(has_one))


async def test_a_place_kept_for_one_address_falls_free_when_whoever_reads_it_is_erased(
    database: Database, two_places: Event, ada: Person, omar: Staff
) -> None:
    """The invitation goes with them. Nobody could ever give back what it kept."""
    await an_invitation(two_places, omar, only_for=ada.email, places=1, skips=True, keeps=True)
    others = await a_keeper(two_places, omar, places=1)
    await confirmed(ada, two_places)
    request = await a_rights_request(two_places, omar, Right.ERASURE, ada.email)
    await erasing.erase(request, omar, MONDAY, clock.real())
    assert await kept(others) == (1, 1)
    assert [made.id for made in await Invitation.all()] == [others.id]
    assert (await desk_counts.counts(two_places.id)).approved == 0
