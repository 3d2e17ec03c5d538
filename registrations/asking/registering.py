"""Asking for a place: the questions, the request, and its one email. No page tells which email it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Deed
from events.event import Event, event_with
from events.ground import limits, live, source, tokens
from events.ground.batching import batched
from events.ground.database import after_commit, find_rows, query, run_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Tally
from events.ground.refusal import Refused, TooMany
from events.mail import outbox
from events.mail.outbox import EPOCH, Queued
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State, of_address

from . import drafting, held_back
from .drafting import ALONG, Begun, Opened, Spending
from .held_back import Turn
from .made_or_found import Answers, Found, Told, put_each

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
LEFT_TO_COMPANIONS = {"organisation", "role"}


def comes_along(answers: Mapping[str, str]) -> bool:
    """Whether they are of somebody who comes along with a guest, at the address that was asked."""
    return bool(answers.get(ALONG)) and answers[ALONG] == answers.get("email")


def next_step(answers: Mapping[str, str]) -> str:
    """The first question without an answer, or the page that shows them all."""
    return next((step.name for step in STEPS if not _is_answered(step, answers)), CHECK)


def _is_answered(step: Step, answers: Mapping[str, str]) -> bool:
    """Whoever comes along may leave some empty, once they were asked."""
    first = step.fields[0]
    may_be_empty = step.name in LEFT_TO_COMPANIONS and comes_along(answers)
    return first in answers if may_be_empty else bool(answers.get(first))


def answers_of(opened: Opened) -> Answers:
    fields = [field for step in STEPS for field in step.fields]
    return Answers(**{name: opened.answers.get(name, "") for name in fields})


async def slow_down(network: str, real: datetime) -> None:
    """Raises Refused when one network has sent more than a whole police force would."""
    if not await limits.count(limits.ASKS_FROM_NETWORK, network, real):
        raise TooMany


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
    """Each statement is for all of them."""
    await held_back.take_turn()
    asking = [(limits.ASKS_FROM_NETWORK, first.network, first.real) for first in given]
    within = await tallying.together(
        [tried[:2] for tried in asking], lambda tally: [tally.count(*tried) for tried in asking]
    )
    begun = [
        Begun(first.event, first.answers, first.real)
        for first, is_within in zip(given, within, strict=True)
        if is_within
    ]
    tokens = iter(await drafting.begin_each(begun))
    return [next(tokens) if is_within else TooMany() for is_within in within]


_begin_in_batches = batched(_begin_all, MOST_TOGETHER)


class Submission(NamedTuple):
    """One request, as it waits with others for the same transaction."""

    event: Event
    answers: Answers
    at: datetime
    real: datetime
    draft: Opened | None
    network: str  # to be counted; '' where it is not
    source: str  # as `source.hashed` has it


async def ask(
    event: Event, answers: Answers, at: datetime, real: datetime, *, draft: Opened | None = None, network: str = ""
) -> timedelta:
    """Makes or finds the request and queues one email. Returns how late that is, which says nothing of the address: no
    page can tell who is registered. Raises Refused where even that is too much.

    Each statement runs whatever it finds, so the time it takes tells nothing either. A second press of the same button
    finds the draft spent and does nothing. A request over the limits is kept, and waits for its email. The network, if
    it is to be counted, is counted first and in the same commit.
    """
    [late] = await _ask_in_batches([Submission(event, answers, at, real, draft, network, source.hashed())])
    if isinstance(late, Refused):
        raise late
    return late


async def _ask_all(submissions: Sequence[Submission]) -> list[Refused | timedelta]:
    """Each statement is for all of them."""
    await held_back.take_turn()
    await held_back.hold_known([(submission.event, submission.answers.email) for submission in submissions])
    links = [tokens.new_public_id() for _ in submissions]
    turns = await _turns(submissions, links)
    going: list[Going] = [
        (submission, link, turn)
        for submission, link, turn in zip(submissions, links, turns, strict=True)
        if isinstance(turn, Turn) and turn.is_first
    ]
    if going:
        told = [
            Told(submission.event, submission.answers, link, submission.at, turn.key)
            for submission, link, turn in going
        ]
        await _write(list(zip(going, await put_each(told), strict=True)))
    return [turn if isinstance(turn, Refused) else turn.late for turn in turns]


_ask_in_batches = batched(_ask_all, MOST_TOGETHER)
Going = tuple[Submission, str, Turn]
Pressed = tuple[int, Mapping[str, str]]  # which draft, with which answers


async def _write(asked: Sequence[tuple[Going, Found]]) -> None:
    """The email and the entry of each request that was made or found."""
    emails, deeds = list[Queued](), list[Deed]()
    for (submission, link, turn), (registration, subject_id, is_new) in asked:
        at, event_id = submission.at, submission.event.id
        due, cause = submission.real + turn.wait if turn.wait else EPOCH, f"asked {turn.key or link}"
        emails.append(Queued(EMAILS[registration.state], subject_id, cause, event_id, at, due, turn.is_much))
        action = Action.REQUESTED if is_new else Action.ASKED_AGAIN
        deeds.append(Deed(action, registration, {}, None, at, event_id, submission.source))
    await outbox.put_each(emails)
    await audit.record_each(deeds)
    for event_id in {submission.event.id for (submission, _, _), _ in asked}:
        after_commit(live.publish, f"event:{event_id}")


async def _turns(asked: Sequence[Submission], links: Sequence[str]) -> list[Turn | Refused]:
    """When the email of each may go out. Who is refused has nothing written, so that the others can go on."""
    counted = [(limits.ASKS_FROM_NETWORK, submission.network) for submission in asked]
    counted += [
        counts
        for submission in asked
        for counts in held_back.counted(submission.event, submission.network, submission.answers.email)
    ]
    turns = await tallying.together(counted, lambda tally: _decided(tally, asked))
    await _spend(asked, links, turns)
    capped = [
        submission for submission, turn in zip(asked, turns, strict=True) if isinstance(turn, Turn) and turn.is_capped
    ]
    for submission in {submission.event.id: submission for submission in capped}.values():
        await held_back.alert(submission.event, submission.at, submission.real)
    return turns


async def _spend(asked: Sequence[Submission], links: Sequence[str], turns: list[Turn | Refused]) -> None:
    """Those whose draft is spent already are no first ones."""
    drafts = [
        (n, submission.draft)
        for n, submission in enumerate(asked)
        if isinstance(turn := turns[n], Turn) and turn.is_first and submission.draft is not None
    ]
    spent = await drafting.spend_each([Spending(draft, links[n], asked[n].real) for n, draft in drafts])
    for (n, _), is_first in zip(drafts, spent, strict=True):
        turn = turns[n]
        if not is_first and isinstance(turn, Turn):
            await tallying.take_back(turn.counted)
            turns[n] = turn._replace(is_first=False)


def _decided(tally: Tally, asked: Sequence[Submission]) -> list[Turn | Refused]:
    """In the order in which they came. A second press of the same button counts for the network alone. With other
    answers, of a draft that was changed between the two, it is none."""
    turns, pressed = list[Turn | Refused](), list[tuple[Pressed, Turn | Refused]]()
    for submission in asked:
        event, network, email, real = submission.event, submission.network, submission.answers.email, submission.real
        sent = (submission.draft.draft.id, submission.draft.answers) if submission.draft else None
        before = next((turn for known, turn in pressed if known == sent), None)
        if network and not tally.count(limits.ASKS_FROM_NETWORK, network, real):
            turns.append(TooMany())
        elif before is not None:
            turns.append(before._replace(is_first=False) if isinstance(before, Turn) else before)
        else:
            turns.append(held_back.turn_in(tally, event, network, email, real))
            pressed += [(sent, turns[-1])] if sent is not None else []
    return turns


async def send_again(link: LinkAnswers, network: str, at: datetime, real: datetime) -> timedelta:
    """Queues the email of their state once more, and returns how late it is, as of `ask`. An unconfirmed link stays the
    same and lasts as long as a new one."""
    event = await event_with(link.registration.event_id)
    turn = await held_back.repeat(event, network, link.registration.email, at, real)
    await _send_again(link.registration_id, link.public_id, turn, at, real)
    return turn.late


async def send_again_to(event: Event, email: str, link: str, network: str, at: datetime, real: datetime) -> timedelta:
    """The same for an address and the link that they asked for. Nobody learns whether we know the address."""
    turn = await held_back.repeat(event, network, email, at, real)
    found = await of_address(event, email)
    if found is not None:
        await _send_again(found.id, link, turn, at, real)
    return turn.late


async def live_held(registration_id: int) -> Registration | None:
    """A live request as it stands, which stays so until the transaction ends."""
    sql = "SELECT * FROM registration WHERE id = ? AND state NOT IN ('cancelled', 'expired') FOR NO KEY UPDATE"
    return next(iter(await find_rows(Registration, sql, [registration_id])), None)


RENEW = "UPDATE registration SET requested_at = ? WHERE id = ? AND state = 'requested' RETURNING id"


@run_tx
async def _send_again(registration_id: int, link: str, turn: Turn, at: datetime, real: datetime) -> None:
    """Once a minute at most, so that a double click sends one email. Its link lasts as long as that of a first one.

    The row is held, so that whoever undoes a decision comes before us, or finds this email.
    """
    registration = await live_held(registration_id)
    theirs = await LinkAnswers.get_or_none(registration_id=registration_id, public_id=link)
    if registration is None or (registration.state is State.REQUESTED and theirs is None):
        return
    subject = theirs.id if theirs and registration.state is State.REQUESTED else registration.id
    template, event_id = EMAILS[registration.state], registration.event_id
    if await outbox.put_each([turn.email(template, subject, "again", event_id, at, real)]):
        await query(RENEW, [at, registration.id])
        await LinkAnswers.filter(registration_id=registration_id, public_id=link).update(asked_at=at)
        await audit.record(Action.ASKED_AGAIN, registration, by=None, at=at)
