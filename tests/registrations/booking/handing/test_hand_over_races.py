"""Exactly one ticket is good for a place that is handed over, whatever everybody does at the same moment.

Rules: SG-07, SG-02.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.booking import new_address, own_booking, rechecking
from registrations.booking.colleagues import naming
from registrations.booking.handing import handing_over
from registrations.checkin import checkin
from registrations.checkin.scan import Admission
from registrations.deciding import several_decisions, taking_over, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import MONDAY, THE_DAY, Person, confirmed, request_of, requested, someone
from tests.professional import with_ticket
from tests.registrations.booking import addressing
from tests.registrations.booking.handing.handing import CY, anew, asks, live_tickets, newest, taken, taken_up, told_of
from tests.registrations.privacy.rights.test_another_address import between

LATER = MONDAY + timedelta(hours=1)
TIMES = 4
Act = Callable[[Registration, Registration, Staff], Awaitable[object]]


async def approves(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await vetting.decide(receiver, Decision.APPROVE, omar, LATER)


async def approves_what_was_shown(giver: Registration, receiver: Registration, omar: Staff) -> object:
    shown = (await newest(giver)).id
    return await vetting.decide(receiver, Decision.APPROVE, omar, LATER, takes_over=shown)


async def gives_up(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await own_booking.give_up(giver, LATER)


async def takes_back(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await handing_over.take_back(giver, LATER)


async def withdraws_approval(giver: Registration, receiver: Registration, omar: Staff) -> None:
    await vetting.withdraw(giver, omar, LATER)


async def cancels(giver: Registration, receiver: Registration, omar: Staff) -> None:
    await vetting.cancel(giver, omar, LATER)


async def changes_organisation(giver: Registration, receiver: Registration, omar: Staff) -> None:
    await rechecking.change_organisation(giver, "Elsewhere", OrganisationKind.OTHER, LATER, clock.real())


async def moves(giver: Registration, receiver: Registration, omar: Staff) -> object:
    change = await addressing.asks(giver, f"new{giver.id}@x.example.org")
    return await new_address.confirm(change, LATER)


async def declines(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await vetting.decide(receiver, Decision.NOT_OFFER, omar, LATER)


async def declines_with_others(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await several_decisions.decide_people([receiver], Decision.NOT_OFFER, omar, LATER)


async def colleague_withdraws(giver: Registration, receiver: Registration, omar: Staff) -> object:
    return await own_booking.give_up(receiver, LATER)


async def hands_to_another(giver: Registration, receiver: Registration, omar: Staff) -> None:
    await handing_over.take_back(giver, LATER)
    await handing_over.ask(await anew(giver), f"di{giver.id}@x.example.org", "", LATER, clock.real())


AGAINST: list[Act] = [
    approves, gives_up, takes_back, withdraws_approval, cancels, changes_organisation, moves, declines,
    declines_with_others, colleague_withdraws, hands_to_another,
]  # fmt: skip


@pytest.mark.parametrize("against", AGAINST)
async def test_an_approval_and_anything_else_at_once_leave_one_ticket_for_the_place(
    event: Event, omar: Staff, against: Act
) -> None:
    """On both databases, several times: whoever is quicker decides, and the other finds it over."""
    pairs = [await taken_up(someone(), event, someone()) for _ in range(TIMES)]
    acts = [act for pair in pairs for act in (approves_what_was_shown(*pair, omar), against(*await both(pair), omar))]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
    for giver, receiver in pairs:
        now = await anew(giver), await anew(receiver)
        assert (await live_tickets(*now)) == [int(person.state is State.APPROVED) for person in now]
        has_place = [person.state in (State.APPROVED, State.RECHECKING) for person in now]
        assert sum(has_place) <= 1, "never both"
        if against not in (gives_up, withdraws_approval, cancels):
            assert sum(has_place) == 1, "and never neither"
    all_now = [await anew(person) for pair in pairs for person in pair]
    assert await taken(event) == sum(person.state in (State.APPROVED, State.RECHECKING) for person in all_now)


async def both(pair: tuple[Registration, Registration]) -> tuple[Registration, Registration]:
    return await anew(pair[0]), await anew(pair[1])


@pytest.mark.parametrize("against", [takes_back, gives_up, colleague_withdraws, declines])
async def test_what_happens_once_an_approval_has_read_the_hand_over_is_seen_by_it(
    event: Event, ada: Person, omar: Staff, against: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the other one can get through, it is done; where it waits for the approval, it finds it over."""
    giver, receiver = await taken_up(ada, event)

    done = list[object]()

    async def acts() -> None:
        with suppress(Refused):
            done.append(await against(await anew(giver), await anew(receiver), omar))

    other = between(monkeypatch, taking_over, "by_receiver", acts)
    result = await approves(giver, receiver, omar)
    await other[0]
    now = [await anew(giver), await anew(receiver)]
    assert await live_tickets(*now) == [int(person.state is State.APPROVED) for person in now]
    assert sum(person.state is State.APPROVED for person in now) == await taken(event) <= 1
    if against is takes_back:
        kept = now[0].state is State.APPROVED
        assert (kept, result) == (done == [True], Result.DECIDED if kept else Result.DONE), "it is what they were told"


