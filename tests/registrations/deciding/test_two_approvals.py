"""Two different organisers approve whoever is of no checked organisation, where the event says so.

Rules: SG-03.
"""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.known_organisation import KnownOrganisation, Treatment
from registrations.deciding import offers, restoring, several_decisions, undone_decisions, vetting, waiting_list
from registrations.deciding.first_approval import FirstApproval
from registrations.deciding.two_approvals import NeedsAnother, give_first, standing
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, a_member_of_staff, audit_of, confirmed, queued, someone
from tests.professional import put_into
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms
from tests.registrations.booking.addressing import waits
from tests.registrations.deciding.decisions import LATER, anew, taken
from tests.registrations.deciding.waiting import NOON, states, turn, waiting

APPROVE, OFFER = Decision.APPROVE, Decision.OFFER
CONFIRMED, APPROVED, WAITING, OFFERED = State.CONFIRMED, State.APPROVED, State.WAITING, State.OFFERED


@pytest.fixture
async def event(event: Event) -> Event:
    """Two approve there."""
    await Event.filter(id=event.id).update(two_approvals=True)
    return await Event.get(id=event.id)


async def checked(event: Event, person: Person, treatment: Treatment = Treatment.PARTNER) -> None:
    domain = person.email.partition("@")[2]
    suffix = treatment is Treatment.PUBLIC_SECTOR
    await KnownOrganisation.create(event=event, domain=domain, kind="charity", treatment=treatment, suffix=suffix)


async def says(asked: Registration, by: Staff, decision: Decision = APPROVE) -> Result:
    return await vetting.decide(await anew(asked), decision, by, LATER)


async def of_two(event: Event, asked: Registration) -> str:
    return str((await standing(event, [await anew(asked)])).get(asked.id, ""))


