"""Whatever frees a place, the next turn offers it to the next by the time of asking.

Rules: EV-08, SE-15.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from registrations.booking import new_address
from registrations.deciding import offers, several_decisions, undone_decisions, vetting, waiting_list
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, confirmed, someone
from tests.professional import with_ticket
from tests.registrations.booking.addressing import waits
from tests.registrations.deciding import outside
from tests.registrations.deciding.decisions import anew, taken
from tests.registrations.deciding.outside import Act
from tests.registrations.deciding.waiting import NOON, full, states, turn, waiting

OFFERED, WAITING = State.OFFERED, State.WAITING


async def _more_places(guest: Registration, omar: Staff) -> object:
    return await Event.filter(id=guest.event_id).update(capacity=2)


@pytest.mark.parametrize("frees", [outside.give_up, outside.withdraw, outside.cancel, _more_places])
async def test_whatever_frees_a_place_the_next_turn_offers_it_to_who_asked_first(
    event: Event, omar: Staff, frees: Act
) -> None:
    [guest] = await full(event, 1)
    people = await waiting(event, omar, 3)
    await turn()
    assert await states(*people) == [WAITING] * 3, "there is no place"
    await frees(guest, omar)
    await turn()
    await turn()
    assert await states(*people) == [OFFERED, WAITING, WAITING]
    entry = await AuditEntry.get(action=Action.OFFERED)
    assert (entry.actor, entry.details) == ("system", {})


async def test_a_no_and_an_unanswered_offer_go_to_the_next(event: Event, omar: Staff) -> None:
    await full(event, 0)
    ada, bo, cleo = await waiting(event, omar, 3)
    await Event.filter(id=event.id).update(capacity=1)
    await turn()
    await offers.decline(await anew(ada), NOON)
    await turn()
    assert await states(ada, bo, cleo) == [State.CANCELLED, OFFERED, WAITING]
    until = (await anew(bo)).offered_until or NOON
    await turn(until - timedelta(seconds=1))
    assert await states(bo, cleo) == [OFFERED, WAITING]
    await turn(until)
    assert await states(bo, cleo) == [WAITING, OFFERED]
    await offers.decline(await anew(cleo), until)
    await turn(until)
    assert await states(bo) == [WAITING], "they have not said that they still want a place"
    await offers.stay(await anew(bo), until)
    await turn(until)
    assert await states(bo) == [OFFERED]
    assert await taken(event) == 1


async def test_who_stays_after_an_offer_waits_after_the_others(event: Event, omar: Staff) -> None:
    await full(event, 0)
    ada, bo = await waiting(event, omar, 2)
    await Registration.filter(id=ada.id).update(waits_from=NOON)
    await Event.filter(id=event.id).update(capacity=1)
    await turn()
    assert await states(ada, bo) == [WAITING, OFFERED]


@pytest.mark.parametrize(
    "changes", [{"automatic_offers": False}, {"state": "draft"}, {"capacity": 0}], ids=["off", "a draft", "full"]
)
async def test_nothing_moves_where_it_must_not(event: Event, omar: Staff, changes: dict[str, object]) -> None:
    [ada] = await waiting(event, omar)
    before = await Event.get(id=event.id)
    await Event.filter(id=event.id).update(**changes)
    await turn()
    assert await states(ada) == [WAITING]
    await Event.filter(id=event.id).update(**{name: getattr(before, name) for name in changes})
    await turn()
    assert await states(ada) == [OFFERED]


async def test_by_night_places_wait_for_the_morning(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    for hours in (20, 23):
        await turn(clock.at_venue(clock.local(MONDAY).date(), hours, 0))
        assert await states(ada) == [WAITING]
    await turn(clock.at_venue(clock.local(MONDAY + timedelta(days=1)).date(), 8, 0))
    assert await states(ada) == [OFFERED]


async def test_whom_no_email_reaches_is_left_to_the_organisers(event: Event, omar: Staff) -> None:
    ada, bo = await waiting(event, omar, 2)
    await Registration.filter(id=ada.id).update(undeliverable="5.1.1")
    await Event.filter(id=event.id).update(capacity=1)
    await turn()
    assert await states(ada, bo) == [WAITING, OFFERED]


async def test_a_decision_that_can_be_undone_offers_nothing_yet(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.put_on_waiting_list(asked, omar, NOON)
    await turn(NOON + vetting.UNDO_FOR - timedelta(seconds=1))
    assert await states(asked) == [WAITING]
    await turn(NOON + vetting.UNDO_FOR)
    assert await states(asked) == [OFFERED]


async def test_an_approval_from_the_list_that_is_undone_leaves_them_in_line(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await vetting.approve(ada, omar, NOON)
    assert await undone_decisions.undo(await anew(ada), omar, NOON)
    await turn()
    assert await states(ada) == [OFFERED]


async def of_body(event: Event, omar: Staff, *domains: str) -> list[Registration]:
    people = [Person(f"Body {n}", f"p{n}@{domain}", "Body", "charity", "Officer") for n, domain in enumerate(domains)]
    return await waiting(event, omar, len(people), *people)


async def test_one_verified_organisation_gets_no_more_than_its_cap(event: Event, omar: Staff) -> None:
    await KnownOrganisation.create(event=event, domain="big.example", kind="charity", treatment=Treatment.PARTNER)
    await KnownOrganisation.create(event=event, domain="seen.example", kind="charity", treatment=Treatment.REVIEW)
    domains = ["big.example", "team.big.example", "big.example", "seen.example", "seen.example", "seen.example"]
    people = await of_body(event, omar, *domains)
    await Event.filter(id=event.id).update(domain_cap=2)
    await turn()
    assert await states(*people) == [OFFERED, OFFERED, WAITING, OFFERED, OFFERED, OFFERED]
    await offers.decline(await anew(people[0]), NOON)
    await turn()
    assert await states(people[2]) == [OFFERED]


async def test_two_servers_at_once_make_one_offer_of_each_place(database: Database, event: Event, omar: Staff) -> None:
    people = await waiting(event, omar, 8)
    await Event.filter(id=event.id).update(capacity=5)
    await asyncio.gather(*(waiting_list.move(event.id, NOON) for _ in range(4)))
    assert await states(*people) == [OFFERED] * 5 + [WAITING] * 3
    assert await taken(event) == 5
    assert await AuditEntry.filter(action=Action.OFFERED).count() == 5


@pytest.mark.parametrize("leaves", [False, True])
async def test_who_is_looked_at_again_counts_for_both_addresses(
    event: Event, omar: Staff, leaves: bool, ada: Person, bo: Person
) -> None:
    """For a verified organisation that they come to, and for one that they leave, until that is decided."""
    await KnownOrganisation.create(
        event=event, domain="lanterns.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    await Event.filter(id=event.id).update(domain_cap=1)
    here, away = "ada@lanterns.example.org", "ada@elsewhere.example.org"
    before, after = (here, away) if leaves else (away, here)
    change = await waits(replace(ada, email=before), event, after)
    [next_one] = await waiting(event, omar, 1, replace(bo, email="bo@lanterns.example.org"))
    await turn()
    assert await states(next_one) == [State.WAITING]
    assert await new_address.keep(change, MONDAY)
    await turn()
    assert await states(next_one) == [State.WAITING if leaves else State.OFFERED], "the control"


async def test_nor_is_a_place_offered_to_somebody_who_moves_to_a_full_organisation(
    event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    await KnownOrganisation.create(
        event=event, domain="lanterns.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    await Event.filter(id=event.id).update(domain_cap=1)
    await with_ticket(replace(bo, email="bo@lanterns.example.org"), event)
    change = await waits(ada, event, "ada@lanterns.example.org")
    asked = await Registration.get(id=change.registration_id)
    await vetting.put_on_waiting_list(asked, omar, MONDAY - timedelta(days=1))
    await turn()
    assert await states(asked) == [State.WAITING]
    await Event.filter(id=event.id).update(domain_cap=2)
    await turn()
    assert await states(asked) == [State.OFFERED], "the control"


async def test_two_servers_at_once_keep_to_the_cap(database: Database, event: Event, omar: Staff) -> None:
    await KnownOrganisation.create(event=event, domain="big.example", kind="charity", treatment=Treatment.PARTNER)
    people = await of_body(event, omar, *["big.example"] * 6)
    await Event.filter(id=event.id).update(domain_cap=3)
    await asyncio.gather(*(waiting_list.move(event.id, NOON) for _ in range(4)))
    assert Counter(await states(*people)) == {OFFERED: 3, WAITING: 3}


async def test_a_turn_killed_in_the_middle_goes_on(event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo, cleo = await waiting(event, omar, 3)
    send, made = offers._send, 0

    async def dies(*message: object, **more: object) -> None:
        nonlocal made
        made += 1
        if made == 2:
            raise SystemError("killed")
        await send(*message, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(offers, "_send", dies)
    with pytest.raises(SystemError):
        await turn()
    assert (await states(ada, bo, cleo), await taken(event)) == ([OFFERED, WAITING, WAITING], 1)
    await turn()
    assert (await states(ada, bo, cleo), await taken(event)) == ([OFFERED] * 3, 3)


async def test_several_are_approved_from_the_list_in_order_as_many_as_there_are_places(
    event: Event, omar: Staff
) -> None:
    await full(event, 0)
    people = await waiting(event, omar, 4)
    other = await confirmed(someone(), event)
    await Event.filter(id=event.id).update(capacity=2)
    listed = await several_decisions.in_order(event, [person.id for person in reversed([*people, other])])
    results = await several_decisions.decide_people(listed, vetting.Decision.APPROVE, omar, NOON, seen=WAITING)
    done, decided, none_left = vetting.Result.DONE, vetting.Result.DECIDED, vetting.Result.FULL
    assert [results[person.id] for person in people] == [done, done, none_left, none_left]
    assert results[other.id] is decided, "they were not on the list that the organiser saw"
    await Event.filter(id=event.id).update(capacity=9)
    offered = await several_decisions.decide_people(
        await several_decisions.in_order(event, [person.id for person in people]),
        vetting.Decision.OFFER,
        omar,
        NOON,
        seen=WAITING,
    )
    assert [offered[person.id] for person in people] == [decided, decided, done, done]
    assert await AuditEntry.filter(action=Action.OFFERED, actor=omar.actor).count() == 2