async def test_two_organisers_who_approve_at_once_hand_it_over_once(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    seen = [await anew(receiver) for _ in range(4)]
    results = await asyncio.gather(*[vetting.decide(copy, Decision.APPROVE, omar, LATER) for copy in seen])
    assert sorted(results) == [Result.DECIDED] * 3 + [Result.DONE]
    assert (await live_tickets(giver, receiver), await taken(event)) == ([0, 1], 1)


async def test_a_colleague_who_presses_twice_has_one_request(event: Event) -> None:
    for _ in range(TIMES):
        giver, _ticket = await with_ticket(someone(), event)
        colleague = someone()
        hand_over = await asks(giver, colleague.email)
        copies = [await newest(giver) for _ in range(3)]
        presses = [handing_over.take_up(copy, told_of(colleague), LATER) for copy in [hand_over, *copies]]
        assert sorted(await asyncio.gather(*presses)) == [False] * 3 + [True]
        assert (await request_of(colleague.email)).id == (await newest(giver)).receiver_id


async def test_yes_no_and_taking_back_at_once_leave_one_answer(event: Event) -> None:
    for _ in range(TIMES):
        giver, _ticket = await with_ticket(someone(), event)
        colleague = someone()
        await asks(giver, colleague.email)
        acts = [
            handing_over.take_up(await newest(giver), told_of(colleague), LATER),
            handing_over.refuse(await newest(giver), LATER),
            handing_over.take_back(await anew(giver), LATER),
            own_booking.give_up(await anew(giver), LATER),
        ]
        answers = await asyncio.gather(*acts, return_exceptions=True)
        assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
        assert (await newest(giver)).address == ""
        assert (await newest(giver)).receiver_id is None, "the guest gave up in any case"
        assert await live_tickets(giver) == [0]


async def test_of_ten_who_ask_at_once_one_is_heard(event: Event, ada: Person) -> None:
    giver, _ticket = await with_ticket(ada, event)
    copies = [await anew(giver) for _ in range(3)]
    asking = [handing_over.ask(copy, f"di{n}@x.example.org", "", MONDAY, clock.real()) for n, copy in enumerate(copies)]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert (answers.count(None), await HandOver.all().count()) == (1, 1)


async def test_two_guests_who_name_one_colleague_give_them_one_place(event: Event, omar: Staff) -> None:
    givers = [(await with_ticket(someone(), event))[0] for _ in range(2)]
    asked = [await asks(giver) for giver in givers]
    answers = await asyncio.gather(
        *[handing_over.take_up(hand_over, told_of(CY), LATER) for hand_over in asked], return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "bool"]
    receiver = await request_of(CY.email)
    assert await vetting.decide(receiver, Decision.APPROVE, omar, LATER) is Result.DONE
    assert (sorted(await live_tickets(*givers)), await taken(event)) == ([0, 1], 2)


async def test_whoever_asks_for_a_place_in_the_same_moment_has_one_request(event: Event) -> None:
    """Unconfirmed or new, it becomes the request by which they take the place over."""
    for _ in range(TIMES):
        giver, _ticket = await with_ticket(someone(), event)
        colleague = someone()
        hand_over = await asks(giver, colleague.email)
        answers = await asyncio.gather(
            handing_over.take_up(hand_over, told_of(colleague), LATER),
            requested(colleague, event),
            return_exceptions=True,
        )
        assert answers[0] is True, answers
        assert (await request_of(colleague.email)).state is State.CONFIRMED


async def test_a_scan_and_an_approval_at_once_let_one_of_the_two_in(event: Event, omar: Staff, sid: Device) -> None:
    """A ticket that has let somebody in is not taken from them; one that is handed over lets nobody in."""
    for _ in range(TIMES):
        giver, receiver = await taken_up(someone(), event, someone())
        ticket = await Ticket.get(registration_id=giver.id)
        settled, decided = await asyncio.gather(
            checkin.settle([await scan_of(ticket)], sid, THE_DAY),
            vetting.decide(receiver, Decision.APPROVE, omar, THE_DAY),
            return_exceptions=True,
        )
        assert not isinstance(settled, BaseException), settled
        assert sum(await live_tickets(giver, receiver)) == 1
        came_in = await Admission.filter(ticket_id=ticket.id).exists()
        assert (decided is Result.DONE) is not came_in


async def test_several_and_one_decided_at_once_wait_for_nobody(event: Event, omar: Staff) -> None:
    pairs = [await taken_up(someone(), event, someone()) for _ in range(TIMES)]
    others = [await confirmed(someone(), event) for _ in range(TIMES)]
    people = [*[receiver for _, receiver in pairs], *others]
    acts: list[Awaitable[object]] = [several_decisions.decide_people(people, Decision.NOT_OFFER, omar, LATER)]
    acts += [vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER) for _, receiver in pairs]
    acts += [own_booking.give_up(await anew(giver), LATER) for giver, _ in pairs]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
    now = [await anew(person) for pair in pairs for person in pair]
    held = [person for person in now if person.state is State.APPROVED]
    assert (await taken(event), await Ticket.filter(revoked_at=None).count()) == (len(held), len(held))


