"""Whoever changes their organisation is looked at again; a place that they have is held, and its ticket is dead.

Rules: GU-22, SG-02.
"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.booking import booking_emails, own_booking, rechecking
from registrations.deciding import several_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.desk import desk_counts
from registrations.people.registration import HOLDS_A_PLACE, OrganisationKind, Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import ticked
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, text_of, written
from tests.people import MONDAY, Person, an_event, audit_of, confirmed, queued, someone
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.booking.test_change_pages import sent_with

LATER = MONDAY + timedelta(hours=1)


async def anew(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


async def taken(event: Event) -> int:
    return (await Event.get(id=event.id)).taken


async def moves(registration: Registration) -> Registration:
    """To another organisation."""
    seen = await anew(registration)
    await rechecking.change_organisation(seen, "Lantern", OrganisationKind.HOUSING, LATER, LATER)
    return await anew(registration)


async def test_ada_who_has_a_place_keeps_it_without_a_ticket(event: Event, ada: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    now = await moves(asked)
    assert (now.state, now.organisation, now.kind) == (State.RECHECKING, "Lantern", OrganisationKind.HOUSING)
    dead, event = await Ticket.get(id=ticket.id), await Event.get(id=event.id)
    assert (dead.revoked_at, dead.list_version, event.taken) == (LATER, event.list_version, 1)
    assert (await audit_of(asked))[-1] == (Action.CHANGED_FOR_REVIEW, f"person:{asked.id}", LATER)
    assert await queued() == [("booking_changed", asked.id)]


async def test_the_same_pressed_twice_at_once_is_calm(event: Event, ada: Person) -> None:
    seen = await anew((await with_ticket(ada, event))[0])
    to = ("Lantern", OrganisationKind.HOUSING, LATER, LATER)
    await asyncio.gather(*(rechecking.change_organisation(seen, *to) for _ in range(3)))
    assert ((await anew(seen)).organisation, await queued()) == ("Lantern", [("booking_changed", seen.id)])
    with pytest.raises(Refused):
        await rechecking.change_organisation(seen, "Other", OrganisationKind.HOUSING, LATER, LATER)


@pytest.mark.parametrize("state", sorted(State))
async def test_nobody_changes_it_while_somebody_decides(event: Event, ada: Person, state: State) -> None:
    """An organiser would decide on another organisation than the one they have read."""
    asked = await put_into(state, ada, event)
    if state is State.APPROVED:
        assert (await moves(asked)).state is State.RECHECKING
    else:
        with pytest.raises(Refused, match="has just changed, so nothing was done"):
            await moves(asked)
        assert ((await anew(asked)).organisation, await queued()) == (asked.organisation, [])


@pytest.mark.parametrize(("decision", "left"), [(Decision.APPROVE, 1), (Decision.WAIT, 0), (Decision.NOT_OFFER, 0)])
async def test_each_decision_keeps_the_place_or_frees_it(
    event: Event, ada: Person, omar: Staff, decision: Decision, left: int
) -> None:
    asked, _ = await with_ticket(ada, event)
    await Event.filter(id=event.id).update(capacity=0, allowance=0)  # fewer than there were: hers stays hers
    seen = await moves(asked)
    assert await vetting.decide(seen, decision, omar, LATER) is Result.DONE
    live = await Ticket.filter(registration_id=asked.id, revoked_at=None).count()
    assert (await taken(event), live) == (left, left)


@pytest.mark.parametrize(("decision", "left"), [(Decision.APPROVE, 3), (Decision.WAIT, 0), (Decision.NOT_OFFER, 0)])
async def test_several_are_decided_together_with_those_who_ask_for_the_first_time(
    omar: Staff, decision: Decision, left: int
) -> None:
    event = await an_event(capacity=3)
    again = [await moves((await with_ticket(someone(), event))[0]) for _ in range(2)]
    people = [*again, await confirmed(someone(), event)]
    done = await several_decisions.decide_people(people, decision, omar, LATER)
    assert done == {person.id: Result.DONE for person in people}
    assert (await taken(event), await Ticket.filter(revoked_at=None).count()) == (left, left)


async def test_an_approval_and_a_give_up_at_once_leave_numbers_that_agree(omar: Staff) -> None:
    event = await an_event(capacity=5)
    people = [await moves((await with_ticket(someone(), event))[0]) for _ in range(5)]
    twice = [(await anew(person), await anew(person)) for person in people]
    approvals = [vetting.decide(seen, Decision.APPROVE, omar, LATER) for seen, _ in twice]
    give_ups = [own_booking.give_up(seen, LATER) for _, seen in twice]
    await asyncio.gather(*approvals, *give_ups, return_exceptions=True)
    states = Counter([person.state for person in await Registration.all()])
    held = sum(states[state] for state in HOLDS_A_PLACE)
    assert (await taken(event), await Ticket.filter(revoked_at=None).count()) == (held, states[State.APPROVED])
    assert set(states) <= {State.APPROVED, State.CANCELLED}


async def test_her_ticket_link_dies_and_her_booking_stays(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        page = await client.get(f"{booking}/change/organisation")
        assert (heading(page), "Your ticket stops working" in page.text) == ("Change your organisation", True)
        typed = {"organisation": "Lantern", "kind": "housing", **sent_with(page.text)}
        nothing = await client.post(f"{booking}/change/organisation", data=typed)
        assert (nothing.status_code, (await anew(asked)).state) == (422, State.APPROVED)
        saved = await client.post(f"{booking}/change/organisation", data=typed | {"save": "yes"})
        again = await client.post(f"{booking}/change/organisation", data=typed | {"save": "yes"})
        assert [answer.headers["location"] for answer in (saved, again)] == [f"{booking}?saved=organisation"] * 2
        said = words((await client.get(saved.headers["location"])).text)
        ticket = await client.get(path_to(asked, Purpose.TICKET))
        late = await client.get(f"{booking}/change/organisation")
    assert "We hold your place while a person looks at your booking again" in said
    assert (ticket.status_code, late.status_code) == (404, 409)
    assert "A person looks at your booking as you have sent it" in words(late.text)


async def test_a_page_drawn_before_a_correction_changes_nothing(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    page = path_to(asked, Purpose.MANAGE) + "/change/organisation"
    async with browsing(database) as client:
        seen = sent_with((await client.get(page)).text)
        await vetting.correct(await anew(asked), {"organisation": "Wardens of West Moor"}, omar, LATER)
        late = await client.post(page, data={"organisation": "Lantern", "kind": "housing", "save": "yes", **seen})
    assert (late.status_code, "Wardens of West Moor" in late.text) == (409, True)
    assert (await anew(asked)).state is State.APPROVED


async def test_the_email_says_that_the_place_is_held(event: Event, ada: Person) -> None:
    asked = await moves((await with_ticket(ada, event))[0])
    email = await written(booking_emails.changed_email, await Message.get(template="booking_changed"))
    assert email is not None
    assert_it_reads_well(email)
    assert "Somebody used your booking page to change the organisation." in text_of(email)
    assert "We hold your place while an organiser checks your booking again." in text_of(email)
    assert "Lantern" not in text_of(email)
    await Registration.filter(id=asked.id).update(state=State.CONFIRMED)
    email = await written(booking_emails.changed_email, await Message.get(template="booking_changed"))
    assert "We hold your place" not in text_of(email) if email else False


async def test_the_queue_shows_what_was_changed_and_no_click_approves_it(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    asked = await moves((await with_ticket(ada, event))[0])
    counted = await desk_counts.counts(event.id)
    assert (counted.to_decide, counted.approved) == (1, 0)
    desk = f"/desk/{event.slug}"
    async with browsing(database, lena) as client:
        queue, person = await client.get(f"{desk}/requests"), await client.get(f"{desk}/people/{asked.id}")
        clicked = await client.post(f"{desk}/requests/approve", data={"person": await ticked(asked)})
        assert ((await anew(asked)).state, clicked.status_code) == (State.RECHECKING, 303)
        decided = await client.post(
            f"{desk}/people/{asked.id}/decide", data={"decision": "approve", "seen": "rechecking"}
        )
    assert "Has a place. Changed their organisation 8 April" in words(queue.text)
    assert "Has a place. Changed their organisation 8 April" in words(person.text)
    assert (decided.status_code, (await anew(asked)).state, await taken(event)) == (303, State.APPROVED, 1)