async def test_the_first_decides_nothing_and_the_second_approves(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    assert await of_two(event, asked) == "Needs two approvals"
    assert await says(asked, omar) is Result.FIRST
    assert ((await anew(asked)).state, await taken(event), await queued()) == (CONFIRMED, 0, [])
    assert await of_two(event, asked) == "1 of 2 approvals: Omar Organiser, 8 April"
    assert await says(asked, lena) is Result.DONE
    assert ((await anew(asked)).state, await taken(event), await Ticket.all().count()) == (APPROVED, 1, 1)
    assert await audit_of(asked) == [
        (Action.FIRST_APPROVED, omar.actor, LATER), (Action.APPROVED, lena.actor, LATER)
    ]  # fmt: skip
    assert (await AuditEntry.get(action=Action.APPROVED)).details == {"first": omar.actor}
    [first] = await FirstApproval.all()
    assert (first.given_by_id, first.seconded_by_id, first.ended_at) == (omar.id, lena.id, LATER)


async def test_the_same_organiser_counts_once(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    assert [await says(asked, omar) for _ in range(3)] == [Result.FIRST] * 3
    assert ((await anew(asked)).state, await FirstApproval.all().count(), len(await audit_of(asked))) == (
        CONFIRMED, 1, 1
    )  # fmt: skip


@pytest.mark.parametrize(
    ("treatment", "result"),
    [(Treatment.PARTNER, Result.DONE), (Treatment.REVIEW, Result.FIRST), (Treatment.PUBLIC_SECTOR, Result.FIRST)],
)
async def test_of_a_checked_organisation_one_is_enough(
    event: Event, ada: Person, omar: Staff, treatment: Treatment, result: Result
) -> None:
    await checked(event, ada, treatment)
    assert await says(await confirmed(ada, event), omar) is result


async def test_while_it_is_switched_off_one_is_enough(event: Event, ada: Person, omar: Staff) -> None:
    await Event.filter(id=event.id).update(two_approvals=False)
    assert await says(await confirmed(ada, event), omar) is Result.DONE
    assert (await AuditEntry.get(action=Action.APPROVED)).details == {}


async def test_two_at_the_same_moment_give_one_approval_that_names_both(event: Event, omar: Staff, lena: Staff) -> None:
    people = [await confirmed(someone(), event) for _ in range(8)]
    acts = [says(asked, by) for asked in people for by in (omar, lena)]
    answers = await asyncio.gather(*acts)
    assert Counter(answers) == {Result.FIRST: 8, Result.DONE: 8}
    assert (await states(*people), await Ticket.filter(revoked_at=None).count()) == ([APPROVED] * 8, 8)
    assert await taken(event) == 8
    for asked in people:
        assert {actor for _, actor, _ in await audit_of(asked)} == {omar.actor, lena.actor}
    both = await FirstApproval.all()
    assert [{first.given_by_id, first.seconded_by_id} for first in both] == [{omar.id, lena.id}] * 8


async def test_of_three_at_the_same_moment_the_last_finds_it_decided(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    pat = await a_member_of_staff("Pat Partner", "pat@hosts.example.org", event, RoleName.ORGANISER)
    asked = await confirmed(ada, event)
    answers = await asyncio.gather(*(says(asked, by) for by in (omar, lena, pat)))
    assert sorted(answers) == [Result.DECIDED, Result.DONE, Result.FIRST]
    assert await Ticket.all().count() == 1


async def test_an_undo_takes_the_first_back(event: Event, ada: Person, omar: Staff, lena: Staff) -> None:
    asked = await confirmed(ada, event)
    await says(asked, omar)
    assert not await undone_decisions.undo(await anew(asked), lena, LATER), "it is not hers"
    assert await undone_decisions.undo(await anew(asked), omar, LATER)
    assert (await audit_of(asked))[-1] == (Action.FIRST_TAKEN_BACK, omar.actor, LATER)
    assert await says(asked, lena) is Result.FIRST, "hers is the first now"
    assert await says(asked, omar) is Result.DONE


@pytest.mark.parametrize("decision", [Decision.WAIT, Decision.NOT_OFFER])
async def test_an_undo_is_about_what_they_decided_since(
    event: Event, ada: Person, omar: Staff, lena: Staff, decision: Decision
) -> None:
    """Else the banner says that it is undone, and its email goes out."""
    asked = await confirmed(ada, event)
    await says(asked, omar)
    assert await vetting.decide(await anew(asked), decision, omar, LATER, clock.real() + vetting.UNDO_FOR)
    assert await undone_decisions.undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await queued()) == (CONFIRMED, [])
    assert await of_two(event, asked) == "1 of 2 approvals: Omar Organiser, 8 April"
    assert await undone_decisions.undo(await anew(asked), omar, LATER), "now it is about that one"
    assert await of_two(event, asked) == "Needs two approvals"


async def test_an_approval_that_is_undone_leaves_the_first_as_it_was(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    due = clock.real() + timedelta(seconds=30)
    await says(asked, omar)
    assert await vetting.decide(await anew(asked), APPROVE, lena, LATER, due) is Result.DONE
    assert await undone_decisions.undo(await anew(asked), lena, LATER)
    assert ((await anew(asked)).state, await of_two(event, asked)) == (
        CONFIRMED, "1 of 2 approvals: Omar Organiser, 8 April"
    )  # fmt: skip
    assert await says(asked, omar) is Result.FIRST
    assert await says(asked, lena) is Result.DONE


async def test_of_a_new_address_two_approve_and_its_domain_counts(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await checked(event, ada)
    asked = (await waits(ada, event)).registration
    assert await says(asked, omar) is Result.FIRST, "the present address is checked, the new one is not"
    assert ((await anew(asked)).state, (await anew(asked)).email) == (State.RECHECKING, ada.email)
    assert await says(asked, lena) is Result.DONE
    assert ((await anew(asked)).state, await Ticket.filter(revoked_at=None).count()) == (APPROVED, 1)


@pytest.mark.parametrize("decision", [APPROVE, OFFER])
async def test_from_the_waiting_list_and_by_an_offer_two_say_so(
    event: Event, omar: Staff, lena: Staff, decision: Decision
) -> None:
    [asked] = await waiting(event, omar)
    assert await vetting.decide(await anew(asked), APPROVE, omar, NOON) is Result.FIRST
    assert await vetting.decide(await anew(asked), decision, lena, NOON) is Result.DONE
    now = await anew(asked)
    assert now.state is (APPROVED if decision is APPROVE else OFFERED)
    if decision is OFFER:
        entry = await AuditEntry.get(action=Action.OFFERED)
        assert entry.details == {"first": omar.actor}
        assert await offers.take(now, NOON), "they take it without a third"


async def test_by_itself_nothing_is_offered_to_whom_two_approve(
    event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    await checked(event, ada)
    people = await waiting(event, omar, 3, someone(), ada)
    assert await vetting.decide(await anew(people[0]), APPROVE, omar, NOON) is Result.FIRST
    await turn()
    assert await states(*people) == [WAITING, OFFERED, WAITING]
    upcoming = await waiting_list.next_in_line(event, NOON)
    assert upcoming is None
    with pytest.raises(NeedsAnother):
        await offers.offer(await anew(people[0]), offers.Itself(), NOON)
    assert (await anew(people[0])).state is WAITING


async def test_whoever_moves_to_an_unchecked_address_keeps_nobody_waiting(
    event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    """By the address that a ticket would go to, as an offer is refused by it: or nobody behind them has a turn."""
    await checked(event, ada)
    await checked(event, bo)
    moves = (await waits(ada, event)).registration
    await vetting.put_on_waiting_list(moves, omar, MONDAY - timedelta(days=1))
    await Registration.filter(id=moves.id).update(requested_at=MONDAY - timedelta(days=3))
    [behind] = await waiting(event, omar, 1, bo)
    await turn()
    assert await states(moves, behind) == [WAITING, OFFERED]


async def test_restored_with_a_place_two_say_so(event: Event, ada: Person, omar: Staff, lena: Staff) -> None:
    asked = await put_into(APPROVED, ada, event)
    await vetting.cancel(asked, omar, MONDAY)
    with pytest.raises(NeedsAnother):
        await restoring.restore(await anew(asked), APPROVED, omar, LATER)
    assert ((await anew(asked)).state, await taken(event)) == (State.CANCELLED, 0)
    assert await give_first(await anew(asked), omar, LATER)
    await restoring.restore(await anew(asked), APPROVED, lena, LATER)
    assert (await AuditEntry.get(action=Action.REQUEST_RESTORED)).details == {"to": "approved", "first": omar.actor}
    await vetting.withdraw(await anew(asked), lena, LATER)
    assert await of_two(event, asked) == "Needs two approvals"


async def test_of_several_it_says_who_has_a_place_and_who_has_one_approval(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await checked(event, ada)
    people = [await confirmed(person, event) for person in (ada, someone(), someone())]
    await says(people[1], lena)
    results = await several_decisions.decide_several(event, [asked.id for asked in people], APPROVE, omar, LATER)
    assert [results[asked.id] for asked in people] == [Result.DONE, Result.DONE, Result.FIRST]
    assert await states(*people) == [APPROVED, APPROVED, CONFIRMED]


async def test_without_a_place_the_first_stays(event: Event, ada: Person, omar: Staff, lena: Staff) -> None:
    asked = await confirmed(ada, event)
    await says(asked, omar)
    await Event.filter(id=event.id).update(capacity=0)
    assert await says(asked, lena) is Result.FULL
    await Event.filter(id=event.id).update(capacity=1)
    assert await says(asked, lena) is Result.DONE


async def test_no_invitation_lets_them_skip_the_queue(event: Event, ada: Person, bo: Person, lena: Staff) -> None:
    await checked(event, bo)
    for person, state in ((ada, CONFIRMED), (bo, APPROVED)):
        invitation = await an_invitation(event, lena, only_for=person.email.partition("@")[2], skips=True)
        asked = await asks(person, event, code_of(invitation))
        await confirms(asked)
        assert (await anew(asked)).state is state
