"""The emails about another address: the question to that one, and the warning to the one that we have."""

from events.ground import clock
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.deciding.offer_emails import moment_words
from registrations.people import objection
from registrations.people.address_change import LINK_LASTS, AddressChange
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, with_event
from registrations.tickets import request_emails
from registrations.tickets.ticket_email import facts_of, is_past

NEW_ADDRESS, ADDRESS_ASKED = "new_address", "address_asked"


async def address_email(message: Message) -> Email | None:
    """About the booking of the message; the number of the change stands in its cause. None once it is stopped, decided
    on or answered."""
    change = await AddressChange.get_or_none(id=int(message.cause.rpartition(" ")[2]))
    person, at = await with_event("id = ?", message.subject_id), clock.now()
    if change is None or person is None or not change.is_open(at) or is_past(person.event, at):
        return None
    if message.template == NEW_ADDRESS:
        return await _question(message, change, person)
    if not change.can_be_stopped_in(person.state):
        return None
    facts = {"link": change.link(Purpose.KEEP_ADDRESS), "is_confirmed": change.confirmed_at is not None}
    facts |= {"typed": change.typed_words, "has_place": person.state in KNOWS_OF_A_PLACE}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts_of(person) | facts)


async def _question(message: Message, change: AddressChange, person: Registration) -> Email | None:
    """It says nothing of whose booking it is: anybody can have typed the address. None to an address whose reader has
    said no to a guest, unless an organiser typed it."""
    if change.confirmed_at is not None or not change.asks_in(person.state):
        return None
    if change.asked_by_id is None and await objection.is_made(person.event_id, change.address):
        return None
    until = moment_words(clock.within(person.event.day, change.asked_at + LINK_LASTS))
    facts = facts_of(person) | {"name": "", "link": change.link(Purpose.NEW_ADDRESS), "until": until}
    facts |= {"typed": change.typed_words, "has_place": person.state in KNOWS_OF_A_PLACE}
    facts |= {"privacy": f"{current().base_url}/privacy"}
    return emails.write(message, to=change.address, facts=facts)


WRITERS: dict[str, Writer] = dict.fromkeys((NEW_ADDRESS, ADDRESS_ASKED), address_email)
request_emails.TEMPLATES.update(WRITERS)
request_emails.TO_OTHERS.add(NEW_ADDRESS)
