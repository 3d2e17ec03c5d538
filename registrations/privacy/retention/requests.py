"""Empties requests that nobody confirmed, and those of events long past. Kind, state and times stay to count by."""

from datetime import datetime, timedelta

from tortoise.expressions import Q

from events.audit import audit
from events.audit.action import Action
from events.ground import clock, live, tokens
from events.ground.database import after_commit, run_tx
from registrations.asking import confirming
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import EMPTY, HOLDS_A_PLACE, Registration, State

from .deletion import Machine

RECOGNISED = timedelta(days=30)  # so long the link of a request that is gone opens a page that says so
NAMED = timedelta(days=90)  # DP-07: so long after the event we know who asked for a place
NOT_OFFERED = timedelta(days=30)  # the same of people whom no place was ever offered
BATCH = 200
UNCONFIRMED = {State.REQUESTED, State.CANCELLED}  # those without a time at which they were confirmed
NAMES_SOMEBODY = {"person_sealed__isnull": False}


async def expire_due(at: datetime) -> int:
    """Takes everything personal out of requests that nobody confirmed in time, and later the empty rows themselves.

    Cancelling empties a request that nobody confirmed. One that still names somebody, as in an older copy, expires too.
    """
    unconfirmed = Registration.filter(state__in=UNCONFIRMED, confirmed_at=None, requested_at__lte=at - LINK_LASTS)
    due = unconfirmed.filter(**NAMES_SOMEBODY).order_by("id").limit(BATCH)
    expired = sum([await _expire(registration, at) for registration in await due])
    ended = Registration.filter(state__in={State.EXPIRED, State.CANCELLED}, address_tag="")
    await ended.filter(requested_at__lte=at - RECOGNISED).delete()
    return expired


@run_tx
async def _expire(registration: Registration, at: datetime) -> bool:
    """False when it was confirmed or asked for again at the last moment."""
    still = Registration.filter(id=registration.id, state=registration.state, requested_at=registration.requested_at)
    if await still.update(state=State.EXPIRED, **EMPTY) != 1:
        return False
    await LinkAnswers.filter(registration_id=registration.id).update(answers_sealed=None)
    await audit.record(Action.EXPIRED, registration, by=Machine(), at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


async def forget_links(at: datetime) -> int:
    """Deletes the answers behind expired links of requests that have a newer one."""
    due = LinkAnswers.filter(asked_at__lte=at - LINK_LASTS, registration__state=State.REQUESTED)
    kept = due.exclude(answers_sealed=None).order_by("id").limit(BATCH).select_related("registration")
    return sum([await _forget_link(link, at) for link in await kept])


@run_tx
async def _forget_link(link: LinkAnswers, at: datetime) -> bool:
    """False if it was sent again, or confirmed, at the last moment. The desk shows what is left."""
    await confirming.hold(link.registration_id)
    if await LinkAnswers.filter(id=link.id, asked_at=link.asked_at).update(answers_sealed=None) != 1:
        return False
    await confirming.show_newest(link.registration, at)
    return True


async def forget_named(at: datetime) -> int:
    """Takes everything personal out of requests whose event is long past. The numbers of each kind stay."""
    today = clock.local(at).date()
    everybody = Q(event__day__lte=today - NAMED)
    without_a_place = Q(tickets__id__isnull=True) & ~Q(state__in=HOLDS_A_PLACE)  # waiting, declined, undecided ...
    not_offered = Q(event__day__lte=today - NOT_OFFERED) & without_a_place
    due = Registration.filter(everybody | not_offered).filter(**NAMES_SOMEBODY).order_by("id").distinct()
    return sum([await _forget(registration, at) for registration in await due.limit(BATCH)])


@run_tx
async def _forget(registration: Registration, at: datetime) -> bool:
    """Gives the row a new public id, which no link has. False if the state changed at the last moment."""
    still = Registration.filter(id=registration.id, state=registration.state, **NAMES_SOMEBODY)
    nobody = EMPTY | {"address_tag": f"deleted {registration.id}", "public_id": tokens.new_public_id()}  # each its own
    if await still.update(**nobody) != 1:
        return False
    await LinkAnswers.filter(registration_id=registration.id).delete()
    await audit.record(Action.FORGOTTEN, registration, by=Machine(), at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True
