"""An act on many is taken back: its own emails alone move, and the log names whoever pressed. Rules: SG-02, SE-13."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail import quiet_hours
from registrations.bulk import acting, fixing, working
from registrations.bulk.bulk_act import BulkAct, BulkKind, BulkPerson, Stage
from registrations.deciding import two_approvals, undone_decisions, vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import several
from tests.people import MONDAY, confirmed, someone

from .acts import became, begun, waiting_emails, works

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NIGHT = clock.at_venue(MONDAY.date(), 21, 0)
WAIT = BulkKind.WAIT


async def now_done(event: Event, by: Staff, number: int) -> BulkAct:
    """At this moment, whatever the hour."""
    people = [row.id for row in await several(event, number)]
    act = await fixing.fix(event, WAIT, State.CONFIRMED, people, "To decide", by, clock.now(), clock.real())
    await acting.begin(act, by, clock.now(), clock.real())
    await working.turn(clock.now(), clock.real())
    return await BulkAct.get(id=act.id)


async def moments() -> dict[int, object]:
    """When each email is sent that waits, by whom it is about."""
    return {email.subject_id: email.next_try_at for email in await waiting_emails("waiting")}


async def of_act(act: BulkAct) -> set[int]:
    return {row.registration_id for row in await BulkPerson.filter(bulk_id=act.id)}


@SQLITE
async def test_by_night_no_email_of_another_act_goes_out_since_one_is_undone(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    """All wait for eight o'clock: the undone act's until it is taken back, the others' all the same."""
    clock.move_to(NIGHT)
    alone = await confirmed(someone(), event)
    await vetting.put_on_waiting_list(alone, lena, clock.now())
    acts = [await now_done(event, omar, 2) for _ in range(5)]
    before, undone = await moments(), await of_act(acts[2])
    assert acts[2].undo_until(clock.real()) is not None
    await acting.undo(acts[2], lena, clock.now(), clock.real())
    meanwhile = await moments()
    assert {id_ for id_ in before if meanwhile[id_] != before[id_]} == undone
    await working.turn(clock.now(), clock.real())
    assert await moments() == {id_: at for id_, at in before.items() if id_ not in undone}
    assert (await BulkAct.get(id=acts[2].id)).undo_until(clock.real()) is None, "nothing is undone twice"


@SQLITE
async def test_by_night_what_stays_of_an_undone_act_waits_for_the_morning(
    database: Database, event: Event, omar: Staff
) -> None:
    clock.move_to(NIGHT)
    act = await now_done(event, omar, 2)
    await vetting.approve(await Registration.get(id=max(await of_act(act))), omar, clock.now())
    await acting.undo(act, omar, clock.now(), clock.real())
    await working.turn(clock.now(), clock.real())
    assert sorted(await became(act)) == ["too_late", "undone"]
    [stays], morning = await waiting_emails("waiting"), clock.real() + quiet_hours.wait(clock.now())
    assert abs(stays.next_try_at - morning) < timedelta(minutes=1)


async def test_whoever_takes_it_back_is_named_beside_each_person(event: Event, omar: Staff, lena: Staff) -> None:
    people = await several(event, 2)
    act = await begun(event, omar, WAIT, people)
    await works()
    await acting.undo(await BulkAct.get(id=act.id), lena, MONDAY, clock.real())
    await works()
    undone = await AuditEntry.filter(action__in=[Action.BULK_UNDONE, Action.DECISION_UNDONE])
    assert ([entry.actor for entry in undone], await became(act)) == ([lena.actor] * 3, ["undone"] * 2)


async def test_somebody_else_takes_back_the_first_approvals_that_an_act_gave(
    event: Event, omar: Staff, lena: Staff
) -> None:
    people = await several(event, 2)
    await Event.filter(id=event.id).update(two_approvals=True)
    act = await begun(event, omar, BulkKind.APPROVE, people)
    await works()
    await acting.undo(await BulkAct.get(id=act.id), lena, MONDAY, clock.real())
    await works()
    taken_back = await AuditEntry.filter(action=Action.FIRST_TAKEN_BACK)
    assert ([entry.actor for entry in taken_back], await became(act)) == ([lena.actor] * 2, ["undone"] * 2)
    assert (await BulkAct.get(id=act.id)).stage is Stage.UNDONE


async def test_an_approval_that_somebody_gave_since_is_no_part_of_what_is_taken_back(
    event: Event, omar: Staff, lena: Staff
) -> None:
    """The act put her on the waiting list: that is what is undone, and not the first of two approvals after it."""
    await Event.filter(id=event.id).update(two_approvals=True)
    [person] = people = await several(event, 1)
    act = await begun(event, omar, WAIT, people)
    await works()
    assert await two_approvals.give_first(await Registration.get(id=person.id), omar, MONDAY), "the control"
    await acting.undo(await BulkAct.get(id=act.id), lena, MONDAY, clock.real())
    await works()
    assert (await became(act), (await Registration.get(id=person.id)).state) == (["undone"], State.CONFIRMED)
    assert await AuditEntry.filter(action=Action.FIRST_TAKEN_BACK).count() == 0


async def test_whoever_was_decided_on_anew_since_stays_there(event: Event, omar: Staff, lena: Staff) -> None:
    """By another organiser, who had undone what the act had decided, and came to the same."""
    first, second = await several(event, 2)
    act = await begun(event, omar, WAIT, [first, second])
    await works()
    assert await undone_decisions.undo(await Registration.get(id=first.id), lena, MONDAY)
    await vetting.put_on_waiting_list(await Registration.get(id=first.id), lena, MONDAY)
    await acting.undo(await BulkAct.get(id=act.id), omar, MONDAY, clock.real())
    await works()
    assert await became(act) == ["too_late", "undone"]
    states = [(await Registration.get(id=person.id)).state for person in (first, second)]
    assert states == [State.WAITING, State.CONFIRMED]
