"""People change name, badge name, role and telephone at once; nobody overwrites what they have not seen.

Rules: GU-22.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.booking import booking_emails, changing
from registrations.booking.changing import Change
from registrations.booking.own_needs import ANSWERED, CHOICE, NOTED
from registrations.booking.rechecking import ORGANISATION
from registrations.deciding import vetting
from registrations.people.registration import MANAGED, Registration, State
from registrations.tickets.ticket import Ticket
from tests.mail_reading import OWN, assert_it_reads_well, html_of, links_of, text_of, written
from tests.people import MONDAY, Person, queued
from tests.professional import put_into, with_ticket

LATER = MONDAY + timedelta(hours=1)
NEW = {
    Change.NAME: "Ada Birch",
    Change.BADGE_NAME: "Addy",
    Change.ROLE: "Head of wardens",
    Change.PHONE: "01632 960123",
}


async def as_it_stands(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


@pytest.mark.parametrize("what", list(Change))
async def test_ada_changes_one_thing_and_the_rest_stays(event: Event, ada: Person, what: Change) -> None:
    asked = await as_it_stands((await with_ticket(ada, event))[0])
    before = asked.person
    await changing.change(asked, what, NEW[what], LATER, LATER)
    now = await as_it_stands(asked)
    assert now.person == replace(before, **{what.field: NEW[what]})
    assert (now.state, now.generation, await queued()) == (State.APPROVED, 0, [("booking_changed", asked.id)])
    entry = await AuditEntry.get(action=Action.CHANGED_BOOKING)
    assert (entry.actor, entry.details) == (f"person:{asked.id}", {"what": what.value})


async def test_the_same_pressed_twice_at_once_is_saved_once_and_calm(event: Event, ada: Person) -> None:
    """Both read the row before either was saved."""
    asked = await as_it_stands((await with_ticket(ada, event))[0])
    await asyncio.gather(*(changing.change(asked, Change.ROLE, "Officer", LATER, LATER) for _ in range(3)))
    assert (await as_it_stands(asked)).role == "Officer"
    assert await AuditEntry.filter(action=Action.CHANGED_BOOKING).count() == 1
    with pytest.raises(Refused):
        await changing.change(asked, Change.ROLE, "Another", LATER, LATER)


async def test_door_phones_are_sent_the_new_name_with_the_same_ticket(event: Event, ada: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    await changing.change(await as_it_stands(asked), Change.NAME, "Ada Birch", LATER, LATER)
    now, event = await Ticket.get(id=ticket.id), await Event.get(id=event.id)
    assert (now.revoked_at, now.list_version > ticket.list_version) == (None, True)
    assert now.list_version == event.list_version


@pytest.mark.parametrize("state", sorted(State))
async def test_only_a_live_booking_can_be_changed(event: Event, ada: Person, state: State) -> None:
    asked = await as_it_stands(await put_into(state, ada, event))
    before = asked.person
    if state in MANAGED:
        await changing.change(asked, Change.ROLE, "Head of wardens", LATER, LATER)
    else:
        with pytest.raises(Refused, match="has just changed, so nothing was done"):
            await changing.change(asked, Change.ROLE, "Head of wardens", LATER, LATER)
    assert ((await as_it_stands(asked)).person != before) is (state in MANAGED)
    assert len(await queued()) == (state in MANAGED)


async def test_what_an_organiser_has_corrected_meanwhile_stands(event: Event, ada: Person, omar: Staff) -> None:
    seen = await as_it_stands((await with_ticket(ada, event))[0])
    await vetting.correct(await as_it_stands(seen), {"full_name": "Ada Ashdowne", "badge_name": ""}, omar, LATER)
    with pytest.raises(Refused, match="has just changed, so nothing was done"):
        await changing.change(seen, Change.NAME, "Ada Birch", LATER, LATER)
    assert ((await as_it_stands(seen)).full_name, await queued()) == ("Ada Ashdowne", [])


async def test_of_ten_changes_at_once_one_is_made(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    copies = [await as_it_stands(asked) for _ in range(10)]
    answers = await asyncio.gather(
        *(changing.change(copy, Change.NAME, f"Ada {n}", LATER, LATER) for n, copy in enumerate(copies)),
        return_exceptions=True,
    )
    assert (answers.count(None), await queued()) == (1, [("booking_changed", asked.id)])


async def test_twenty_changes_an_hour_are_enough(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    for n in range(20):
        await changing.change(await as_it_stands(asked), Change.ROLE, f"Role {n}", LATER, LATER)
    with pytest.raises(Refused, match="very often") as refused:
        await changing.change(await as_it_stands(asked), Change.ROLE, "One more", LATER, LATER)
    assert (refused.value.status, (await as_it_stands(asked)).role) == (429, "Role 19")


KINDS = {
    Change.NAME: "to change the name.",
    Change.BADGE_NAME: "to change the name for the badge.",
    Change.ROLE: "to change the role.",
    Change.PHONE: "to change the telephone number.",
}


@pytest.mark.parametrize("what", [Change.BADGE_NAME, Change.ROLE, Change.PHONE])
async def test_the_email_says_what_kind_of_thing_was_changed_and_not_what_it_says(
    event: Event, ada: Person, what: Change
) -> None:
    asked = await as_it_stands((await with_ticket(ada, event))[0])
    await changing.change(asked, what, NEW[what], LATER, LATER)
    email = await written(booking_emails.changed_email, await Message.get(template="booking_changed"))
    assert email is not None
    assert_it_reads_well(email)
    assert KINDS[what] in text_of(email)
    assert str(email["To"]) == "Ada Ashdown <ada@wardens.example.org>"
    assert str(email["Subject"]) == "Your booking for Monday 15 April 2019"
    assert NEW[what] not in text_of(email) + html_of(email)
    assert [href.removeprefix(OWN).split("/")[0] for href, _ in links_of(html_of(email))] == ["manage"]


async def test_every_change_has_words_in_its_email() -> None:
    assert set(booking_emails.KINDS) == {*(what.value for what in Change), ORGANISATION, ANSWERED, CHOICE, NOTED}


@pytest.mark.parametrize("state", sorted(State))
async def test_the_email_is_sent_only_while_there_is_a_booking(event: Event, ada: Person, state: State) -> None:
    asked = await as_it_stands((await with_ticket(ada, event))[0])
    await changing.change(asked, Change.ROLE, "Head of wardens", LATER, LATER)
    await Registration.filter(id=asked.id).update(state=state)
    email = await written(booking_emails.changed_email, await Message.get(template="booking_changed"))
    assert (email is not None) is (state in MANAGED)
