"""Who comes along with a guest: organisers link and part people, and what ends a guest's place ends theirs.

Rules: EV-05, SG-07.
"""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.event import Event
from events.ground.refusal import Refused
from registrations.booking import own_booking
from registrations.booking.handing import handing_over
from registrations.deciding import coming_along, restoring, undone_decisions, vetting
from registrations.deciding.vetting import Decision
from registrations.people.companions import MOST, companions_of
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, an_event, audit_of, confirmed, queued, request_of, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking.handing.handing import CY, asks, live_tickets, told_of
from tests.registrations.coming import a_guest, anew, comes_along, joined, link
from tests.registrations.deciding import outside
from tests.registrations.deciding.decisions import LATER
from tests.registrations.deciding.outside import OUT, Act, do

JOINS = [State.CONFIRMED, State.WAITING, State.APPROVED, State.OFFERED, State.RECHECKING]


async def test_omar_links_two_who_telephone_and_parts_them_again(event: Event, omar: Staff) -> None:
    guest, other = await a_guest(event), await confirmed(someone(), event)
    await coming_along.link(other, guest, omar, MONDAY)
    assert [row.id for row in await companions_of(guest)] == [other.id]
    await coming_along.unlink(await anew(other), omar, LATER)
    assert await companions_of(guest) == []
    assert [entry[:2] for entry in await audit_of(other)] == [
        (Action.COMES_ALONG, f"staff:{omar.id}"), (Action.COMES_ALONE, f"staff:{omar.id}"),
    ]  # fmt: skip
    assert [entry.details for entry in await AuditEntry.filter(action=Action.COMES_ALONG)] == [{"guest": about(guest)}]


@pytest.mark.parametrize("state", sorted(State))
async def test_only_whoever_has_a_page_of_their_own_comes_along(event: Event, state: State) -> None:
    guest, other = await a_guest(event), await put_into(state, someone(), event)
    assert (await joined(guest.id, other.id) is not None) is (state in JOINS)


@pytest.mark.parametrize("state", sorted(State))
async def test_only_with_somebody_who_has_a_place(event: Event, state: State) -> None:
    guest, other = await put_into(state, someone(), event), await confirmed(someone(), event)
    assert (await joined(guest.id, other.id) is not None) is (state in (State.APPROVED, State.RECHECKING))


async def test_nobody_comes_along_with_themselves_or_with_two_or_in_a_chain_or_across_events(event: Event) -> None:
    guest, second, stranger = await a_guest(event), await a_guest(event), await a_guest(await an_event())
    companion = await comes_along(guest, State.APPROVED)
    never = [(guest, guest), (second, companion), (companion, second), (second, guest), (stranger, second)]
    for with_, who in never:
        assert await joined(with_.id, who.id) is None, (with_.id, who.id)
    assert await joined(guest.id, second.id) is not None, "the control"


async def test_a_third_is_refused_also_at_the_same_moment(event: Event) -> None:
    guest, people = await a_guest(event), [await confirmed(someone(), event) for _ in range(6)]
    made = await asyncio.gather(*(joined(guest.id, person.id) for person in people))
    assert sum(row is not None for row in made) == MOST == len(await companions_of(guest))


async def test_two_who_are_linked_with_each_other_at_once_make_no_circle(event: Event) -> None:
    one, two = await a_guest(event), await a_guest(event)
    made = await asyncio.gather(joined(one.id, two.id), joined(two.id, one.id))
    assert sum(row is not None for row in made) == 1


async def test_nobody_who_hands_over_or_takes_over_comes_along(event: Event, ada: Person) -> None:
    giver, guest = (await with_ticket(ada, event))[0], await a_guest(event)
    hand_over = await asks(giver)
    assert await joined(guest.id, giver.id) is None
    assert await handing_over.take_up(hand_over, told_of(CY), MONDAY)
    receiver = await request_of(CY.email)
    assert (await joined(guest.id, receiver.id), await joined(guest.id, giver.id)) == (None, None)


async def test_whoever_comes_along_hands_no_place_over(event: Event) -> None:
    companion = await comes_along(await a_guest(event), State.APPROVED)
    with pytest.raises(Refused, match="You come along with a guest"):
        await asks(companion)
    await coming_along.unlink(await anew(companion), await _staff(), MONDAY)
    assert await asks(companion), "the control: once they come by themselves"


