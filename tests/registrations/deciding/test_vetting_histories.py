"""Any history of decisions, by people who may look at an old page, leaves places, tickets and entries that agree."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.booking import own_booking, rechecking
from registrations.deciding import restoring, vetting
from registrations.people.registration import (
    HOLDS_A_PLACE,
    LIVE,
    MANAGED,
    TO_DECIDE,
    OrganisationKind,
    Registration,
    State,
)
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, an_event, confirmed, someone

PLACES, PEOPLE = 2, 4
HOURS = count()


class Act(NamedTuple):
    """What somebody does with a request, and from which states it may be done to which."""

    before: frozenset[State]
    after: State


ACTS = {
    "approve": Act(frozenset({*TO_DECIDE, State.WAITING, State.OFFERED}), State.APPROVED),
    "put_on_waiting_list": Act(frozenset(TO_DECIDE), State.WAITING),
    "not_offer": Act(frozenset({*TO_DECIDE, State.WAITING}), State.NOT_OFFERED),
    "reconsider": Act(frozenset({State.NOT_OFFERED}), State.CONFIRMED),
    "withdraw": Act(frozenset({State.APPROVED}), State.CONFIRMED),
    "cancel": Act(frozenset(LIVE), State.CANCELLED),
    "give_up": Act(frozenset(MANAGED), State.CANCELLED),
    "restore": Act(frozenset({State.CANCELLED}), State.APPROVED),
    "restore_to_list": Act(frozenset({State.CANCELLED}), State.WAITING),
    "change_organisation": Act(frozenset({State.APPROVED}), State.RECHECKING),
}


class Step(NamedTuple):
    act: str
    person: int
    old_page: bool  # decided on the page as it was opened before anything happened


ALL = [Step(act, person, old_page) for act in sorted(ACTS) for person in range(PEOPLE) for old_page in (False, True)]


class History:
    """What should have come of the steps so far."""

    def __init__(self) -> None:
        self.states = [State.CONFIRMED] * PEOPLE
        self.done = 0

    def allows(self, step: Step, seen: State) -> bool:
        act, now = ACTS[step.act], self.states[step.person]
        if seen is not now or now not in act.before:
            return False
        takes_one = act.after in HOLDS_A_PLACE and now not in HOLDS_A_PLACE
        return not takes_one or sum(state in HOLDS_A_PLACE for state in self.states) < PLACES

    def next_step(self, data: st.DataObject) -> Step:
        """Mostly one that is allowed, since most that are drawn blindly are not."""
        allowed = [step for step in ALL if not step.old_page and self.allows(step, self.states[step.person])]
        blind = not allowed or data.draw(st.integers(0, 4)) == 0
        return data.draw(st.sampled_from(ALL if blind else allowed))

    def take(self, step: Step) -> None:
        self.states[step.person] = ACTS[step.act].after
        self.done += 1


async def do(step: Step, registration: Registration, omar: Staff) -> bool:
    """True where it was done."""
    try:
        if step.act == "give_up":
            return await own_booking.give_up(registration, MONDAY)
        if step.act == "change_organisation":
            real = MONDAY + timedelta(hours=next(HOURS))  # as often as they like
            await rechecking.change_organisation(registration, "Lantern", OrganisationKind.CHARITY, MONDAY, real)
            return True
        if step.act in ("restore", "restore_to_list"):
            await restoring.restore(registration, ACTS[step.act].after, omar, MONDAY)
            return True
        await getattr(vetting, step.act)(registration, omar, MONDAY)
    except Refused:
        return False
    return True


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_is_decided_in_whatever_order_the_numbers_agree(
    database: Database, omar: Staff, data: st.DataObject
) -> None:
    event = await an_event(capacity=PLACES)
    opened = [await confirmed(someone(), event) for _ in range(PEOPLE)]
    history, entries = History(), await AuditEntry.all().count()
    for _ in range(data.draw(st.integers(1, 16))):
        step = history.next_step(data)
        first = opened[step.person]
        registration = first if step.old_page else await Registration.get(id=first.id)
        seen = registration.state
        expected = history.allows(step, seen)
        assert await do(step, registration, omar) is expected, (step, seen, history.states)
        if expected:
            history.take(step)
        await agrees(event, [asked.id for asked in opened], history)
    assert await AuditEntry.all().count() - entries >= history.done, "each act leaves an entry"


async def agrees(event: Event, ids: list[int], history: History) -> None:
    rows = {row.id: row for row in await Registration.filter(id__in=ids)}
    assert [rows[id_].state for id_ in ids] == history.states
    taken = sum(state in HOLDS_A_PLACE for state in history.states)
    assert (await Event.get(id=event.id)).taken == taken <= PLACES
    live = Counter(ticket.registration_id for ticket in await Ticket.filter(event_id=event.id, revoked_at=None))
    assert live == Counter(id_ for id_ in ids if rows[id_].state is State.APPROVED)
