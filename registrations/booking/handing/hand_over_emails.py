"""The emails about a place that is handed over: the question to the colleague, and what both sides hear of it.

The question is the first that the colleague hears of us, so it says where we have their address from and what becomes
of it (Article 14 of the UK GDPR). It names the guest only where they chose that, and as an organiser approved them:
anybody can be behind an address that was mistyped.
"""

from events.ground import clock
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.deciding.offer_emails import moment_words
from registrations.deciding.taking_over import HANDED_OVER, NOT_ANSWERED, NOT_HANDED_OVER, PLACE_KEPT
from registrations.people import objection
from registrations.people.hand_over import HandOver
from registrations.people.registration import KNOWS_OF_A_PLACE, State, with_event
from registrations.tickets import request_emails
from registrations.tickets.request_emails import request_email
from registrations.tickets.sender_name import approved_name
from registrations.tickets.ticket_email import facts_of, is_past

from .handing_over import ASK, ASKED, answered_until, can_be_answered


async def hand_over_email(message: Message) -> Email | None:
    """About the booking of the message; the number of the hand-over stands in its cause. None once it is over, or
    answered."""
    hand_over = await HandOver.get_or_none(id=int(message.cause.rpartition(" ")[2]))
    at, person = clock.now(), await with_event("id = ?", message.subject_id)
    if hand_over is None or person is None or not hand_over.is_open(at) or is_past(person.event, at):
        return None
    hand_over.registration = person
    if message.template == ASK:
        return await _question(message, hand_over)
    is_taken_up = hand_over.receiver_id is not None
    if person.state not in KNOWS_OF_A_PLACE or is_taken_up is not message.cause.startswith("taken up"):
        return None
    facts = {
        "back": f"{person.link(Purpose.MANAGE)}/hand-over/back",
        "is_taken_up": is_taken_up,
        "says_who": hand_over.says_who and await approved_name(person),
    }
    facts |= {"until": moment_words(answered_until(person.event, hand_over.asked_at))}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts_of(person) | facts)


async def _question(message: Message, hand_over: HandOver) -> Email | None:
    """To the colleague, of whom we know the address alone. None where its reader has said no to a guest: the hand-over
    goes on as if they did not answer, so that nobody learns that."""
    person = hand_over.registration
    if not await can_be_answered(hand_over, clock.now()) or await objection.is_made(person.event_id, hand_over.address):
        return None
    facts = facts_of(person) | {"name": "", "link": hand_over.link, "hosts": person.event.host_names}
    facts |= {"guest": await approved_name(person) if hand_over.says_who else ""}
    until = moment_words(answered_until(person.event, hand_over.asked_at))
    facts |= {"until": until, "privacy": f"{current().base_url}/privacy"}
    return emails.write(message, to=hand_over.address, facts=facts)


WRITERS: dict[str, Writer] = {
    ASK: hand_over_email,
    ASKED: hand_over_email,
    PLACE_KEPT: request_email(KNOWS_OF_A_PLACE, manage=Purpose.MANAGE),
    NOT_ANSWERED: request_email(KNOWS_OF_A_PLACE, manage=Purpose.MANAGE),
    HANDED_OVER: request_email({State.CANCELLED}),
    NOT_HANDED_OVER: request_email({State.CONFIRMED}, manage=Purpose.MANAGE),
}
request_emails.TEMPLATES.update(WRITERS)
request_emails.TO_OTHERS.add(ASK)
