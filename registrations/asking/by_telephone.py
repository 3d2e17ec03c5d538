"""An organiser types what somebody says on the telephone. It waits behind a link like all answers, for their own Yes.

Rules: DP-16. Unlike the public pages this one tells whether an address is known: an organiser may read the people list.
"""

from dataclasses import asdict
from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event, EventState
from events.ground import keys, live, tokens, wording
from events.ground.database import after_commit, find_rows, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH, Message
from registrations.people import link_answers
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import OrganisationKind, Registration, State

from . import held_back, made_or_found
from .made_or_found import Answers

HAS_ONE = "There is a request for this address, so nothing was saved and no email was sent."
NOT_YET = "Registration has not been opened yet: the privacy notice is not complete. Nothing was saved."
OPEN = """SELECT * FROM link_answers WHERE registration_id = ? AND taken_at IS NOT NULL AND answers_sealed IS NOT NULL
    AND said_no_at IS NULL AND asked_at > ? ORDER BY id"""


class HasOne(Refused):
    """`registration_id`: of the request that there is."""

    def __init__(self, registration_id: int) -> None:
        super().__init__(HAS_ONE)
        self.registration_id = registration_id


@run_tx
async def take(event: Event, answers: Answers, by: Staff, at: datetime, real: datetime, form: str = "") -> Registration:
    """Keeps the answers behind a link of their own, and asks whoever reads the address. Whether registration is open,
    full or closed: an organiser decides on it as on all others.

    Raises HasOne if the address has a confirmed request, and Refused before registration was first opened, and after
    the event. `form` is of the one form that was filled in: with the same answers it does nothing a second time. With
    another form they make no second link, and send its email again.
    """
    if event.state is EventState.DRAFT:
        raise Refused(NOT_YET)
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    await held_back.take_turn()
    told = asdict(answers)
    cause = _cause(form, told, real)
    if form and (done := await _made_by(event, cause)):
        return done
    kind, person = OrganisationKind(answers.kind), answers.person
    registration, _ = await made_or_found.one_live(event, person, kind, at)
    if registration.state is not State.REQUESTED:
        raise HasOne(registration.id)
    link = await link_with(event, registration, told, by, at)
    await ask_them(event, link, person.email, by, at, real, cause)
    await audit.record(Action.TAKEN_BY_TELEPHONE, registration, by=by, at=at)
    after_commit(live.publish, f"event:{event.id}")
    return registration


def _cause(form: str, told: dict[str, str], real: datetime) -> str:
    """Of the email: this form with these answers, or else this minute."""
    pressed = keys.keyed_hash("added by telephone", f"{form}|{sorted(told.items())}") if form else ""
    return f"by telephone {pressed or int(real.timestamp()) // 60}"


async def _made_by(event: Event, cause: str) -> Registration | None:
    """What this form has made before. Nobody else makes anything as long as it is our turn."""
    sent = await Message.filter(template="confirm", event_id=event.id, cause=cause).first()
    link = await LinkAnswers.get_or_none(id=sent.subject_id) if sent else None
    return await Registration.get_or_none(id=link.registration_id) if link else None


@within_tx
async def link_with(
    held: Event, registration: Registration, told: dict[str, str], by: Staff, at: datetime
) -> LinkAnswers:
    """The open link that has these answers from an organiser; a new one if there is none. Hold the row, and the key of
    the event."""
    said = {name: told[name] for name in link_answers.DETAILS}
    for open_link in await find_rows(LinkAnswers, OPEN, [registration.id, at - LINK_LASTS]):
        if open_link.answers == said:
            return open_link
    public_id = tokens.new_public_id()
    sealed = link_answers.sealed(told, held, public_id)
    return await LinkAnswers.create(
        registration=registration, public_id=public_id, answers_sealed=sealed, asked_at=at, taken_by=by, taken_at=at
    )


@within_tx
async def ask_them(
    held: Event, link: LinkAnswers, email: str, by: Staff, at: datetime, real: datetime, cause: str = ""
) -> None:
    """Queues the question. An organiser counts as a network does, so that nobody's mailbox is filled from the desk."""
    wait = (await held_back.turn(held, f"staff {by.id}", email, at, real)).wait
    cause = cause or _cause("", {}, real)
    due = real + wait if wait else EPOCH
    if await outbox.put("confirm", link.id, cause=cause, at=at, event_id=held.id, due=due):
        await LinkAnswers.filter(id=link.id).update(asked_at=at)