async def test_whoever_takes_a_place_over_does_not_come_along_any_more(event: Event, ada: Person) -> None:
    """Also if it is the place of the guest whom they came along with: they have a place that is counted then."""
    guest = (await with_ticket(ada, event))[0]
    await comes_along(guest, State.CONFIRMED, CY)
    assert await handing_over.take_up(await asks(guest), told_of(CY), MONDAY)
    receiver = await request_of(CY.email)
    assert (receiver.comes_with_id, receiver.state) == (None, State.CONFIRMED)
    assert Action.COMES_ALONE in [act for act, _, _ in await audit_of(receiver)]
    await vetting.approve(receiver, await _staff(), LATER)
    assert await live_tickets(guest, receiver) == [0, 1]


async def _staff() -> Staff:
    return await Staff.all().order_by("id").first() or pytest.fail("nobody organises")


async def an_approved_guest(event: Event, omar: Staff) -> Registration:
    asked = await confirmed(someone(), event)
    await vetting.approve(asked, omar, MONDAY)
    return await anew(asked)


@pytest.mark.parametrize("way", [*sorted(OUT), "handed over"])
async def test_whatever_ends_the_guests_place_ends_theirs_in_the_same_act(event: Event, omar: Staff, way: str) -> None:
    guest = await an_approved_guest(event, omar)
    companions = [await comes_along(guest, State.APPROVED), await comes_along(guest, State.CONFIRMED)]
    other = await comes_along(await an_approved_guest(event, omar), State.APPROVED)
    await do(OUT.get(way, [outside.hand_over]), guest, omar)
    for companion in companions:
        now = await anew(companion)
        assert (now.state, now.comes_with_id, await live_tickets(now)) == (State.CANCELLED, None, [0])
        assert ("cancelled", now.id) in await queued()
        assert (await audit_of(now))[-1][0] == Action.ENDED_WITH_GUEST
    assert ((await anew(other)).state, await live_tickets(other)) == (State.APPROVED, [1]), "the control"


async def test_one_who_was_declined_is_no_longer_linked_and_hears_nothing(event: Event, omar: Staff) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest)
    await vetting.not_offer(companion, omar, MONDAY)
    before = await queued()
    assert await own_booking.give_up(await anew(guest), LATER)
    now = await anew(companion)
    assert (now.state, now.comes_with_id) == (State.NOT_OFFERED, None)
    assert [email for email in await queued() if email not in before] == [("given_up", guest.id)]


@pytest.mark.parametrize("ends", [outside.give_up, outside.withdraw, outside.cancel])
async def test_the_guest_keeps_the_place_when_theirs_ends(event: Event, omar: Staff, ends: Act) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    await ends(companion, omar)
    assert ((await anew(guest)).state, await live_tickets(guest, companion)) == (State.APPROVED, [1, 0])


async def test_a_decision_that_ended_somebody_cannot_be_undone(event: Event, omar: Staff) -> None:
    guest, alone = await a_guest(event), await a_guest(event)
    await comes_along(guest, State.APPROVED)
    for person in (guest, alone):
        await do([outside.change_organisation, outside.decline], person, omar)
    assert not await undone_decisions.undo(await anew(guest), omar, LATER)
    assert await undone_decisions.undo(await anew(alone), omar, LATER), "the control"


async def test_whoever_is_restored_comes_by_themselves(event: Event, omar: Staff) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    await vetting.cancel(companion, omar, MONDAY)
    await restoring.restore(await anew(companion), State.CONFIRMED, omar, LATER)
    assert (await anew(companion)).comes_with_id is None


async def test_approving_somebody_while_the_guest_gives_up_leaves_no_place(event: Event, omar: Staff) -> None:
    for _ in range(4):
        guest = await a_guest(event)
        companion = await comes_along(guest)
        acts = vetting.decide(companion, Decision.APPROVE, omar, LATER), own_booking.give_up(await anew(guest), LATER)
        await asyncio.gather(*acts)
        assert (await live_tickets(guest, companion), (await anew(companion)).state) == ([0, 0], State.CANCELLED)


async def test_linking_somebody_while_the_guest_gives_up_leaves_no_link(event: Event, omar: Staff) -> None:
    for _ in range(4):
        guest, other = await a_guest(event), await confirmed(someone(), event)
        await asyncio.gather(
            coming_along.link(other, guest, omar, LATER),
            own_booking.give_up(await anew(guest), LATER),
            return_exceptions=True,
        )
        assert ((await anew(guest)).state, (await anew(other)).comes_with_id) == (State.CANCELLED, None)


async def test_the_same_two_are_linked_once(event: Event) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest)
    with pytest.raises(Refused, match="cannot be noted"):
        await link(companion, guest)
