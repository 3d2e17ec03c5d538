"""A colleague whom a guest named answers for themselves: their Yes confirms, and a person looks at the request.

Rules: DP-16, EM-05, SE-15.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.asking import by_colleague, drafting, registering
from registrations.asking.drafting import COLLEAGUE, Opened
from registrations.asking.invited import Used
from registrations.booking import own_booking
from registrations.people.colleague import Colleague, guests_who_named
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, audit_of, confirmed, link_of, queued, request_of, requested
from tests.professional import told_by, with_ticket
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.booking.colleagues.naming_them import KIT, a_guest_names, asked, names

LATER = MONDAY + timedelta(hours=2)


async def draft_of(named: Colleague, event: Event, person: Person = KIT, code: str = "") -> Opened:
    """Their answers, as they stand before the last button."""
    told = {name: text for name, text in vars(told_by(person)).items() if text}
    token = await drafting.keep(event, None, "", told | {COLLEAGUE: named.public_id, "invitation": code}, clock.real())
    opened = (await drafting.find(event.slug, token, clock.real()))[1]
    assert opened is not None
    return opened


async def says_yes(named: Colleague, event: Event, person: Person = KIT, code: str = "") -> Used | None:
    opened = await draft_of(named, event, person, code)
    proved = await by_colleague.proved(event, opened, LATER)
    assert proved is not None
    answers = registering.answers_of(opened)
    return await by_colleague.confirm(event, proved, answers, opened, LATER, clock.real())


async def test_a_yes_with_answers_confirms_at_once_and_waits_for_a_decision(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    await says_yes(named, event)
    request = await request_of(KIT.email)
    told = (request.state, request.full_name, request.organisation, request.role, request.phone)
    assert told == (State.CONFIRMED, KIT.name, KIT.organisation, KIT.role, KIT.phone)
    assert (request.requested_at, request.confirmed_at, request.decided_at) == (LATER, LATER, None)
    assert await queued() == [("colleague", named.id), ("received", request.id)]
    assert [act for act, _, _ in await audit_of(request)] == [Action.REQUESTED, Action.CONFIRMED]
    assert await LinkAnswers.exclude(answers_sealed=None).count() == 0


async def test_the_address_is_gone_and_organisers_see_who_named_them(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    await says_yes(named, event)
    now, request = await asked(named), await request_of(KIT.email)
    assert (now.address_sealed, now.request_id, now.is_open(LATER)) == (None, request.id, False)
    assert await guests_who_named([request.id, named.registration_id]) == {request.id: named.registration_id}
    assert not await by_colleague.decline(now, LATER), "a no after the yes"


async def test_a_no_deletes_the_address_and_no_copy_of_the_guest_tells_of_it(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    before = await audit_of(named.registration)
    assert await by_colleague.decline(named, LATER)
    now = await asked(named)
    assert (now.address_sealed, now.request_id, now.is_open(LATER)) == (None, None, False)
    assert await audit_of(named.registration) == before
    [entry] = await AuditEntry.filter(action=Action.COLLEAGUE_DECLINED)
    assert (entry.subject, entry.details) == (f"event:{event.id}", {})
    assert not await by_colleague.decline(named, LATER), "a second press"


async def test_a_no_after_the_guests_place_has_ended_deletes_it_all_the_same(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    await own_booking.give_up(await Registration.get(id=named.registration_id), LATER)
    assert await by_colleague.decline(await asked(named), LATER)
    assert await Colleague.exclude(address_sealed=None).count() == 0


async def test_a_yes_after_the_guests_place_has_ended_is_no_proof_any_more(event: Event, ada: Person) -> None:
    """Whatever was typed meanwhile: then it is a request like any other, which they confirm from an email."""
    named = await a_guest_names(ada, event)
    opened = await draft_of(named, event)
    seen = await by_colleague.proved(event, opened, LATER)
    assert seen is not None
    await own_booking.give_up(await Registration.get(id=named.registration_id), LATER)
    assert await by_colleague.proved(event, opened, LATER) is None
    with pytest.raises(Refused):
        await by_colleague.confirm(event, seen, registering.answers_of(opened), opened, LATER, clock.real())
    assert [row.state for row in await Registration.all()] == [State.CANCELLED]


async def test_another_address_is_not_proved_by_the_link(event: Event, ada: Person, bo: Person) -> None:
    named = await a_guest_names(ada, event)
    assert await by_colleague.proved(event, await draft_of(named, event, bo), LATER) is None
    assert await by_colleague.proved(event, await draft_of(named, event), LATER + timedelta(days=4)) is None
    assert await by_colleague.proved(event, await draft_of(named, event), LATER) is not None, "the control"


async def test_what_somebody_else_has_typed_with_the_address_counts_for_nothing(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    typed = Person("Mallory", KIT.email, "Impostors", "charity", "Impersonator", "", "01632 960 111")
    await registering.ask(event, told_by(typed), MONDAY, clock.real())
    await says_yes(named, event)
    request = await request_of(KIT.email)
    assert (request.state, request.full_name) == (State.CONFIRMED, KIT.name)
    assert await Registration.all().count() == 2


async def test_whoever_has_confirmed_meanwhile_keeps_that_request(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    before = await confirmed(Person("Kit L", KIT.email, "Lanterns", "charity", "Head"), event)
    await says_yes(named, event)
    request = await request_of(KIT.email)
    assert (request.id, request.full_name, request.state) == (before.id, "Kit L", State.CONFIRMED)
    assert (await queued())[-1] == ("received", request.id)
    assert ((await asked(named)).request_id, (await asked(named)).address_sealed) == (None, None)


async def test_an_invitation_that_they_enter_counts(event: Event, ada: Person, lena: Staff) -> None:
    invitation = await an_invitation(event, lena, only_for="lanterns.example.org", skips=True)
    named = await a_guest_names(ada, event)
    assert await says_yes(named, event, code=code_of(invitation)) is Used.PLACE
    request = await request_of(KIT.email)
    assert (request.state, request.invitation_id) == (State.APPROVED, invitation.id)
    assert [template for template, _ in await queued()][-2:] == ["colleague", "ticket"]


async def test_yes_no_and_yes_again_at_once_are_one_answer(database: Database, event: Event, ada: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    for n in range(5):
        person = Person(f"Kit {n}", f"kit{n}@lanterns.example.org", "Lanterns", "charity", "Keeper")
        named = await names(guest, person.email, n)
        drafts = [await draft_of(named, event, person) for _ in range(3)]
        yes = [
            by_colleague.confirm(event, named, registering.answers_of(opened), opened, LATER, clock.real())
            for opened in drafts
        ]
        answers = [*yes, by_colleague.decline(named, LATER)]
        ends = await asyncio.gather(*answers, return_exceptions=True)
        assert [end for end in ends if isinstance(end, Exception) and not isinstance(end, Refused)] == []
        wants = [row for row in await Registration.all() if row.email == person.email]
        said_no = ends[-1] is True
        assert (len(wants), sum(end is None for end in ends[:-1])) == ((0, 0) if said_no else (1, 1))
        assert (await asked(named)).address_sealed is None


async def test_asking_in_the_usual_way_at_the_same_moment_makes_no_second_request(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    opened = await draft_of(named, event)
    yes = by_colleague.confirm(event, named, registering.answers_of(opened), opened, LATER, clock.real())
    usual = [registering.ask(event, told_by(KIT), LATER, clock.real()) for _ in range(3)]
    guest_again = registering.ask(event, told_by(ada), LATER, clock.real())
    await asyncio.wait_for(asyncio.gather(yes, *usual, guest_again), 60)
    request = await request_of(KIT.email)
    assert (request.state, await Registration.all().count()) == (State.CONFIRMED, 2)


async def test_a_draft_that_was_changed_or_sent_meanwhile_confirms_nothing(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    opened = await draft_of(named, event)
    await drafting.keep(event, opened, "", {"role": "Head"}, clock.real())
    with pytest.raises(Refused, match="changed at the same moment"):
        await by_colleague.confirm(event, named, registering.answers_of(opened), opened, LATER, clock.real())
    assert (await asked(named)).is_open(LATER), "and they can answer still"


async def test_a_request_of_theirs_that_waits_is_confirmed_and_no_other(event: Event, ada: Person, bo: Person) -> None:
    other = await requested(bo, event)
    waits = await requested(KIT, event)
    await says_yes(await a_guest_names(ada, event), event)
    assert (await request_of(KIT.email)).id == waits.id
    assert (await Registration.get(id=other.id)).state is State.REQUESTED
    assert (await link_of(other)).answers, "the control"
