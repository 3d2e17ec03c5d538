"""A colleague who has asked for a place themselves takes one over without withdrawing anything: their request becomes
the one for that place, in one transaction, and keeps its turn.

Rules: SG-07, SG-02.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from registrations.booking import own_booking
from registrations.booking.handing import handing_over
from registrations.deciding import vetting, waiting_list
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, queued, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking.handing.handing import CY, anew, asks, live_tickets, newest, taken, told_of

LATER = MONDAY + timedelta(hours=1)
GIVES_WAY = sorted(handing_over.GIVES_WAY)
OWN = "You have asked for a place at this event yourself."
BEFORE = Person("Cy Before", CY.email, "Elsewhere", "housing", "Keeper")


async def waits(event: Event, state: State, by: Staff) -> Registration:
    asked = await confirmed(BEFORE, event, MONDAY - timedelta(days=3))
    if state is State.WAITING:
        await vetting.put_on_waiting_list(asked, by, MONDAY - timedelta(days=1))
    return await anew(asked)


@pytest.mark.parametrize("state", GIVES_WAY)
async def test_it_is_one_request_with_the_new_answers_and_the_old_turn(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    own = await waits(event, state, omar)
    giver, _ = await with_ticket(ada, event)
    assert await handing_over.take_up(await asks(giver), told_of(CY), LATER)
    now = await anew(own)
    assert (now.state, now.full_name, now.organisation, now.email) == (
        State.CONFIRMED, CY.name, CY.organisation, CY.email
    )  # fmt: skip
    assert (now.requested_at, now.confirmed_at, (await newest(giver)).receiver_id) == (own.requested_at, LATER, own.id)
    assert await Registration.all().count() == 2
    assert await vetting.decide(now, Decision.APPROVE, omar, LATER) is Result.DONE
    assert (await live_tickets(giver, now), await taken(event)) == ([0, 1], 1)


@pytest.mark.parametrize("state", GIVES_WAY)
async def test_if_nothing_comes_of_it_they_wait_in_their_turn(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    own = await waits(event, state, omar)
    giver, _ = await with_ticket(ada, event)
    assert await handing_over.take_up(await asks(giver), told_of(CY), LATER)
    assert await handing_over.take_back(await anew(giver), LATER)
    assert ("not_handed_over", own.id) in await queued()
    await vetting.put_on_waiting_list(await anew(own), omar, LATER)
    [first] = await waiting_list.some(event, 1, 0)
    assert (first.id, first.requested_at) == (own.id, own.requested_at)


@pytest.mark.parametrize("state", sorted(set(State) - {*handing_over.GIVES_WAY, State.REQUESTED}))
async def test_no_other_request_gives_way(event: Event, ada: Person, state: State) -> None:
    own = await put_into(state, CY, event)
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    if state in {State.CANCELLED, State.EXPIRED}:
        assert await handing_over.take_up(hand_over, told_of(CY), LATER)
        assert (await newest(giver)).receiver_id != own.id
        return
    with pytest.raises(Refused, match="has a request of its own at this event that has been decided, or an offer"):
        await handing_over.take_up(hand_over, told_of(CY), LATER)
    assert (await anew(own)).state is state


async def test_nobody_takes_over_two_places(event: Event, ada: Person, bo: Person) -> None:
    first, second = [(await with_ticket(person, event))[0] for person in (ada, bo)]
    assert await handing_over.take_up(await asks(first), told_of(CY), LATER)
    with pytest.raises(Refused, match="another place"):
        await handing_over.take_up(await asks(second), told_of(CY), LATER)
    assert (await newest(second)).receiver_id is None


async def test_a_first_approval_of_the_old_answers_does_not_count(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    own = await waits(event, State.CONFIRMED, omar)
    assert await vetting.decide(await anew(own), Decision.APPROVE, lena, MONDAY) is Result.FIRST
    giver, _ = await with_ticket(ada, event)
    assert await handing_over.take_up(await asks(giver), told_of(CY), LATER)
    assert await vetting.decide(await anew(own), Decision.APPROVE, omar, LATER) is Result.FIRST
    assert await live_tickets(giver, own) == [1, 0]


async def test_an_offer_a_decision_and_the_yes_at_once_leave_one_place_each(event: Event, omar: Staff) -> None:
    """On the waiting list, with a place free: the list offers it, an organiser declines, they give up, and say yes."""
    await KnownOrganisation.create(event=event, domain="x.example.org", kind="charity", treatment=Treatment.PARTNER)
    acts, pairs = list[asyncio.Future[object]](), list[tuple[Registration, Registration]]()
    for n in range(6):
        person = Person(f"Kit {n}", f"kit{n}@x.example.org", "X", "charity", "Y")
        asked = await confirmed(person, event, MONDAY - timedelta(days=3))
        await vetting.put_on_waiting_list(asked, omar, MONDAY - timedelta(days=1))
        giver, _ = await with_ticket(someone(), event)
        pairs.append((giver, await anew(asked)))
        hand_over = await asks(giver, person.email)
        verbs = [handing_over.take_up(hand_over, told_of(person), LATER)]
        verbs += [vetting.not_offer(await anew(asked), omar, LATER)] if n % 3 == 0 else []  # type: ignore[list-item]
        verbs += [own_booking.give_up(await anew(asked), LATER)] if n % 3 == 1 else []
        acts += [asyncio.ensure_future(verb) for verb in verbs]
    ends = await asyncio.gather(*acts, waiting_list.turn(LATER), return_exceptions=True)
    assert [end for end in ends if isinstance(end, BaseException) and not isinstance(end, Refused)] == []
    for giver, asked in pairs:
        now, hand_over = await anew(asked), await newest(giver)
        took = hand_over.receiver_id is not None
        assert await live_tickets(giver) == [1]
        if hand_over.receiver_id == asked.id:
            assert now.state is State.CONFIRMED
        assert took or now.state is not State.CONFIRMED
    held = await Registration.filter(state__in=[State.APPROVED, State.OFFERED]).count()
    assert (await taken(event), await Ticket.filter(revoked_at=None).count()) == (held, 6)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_pages_say_it_to_them_alone(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    giver, _ = await with_ticket(ada, event)
    path = (await asks(giver)).link.removeprefix("https://places.example.org")
    async with browsing(database) as client:
        pages = [path, f"{path}/details"]
        assert [OWN in words((await client.get(page)).text) for page in pages] == [False, False]
        await waits(event, State.WAITING, omar)
        assert [OWN in words((await client.get(page)).text) for page in pages] == [True, True]
        told = told_of(CY)._asdict() | {"kind": CY.kind}
        done = await client.post(pages[1], data=told)
        assert (done.status_code, done.headers["location"]) == (303, path)
        assert "You asked to take over a place" in words((await client.get(path)).text)
