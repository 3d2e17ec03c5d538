"""A guest takes their certificate: they say which name stands on it, and see it from then on. Rules: EV-09.

It is no act of a link: whoever opens or follows one changes nothing. Feedback has no part in it.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import wording
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from registrations.deciding import taking_over
from registrations.people.often import count_change
from registrations.people.person import UNREADABLE
from registrations.people.registration import Registration

from . import attended, issuing
from .attended import Attended
from .certificate import Certificate, CertificateTerms, Held, Shows, Words, certificate_of, seal_held_as, terms_of

TAKE = """UPDATE certificate SET taken_at = coalesce(taken_at, ?), held_sealed = ?
    WHERE id = ? AND held_sealed = ? AND ended_at IS NULL RETURNING id"""


class View(StrEnum):
    """What a guest finds."""

    NOT_RELEASED = "not released"
    DID_NOT_COME = "did not come"  # as far as the door knows
    BEING_MADE = "being made"
    ENDED = "ended"
    NO_TIME = "no time"  # they came when the programme was over, or to none of it
    UNREADABLE = "unreadable"
    ASKED = "asked"  # which name stands on it
    TAKEN = "taken"


class Ready(NamedTuple):
    """All that stands on a certificate, but for the event."""

    number: str
    name: str
    words: Words
    attended: Attended


class Found(NamedTuple):
    view: View
    ready: Ready | None = None  # where it is asked for or taken
    certificate: Certificate | None = None
    time: Attended | None = None


async def found_for(person: Registration, event: Event) -> Found:
    terms = await terms_of(event.id)
    if terms is None or terms.released_at is None:
        return Found(View.NOT_RELEASED)
    certificate = await certificate_of(person.id)
    if not await taking_over.has_come(person.id):
        return Found(View.DID_NOT_COME, certificate=certificate)
    time = await attended.of_person(person.id, event, terms.hours)
    if certificate is None:
        return Found(View.BEING_MADE, time=time)
    if certificate.ended_at is not None:
        return Found(View.ENDED, certificate=certificate, time=time)
    if not time.minutes:
        return Found(View.NO_TIME, certificate=certificate, time=time)
    return _opened(person, certificate, terms, time)


def _opened(person: Registration, certificate: Certificate, terms: CertificateTerms, time: Attended) -> Found:
    held, words = certificate.held, terms.words
    if held is None or words is None or person.person is UNREADABLE:
        return Found(View.UNREADABLE, certificate=certificate, time=time)
    ready = Ready(held.number, name_of(person, held.shows), words, time)
    return Found(View.TAKEN if certificate.taken_at else View.ASKED, ready, certificate, time)


def name_of(person: Registration, shows: Shows) -> str:
    """As it is now: one that is corrected is corrected on the certificate too."""
    return person.shown_name if shows is Shows.BADGE_NAME else person.full_name


def names_of(person: Registration) -> dict[Shows, str]:
    """Those of which they choose one. Only who is known by another name at the door has two."""
    names = {Shows.FULL_NAME: person.full_name}
    if person.choices.alias and person.badge_name:
        names[Shows.BADGE_NAME] = person.badge_name
    return names


async def take(person: Registration, event: Event, shows: Shows, at: datetime, real: datetime) -> None:
    """Taking it again may change the name. Raises Refused where it is not there any more, and once that is too often:
    each change is an entry of the audit log."""
    await count_change(person, real)
    await _take(person, event, shows, at)


@run_tx
async def _take(person: Registration, event: Event, shows: Shows, at: datetime) -> None:
    if not await issuing.hold_released(event.id):
        raise Refused(wording.MOVED_ON, 409)
    certificate = await certificate_of(person.id)
    held = certificate.held if certificate else None
    if (
        certificate is None
        or held is None
        or certificate.ended_at is not None
        or not await taking_over.has_come(person.id)
    ):
        raise Refused(wording.MOVED_ON, 409)
    if certificate.taken_at is not None and held.shows is shows:
        return
    sealed = seal_held_as(Held(held.number, shows), certificate)
    if not await query(TAKE, [at, sealed, certificate.id, bytes(certificate.held_sealed)]):
        raise Refused(wording.MOVED_ON, 409)
    action = Action.CERTIFICATE_TAKEN if certificate.taken_at is None else Action.CERTIFICATE_NAME_CHOSEN
    await audit.record(action, person, by=None, at=at)
