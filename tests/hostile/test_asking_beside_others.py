"""Several ask in one transaction while somebody else holds several of the same requests: nobody waits for ever.

On PostgreSQL alone: SQLite has one transaction at a time.
"""

from asyncio import Event as Signal
from asyncio import Future, ensure_future, gather, sleep
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, source
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from registrations.asking import by_colleague, registering
from registrations.asking.drafting import Opened
from registrations.asking.registering import Submission
from registrations.booking.colleagues import naming
from registrations.booking.handing import handing_over
from registrations.deciding import several_decisions
from registrations.deciding.vetting import Decision
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, confirmed, requested, someone
from tests.professional import told_by, with_ticket
from tests.registrations.asking.test_by_colleague import draft_of
from tests.registrations.booking.colleagues.naming_them import KIT, a_guest_names
from tests.registrations.booking.handing.handing import asks, told_of
from tests.registrations.deciding.decisions import LATER, anew

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)
ask_all = run_tx(registering._ask_all)
Act = Callable[[], Awaitable[object]]
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


def submission(event: Event, person: Person, draft: Opened | None = None) -> Submission:
    return Submission(event, told_by(person), LATER, clock.real(), draft, "", source.hashed())


async def beside(held: str, *acts: Act) -> Sequence[Any]:
    """Each comes in turn as far as it can while these rows are held, and then all go on."""
    begun, over = Signal(), Signal()

    @run_tx
    async def holds() -> None:
        assert await query(f"UPDATE {held} RETURNING id")
        begun.set()
        await over.wait()

    holding = ensure_future(holds())
    await begun.wait()
    going = list[Future[object]]()
    for act in acts:
        going.append(ensure_future(act()))
        while len(await query(WAITING)) < len(going):  # noqa: ASYNC110
            await sleep(0.01)
    over.set()
    await holding
    return await gather(*going, return_exceptions=True)


def held(request: Registration) -> str:
    return f"registration SET state = state WHERE id = {request.id}"


def failed(ends: Sequence[Any]) -> list[Any]:
    return [end for end in ends if isinstance(end, BaseException) and not isinstance(end, Refused)]


async def test_a_colleague_who_says_yes_beside_a_batch_with_their_draft(event: Event, ada: Person, bo: Person) -> None:
    """Somebody asks with their address, and a second press of theirs comes in the usual way: the batch holds their
    request, and what it counts is held up until their Yes holds the draft."""
    await registering.ask(event, told_by(KIT), MONDAY, clock.real())
    named = await a_guest_names(ada, event)
    opened = await draft_of(named, event)
    asked = [submission(event, KIT), submission(event, KIT, opened)]
    ends = await beside(
        "attempt SET tries = tries",
        lambda: ask_all(asked),
        lambda: by_colleague.confirm(event, named, registering.answers_of(opened), opened, LATER, clock.real()),
    )
    assert failed(ends) == []
    assert await Registration.exclude(state=State.APPROVED).count() == 1


async def test_a_guest_who_names_a_colleague_when_both_ask_again(event: Event, ada: Person, bo: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    known = await confirmed(bo, event)
    assert guest.id < known.id
    asked, now = [submission(event, bo), submission(event, ada)], await anew(guest)
    ends = await beside(
        held(guest), lambda: naming.name(now, bo.email, "", LATER, clock.real()), lambda: ask_all(asked)
    )
    assert failed(ends) == []


async def test_a_colleague_who_takes_a_place_over_when_both_ask_again(event: Event, ada: Person, bo: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    await requested(bo, event)
    hand_over = await asks(guest, bo.email)
    asked = [submission(event, bo), submission(event, ada)]
    ends = await beside(
        held(guest), lambda: handing_over.take_up(hand_over, told_of(bo), LATER), lambda: ask_all(asked)
    )
    assert failed(ends) == []
    assert ends[0] is True


async def test_an_organiser_who_decides_on_several_that_ask_again(event: Event, omar: Staff) -> None:
    people = [someone() for _ in range(3)]
    waiting = [await confirmed(person, event, MONDAY) for person in people]
    asked, ids = [submission(event, person) for person in reversed(people)], [request.id for request in waiting]
    ends = await beside(
        held(waiting[1]),
        lambda: several_decisions.decide_several(event, ids, Decision.WAIT, omar, LATER),
        lambda: ask_all(asked),
    )
    assert failed(ends) == []
    assert await Registration.filter(state=State.WAITING).count() == 3
