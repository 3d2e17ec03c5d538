"""Whoever asks to be erased is gone at once from every table, and the door; one last email says so, then its address.

Rules: DP-08.
"""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit import audit_verify
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail import last_email
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting, registering
from registrations.asking.draft import Draft
from registrations.booking import own_booking
from registrations.people.colleague import Colleague
from registrations.people.former_address import FormerAddress
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.phones.door import Device
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.rights import erasing, rights_requests
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_emails import WRITERS
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.events.mail.mailing import send
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, THE_DAY, Person, audit_of, queued, request_of, requested, someone
from tests.professional import put_into, told_by, with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS
from tests.registrations.checkin.settling import says
from tests.registrations.privacy.rights.asking import a_rights_request, asked_by_link, newest
from tests.registrations.privacy.rights.lived import BEFORE, ada_has_lived
from tests.smtp_sink import smtp_sink
from tests.tables import models

DAY = timedelta(days=1)


async def erased(email: str, event: Event, omar: Staff) -> RightsRequest:
    asked = await a_rights_request(event, omar, Right.ERASURE, email)
    await erasing.erase(asked, omar, MONDAY, clock.real())
    return await newest(asked)


async def all_rows() -> str:
    """What the database holds of anybody, opened as far as our keys open it, but for the one last address."""
    said = [json.dumps(row, default=str) for model in models() for row in await model.all().values()]
    said += [str(row.person) for row in await Registration.all()]
    said += [f"{row.needs} {row.choices}" for row in await Registration.all()]
    said += [str(link.answers) for link in await LinkAnswers.all()]
    said += [str(opened.answers) for draft in await Draft.all() if (opened := drafting.open_draft(draft))]
    said += [str(row.terms) for row in await Invitation.all()]
    said += [row.address for row in await Colleague.all()]
    said += [str(row.move) for row in await FormerAddress.all()]
    said += [f"{row.email} {row.about} {row.note}" for row in await RightsRequest.all()]
    return "\n".join(said)


async def test_nothing_of_her_is_left_in_any_table_but_her_complaint(
    event: Event, ada: Person, bo: Person, omar: Staff, lena: Staff, sid: Device
) -> None:
    lived = await ada_has_lived(event, ada, omar, sid)
    other, _ = await with_ticket(bo, event)
    await drafting.keep(event, None, "", {"full_name": bo.name, "email": bo.email}, clock.real())
    await rights_requests.close(await RightsRequest.get(), Outcome.DONE, "Sent to Ada.", 0, omar, MONDAY)
    hers = [
        ada.name,
        ada.email,
        ada.organisation,
        lived.public_id,
        "Eve Else",
        "Sent to Ada.",
        WORDS,
        ALLERGY,
        "Oona Odd",
        BEFORE,
    ]
    assert [text for text in hers if text not in await all_rows()] == [], "each was there"
    done = await erased(ada.email, event, omar)
    left = (await all_rows()).replace(done.reference, "")
    assert [text for text in hers if text in left] == []
    copy = await gather(await Event.get(id=event.id), ada.email, THE_DAY)
    left_of = {section.table for section in copy.sections if section.rows}
    assert left_of == {"complaint", "audit_entry", "message", "erased_address", "objection"}
    assert ((await Registration.get(id=other.id)).full_name, await Draft.all().count()) == (bo.name, 1)
    assert [row.terms.only_for for row in await Invitation.all() if row.terms] == ["wardens.example.org"], (
        "not hers alone"
    )
    assert await audit_verify.verify() == []


async def test_the_place_is_free_the_ticket_dead_and_each_act_on_the_audit_log(
    event: Event, ada: Person, omar: Staff, sid: Device
) -> None:
    asked, ticket = await with_ticket(ada, event)
    before = await Event.get(id=event.id)
    done = await erased(ada.email, event, omar)
    after, now, dead = await Event.get(id=event.id), await Registration.get(id=asked.id), await Ticket.get()
    assert (before.taken, after.taken, now.state) == (1, 0, State.CANCELLED)
    assert (now.person_sealed, now.address_tag, now.public_id) == (None, *[f"deleted {asked.id}"] * 2)
    assert (dead.revoked_at, dead.list_version > ticket.list_version) == (MONDAY, True)
    answer = await says(await scan_of(ticket), sid)
    assert answer["verdict"] == "ask_lead"
    assert ada.name not in str(answer)
    assert await audit_of(now) == [("erased a person at their request", omar.actor, MONDAY)]
    acts = ["received a rights request", "noted that a rights request is theirs", "closed a rights request"]
    assert [act for act, _, _ in await audit_of(done)] == acts
    assert (done.closed_at, done.outcome, done.email, done.about) == (MONDAY, Outcome.DONE, "", "")


