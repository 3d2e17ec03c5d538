"""The emails to professionals beside the ticket, each written when it is sent, and only if it is still true."""

from collections.abc import Collection
from email.message import EmailMessage

from events.ground import clock
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.emails import Writer
from events.mail.outbox import Message
from registrations.people.registration import HOLDS_A_PLACE, Registration, State

from .ticket_email import facts_of, is_past, ticket_mail


def request_email(states: Collection[State], **links: Purpose) -> Writer:
    """A writer of the email that the message names: to people in these states, with these links of theirs."""

    async def write(message: Message) -> EmailMessage | None:
        person = await Registration.get_or_none(id=message.subject_id, state__in=states).select_related("event")
        if person is None or is_past(person.event, clock.now()):
            return None
        facts = facts_of(person) | {name: person.link(purpose) for name, purpose in links.items()}
        known = person.state is not State.REQUESTED  # until then anybody may have typed anything: nothing is repeated
        return emails.write(message, to=person.email, name=person.full_name if known else "", facts=facts)

    return write


# Confirmed: the approval was withdrawn. Since then somebody may have decided anew; the ticket is dead all the same.
NO_LONGER_A_PLACE = {State.CANCELLED, State.CONFIRMED, State.WAITING, State.NOT_OFFERED}
WRITERS: dict[str, Writer] = {
    "confirm": request_email({State.REQUESTED}, link=Purpose.CONFIRM),
    "received": request_email({State.CONFIRMED, State.WAITING}, manage=Purpose.MANAGE),
    "have_place": request_email(HOLDS_A_PLACE, manage=Purpose.MANAGE),
    "ticket": ticket_mail,
    "waiting": request_email({State.WAITING}, manage=Purpose.MANAGE),
    "not_offered": request_email({State.NOT_OFFERED}),  # no link: each of these emails is the same but for the greeting
    "given_up": request_email({State.CANCELLED}),
    "cancelled": request_email(NO_LONGER_A_PLACE),
}
