"""Nobody gets a place before others who wait for one without a reason, and the reason stands in the audit log.

Rules: EV-08.
"""

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.bulk import acting
from registrations.bulk.bulk_act import BulkKind
from registrations.deciding.decision import Decision, Result
from registrations.deciding.out_of_turn import TurnReason, decide_out_of_turn, passes_over
from registrations.people.registration import Registration, State
from tests.registrations.bulk.acts import begun, fixed
from tests.registrations.deciding.decisions import anew
from tests.registrations.deciding.waiting import NOON, full, states, waiting


async def _passes_over(event: Event, *people: Registration) -> bool:
    return await passes_over(event, [person.id for person in people], NOON)


async def test_only_who_stands_behind_somebody_else_is_out_of_turn(event: Event, omar: Staff) -> None:
    ada, bo, cleo = await waiting(event, omar, 3)
    assert [await _passes_over(event, person) for person in (ada, bo, cleo)] == [False, True, True]
    assert await _passes_over(event, cleo, ada), "Bo is left out"
    assert not await _passes_over(event, cleo, ada, bo)


async def test_whom_no_offer_reaches_is_not_passed_over(event: Event, omar: Staff) -> None:
    ada, bo, cleo = await waiting(event, omar, 3)
    await Registration.filter(id=ada.id).update(undeliverable="5.1.1")
    await Registration.filter(id=bo.id).update(lapsed_at=NOON)
    assert not await _passes_over(event, cleo)
    await Registration.filter(id=ada.id).update(undeliverable="")
    assert await _passes_over(event, cleo), "the control"


async def test_the_reason_is_noted_for_each_who_has_a_place_by_it(
    database: Database, event: Event, omar: Staff
) -> None:
    await full(event, 0)
    ada, bo, cleo = await waiting(event, omar, 3)
    await Event.filter(id=event.id).update(capacity=1)
    people = [await anew(bo), await anew(cleo)]
    shown = {person.id: person.marks[0] for person in people}
    results = await decide_out_of_turn(people, shown, Decision.OFFER, TurnReason.TOGETHER, omar, NOON)
    assert results == {bo.id: Result.DONE, cleo.id: Result.FULL}
    assert await states(ada, bo, cleo) == [State.WAITING, State.OFFERED, State.WAITING]
    [entry] = await AuditEntry.filter(action=Action.OUT_OF_TURN)
    assert (entry.actor, entry.subject) == (omar.actor, f"registration:{bo.id}")
    assert entry.details == {"what": "comes together with colleagues"}


async def test_all_of_a_filter_needs_a_reason_where_others_wait_before_them(event: Event, omar: Staff) -> None:
    ada, bo = await waiting(event, omar, 2)
    act = await fixed(event, omar, BulkKind.OFFER, [bo], State.WAITING)
    with pytest.raises(Refused, match="Others wait for a place before them"):
        await acting.begin(act, omar, NOON, clock.real())
    await acting.begin(act, omar, NOON, clock.real(), TurnReason.MISTAKE)
    entry = await AuditEntry.get(action=Action.BULK_BEGUN)
    assert entry.details["what"] == "gave a place out of turn, we made a mistake with their request"
    await begun(event, omar, BulkKind.OFFER, [bo, ada], State.WAITING)
