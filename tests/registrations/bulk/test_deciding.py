"""One decision on many of a list: once each, whoever works on it, stopped and undone as a whole.

Rules: SG-02, SG-03.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Role, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from events.mail.outbox import Message, MessageState
from registrations.bulk import acting, deciding_some, fixing, working
from registrations.bulk.acting import HOLD
from registrations.bulk.bulk_act import BulkAct, BulkKind, BulkPerson, Stage
from registrations.deciding import vetting
from registrations.deciding.decision import UNDO_FOR
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import several, state_of
from tests.people import MONDAY, Person, an_event, confirmed, someone, tell_anew

from .acts import became, begun, fixed, waiting_emails, works

APPROVE, OFFER, WAIT, NOT_OFFER = BulkKind.APPROVE, BulkKind.OFFER, BulkKind.WAIT, BulkKind.NOT_OFFER
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def states(people: list[Registration]) -> list[State]:
    return [await state_of(person) for person in people]


async def test_all_are_decided_on_with_one_email_and_one_entry_each(event: Event, omar: Staff) -> None:
    people = await several(event, 60)
    act = await begun(event, omar, NOT_OFFER, people)
    later = await confirmed(someone(), event)
    assert (act.stage, act.total, await states(people[:1])) == (Stage.WORKING, 60, [State.CONFIRMED])
    assert await works() == 1
    act = await BulkAct.get(id=act.id)
    assert (act.stage, act.done, await became(act)) == (Stage.DONE, 60, ["done"] * 60)
    assert set(await states(people)) == {State.NOT_OFFERED}
    assert await state_of(later) is State.CONFIRMED  # who came to the list later is not of it
    assert len({email.subject_id for email in await waiting_emails("not_offered")}) == 60
    decided = await AuditEntry.filter(action=Action.NOT_OFFERED)
    assert (len(decided), {entry.actor for entry in decided}) == (60, {omar.actor})
    [ended] = await AuditEntry.filter(action=Action.BULK_ENDED)
    assert ended.details == {"number": 60, "of": 60}
    assert await works() == 0


async def test_who_asked_first_gets_the_last_places_and_the_others_stay(event: Event, omar: Staff) -> None:
    people = await several(event, 6)
    await Event.filter(id=event.id).update(capacity=4, allowance=0)
    act = await begun(event, omar, APPROVE, list(reversed(people)))
    await works()
    assert await became(act) == ["done"] * 4 + ["full"] * 2
    assert await states(people) == [State.APPROVED] * 4 + [State.CONFIRMED] * 2
    assert (await Ticket.all().count(), (await Event.get(id=event.id)).taken) == (4, 4)
    more = await begun(event, omar, APPROVE, people[4:])
    await works()
    assert await became(more) == ["full"] * 2


async def test_whoever_was_decided_on_or_changed_since_is_left_out_with_the_reason(
    event: Event, omar: Staff, lena: Staff
) -> None:
    first, second, third = await several(event, 3)
    act = await begun(event, omar, WAIT, [first, second, third])
    await vetting.not_offer(await Registration.get(id=first.id), lena, MONDAY)
    await tell_anew(second, organisation="Another One")
    await works()
    assert await became(act) == ["decided", "changed", "done"]
    assert await states([first, second, third]) == [State.NOT_OFFERED, State.CONFIRMED, State.WAITING]
    assert len(await AuditEntry.filter(action=Action.PUT_ON_WAITING_LIST)) == 1


@pytest.mark.parametrize("kind", [APPROVE, WAIT])
async def test_nobody_whom_the_queue_asks_to_look_at_is_led_to_a_place_by_an_act_on_many(
    event: Event, omar: Staff, ada: Person, bo: Person, kind: BulkKind
) -> None:
    """Whoever is put on the waiting list is offered a place by itself."""
    await KnownOrganisation.create(
        event=event, domain="wardens.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    alike = replace(ada, name="Al Alike", email="al@wardens.example.org.evil.test")
    plain, odd, back = [await confirmed(person, event) for person in (ada, alike, bo)]
    await vetting.approve(back, omar, MONDAY)
    await vetting.withdraw(back, omar, MONDAY)
    act = await begun(event, omar, kind, [plain, odd, back])
    await works()
    assert dict(zip([plain.id, odd.id, back.id], await became(act), strict=True)) == {
        plain.id: "done", odd.id: "look", back.id: "look",
    }  # fmt: skip
    declined = await begun(event, omar, NOT_OFFER, [odd, back])
    await works()
    assert await became(declined) == ["done", "done"]  # that gives nobody a place


async def test_two_who_work_at_the_same_moment_do_each_person_once(event: Event, omar: Staff) -> None:
    people = await several(event, 130)
    act = await begun(event, omar, WAIT, people)
    turns = await asyncio.gather(*(works() for _ in range(4)))
    assert (sum(turns), await became(act)) == (1, ["done"] * 130)
    assert await AuditEntry.filter(action=Action.PUT_ON_WAITING_LIST).count() == 130


async def test_one_whose_lease_was_taken_over_meanwhile_does_nothing_more(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was only slow: whoever took over works on from where it was, and nobody is acted on by both."""
    people = await several(event, 120)
    act, look, other = await begun(event, omar, WAIT, people), deciding_some.need_a_look, list[int]()

    async def slow(*args: object) -> frozenset[int]:
        if (await BulkAct.get(id=act.id)).done == 50 and not other:
            other.append(0)
            other[0] = await works(clock.real() + working.LEASE + timedelta(seconds=1))
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding_some, "need_a_look", slow)
    assert (await works(), other) == (0, [1])
    assert (await became(act), (await BulkAct.get(id=act.id)).done) == (["done"] * 120, 120)
    assert await AuditEntry.filter(action=Action.PUT_ON_WAITING_LIST).count() == 120


