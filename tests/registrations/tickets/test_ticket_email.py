"""The email with the ticket: it works without its picture, and the picture is the code of the ticket.

Rules: EM-03, EM-07, SG-14.
"""

import re
from datetime import timedelta

import pytest

from events.event import Event, sealed
from events.ground import clock, settings
from events.mail import outbox
from events.mail.outbox import Message
from registrations.codes import qr
from registrations.people.registration import Registration, State
from registrations.tickets import ticketing
from registrations.tickets.request_emails import WRITERS
from registrations.tickets.ticket import Ticket, code_of
from tests.conftest import SETTINGS
from tests.mail_reading import assert_it_reads_well, folded, html_of, parts_of, text_of, written
from tests.people import MONDAY, VENUE_CANARY, Person, confirmed


async def a_ticket(person: Person, event: Event) -> tuple[Ticket, Message]:
    asked = await confirmed(person, event)
    assert await asked.become(State.APPROVED)
    ticket = await ticketing.issue(asked, MONDAY, draw=lambda: "HK7-4QD")
    await outbox.put("ticket", ticket.id, cause="approved", at=MONDAY, event_id=event.id)
    return ticket, await Message.get(template="ticket", subject_id=ticket.id)


async def the_email(message: Message) -> tuple[str, str, list[bytes]]:
    """Text, HTML and pictures."""
    email = await written(WRITERS["ticket"], message)
    assert email is not None
    assert_it_reads_well(email)
    pictures = [bytes(part.get_payload(decode=True)) for part in email.walk() if part.get_content_type() == "image/png"]
    assert len(bytes(email)) < 30_000
    return text_of(email), html_of(email), pictures


async def test_the_text_alone_gets_ada_in(event: Event, ada: Person) -> None:
    ticket, message = await a_ticket(ada, event)
    text, _, _ = await the_email(message)
    person = await Registration.get(id=ticket.registration_id)
    assert text.startswith(
        "Conference for professionals\nMonday 15 April 2019\n"
        "Hosted by Safer Places and Three Rivers District Council\n\nYour ticket\n\n"
        "Dear Ada Ashdown,\n\nYour reference: HK7-4QD\n\n"
        "Date: Monday 15 April 2019\nTime: 09:30 to 16:00\nDoors open: 09:00\n"
        "Address: it will be on your ticket page before the day\n\n"
        f"Open your ticket:\nhttps://places.example.org/ticket/{person.public_id}"
    )
    for fact in (
        "At the door, show the code or say your reference. Only staff at the door scan this code."
        " If you see no code, your reference is enough.",
        "Bring your work ID: staff check your name against it.",
        "If you cannot come, please give up your place.",
        f"Open your booking: https://places.example.org/manage/{person.public_id}",
    ):
        assert fact in folded(text)


async def test_what_is_not_known_is_left_out(event: Event, ada: Person) -> None:
    _, message = await a_ticket(ada, event)
    await Event.filter(id=event.id).update(
        starts_at=None, doors_open_at=None, bring_sealed=sealed(event, "bring", "Bring a pen.")
    )
    text, _, _ = await the_email(message)
    assert [word for word in ("Time:", "Doors open:", "None") if word in text] == []
    assert "Bring your work ID: staff check your name against it. Bring a pen." in folded(text)


@pytest.mark.parametrize(
    ("until", "after", "begins"),
    [
        (None, timedelta(), "You can tell us what you need and what you eat"),
        (3, timedelta(), "Until Friday 12 April 2019 you can tell us what you need and what you eat"),
        (3, timedelta(days=5), ""),
    ],
)
async def test_guests_are_told_what_they_can_still_say_until_it_is_too_late(
    event: Event, ada: Person, until: int | None, after: timedelta, begins: str
) -> None:
    _, message = await a_ticket(ada, event)
    await Event.filter(id=event.id).update(changes_until=until)
    clock.move_to(MONDAY + after)
    text, html, _ = await the_email(message)
    for shown in (folded(text), folded(html)):
        assert ("tell us what you need and what you eat" in shown) is bool(begins)
        assert begins in shown


async def test_guests_read_where_it_is_quiet_and_whom_to_talk_to(event: Event, ada: Person) -> None:
    _, message = await a_ticket(ada, event)
    text, html, _ = await the_email(message)
    assert f"Quiet room and support {event.wellbeing}" in folded(text)
    assert f">Quiet room and support</h2> <p>{event.wellbeing}</p>" in folded(html)
    await Event.filter(id=event.id).update(wellbeing_sealed=None)
    text, html, _ = await the_email(message)
    assert "Quiet room" not in text + html


async def test_a_rehearsal_says_what_it_made_up(event: Event, ada: Person) -> None:
    _, message = await a_ticket(ada, event)
    await Event.filter(id=event.id).update(
        rehearsal=True, venue_released_at=MONDAY, bring_sealed=sealed(event, "bring", "Lunch is there for you.")
    )
    text, _, _ = await the_email(message)
    made_up = [line.split(" (made up")[0] for line in text.splitlines() if " (made up for this rehearsal)" in line]
    assert made_up == [
        "Time: 09:30 to 16:00",
        "Doors open: 09:00",
        f"Address: {VENUE_CANARY} House, 1 Example Street",
        "Lunch is there for you.",
        (await Event.get(id=event.id)).wellbeing,
        "You can reply to this email, or contact us: organisers@example.org, 01632 960003",
    ]


async def test_an_old_ticket_is_not_emailed_in_place_of_the_new_one(event: Event, ada: Person) -> None:
    old, message = await a_ticket(ada, event)
    person = await Registration.get(id=old.registration_id)
    await Ticket.filter(id=old.id).update(revoked_at=MONDAY)
    new = await ticketing.issue(person, MONDAY)
    await outbox.put("ticket", new.id, cause="approved", at=MONDAY)
    assert await written(WRITERS["ticket"], message) is None
    text, _, _ = await the_email(await Message.get(subject_id=new.id))
    assert (new.reference in text, "HK7-4QD" in text) == (True, False)


async def test_the_picture_can_be_left_out(event: Event, ada: Person) -> None:
    _, message = await a_ticket(ada, event)
    settings.choose(SETTINGS.model_copy(update={"code_in_email": False}))
    email = await written(WRITERS["ticket"], message)
    assert email is not None
    assert_it_reads_well(email)
    assert parts_of(email) == ["multipart/alternative", "text/plain", "text/html"]
    assert "<img" not in html_of(email)


async def test_the_picture_is_put_where_dark_email_programs_leave_it_alone(event: Event, ada: Person) -> None:
    _, message = await a_ticket(ada, event)
    _, html, _ = await the_email(message)
    found = re.search(r'<p style="[^"]*background-color: #ffffff;"><img ([^>]*)></p>', html)
    assert found
    attributes = dict(re.findall(r'(\w+)="([^"]*)"', found[1]))
    del attributes["style"]
    assert attributes == {
        "src": "cid:code@example.org",
        "width": "264",
        "height": "264",
        "alt": "Ticket code, reference HK7-4QD",
    }


async def test_the_code_is_only_in_the_picture(event: Event, ada: Person) -> None:
    """Gateways log and index what they can read: neither the code nor a link is in words or in the picture's name."""
    ticket, message = await a_ticket(ada, event)
    text, html, pictures = await the_email(message)
    code = code_of(await Event.get(id=event.id), ticket.n)
    assert pictures == [qr.png(code)]
    assert code not in text + html
    assert code.startswith("M1")
