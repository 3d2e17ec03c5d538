"""Guests who came and are asked how it was, and what they answer."""

from datetime import date, datetime, timedelta
from typing import Any

from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.ground.tokens import new_public_id
from events.mail.outbox import Message
from registrations.checkin import checkin
from registrations.feedback import asking
from registrations.feedback.box import Answer, Contents, FeedbackBox, empty_words, sealed_numbers, sealed_words
from registrations.feedback.token import FeedbackLink, FeedbackToken, address_of, hash_of
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.telling import timed_emails
from registrations.telling.mailing_emails import mailing_email
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.mail_reading import html_of, links_of, written
from tests.people import THE_DAY, a_door, someone

NEXT_DAY = clock.at_venue(date(2019, 4, 16), 10, 0)
LAST_MINUTE = clock.at_venue(date(2019, 5, 15), 23, 59)
CLOSED = LAST_MINUTE + timedelta(minutes=1)


async def guests_who_came(event: Event, number: int) -> list[int]:
    """Their requests, in the order in which they came in."""
    phone = await a_phone_at(await a_door(event))
    tickets = [await a_ticket(someone(), event) for _ in range(number)]
    await checkin.settle([await scan_of(ticket) for ticket in tickets], phone, THE_DAY)
    return [ticket.registration_id for ticket in tickets]


async def asked(event: Event, number: int) -> list[str]:
    """The public ids in the links to so many guests, who have been thanked by now; the clock is at that moment."""
    people = await guests_who_came(event, number)
    clock.move_to(NEXT_DAY)
    await timed_emails.turn(NEXT_DAY, clock.real())
    links = {link.registration_id: link.public_id for link in await FeedbackLink.all()}
    return [links[id_] for id_ in people]


async def many_asked(event: Event, number: int) -> list[str]:
    """The same for many, of whom there is nothing but that they are asked."""
    columns: dict[str, Any] = {"kind": OrganisationKind.POLICE, "state": State.APPROVED, "requested_at": THE_DAY}
    ids = [new_public_id() for _ in range(number)]
    await Registration.bulk_create([Registration(event=event, public_id=i, address_tag=i, **columns) for i in ids])
    people = [row.id for row in await Registration.filter(event=event)]
    assert await run_tx(asking.begin)(event, people, NEXT_DAY)
    clock.move_to(NEXT_DAY)
    return [link.public_id for link in await FeedbackLink.all().order_by("registration_id")]


async def a_link(event: Event) -> str:
    """What stands in a link that lets an answer in."""
    public_id = new_public_id()
    await FeedbackToken.create(event=event, token_hash=hash_of(public_id, event))
    return address_of(public_id).rpartition("/")[2]


async def of_feedback(world: Any, caller: str, path: str) -> dict[str, str]:
    return {"token": await a_link(world.event)}


async def an_answered_box(event: Event, text: str, at: datetime = NEXT_DAY) -> None:
    """Somebody has answered, in these words."""
    contents = Contents()
    contents.put(said(3, "police", text))
    words = sealed_words(event.id, contents, empty_words(event))
    numbers = sealed_numbers(event.id, contents)
    await FeedbackBox.create(event=event, asked=5, asked_at=at, numbers_sealed=numbers, words_sealed=words)


async def path_in_email_to(registration_id: int) -> str:
    """Of the page for feedback; '' where the email has no link to it."""
    message = await Message.get(template="thanks", subject_id=registration_id)
    email = await written(mailing_email, message)
    assert email is not None
    paths = [href.removeprefix("https://places.example.org") for href, _ in links_of(html_of(email))]
    return next((path for path in paths if path.startswith("/feedback/")), "")


async def contents(event: Event) -> Contents:
    found = (await FeedbackBox.get(event_id=event.id)).contents
    assert found is not None
    return found


def said(number: int, kind: str = "", text: str = "") -> Answer:
    """The same number to each question."""
    scales = dict.fromkeys(("before", "after", "content", "access"), number)
    return Answer(scales, {"differently": text} if text else {}, kind)
