"""Asking for a place: the questions, the request, and its one email. No page tells which email it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Deed
from events.event import Event
from events.ground import limits, live, source, tokens, wording
from events.ground.batching import batched
from events.ground.database import after_commit, find_rows, is_postgres, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH, Queued
from events.rotation.held_key import with_held_key
from registrations.people import link_answers
from registrations.people import person as people
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import Person
from registrations.people.registration import OrganisationKind, Registration, State, of_address

from . import drafting, held_back
from .drafting import Opened

MOST_TOGETHER = 20  # in one transaction: each holds rows that the next one counts by
EMAILS = {
    State.REQUESTED: "confirm",
    State.CONFIRMED: "received",
    State.WAITING: "received",
    State.APPROVED: "have_place",
    State.OFFERED: "offer",
    State.RECHECKING: "received",
    State.NOT_OFFERED: "not_offered",
}  # what whoever asks again is sent: the page they see is the same for all


class Step(NamedTuple):
    """One page of questions; it is answered once its first field is."""

    name: str
    fields: tuple[str, ...]


STEPS = (
    Step("name", ("full_name", "badge_name")),
    Step("email", ("email",)),
    Step("organisation", ("organisation", "kind", "invitation")),
    Step("role", ("role", "phone")),
)
CHECK = "check"


def next_step(answers: Mapping[str, str]) -> str:
    """The first question without an answer, or the page that shows them all."""
    return next((step.name for step in STEPS if not answers.get(step.fields[0])), CHECK)


@dataclass(frozen=True)
class Answers:
    """What a professional tells us; the address in its normal form."""

    full_name: str
    email: str
    organisation: str
    kind: str
    role: str
    badge_name: str = ""
    phone: str = ""
    invitation: str = ""  # a code, in normal form


def answers_of(opened: Opened) -> Answers:
    fields = [field for step in STEPS for field in step.fields]
    return Answers(**{name: opened.answers.get(name, "") for name in fields})


async def slow_down(network: str, real: datetime) -> None:
    """Raises Refused when one network has sent more than a whole police force would."""
    if not await limits.count(limits.ASKS_FROM_NETWORK, network, real):
        raise Refused(wording.TOO_MANY_REQUESTS, 429)


class First(NamedTuple):
    """Somebody's first answers, as they wait with others for the same transaction."""

    event: Event
    answers: Mapping[str, str]
    network: str
    real: datetime


async def begin(event: Event, answers: Mapping[str, str], network: str, real: datetime) -> str:
    """Keeps somebody's first answers, and returns the new cookie's token. Raises Refused as `slow_down` does."""
    [begun] = await _begin_in_batches([First(event, answers, network, real)])
    if isinstance(begun, Refused):
        raise begun
    return begun


async def _begin_all(given: Sequence[First]) -> list[str | Refused]:
    await held_back.take_turn()
    held = await _held(first.event for first in given)
    return [await _begin(*first._replace(event=held[first.event.id])) for first in given]


_begin_in_batches = batched(_begin_all, MOST_TOGETHER)


async def _begin(event: Event, answers: Mapping[str, str], network: str, real: datetime) -> str | Refused:
    try:
        await slow_down(network, real)
    except Refused as refused:
        return refused
    return await drafting.keep(event, None, "", answers, real)


async def _held(events: Iterable[Event]) -> dict[int, Event]:
    """These events with the keys that seal now, by their ids."""
    return {id_: await with_held_key(event) for id_, event in {event.id: event for event in events}.items()}


class Submission(NamedTuple):
    """One request, as it waits with others for the same transaction."""

    event: Event
    answers: Answers
    at: datetime
    real: datetime
    draft: Opened | None
    network: str  # to be counted; '' where it is not
    source: str  # as `source.hashed` has it


class Asked(NamedTuple):
    """What is left to be written of a request that was made or found: its email and its entry."""

    email: Queued
    deed: Deed


async def ask(
    event: Event, answers: Answers, at: datetime, real: datetime, *, draft: Opened | None = None, network: str = ""
) -> None:
    """Makes or finds the request and queues one email. Returns nothing, so that no page can tell who is registered.

    Each statement runs whatever it finds, so the time it takes tells nothing either. A second press of the same button
    finds the draft spent and does nothing. A request over the limits is kept, and waits for its email. The network, if
    it is to be counted, is counted first and in the same commit.
    """
    [refused] = await _ask_in_batches([Submission(event, answers, at, real, draft, network, source.hashed())])
    if refused is not None:
        raise refused


async def _ask_all(submissions: Sequence[Submission]) -> list[Refused | None]:
    """In turn; what does not depend on what others do is written for all at the end."""
    await held_back.take_turn()
    held = await _held(submission.event for submission in submissions)
    ends = [await _ask(submission._replace(event=held[submission.event.id])) for submission in submissions]
    if asked := [end for end in ends if isinstance(end, Asked)]:
        await outbox.put_each([end.email for end in asked])
        await audit.record_each([end.deed for end in asked])
        for event_id in {end.email.event_id for end in asked}:
            after_commit(live.publish, f"event:{event_id}")
    return [end if isinstance(end, Refused) else None for end in ends]


_ask_in_batches = batched(_ask_all, MOST_TOGETHER)


