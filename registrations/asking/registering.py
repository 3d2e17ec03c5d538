"""Asking for a place: the questions, the request and its one mail, and the yes or no of whoever reads that mail."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.audit import Action
from events.event import Event
from events.ground import limits, live, tokens, wording
from events.ground.database import after_commit, query, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.people.registration import LIVE, OrganisationKind, Registration, State, searched_for

from . import drafting
from .drafting import Opened

LINK_LASTS = timedelta(hours=72)  # DP-07: what nobody confirmed is gone by then
LETTERS = {
    State.REQUESTED: "confirm",
    State.CONFIRMED: "received",
    State.WAITING: "received",
    State.APPROVED: "have_place",
    State.OFFERED: "have_place",
    State.NOT_OFFERED: "not_offered",
}  # what whoever asks again is sent: the page they see is the same for all


class Step(NamedTuple):
    """One page of questions; it is answered once its first field is."""

    name: str
    fields: tuple[str, ...]


STEPS = (
    Step("name", ("full_name", "badge_name")),
    Step("email", ("email",)),
    Step("organisation", ("organisation", "kind")),
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


def answers_of(opened: Opened) -> Answers:
    fields = [field for step in STEPS for field in step.fields]
    return Answers(**{name: opened.answers.get(name, "") for name in fields})


def mailbox(email: str) -> str:
    """The address without its +tag, which leads to the same person: to count mails by, never to tell people apart."""
    local, at, domain = email.partition("@")
    return local.partition("+")[0] + at + domain


async def slow_down(network: str, real: datetime) -> None:
    """Refused when one network has sent more than a whole force would."""
    if not await limits.count(limits.ASKS_FROM_NETWORK, network, real):
        raise Refused(wording.TOO_MANY_REQUESTS, 429)


@run_tx
async def ask(
    event: Event, answers: Answers, at: datetime, real: datetime, *, draft: Opened | None = None, network: str = ""
) -> None:
    """Returns nothing, so that no page can tell who is registered: only the mail that goes out differs.

    Each statement runs whatever is found, so that the time it takes says nothing either. A second press of the same
    button finds the draft spent and does nothing; a sixth mail in an hour to one address is dropped with all it says.
    Where it comes from, if that is to be counted, is counted first, and kept by the same commit.
    """
    if network:
        await slow_down(network, real)
    if draft is not None and not await drafting.spend(draft, real):
        return
    if not await limits.count(limits.CONFIRM_MAILS, mailbox(answers.email), real):
        return
    registration = await _put(event, answers, at)
    first = registration.state is State.REQUESTED and registration.generation == 0
    cause = f"asked {tokens.new_public_id()}"
    await outbox.put(LETTERS[registration.state], registration.id, cause=cause, at=at, event_id=event.id)
    await audit.record(Action.REQUESTED if first else Action.ASKED_AGAIN, registration, by=None, at=at)
    after_commit(live.publish, f"event:{event.id}")


PUT = """INSERT INTO registration (event_id, public_id, generation, state, requested_at, search,
        full_name, email, organisation, kind, role, badge_name, phone)
    VALUES (?, ?, 0, 'requested', ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (event_id, email) WHERE state NOT IN ('cancelled', 'expired') DO UPDATE SET
        generation = registration.generation + 1, requested_at = excluded.requested_at, search = excluded.search,
        full_name = excluded.full_name, organisation = excluded.organisation, kind = excluded.kind,
        role = excluded.role, badge_name = excluded.badge_name, phone = excluded.phone
    WHERE registration.state = 'requested'"""


STANDS = """SELECT id, state, generation FROM registration
    WHERE event_id = ? AND email = ? AND state NOT IN ('cancelled', 'expired')"""


async def _put(event: Event, answers: Answers, at: datetime) -> Registration:
    """What the one live request of this address is known by: new; newer while unconfirmed; else as it stands.

    A new generation makes the links of older mails old ones. The row is ours until the transaction ends.
    """
    values = asdict(answers)
    OrganisationKind(values["kind"])  # the one answer that has to be one of ours
    search = searched_for(answers.full_name, answers.email, answers.organisation)
    await query(PUT, [event.id, tokens.new_public_id(), at, search, *values.values()])
    [row] = await query(STANDS, [event.id, answers.email])
    return Registration(id=row["id"], event_id=event.id, state=State(row["state"]), generation=row["generation"])


async def send_again(registration: Registration, at: datetime, real: datetime) -> None:
    """Queues the mail of their state once more; a new link to confirm with makes the older ones old."""
    if await limits.count(limits.CONFIRM_MAILS, mailbox(registration.email), real):
        await _send_again(registration.id, f"again {int(real.timestamp()) // 60}", at)


async def send_again_to(event: Event, email: str, at: datetime, real: datetime) -> None:
    """The same for an address, of which nobody learns whether we know it."""
    within = await limits.count(limits.CONFIRM_MAILS, mailbox(email), real)
    found = await Registration.get_or_none(event_id=event.id, email=email, state__in=LIVE)
    if within and found is not None:
        await _send_again(found.id, f"again {int(real.timestamp()) // 60}", at)


RENEW = """UPDATE registration SET generation = generation + 1, requested_at = ?
    WHERE id = ? AND state = 'requested' RETURNING id"""


@run_tx
async def _send_again(registration_id: int, cause: str, at: datetime) -> None:
    """Once a minute at most, so that a double click sends one mail. Its link lasts as long as that of a first one."""
    registration = await Registration.get_or_none(id=registration_id, state__in=LIVE)
    if registration is None:
        return
    template = LETTERS[registration.state]
    if await outbox.put(template, registration.id, cause=cause, at=at, event_id=registration.event_id):
        await query(RENEW, [at, registration.id])
        await audit.record(Action.ASKED_AGAIN, registration, by=None, at=at)


def has_lapsed(registration: Registration, at: datetime) -> bool:
    """Not confirmed in time: its links open nothing any more."""
    return registration.state is State.EXPIRED or (
        registration.state is State.REQUESTED and at - registration.requested_at >= LINK_LASTS
    )


@run_tx
async def confirm(registration: Registration, at: datetime) -> None:
    """Somebody who reads this address asked for the place. Doing it twice, or too late, changes nothing."""
    if not has_lapsed(registration, at) and await registration.become(State.CONFIRMED, confirmed_at=at):
        await audit.record(Action.CONFIRMED, registration, by=None, at=at)
        after_commit(live.publish, f"event:{registration.event_id}")


@run_tx
async def say_no(registration: Registration, at: datetime) -> bool:
    """Whoever reads this address did not ask: the request is deleted, and organisers see that it was another's.

    False where somebody said yes a moment before: it stands.
    """
    if await Registration.filter(id=registration.id, state=State.REQUESTED).delete():
        await audit.record(Action.NOT_ASKED, registration, by=None, at=at)
        after_commit(live.publish, f"event:{registration.event_id}")
    return not await Registration.exists(id=registration.id)
