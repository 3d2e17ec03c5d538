"""Whom a guest named answers for themselves. Their link proves the address, so that a Yes with answers of their own
confirms at once; a person looks at the request as at any other. That of whoever comes along says with whom.

Rules: DP-16, EM-05, EV-05.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import live, tokens
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.people import colleague, companions, objection, typed_addresses
from registrations.people.colleague import Colleague
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import LIVE, Registration, State

from . import confirming, drafting, held_back, made_or_found
from .drafting import Opened
from .invited import Used
from .made_or_found import Answers, Found
from .registering import EMAILS

CHANGED_MEANWHILE = (
    "Your answers were changed at the same moment, so nothing was sent. Check them, then send them again."
)


async def goes_on(named: Colleague) -> bool:
    """Whether a request came of it that is as it was: later it may have ended, or be written to at another address."""
    request = await Registration.get_or_none(id=named.request_id) if named.request_id else None
    return request is not None and request.state in LIVE and request.generation == 0


async def proved(event: Event, opened: Opened, at: datetime) -> Colleague | None:
    """Whose link these answers began behind, as long as they name the same address and the question stands."""
    named = await typed_addresses.of_link(Colleague, opened.colleague) if opened.colleague else None
    if named is None or named.registration.event_id != event.id or not named.is_open(at):
        return None
    return named if named.address == opened.answers.get("email") else None


@run_tx
async def confirm(
    event: Event, named: Colleague, answers: Answers, opened: Opened, at: datetime, real: datetime
) -> Used | None:
    """They ask for a place, which confirms their address. What became of an invitation, if a code was entered.

    Raises Refused if the question or the answers have just changed. Whoever has asked meanwhile in another way is told
    of that request.
    """
    await held_back.take_turn()  # else a batch may hold their request and wait for their draft, which we hold
    link = tokens.new_public_id()
    if not await colleague.say_yes(named) or not await drafting.spend(opened, link, real, keeps_colleague=True):
        raise Refused(CHANGED_MEANWHILE)
    found = await made_or_found.put(event, answers, link, at)
    used = await _confirmed(found, named, at) if found.registration.state is State.REQUESTED else None
    now = await Registration.get(id=found.registration.id)
    if used is not Used.PLACE:  # of a place, or of the waiting list, they are told already
        await outbox.put(EMAILS[now.state], now.id, cause=f"named {named.id}", at=at, event_id=event.id)
    after_commit(live.publish, f"event:{event.id}")
    return used


@within_tx
async def _confirmed(found: Found, named: Colleague, at: datetime) -> Used | None:
    registration = found.registration
    await audit.record(Action.REQUESTED if found.is_new else Action.ASKED_AGAIN, registration, by=None, at=at)
    await colleague.led_to(named, registration)
    link = await LinkAnswers.get(id=found.subject_id)
    link.registration = registration
    used = await confirming.confirm_alone(link, at)
    if named.comes_along and await companions.join(named.registration_id, registration.id):
        with_ = audit.about(named.registration)
        await audit.record(Action.COMES_ALONG, registration, by=None, at=at, guest=with_)
    return used


@run_tx
async def decline(named: Colleague, at: datetime) -> bool:
    """They want no place, or do not know what this is about: their address is deleted, and no guest makes us write
    there again. False if it is gone already.

    The entry is of the event: neither the guest nor a copy of what we hold about them tells the answer.
    """
    if not await colleague.say_no(named):
        return False
    event = named.registration.event
    await objection.note(event.id, named.address, at)
    await audit.record(Action.COLLEAGUE_DECLINED, event, by=None, at=at, event_id=event.id)
    return True
