"""Omar decides: one state, one email, one entry in the audit log for each decision, and none when someone was quicker.

Rules: SG-02.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import tokens, wording
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.deciding import sent_again, several_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import (
    MONDAY,
    THE_DAY,
    Person,
    an_event,
    audit_of,
    confirmed,
    link_of,
    queued,
    requested,
    someone,
    tell_anew,
)
from tests.registrations.deciding.decisions import LATER, anew, approved, taken
from tests.registrations.privacy.retention.going import went


async def test_ada_is_sent_one_ticket_and_the_record_names_omar(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    ticket = await vetting.approve(asked, omar, LATER)
    assert await queued() == [("ticket", ticket.id)]
    assert await audit_of(asked) == [(Action.APPROVED, omar.actor, LATER)]
    assert (await taken(event), (await anew(asked)).state, (await anew(asked)).decided_at) == (1, State.APPROVED, LATER)


@pytest.mark.parametrize("decision", Decision)
async def test_after_the_event_nothing_is_decided_alone_or_among_several(
    event: Event, omar: Staff, decision: Decision
) -> None:
    last, over = THE_DAY.replace(hour=22), THE_DAY + timedelta(days=1)
    people = [await confirmed(someone(), event) for _ in range(2)]
    if decision is Decision.OFFER:
        for person in people:
            await vetting.put_on_waiting_list(person, omar, MONDAY)
    before = [(await anew(person)).state for person in people]
    with pytest.raises(Refused, match="This event is over"):
        await vetting.decide(await anew(people[0]), decision, omar, over)
    rows = [await anew(person) for person in people]
    with pytest.raises(Refused, match="This event is over"):
        await several_decisions.decide_people(rows, decision, omar, over, seen=rows[0].state)
    assert [(await anew(person)).state for person in people] == before
    assert (await taken(event), await Ticket.all().count()) == (0, 0)
    then = MONDAY if decision is Decision.OFFER else last
    assert await vetting.decide(await anew(people[0]), decision, omar, then) is Result.DONE, "the control"


async def test_bo_waits_and_is_told_so(event: Event, bo: Person, omar: Staff) -> None:
    asked = await confirmed(bo, event)
    await vetting.put_on_waiting_list(asked, omar, LATER)
    assert await queued() == [("waiting", asked.id)]
    assert await audit_of(asked) == [(Action.PUT_ON_WAITING_LIST, omar.actor, LATER)]
    assert (await taken(event), (await anew(asked)).state) == (0, State.WAITING)


async def test_cleo_is_not_offered_a_place_and_no_reason_is_kept(event: Event, cleo: Person, omar: Staff) -> None:
    asked = await confirmed(cleo, event)
    await vetting.not_offer(asked, omar, LATER)
    assert await queued() == [("not_offered", asked.id)]
    assert await audit_of(asked) == [(Action.NOT_OFFERED, omar.actor, LATER)]
    kept = set(Registration._meta.fields_map)
    assert [name for name in kept if any(word in name for word in ("note", "reason", "comment", "score"))] == []


async def test_a_mis_click_is_mended_before_the_email_goes_out(event: Event, cleo: Person, omar: Staff) -> None:
    asked = await confirmed(cleo, event)
    await vetting.not_offer(asked, omar, MONDAY)
    await vetting.reconsider(await anew(asked), omar, LATER)
    assert await queued() == []
    assert ((await anew(asked)).state, (await anew(asked)).decided_at) == (State.CONFIRMED, None)
    assert await audit_of(asked) == [
        (Action.NOT_OFFERED, omar.actor, MONDAY),
        (Action.RECONSIDERED, omar.actor, LATER),
    ]


async def test_whoever_is_turned_down_twice_is_written_to_twice(event: Event, cleo: Person, omar: Staff) -> None:
    asked = await confirmed(cleo, event)
    await vetting.not_offer(asked, omar, MONDAY)
    await outbox.done(await Message.get(), MessageState.SENT, MONDAY)
    await vetting.reconsider(await anew(asked), omar, MONDAY)
    await vetting.not_offer(await anew(asked), omar, MONDAY)
    assert await queued() == [("not_offered", asked.id)]


async def test_withdrawing_kills_ticket_links_and_queued_emails_and_frees_the_place(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await approved(ada, event, omar)
    link = asked.link(Purpose.TICKET).rpartition("/")[2]
    await vetting.withdraw(asked, omar, LATER)
    asked = await anew(asked)
    assert (asked.state, await taken(event), (await Ticket.get()).revoked_at) == (State.CONFIRMED, 0, LATER)
    assert tokens.match(Purpose.TICKET, link, asked.generation) is Match.OLD
    assert [(message.template, message.state) for message in await Message.all().order_by("id")] == [
        ("ticket", MessageState.DROPPED),
        ("cancelled", MessageState.QUEUED),
    ]
    assert (await audit_of(asked))[-1] == (Action.WITHDRAWN, omar.actor, LATER)


async def test_who_is_approved_again_gets_another_ticket(event: Event, ada: Person, omar: Staff) -> None:
    asked = await approved(ada, event, omar)
    await vetting.withdraw(asked, omar, MONDAY)
    again = await vetting.approve(await anew(asked), omar, MONDAY)
    assert [(ticket.id == again.id, ticket.revoked_at) for ticket in await Ticket.all().order_by("id")] == [
        (False, MONDAY),
        (True, None),
    ]
    assert ("ticket", again.id) in await queued()


async def test_cancelling_ends_it_and_lets_the_address_ask_again(event: Event, ada: Person, omar: Staff) -> None:
    asked = await approved(ada, event, omar)
    await vetting.cancel(asked, omar, LATER)
    assert (await taken(event), (await Ticket.get()).revoked_at) == (0, LATER)
    assert await queued() == [("cancelled", asked.id)]
    assert (await confirmed(ada, event)).id != asked.id


async def test_who_never_confirmed_is_not_written_to(event: Event, bo: Person, omar: Staff) -> None:
    asked = await requested(bo, event)
    await outbox.put("confirm", (await link_of(asked)).id, cause="asked 1", at=MONDAY, event_id=event.id)
    await vetting.cancel(asked, omar, LATER)
    assert await queued() == []
    assert (await anew(asked)).state is State.CANCELLED


async def test_a_mended_name_is_found_and_reaches_the_phones_with_the_same_ticket(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await approved(ada, event, omar)
    before = await Ticket.get()
    await vetting.correct(asked, {"full_name": "Ada Áshdown", "badge_name": "Ada"}, omar, LATER)
    asked, after = await anew(asked), await Ticket.get()
    assert (asked.full_name, asked.badge_name) == ("Ada Áshdown", "Ada")
    assert (after.reference, after.n) == (before.reference, before.n)
    assert after.list_version > before.list_version


async def test_no_name_comes_back_into_a_row_that_was_emptied(event: Event, ada: Person, omar: Staff) -> None:
    seen = await requested(ada, event)
    await went("unconfirmed", MONDAY + LINK_LASTS)
    with pytest.raises(Refused, match=wording.ALREADY_DECIDED):
        await vetting.correct(seen, {"full_name": "Ada Ash", "badge_name": "Ada"}, omar, LATER)
    now = await anew(seen)
    assert (now.full_name, now.badge_name, now.state) == ("", "", State.EXPIRED)


async def test_a_mended_name_stands_with_the_organisation_that_stands_now(
    event: Event, ada: Person, omar: Staff
) -> None:
    seen = await requested(ada, event)
    await tell_anew(seen, organisation="Ushers of Westmoor")  # they asked again meanwhile
    await vetting.correct(seen, {"full_name": "Ada Ash", "badge_name": ""}, omar, LATER)
    now = await anew(seen)
    assert (now.full_name, now.email, now.organisation) == ("Ada Ash", ada.email, "Ushers of Westmoor")


async def test_the_ticket_is_sent_again_once_a_minute(event: Event, ada: Person, omar: Staff) -> None:
    asked = await approved(ada, event, omar)
    await sent_again.send_ticket_again(asked, omar, LATER)
    with pytest.raises(Refused, match=sent_again.JUST_SENT):
        await sent_again.send_ticket_again(asked, omar, LATER + timedelta(seconds=2))
    await sent_again.send_ticket_again(asked, omar, LATER + timedelta(minutes=1))
    assert await queued() == [("ticket", (await Ticket.get()).id)] * 3


async def test_without_a_ticket_none_is_sent(event: Event, bo: Person, omar: Staff) -> None:
    with pytest.raises(Refused, match=sent_again.NO_TICKET):
        await sent_again.send_ticket_again(await confirmed(bo, event), omar, MONDAY)


@pytest.mark.parametrize("decision", list(Decision))
async def test_the_second_of_two_organisers_is_told_and_changes_nothing(
    event: Event, ada: Person, omar: Staff, lena: Staff, decision: Decision
) -> None:
    asked = await confirmed(ada, event)
    seen = await anew(asked)
    await vetting.put_on_waiting_list(asked, lena, MONDAY)
    assert await vetting.decide(seen, decision, omar, LATER) is Result.DECIDED
    assert (await anew(asked)).state is State.WAITING
    assert await queued() == [("waiting", asked.id)]
    assert len(await audit_of(asked)) == 1


ALLOWED = {
    "approve": {State.CONFIRMED, State.WAITING, State.OFFERED, State.RECHECKING},
    "put_on_waiting_list": {State.CONFIRMED, State.RECHECKING},
    "not_offer": {State.CONFIRMED, State.WAITING, State.RECHECKING},
    "reconsider": {State.NOT_OFFERED},
    "withdraw": {State.APPROVED},
    "cancel": set(State) - {State.CANCELLED, State.EXPIRED},
}


@pytest.mark.parametrize("verb", list(ALLOWED))
async def test_from_every_other_state_a_verb_is_refused(event: Event, omar: Staff, verb: str) -> None:
    await Event.filter(id=event.id).update(taken=2)
    for state in State:
        asked = await confirmed(someone(), event)
        await Registration.filter(id=asked.id).update(state=state)
        act = getattr(vetting, verb)(await anew(asked), omar, MONDAY)
        if state in ALLOWED[verb]:
            await act
        else:
            with pytest.raises(Refused, match=wording.ALREADY_DECIDED):
                await act


async def test_several_at_once_each_say_what_became_of_them(omar: Staff, lena: Staff) -> None:
    event = await an_event(capacity=3)
    asked = [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(6)]
    await vetting.not_offer(await anew(asked[0]), lena, LATER)
    await vetting.put_on_waiting_list(await anew(asked[1]), lena, LATER)
    ids = [registration.id for registration in asked]
    outcome = await several_decisions.decide_several(event, ids, Decision.APPROVE, omar, LATER)
    assert [outcome[id_] for id_ in ids] == [Result.DECIDED] * 2 + [Result.DONE] * 3 + [Result.FULL]
    states = [(await anew(registration)).state for registration in asked]
    assert states == [State.NOT_OFFERED, State.WAITING, State.APPROVED, State.APPROVED, State.APPROVED, State.CONFIRMED]


async def test_requests_of_another_event_are_out_of_reach(event: Event, omar: Staff) -> None:
    elsewhere = await confirmed(someone(), await an_event())
    outcome = await several_decisions.decide_several(event, [elsewhere.id], Decision.APPROVE, omar, LATER)
    assert outcome == {elsewhere.id: Result.DECIDED}
    assert (await anew(elsewhere)).state is State.CONFIRMED
