"""The emails to professionals beside the ticket, each written when it is sent, and only if it is still true."""

from collections.abc import Collection, Sequence
from datetime import datetime

from events.ground import clock
from events.ground.database import among, find_row, find_rows, places, query, within_tx
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail import emails, outbox
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State, with_event

from .ticket_email import facts_of, is_past, ticket_email

REMINDED = "remind "  # so begins the cause of a reminder


def request_email(states: Collection[State], **links: Purpose) -> Writer:
    """A writer of the email that the message names: to people in these states, with these links of theirs."""

    async def written(message: Message) -> Email | None:
        person = await with_event("id = ?", message.subject_id)
        if person is None or person.state not in states or is_past(person.event, clock.now()):
            return None
        facts = facts_of(person) | {"event_page": f"{current().base_url}/e/{person.event.slug}"}
        facts |= {name: person.link(purpose) for name, purpose in links.items()}
        known = person.state is not State.REQUESTED  # until then anybody may have typed anything: nothing is repeated
        name = person.full_name if known else ""
        return emails.write(message, to=reachable(person), name=name, facts=facts)

    return written


def is_reminder(message: Message) -> str:
    """Whether this email asks once more what one before has asked: a fact for its subject."""
    return "yes" if message.cause.startswith(REMINDED) else ""


async def confirm_email(message: Message) -> Email | None:
    """Asks whoever reads the address about the answers behind one link: nobody else's, however many there are."""
    link = await find_row(LinkAnswers, "id = ? AND answers_sealed IS NOT NULL", [message.subject_id])
    person = await with_event("id = ?", link.registration_id) if link else None
    if link is None or person is None or person.state is not State.REQUESTED or is_past(person.event, clock.now()):
        return None
    ends = link.asked_at + LINK_LASTS  # not three days from now: this email may have had to wait
    if ends <= clock.now():
        return None  # whoever pressed it would read that it is over
    facts = {"link": link.link, "until": f"{clock.time_words(ends)} on {clock.day_words(ends)}"}
    facts |= {
        "reminder": is_reminder(message),
        "taken": link.taken_words,
        "from_list": "yes" if link.from_list else "",
        "privacy": f"{current().base_url}/privacy",
    }
    return emails.write(message, to=reachable(person), facts=facts_of(person) | facts)


async def requests_of(messages: Sequence[Message]) -> dict[int, int]:
    """Whose request each of these is about: ids, by those of the messages. Without those whose request is gone."""
    links, tickets = _subjects(messages, "confirm"), _subjects(messages, "ticket")
    owners = {"confirm": await _of("link_answers", links), "ticket": await _of("ticket", tickets)}
    found = {
        message.id: owners.get(message.template, {message.subject_id: message.subject_id}).get(message.subject_id)
        for message in messages
    }
    return {id_: owner for id_, owner in found.items() if owner is not None}


async def _of(table: str, ids: Collection[int]) -> dict[int, int]:
    wanted, values = among("id", "int", ids)
    sql = f"SELECT id, registration_id FROM {table} WHERE {wanted}"  # noqa: S608
    return {row["id"]: row["registration_id"] for row in await query(sql, values)} if ids else {}


async def addressee(message: Message) -> Registration | None:
    """The request of whoever gets this; None if it is gone."""
    owner = (await requests_of([message])).get(message.id)
    return await Registration.get_or_none(id=owner) if owner else None


def _subjects(messages: Sequence[Message], template: str) -> list[int]:
    return [message.subject_id for message in messages if message.template == template]


ABOUT = """SELECT * FROM (
    SELECT * FROM message WHERE template IN ({itself}) AND subject_id = ?
    UNION ALL SELECT * FROM message
        WHERE template = 'confirm' AND subject_id IN (SELECT id FROM link_answers WHERE registration_id = ?)
    UNION ALL SELECT * FROM message
        WHERE template = 'ticket' AND subject_id IN (SELECT id FROM ticket WHERE registration_id = ?)
    ) theirs ORDER BY id DESC LIMIT ?"""


async def about(registration_id: int, most: int = 10_000) -> list[Message]:
    """The messages about this request: itself, its links, its tickets. So many at most, the newest first."""
    itself = sorted(TEMPLATES - {"confirm", "ticket"})
    sql = ABOUT.format(itself=places(len(itself)))
    return await find_rows(Message, sql, [*itself, registration_id, registration_id, registration_id, most])


@within_tx
async def drop_all(registration: Registration, at: datetime) -> None:
    """Drops everything that still waits to be sent to this person, and what nobody has to telephone about any more."""
    for message in await about(registration.id):
        await outbox.drop(message, at)


# Confirmed: the approval was withdrawn. Since then somebody may have decided anew; the ticket is dead all the same.
NO_LONGER_A_PLACE = {State.CANCELLED, State.CONFIRMED, State.WAITING, State.NOT_OFFERED}
WRITERS: dict[str, Writer] = {
    "confirm": confirm_email,
    "received": request_email({State.CONFIRMED, State.WAITING, State.RECHECKING}, manage=Purpose.MANAGE),
    "have_place": request_email({State.APPROVED}, ticket_page=Purpose.TICKET, manage=Purpose.MANAGE),
    "ticket": ticket_email,
    "waiting": request_email({State.WAITING}, manage=Purpose.MANAGE),
    "not_offered": request_email({State.NOT_OFFERED}),  # no link: each of these emails is the same but for the greeting
    "given_up": request_email({State.CANCELLED}),
    "cancelled": request_email(NO_LONGER_A_PLACE),
}
TEMPLATES = set(WRITERS)  # of emails about one request; whoever writes more of them adds theirs
TO_OTHERS = set[str]()  # of them those that go to another address than the request's
OF_NEEDS = set[str]()  # of them those by which one could tell that somebody needs something: for no list of the desk
