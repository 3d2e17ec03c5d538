"""Whoever takes over a place, or is looked at again, is in no decision on many: it could not be undone."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.booking import rechecking
from registrations.bulk.bulk_act import BulkKind
from registrations.deciding import several_decisions
from registrations.deciding.decision import Decision, Result
from registrations.people.hand_over import HandOver
from registrations.people.registration import OrganisationKind, State
from tests.at_the_desk import several, state_of
from tests.people import MONDAY, Person, someone
from tests.professional import with_ticket
from tests.registrations.booking.handing.handing import anew, taken_up

from .acts import became, begun, waiting_emails, works


@pytest.mark.parametrize(("kind", "becomes"), [(BulkKind.WAIT, State.WAITING), (BulkKind.NOT_OFFER, State.NOT_OFFERED)])
async def test_whoever_takes_over_a_place_or_is_looked_at_again_is_in_no_act_on_many(
    event: Event, omar: Staff, ada: Person, kind: BulkKind, becomes: State
) -> None:
    giver, receiver = await taken_up(ada, event)
    moved, _ticket = await with_ticket(someone(), event)
    await rechecking.change_organisation(await anew(moved), "Elsewhere", OrganisationKind.OTHER, MONDAY, clock.real())
    [plain] = await several(event, 1)
    act = await begun(event, omar, kind, [receiver, moved, plain])
    await works()
    assert sorted(await became(act)) == ["done", "look", "takes_over"]
    assert [await state_of(person) for person in (giver, receiver, moved, plain)] == [
        State.APPROVED, State.CONFIRMED, State.RECHECKING, becomes
    ]  # fmt: skip
    assert (await waiting_emails("place_kept"), await HandOver.all().count()) == ([], 1)
    shown = {person.id: person.marks[0] for person in [await anew(row) for row in (receiver, moved)]}
    ticked = [await anew(row) for row in (receiver, moved)]
    results = await several_decisions.decide_shown(ticked, shown, Decision(kind.value), omar, MONDAY)
    assert results == {receiver.id: Result.TAKES_OVER, moved.id: Result.LOOK}
    alone = await several_decisions.decide_shown(ticked[:1], shown | {moved.id: ""}, Decision(kind.value), omar, MONDAY)
    assert alone[receiver.id] is Result.TAKES_OVER
    mine = {receiver.id: shown[receiver.id]}
    assert await several_decisions.decide_shown(ticked[:1], mine, Decision(kind.value), omar, MONDAY) == {
        receiver.id: Result.DONE
    }, "alone, they are decided on"