@pytest.mark.parametrize("state", [State.WAITING, State.CONFIRMED, State.CANCELLED])
async def test_whoever_held_no_place_frees_none(
    event: Event, ada: Person, bo: Person, omar: Staff, state: State
) -> None:
    await with_ticket(bo, event)
    await put_into(state, ada, event)
    before = (await Event.get(id=event.id)).taken
    await erased(ada.email, event, omar)
    assert ((await Event.get(id=event.id)).taken, before) == (1, 1)


async def test_emails_to_her_are_dropped_and_one_last_one_says_that_it_is_done(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    await own_booking.send_ticket_again(asked, MONDAY, clock.real())
    done = await erased(ada.email, event, omar)
    assert await queued() == [("erased", done.id)]
    [row] = await query("SELECT * FROM message WHERE template = 'erased'")
    assert ada.email not in str(row)
    async with smtp_sink() as sink:
        await send(sink, WRITERS)
    [caught] = sink.caught
    assert caught.recipients == (ada.email,)
    assert_it_reads_well(caught.email)
    said = folded(text_of(caught.email))
    assert f"The reference of your request is {done.reference}." in said
    assert "We delete them after 30 days." in said
    assert ada.name not in said
    [row] = await query("SELECT * FROM message WHERE template = 'erased'")
    assert (row["state"], row["address_sealed"]) == ("sent", None), "with it the address is gone"


@pytest.mark.parametrize(("complained", "says_so"), [(True, True), (False, False)])
async def test_the_last_email_says_what_stays(
    event: Event, ada: Person, omar: Staff, lena: Staff, sid: Device, complained: bool, says_so: bool
) -> None:
    await ada_has_lived(event, ada, omar, sid)
    await rights_requests.close(await RightsRequest.get(), Outcome.DONE, "Sent.", 0, omar, MONDAY)
    if not complained:
        await Complaint.all().delete()
    await erased(ada.email, event, omar)
    email = await written(WRITERS["erased"], await Message.get(template="erased"))
    assert email is not None
    assert ("Somebody sent a complaint about data protection with this address." in text_of(email)) == says_so


async def test_the_address_asks_anew_as_if_it_had_never_been_here(event: Event, ada: Person, omar: Staff) -> None:
    old, _ = await with_ticket(ada, event)
    await erased(ada.email, event, omar)
    await registering.ask(event, told_by(ada), MONDAY + DAY, clock.real())
    new = await request_of(ada.email)
    assert (new.id > old.id, new.state, new.full_name) == (True, State.REQUESTED, ada.name)
    [opened] = [row for row in await Registration.all() if row.email == ada.email]
    assert opened == new


async def test_all_requests_of_the_address_at_this_event_go_and_none_at_another(
    event: Event, ada: Person, omar: Staff
) -> None:
    for _ in range(2):
        asked, _ = await with_ticket(ada, event)
        await own_booking.give_up(await Registration.get(id=asked.id), MONDAY)
    await requested(ada, event)
    elsewhere = await Event.create(**await another(event))
    kept, _ = await with_ticket(ada, elsewhere)
    await erased(ada.email, event, omar)
    states = {row.id: (row.state, row.full_name) for row in await Registration.all() if row.event_id == event.id}
    assert set(states.values()) == {(State.CANCELLED, "")}
    assert len(states) == 3
    assert (await Registration.get(id=kept.id)).full_name == ada.name


async def another(event: Event) -> dict[str, Any]:
    [values] = await Event.filter(id=event.id).values()
    return values | {"id": event.id + 1, "slug": "another"}


async def test_what_was_asked_of_her_rights_besides_ends_with_it_and_names_nobody(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    correction = await asked_by_link(asked, Right.CORRECTION, "My surname.")
    other = await a_rights_request(event, omar, Right.CORRECTION)
    await erased(ada.email, event, omar)
    ended, untouched = await newest(correction), await newest(other)
    assert (ended.outcome, ended.closed_at, ended.email, ended.about) == (Outcome.ENDED, MONDAY, "", "")
    assert (untouched.closed_at, untouched.email) == (None, other.email)
    assert ("rights_received", correction.id) not in await queued()
    assert ("rights_received", other.id) in await queued()


async def test_a_copy_that_they_asked_for_comes_first(event: Event, ada: Person, omar: Staff) -> None:
    asked, _ = await with_ticket(ada, event)
    copy = await asked_by_link(asked, Right.ACCESS)
    with pytest.raises(Refused, match=f"They also asked for a copy \\({copy.reference}\\)"):
        await erased(ada.email, event, omar)
    assert (await Registration.get(id=asked.id)).full_name == ada.name
    await rights_requests.close(copy, Outcome.WITHDRAWN, "She said so.", 0, omar, MONDAY)
    await erasing.erase(await RightsRequest.get(kind=Right.ERASURE), omar, MONDAY, clock.real())
    assert (await Registration.get(id=asked.id)).full_name == ""


async def test_it_is_done_once_and_only_where_erasure_was_asked_for(event: Event, ada: Person, omar: Staff) -> None:
    await with_ticket(ada, event)
    done = await erased(ada.email, event, omar)
    correction = await a_rights_request(event, omar, Right.CORRECTION)
    for request in (done, correction):
        with pytest.raises(Refused, match="is closed"):
            await erasing.erase(request, omar, MONDAY, clock.real())
    assert await Message.filter(template="erased").count() == 1


async def test_of_an_address_that_is_known_only_by_its_request_the_request_goes(event: Event, omar: Staff) -> None:
    person = someone()
    done = await erased(person.email, event, omar)
    assert (done.email, done.outcome) == ("", Outcome.DONE)
    assert await queued() == [("erased", done.id)]


async def test_one_whose_address_was_damaged_is_left_as_it_is(event: Event, omar: Staff) -> None:
    asked = await a_rights_request(event, omar, Right.ERASURE)
    await RightsRequest.filter(id=asked.id).update(email_sealed=b"\x01damaged")
    with pytest.raises(Refused, match="cannot be read"):
        await erasing.erase(await newest(asked), omar, MONDAY, clock.real())
    assert (await newest(asked)).closed_at is None


async def test_the_last_address_goes_with_its_email_whatever_becomes_of_it(
    event: Event, ada: Person, omar: Staff
) -> None:
    await erased(ada.email, event, omar)
    message = await Message.get(template="erased")
    assert last_email.address_of(message) == ada.email
    async with smtp_sink() as sink:
        sink.says("RCPT", "550 5.1.1 unknown")
        await send(sink, WRITERS)
    failed = await Message.get(template="erased")
    assert (failed.state, failed.address_sealed, last_email.address_of(failed)) == (MessageState.FAILED, None, "")


async def test_of_two_who_erase_the_same_address_at_once_one_does(event: Event, ada: Person, omar: Staff) -> None:
    await with_ticket(ada, event)
    asked = await a_rights_request(event, omar, Right.ERASURE, ada.email)
    again = await rights_requests.take(
        event, rights_requests.Asked(ada.email, Right.ERASURE, "Please."), MONDAY, omar, MONDAY
    )
    await rights_requests.confirm(again, omar, MONDAY)
    tries = [erasing.erase(request, omar, MONDAY, clock.real()) for request in (asked, again, asked, again)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused", "Refused", "Refused"]
    assert (await Event.get(id=event.id)).taken == 0
    assert await Message.filter(template="erased").count() == 1


async def test_nobody_is_erased_before_somebody_has_shown_that_the_address_is_theirs(
    event: Event, ada: Person, omar: Staff
) -> None:
    await with_ticket(ada, event)
    asked = await rights_requests.take(
        event, rights_requests.Asked(ada.email, Right.ERASURE, "All of it."), MONDAY, omar, MONDAY
    )
    with pytest.raises(Refused, match="Nobody has shown yet that they read this address, so nothing was erased"):
        await erasing.erase(asked, omar, MONDAY, clock.real())
    assert [row.email for row in await Registration.all()] == [ada.email]
    assert (await newest(asked)).closed_at is None
    await rights_requests.confirm(asked, omar, MONDAY)
    await erasing.erase(asked, omar, MONDAY, clock.real())
    assert [row.email for row in await Registration.all()] == [""]
