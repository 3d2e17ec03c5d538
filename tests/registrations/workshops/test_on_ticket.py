"""A guest reads in which workshop they are on their ticket and in the emails before the day; the room once the venue is
released. Rules: EV-01, SG-01, EM-10."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail import outbox
from events.mail.outbox import Message
from events.programme import changing
from events.programme.programme import ShownTo
from registrations.people.registration import Registration
from registrations.telling.mailing import GUESTS, KINDS
from registrations.tickets import calendar_file, request_emails
from registrations.tickets.ticket import Ticket
from registrations.workshops.shown import on_ticket
from tests.browser import browsing, words
from tests.mail_reading import folded, text_of, written
from tests.people import MONDAY
from tests.professional import path_to
from tests.registrations.telling.telling import begun, email_to
from tests.registrations.workshops.guests import a_guest, takes_part

WHICH, WHERE = "10:00 to 11:00: Safety planning", "(Room of safety planning)"
BEFORE = [template for template, kind in KINDS.items() if kind.to == GUESTS and not kind.arrived]


async def ticket_email_to(guest: Registration) -> str:
    ticket = await Ticket.get(registration_id=guest.id, revoked_at=None)
    await outbox.put("ticket", ticket.id, cause="again", at=MONDAY, event_id=guest.event_id)
    newest = await Message.filter(template="ticket", subject_id=ticket.id).order_by("-id").first()
    email = await written(request_emails.WRITERS["ticket"], newest) if newest else None
    return folded(text_of(email)) if email else ""


async def test_the_ticket_email_says_which_and_once_the_venue_is_released_where(event: Event, omar: Staff) -> None:
    guest = await a_guest(event)
    assert "Workshop" not in await ticket_email_to(guest)
    await takes_part(guest, event, omar)
    assert f"Workshop, {WHICH} Open your ticket:" in await ticket_email_to(guest)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    assert f"Workshop, {WHICH} {WHERE}" in await ticket_email_to(guest)
    await changing.show_to(event, ShownTo.NOBODY, by=omar, at=MONDAY)
    assert "Workshop" not in await ticket_email_to(guest), "while guests see no programme, no email tells of it"


@pytest.mark.parametrize("template", BEFORE)
async def test_each_email_before_the_day_says_it(event: Event, omar: Staff, template: str) -> None:
    clock.move_to(MONDAY)
    guest, other = await a_guest(event), await a_guest(event)
    await takes_part(guest, event, omar)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    await begun(template, event, MONDAY, clock.real())
    emails = [await email_to(person, template) for person in (guest, other)]
    told = [folded(text_of(email)) for email in emails if email]
    assert [f"Workshop, {WHICH} {WHERE}" in text for text in told] == [True, False]
    await Event.filter(id=event.id).update(venue_released_at=None)
    if template != "venue_released":
        email = await email_to(guest, template)
        text = folded(text_of(email)) if email else ""
        assert (f"Workshop, {WHICH}" in text, WHERE in text) == (True, False)


async def test_ticket_page_and_paper_say_where_and_a_calendar_nothing(
    database: Database, event: Event, omar: Staff
) -> None:
    """Others see a calendar: a title would tell what the event is about."""
    guest = await a_guest(event)
    await takes_part(guest, event, omar)
    page = path_to(guest, Purpose.TICKET)
    async with browsing(database) as client:
        before = words((await client.get(page)).text)
        await Event.filter(id=event.id).update(venue_released_at=MONDAY)
        released = words((await client.get(page)).text)
    assert (WHICH in before, WHERE in before, f"{WHICH} {WHERE}" in released) == (True, False, True)
    [workshop] = await on_ticket(await Event.get(id=event.id), guest)
    assert (workshop.hours, workshop.words) == ("10:00 to 11:00", f"Safety planning {WHERE}")
    content = calendar_file.calendar_file(await Event.get(id=event.id), MONDAY).decode()
    assert "Safety" not in content
    assert "Room of" not in content