async def _ask(submission: Submission) -> Asked | Refused | None:
    """Refuses before it writes anything, so that the other requests in the transaction can go on. None for a draft that
    is spent."""
    event, answers, at, real = submission[:4]
    if submission.network:
        try:
            await slow_down(submission.network, real)
        except Refused as refused:
            return refused
    link = tokens.new_public_id()
    if submission.draft is not None and not await drafting.spend(submission.draft, link, real):
        return None
    turn = await held_back.turn(event, submission.network, answers.email, at, real)
    found = await put(event, answers, link, at, turn.key)
    due, cause = real + turn.wait if turn.wait else EPOCH, f"asked {turn.key or link}"
    email = Queued(EMAILS[found.registration.state], found.subject_id, cause, event.id, at, due)
    action = Action.REQUESTED if found.is_new else Action.ASKED_AGAIN
    return Asked(email, Deed(action, found.registration, {}, None, at, event.id, submission.source))


SHOWN = "registration.state = 'requested' AND registration.public_id = ?"
PUT = f"""INSERT INTO registration
    (event_id, public_id, generation, state, requested_at, kind, address_tag, person_sealed)
    VALUES (?, ?, 0, 'requested', ?, ?, ?, ?)
    ON CONFLICT (event_id, address_tag) WHERE state NOT IN ('cancelled', 'expired') DO UPDATE SET
        requested_at = CASE WHEN {SHOWN} THEN excluded.requested_at ELSE registration.requested_at END,
        kind = CASE WHEN {SHOWN} THEN excluded.kind ELSE registration.kind END,
        person_sealed = CASE WHEN {SHOWN} THEN ? ELSE registration.person_sealed END
    RETURNING *"""  # noqa: S608  # ours


KEEP = """INSERT INTO link_answers (registration_id, public_id, answers_sealed, asked_at, held_for)
    SELECT id, ?, ?, ?, ? FROM registration WHERE id = ? AND state = 'requested'
    ON CONFLICT (registration_id, held_for) DO UPDATE SET public_id = excluded.public_id,
        answers_sealed = excluded.answers_sealed, asked_at = excluded.asked_at, said_no_at = NULL RETURNING id"""


class Found(NamedTuple):
    """What was made of it. The email of an unconfirmed request is about its link, of any other about the request."""

    registration: Registration
    subject_id: int
    is_new: bool


@within_tx
async def put(event: Event, answers: Answers, link: str, at: datetime, held_for: str | None = None) -> Found:
    """Makes or finds the request of this address, at an event whose key is held. An unconfirmed one gets one more link,
    which alone has these answers. The row is locked until the transaction ends."""
    values = asdict(answers)
    del values["invitation"]  # it stays behind the link, until somebody says yes
    kind = OrganisationKind(values.pop("kind"))  # the one answer that has to be one of ours
    registration, is_new = await one_live(event, Person(**values), kind, at)
    kept = await query(KEEP, [link, link_answers.sealed(asdict(answers), event, link), at, held_for, registration.id])
    return Found(registration, kept[0]["id"] if kept else registration.id, is_new)


async def one_live(event: Event, person: Person, kind: OrganisationKind, at: datetime) -> tuple[Registration, bool]:
    """The one live request of this address: new; or, while unconfirmed, shown with the newest answers; else as it is.

    The same statements whatever is found. Sealed answers are bound to their row, which is therefore looked up first;
    and once more if it was made in the same moment.
    """
    tag = people.address_tag(event, person.email)
    while True:
        stands = await of_address(event, person.email)
        new = tokens.new_public_id()
        known = stands.public_id if stands else new
        first, again = people.seal(person, event, new), people.seal(person, event, known)
        put = [event.id, new, at, kind.value, tag, first, known, known, known, again]
        [registration] = await find_rows(Registration, PUT, put)
        if registration.public_id in (known, new):
            return registration, registration.public_id == new


async def send_again(link: LinkAnswers, network: str, at: datetime, real: datetime) -> None:
    """Queues the email of their state once more. An unconfirmed link stays the same and lasts as long as a new one."""
    if await held_back.may_repeat(network, link.registration.email, real):
        await _send_again(link.registration_id, link.public_id, f"again {int(real.timestamp()) // 60}", at)


async def send_again_to(event: Event, email: str, link: str, network: str, at: datetime, real: datetime) -> None:
    """The same for an address and the link that they asked for. Nobody learns whether we know the address."""
    within = await held_back.may_repeat(network, email, real)
    found = await of_address(event, email)
    if within and found is not None:
        await _send_again(found.id, link, f"again {int(real.timestamp()) // 60}", at)


async def live_held(registration_id: int) -> Registration | None:
    """A live request as it stands, which stays so until the transaction ends."""
    held = "FOR NO KEY UPDATE" if is_postgres() else ""
    sql = f"SELECT * FROM registration WHERE id = ? AND state NOT IN ('cancelled', 'expired') {held}"  # noqa: S608
    return next(iter(await find_rows(Registration, sql, [registration_id])), None)


RENEW = "UPDATE registration SET requested_at = ? WHERE id = ? AND state = 'requested' RETURNING id"


@run_tx
async def _send_again(registration_id: int, link: str, cause: str, at: datetime) -> None:
    """Once a minute at most, so that a double click sends one email. Its link lasts as long as that of a first one.

    The row is held, so that whoever undoes a decision comes before us, or finds this email.
    """
    registration = await live_held(registration_id)
    theirs = await LinkAnswers.get_or_none(registration_id=registration_id, public_id=link)
    if registration is None or (registration.state is State.REQUESTED and theirs is None):
        return
    subject = theirs.id if theirs and registration.state is State.REQUESTED else registration.id
    template = EMAILS[registration.state]
    if await outbox.put(template, subject, cause=cause, at=at, event_id=registration.event_id):
        await query(RENEW, [at, registration.id])
        await LinkAnswers.filter(registration_id=registration_id, public_id=link).update(asked_at=at)
        await audit.record(Action.ASKED_AGAIN, registration, by=None, at=at)