async def test_one_that_is_stopped_leaves_the_rest_as_they_are(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await several(event, 120)
    act, look = await begun(event, omar, WAIT, people), deciding_some.need_a_look

    async def stops(*args: object) -> frozenset[int]:
        if (await BulkAct.get(id=act.id)).done == 50:
            await acting.stop(act, omar, MONDAY, clock.real())
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding_some, "need_a_look", stops)
    await works()
    stopped = await BulkAct.get(id=act.id)
    assert (stopped.stage, await became(act)) == (Stage.STOPPED, ["done"] * 50 + [""] * 70)
    assert await states(people) == [State.WAITING] * 50 + [State.CONFIRMED] * 70
    with pytest.raises(Refused, match="ended already"):
        await acting.stop(act, omar, MONDAY, clock.real())
    await acting.undo(stopped, omar, MONDAY, clock.real())
    await works()
    assert set(await states(people)) == {State.CONFIRMED}


async def test_all_of_it_is_undone_while_no_email_has_gone_out(event: Event, omar: Staff) -> None:
    people, real = await several(event, 70), clock.real()
    act = await begun(event, omar, APPROVE, people)
    [*_] = await waiting_emails("ticket")
    await works()
    act, tickets = await BulkAct.get(id=act.id), await waiting_emails("ticket")
    assert {email.next_try_at for email in tickets} == {act.emails_at}
    assert act.emails_at is not None
    assert UNDO_FOR <= act.emails_at - real < UNDO_FOR + HOLD / 2
    await acting.undo(act, omar, MONDAY, act.emails_at - timedelta(seconds=1))
    held = await waiting_emails("ticket")
    assert all(email.next_try_at > act.emails_at + HOLD / 2 for email in held)  # none goes out while it is taken back
    assert await works() == 1
    undone = await BulkAct.get(id=act.id)
    assert (undone.stage, await became(act)) == (Stage.UNDONE, ["undone"] * 70)
    assert set(await states(people)) == {State.CONFIRMED}
    assert (await waiting_emails("ticket"), (await Event.get(id=event.id)).taken) == ([], 0)
    with pytest.raises(Refused, match="too late"):
        await acting.undo(undone, omar, MONDAY, real)


async def test_once_an_email_is_on_its_way_its_person_stays_and_the_page_says_so(
    event: Event, omar: Staff, lena: Staff
) -> None:
    people = await several(event, 3)
    act = await begun(event, omar, NOT_OFFER, people)
    await works()
    await Message.filter(subject_id=people[0].id, template="not_offered").update(tries=1)
    await vetting.reconsider(await Registration.get(id=people[1].id), lena, MONDAY)
    act = await BulkAct.get(id=act.id)
    await acting.undo(act, omar, MONDAY, clock.real())
    await works()
    assert await became(act) == ["too_late", "too_late", "undone"]
    assert await states(people) == [State.NOT_OFFERED, State.CONFIRMED, State.CONFIRMED]
    late = await begun(event, omar, NOT_OFFER, people[2:])
    await works()
    late = await BulkAct.get(id=late.id)
    with pytest.raises(Refused, match="too late"):
        await acting.undo(late, omar, MONDAY, clock.real() + UNDO_FOR + timedelta(minutes=1))


