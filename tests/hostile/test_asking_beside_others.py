"""Several ask in one transaction while somebody else holds several of the same requests: nobody waits for ever.

On PostgreSQL alone: SQLite has one transaction at a time.
"""

from asyncio import Event as Signal
from asyncio import gather, sleep
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
from registrations.asking.registering import Asked, Submission
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


def submission(event: Event, person: Person, draft: Opened | None = None) -> Submission:
    return Submission(event, told_by(person), LATER, clock.real(), draft, "", source.hashed())


async def beside(monkeypatch: pytest.MonkeyPatch, asked: list[Submission], act: Act) -> Sequence[Any]:
    """These ask in one transaction. After the first of them the act begins, and comes as far as it comes."""
    begun, ask = Signal(), registering._ask

    async def then_the_other_waits(one: Submission) -> Asked | Refused | None:
        end, is_first = await ask(one), not begun.is_set()
        begun.set()
        while is_first and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await sleep(0.01)
        return end

    monkeypatch.setattr(registering, "_ask", then_the_other_waits)

    async def second() -> object:
        await begun.wait()
        return await act()

    return await gather(ask_all(asked), second(), return_exceptions=True)


def failed(ends: Sequence[Any]) -> list[Any]:
    return [end for end in ends if isinstance(end, BaseException) and not isinstance(end, Refused)]


async def test_a_colleague_who_says_yes_beside_a_batch_with_their_draft(
    event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody asks with their address, and a second press of theirs comes in the usual way: each would hold what the
    other needs next."""
    named = await a_guest_names(ada, event)
    opened = await draft_of(named, event)
    asked = [submission(event, KIT), submission(event, KIT, opened)]
    ends = await beside(
        monkeypatch,
        asked,
        lambda: by_colleague.confirm(event, named, registering.answers_of(opened), opened, LATER, clock.real()),
    )
    assert failed(ends) == []
    assert await Registration.filter(state=State.REQUESTED).count() == 1


async def test_a_guest_who_names_a_colleague_when_both_ask_again(
    event: Event, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, _ = await with_ticket(ada, event)
    known = await confirmed(bo, event)
    assert guest.id < known.id
    asked = [submission(event, bo), submission(event, ada)]
    now = await anew(guest)
    ends = await beside(monkeypatch, asked, lambda: naming.name(now, bo.email, "", LATER, clock.real()))
    assert failed(ends) == []


async def test_a_colleague_who_takes_a_place_over_when_both_ask_again(
    event: Event, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, _ = await with_ticket(ada, event)
    await requested(bo, event)
    hand_over = await asks(guest, bo.email)
    asked = [submission(event, bo), submission(event, ada)]
    ends = await beside(monkeypatch, asked, lambda: handing_over.take_up(hand_over, told_of(bo), LATER))
    assert failed(ends) == []
    assert ends[1] is True


async def test_an_organiser_who_decides_on_several_that_ask_again(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [someone() for _ in range(3)]
    ids = [(await confirmed(person, event, MONDAY)).id for person in people]
    asked = [submission(event, person) for person in reversed(people)]
    decides = several_decisions.decide_several(event, ids, Decision.WAIT, omar, LATER)
    ends = await beside(monkeypatch, asked, lambda: decides)
    assert failed(ends) == []
    assert await Registration.filter(state=State.WAITING).count() == 3