async def test_an_approval_waits_for_nobody_who_decides_on_both_sides(
    event: Event, ada: Person, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guest is looked at again, so that both are in the queue."""
    giver, receiver = await taken_up(ada, event)
    await changes_organisation(giver, receiver, omar)
    results = list[Mapping[int, Result]]()

    async def declines_both() -> None:
        ids = [giver.id, receiver.id]
        results.append(await several_decisions.decide_several(event, ids, Decision.NOT_OFFER, omar, LATER))

    other = between(monkeypatch, taking_over, "as_shown", declines_both)
    assert await approves(giver, receiver, omar) is Result.DONE
    await other[0]
    assert results == [dict.fromkeys([giver.id, receiver.id], Result.DECIDED)]


async def test_whoever_takes_a_place_over_waits_for_nobody_who_names_them(
    event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They had asked before the guest did, and never confirmed: whoever names them holds their request first."""
    await requested(CY, event)
    giver, _ticket = await with_ticket(ada, event)
    hand_over, guest = await asks(giver), await anew(giver)

    async def names() -> None:
        await naming.name(guest, CY.email, "", MONDAY, clock.real())

    other = between(monkeypatch, handing_over, "_is_unanswered", names)
    assert await handing_over.take_up(hand_over, told_of(CY), MONDAY)
    await other[0]
    assert await Colleague.filter(registration_id=giver.id).count() == 1