@SQLITE
async def test_emails_wait_on_while_the_work_takes_long(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, look, waits = await several(event, 60), deciding_some.need_a_look, list[bool]()
    act = await begun(event, omar, WAIT, people)
    soon = clock.real() + HOLD / 8
    await BulkAct.filter(id=act.id).update(emails_at=soon)

    async def half_way(*args: object) -> frozenset[int]:
        waits.extend(email.next_try_at > soon + HOLD / 2 for email in await waiting_emails("waiting"))
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding_some, "need_a_look", half_way)
    await works()
    assert waits == [True] * 50
    emails, act = await waiting_emails("waiting"), await BulkAct.get(id=act.id)
    assert len(emails) == 60
    assert {email.next_try_at for email in emails} == {act.emails_at}


@SQLITE
async def test_by_night_the_emails_wait_for_the_morning(database: Database, event: Event, omar: Staff) -> None:
    act = await fixed(event, omar, WAIT, await several(event, 2))
    night = MONDAY.replace(hour=21)
    clock.move_to(night)
    await acting.begin(act, omar, night, clock.real())
    await working.turn(night, clock.real())
    emails = await waiting_emails("waiting")
    assert {round((email.next_try_at - clock.real()) / timedelta(hours=1)) for email in emails} == {10}


@SQLITE
async def test_one_who_cannot_be_acted_on_holds_up_nobody(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await several(event, 5)
    act, decide = await begun(event, omar, WAIT, people), deciding_some.decide

    async def fails(held: BulkAct, versions: dict[int, int], *rest: object) -> object:
        if people[2].id in versions:
            raise ValueError
        return await decide(held, versions, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding_some, "decide", fails)
    await works()
    assert await became(act) == ["done", "done", "failed", "done", "done"]
    assert (await BulkAct.get(id=act.id)).stage is Stage.DONE


@SQLITE
async def test_whoever_may_not_organise_any_more_goes_on_with_nothing(event: Event, omar: Staff) -> None:
    act = await begun(event, omar, WAIT, await several(event, 2))
    await Role.filter(staff_id=omar.id).delete()
    await works()
    assert ((await BulkAct.get(id=act.id)).stage, await became(act)) == (Stage.STOPPED, ["", ""])


@SQLITE
async def test_only_people_of_the_event_are_of_it_and_one_that_nobody_begins_goes(event: Event, omar: Staff) -> None:
    elsewhere = await several(await an_event(), 1)
    people = await several(event, 2)
    act = await fixed(event, omar, WAIT, [*people, *elsewhere])
    assert act.total == 2
    with pytest.raises(Refused):
        await acting.begin(await fixed(event, omar, WAIT, []), omar, MONDAY, clock.real())
    real = clock.real()
    await works(real + fixing.DRAFT_LASTS - timedelta(minutes=1))
    assert await BulkPerson.filter(bulk_id=act.id).count() == 2
    await works(real + fixing.DRAFT_LASTS + timedelta(minutes=1))
    assert (await BulkAct.all().count(), await BulkPerson.all().count()) == (0, 0)


async def test_offers_are_made_while_places_are_left_and_never_undone(event: Event, omar: Staff) -> None:
    people = await several(event, 3)
    for person in people:
        await vetting.put_on_waiting_list(person, omar, MONDAY)
    await Event.filter(id=event.id).update(capacity=2, allowance=0)
    act = await begun(event, omar, OFFER, people, State.WAITING)
    await works()
    assert await became(act) == ["done", "done", "full"]
    with pytest.raises(Refused):
        await acting.undo(await BulkAct.get(id=act.id), omar, MONDAY, clock.real())
    assert await Message.filter(template="offer", state=MessageState.QUEUED).count() == 2


async def test_of_two_approvals_one_organiser_gives_the_first_to_all(event: Event, omar: Staff, lena: Staff) -> None:
    people = await several(event, 2)
    await Event.filter(id=event.id).update(two_approvals=True)
    act = await begun(event, omar, APPROVE, people)
    await works()
    assert (await became(act), set(await states(people))) == (["first"] * 2, {State.CONFIRMED})
    await acting.undo(await BulkAct.get(id=act.id), omar, MONDAY, clock.real())
    await works()
    assert await became(act) == ["undone"] * 2
    for by in (omar, lena):
        second = await begun(event, by, APPROVE, people)
        await works()
    assert (await became(second), set(await states(people))) == (["done"] * 2, {State.APPROVED})
