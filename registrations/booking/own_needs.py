"""What somebody with a place tells us for the day, and takes back: adjustments, diet, photographs, switches.

What it says stands in no email and in no entry. Rules: DP-05, DP-13, SG-12.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import keys, live, wording
from events.ground.database import after_commit, find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people import choices, erased, needs
from registrations.people.choices import Choices, Switch
from registrations.people.consent import NEWEST, Consent, Subject
from registrations.people.needs import Adjustment, Diet, Needs, Step
from registrations.people.often import count_change
from registrations.people.registration import KNOWS_OF_A_PLACE, MANAGED, Registration, State
from registrations.tickets import gathered, ticketing
from registrations.tickets.gathered import CHANGED

from .needs_emails import ASKED

FOR_GUESTS = "Tell us this once you have a place. We ask nobody else, so that we hold it of nobody who does not come."
HELD = "UPDATE registration SET state = state WHERE id = ? AND state IN ({states}) RETURNING *"
CHANGED_SINCE = "They have changed what they need since this page was shown, so nothing was saved. Look again."
CHOICE = "choice"  # in the cause of an email: it does not say which
ANSWERED = "answered"  # the same for the first time: nothing that stood before was changed
NOTED = "noted"  # the same by an organiser


class Noted(NamedTuple):
    """By somebody at the desk, for a guest."""

    by: Actor
    seen: str  # `mark_of` what was shown to them


def mark_of(registration: Registration) -> str:
    """Of what somebody needs, as it stands: one goes along with a form, and tells whether that is about something
    older."""
    sealed = (registration.needs_sealed or b"").hex()
    return keys.keyed_hash("needs as seen", f"{registration.id}|{sealed}")


def marks_of_needs(registration: Registration, subject: Subject) -> list[str]:
    """Of what a guest's own form shows them, which no step of the access lead changes. Empty marks where they have told
    us nothing. A form that is open stays good when a new key comes."""
    told = registration.needs
    if subject is Subject.ADJUSTMENTS:
        knows = Subject.MARSHALS in told.consents
        shown: tuple[object, ...] = (sorted(told.adjustments), told.adjustment_words, told.leaving_words, knows)
    else:
        shown = (sorted(told.diets), told.diet_words)
    if not any(shown):
        return [""]
    return keys.keyed_hashes("needs as shown", "|".join(map(str, (registration.id, subject, *shown))))


def mark_of_switches(chosen: Choices) -> str:
    return ",".join(sorted(chosen.switches))


async def tell_adjustments(
    registration: Registration, wanted: Collection[Adjustment], words: str, at: datetime, real: datetime,
    leaving: str | None = None, noted: Noted | None = None, seen: str | None = None,
) -> None:  # fmt: skip
    """They have agreed to the newest wording. What is arranged already stays so, unless they say something else.
    `leaving`: what marshals may read, if they have agreed to that too. Where it is noted for them, what marshals may
    know stays as they agreed to it themselves, as long as they need help to leave. `seen`: a mark of what their form
    showed; raises ChangedMeanwhile if something else stands by now."""
    await count_change(registration, real)
    marshals = leaving if Adjustment.EVACUATION in wanted else None
    await _tell_adjustments(registration, wanted, words, at, real, marshals, noted, seen)


@run_tx
async def _tell_adjustments(
    registration: Registration, wanted: Collection[Adjustment], words: str, at: datetime, real: datetime,
    leaving: str | None, noted: Noted | None, seen: str | None,
) -> None:  # fmt: skip
    event, held = await _hold_as_seen(registration, noted)
    before = _readable(held.needs)
    left = before if noted and Adjustment.EVACUATION in wanted else before.without(Subject.MARSHALS)
    known = before.adjustments if words == before.adjustment_words else _not_about(before)
    subjects = [Subject.ADJUSTMENTS, *([Subject.MARSHALS] if leaving is not None else [])]
    told = replace(
        left,
        adjustments={need.value: known.get(need, Step.ASKED.value) for need in Adjustment if need in wanted},
        adjustment_words=words,
        leaving_words=left.leaving_words if leaving is None else leaving,
        replies={need: said for need, said in before.replies.items() if need in wanted and need in known},
        consents={**left.consents, **{about.value: agreed(about, at) for about in subjects}},
    )
    if _says(told) == _says(before):
        return
    _refuse_unseen(held, Subject.ADJUSTMENTS, seen)
    await put_needs(held, told, event)
    if Subject.MARSHALS in before.consents and Subject.MARSHALS not in told.consents:
        await erased.note_tags(event, erased.consent_tags(held.public_id, Subject.MARSHALS)[:1], at)
    await gathered.put(ASKED, held, CHOICE, at, real)
    await _record_choice(held, noted, at)


@within_tx
async def _hold_as_seen(registration: Registration, noted: Noted | None) -> tuple[Event, Registration]:
    event, held = await hold(registration)
    if noted and noted.seen != mark_of(held):
        raise Refused(CHANGED_SINCE)
    return event, held


@within_tx
async def _record_choice(held: Registration, noted: Noted | None, at: datetime) -> None:
    """What is noted for them is none of their own: nobody else at the desk reads that somebody noted something."""
    if noted:
        await audit.record(Action.NEED_MOVED, held, by=noted.by, at=at, step=Step.ASKED.value)
    else:
        await audit.record(Action.CHOSE, held, by=None, at=at)


def _not_about(before: Needs) -> dict[str, str]:
    """What stays as it is when they write something else: only where a question was open, all that it was not about."""
    left = {need: step for need, step in before.adjustments.items() if step != Step.QUESTION}
    return left if len(left) < len(before.adjustments) else {}


def _refuse_unseen(held: Registration, subject: Subject, seen: str | None) -> None:
    if seen is not None and seen not in marks_of_needs(held, subject):
        raise ChangedMeanwhile


async def tell_diet(
    registration: Registration, wanted: Collection[Diet], words: str, at: datetime, real: datetime,
    seen: str | None = None, noted: Noted | None = None,
) -> None:  # fmt: skip
    """They have agreed to the newest wordings: with words to both, since nobody but the caterer reads them. `seen`: as
    for adjustments."""
    await count_change(registration, real)
    await _tell_diet(registration, wanted, words, at, real, seen, noted)


@run_tx
async def _tell_diet(
    registration: Registration, wanted: Collection[Diet], words: str, at: datetime, real: datetime,
    seen: str | None, noted: Noted | None,
) -> None:  # fmt: skip
    event, held = await _hold_as_seen(registration, noted)
    before = _readable(held.needs)
    left = before.without(Subject.DIET)
    subjects = [Subject.DIET, *([Subject.CATERER] if words else [])]
    told = replace(
        left,
        diets=tuple(diet.value for diet in Diet if diet in wanted),
        diet_words=words,
        consents={**left.consents, **{about.value: agreed(about, at) for about in subjects}},
    )
    if _says(told) == _says(before):
        return
    _refuse_unseen(held, Subject.DIET, seen)
    await put_needs(held, told, event)
    if Subject.CATERER in before.consents and not words:
        await erased.note_tags(event, erased.consent_tags(held.public_id, Subject.CATERER)[:1], at)
    is_first = not (before.diets or before.diet_words)
    await gathered.put(CHANGED, held, NOTED if noted else ANSWERED if is_first else CHOICE, at, real)
    await _record_choice(held, noted, at)
    after_commit(live.publish, f"event:{held.event_id}")


@run_tx
async def withdraw(registration: Registration, subject: Subject, at: datetime, real: datetime) -> bool:
    """Withdraws a consent about what they need, and deletes what it was for at once, as long as there is a booking.
    False if there is none any more, or none of this."""
    event, held = await hold(registration, MANAGED)
    if subject not in held.needs.consents and held.needs is not needs.UNREADABLE:
        return False
    left = needs.NOTHING if held.needs is needs.UNREADABLE else held.needs.without(subject)
    await put_needs(held, left, event)
    await erased.note_tags(event, erased.consent_tags(held.public_id, subject)[:1], at)
    await tell_of_a_choice(held, Action.CONSENT_WITHDRAWN, at, real)
    return True


async def agree_to_photos(registration: Registration, at: datetime, real: datetime) -> None:
    """Raises Refused if they have also chosen to be in none."""
    await count_change(registration, real)
    await _agree_to_photos(registration, at, real)


NOT_BOTH = (
    "You have chosen to be in no photograph, so nothing was changed. Take that back first, under Safety, if you want"
    " to be in photographs."
)


@run_tx
async def _agree_to_photos(registration: Registration, at: datetime, real: datetime) -> None:
    event, held = await hold(registration)
    if Switch.NO_PHOTOS in held.choices.switches:
        raise Refused(NOT_BOTH)
    await choose(held, replace(held.choices, photos=agreed(Subject.PHOTOS, at), declined_photos=False), event, at)
    await tell_of_a_choice(held, Action.CHOSE, at, real, is_first=not held.choices.has_answered_photos)


async def switch(
    registration: Registration, switches: Collection[Switch], at: datetime, real: datetime, seen: str | None = None
) -> None:
    """These are on from now, and no other. Whoever is to be in no photograph agrees to none any more. `seen`: the
    mark of those that their form showed; raises ChangedMeanwhile if others are on by now."""
    await count_change(registration, real)
    await _switch(registration, frozenset(switches), at, real, seen)


@run_tx
async def _switch(
    registration: Registration, switches: frozenset[Switch], at: datetime, real: datetime, seen: str | None
) -> None:
    event, held = await hold(registration)
    if switches == held.choices.switches and held.choices is not choices.UNREADABLE:
        return  # a second press
    if seen is not None and seen != mark_of_switches(held.choices):
        raise ChangedMeanwhile
    photos = None if Switch.NO_PHOTOS in switches else held.choices.photos
    is_first = not held.choices.switches and photos == held.choices.photos
    await choose(held, replace(held.choices, photos=photos, switches=switches), event, at)
    await tell_of_a_choice(held, Action.CHOSE, at, real, is_first=is_first)


@within_tx
async def choose(held: Registration, told: Choices, event: Event, at: datetime) -> None:
    """Door phones are sent what follows for the badge."""
    await put_choices(held, told, event)
    if held.choices.photos and told.photos is None:
        await erased.note_tags(event, erased.consent_tags(held.public_id, Subject.PHOTOS)[:1], at)
    await ticketing.tell_devices(held)


@within_tx
async def hold(
    registration: Registration, states: Collection[State] = KNOWS_OF_A_PLACE, refused: str = ""
) -> tuple[Event, Registration]:
    """The event, and the row as it stands, which nobody changes before the transaction ends.

    Raises Refused, with this sentence, if the request is in none of these states by now.
    """
    event = await event_with(registration.event_id)
    sql = HELD.format(states=", ".join(f"'{state}'" for state in sorted(states)))
    held: Sequence[Registration] = await find_rows(Registration, sql, [registration.id])
    if not held:
        raise Refused(refused or (wording.MOVED_ON if registration.state in states else FOR_GUESTS))
    return event, held[0]


def _readable(known: Needs) -> Needs:
    """What was damaged is told anew."""
    return needs.NOTHING if known is needs.UNREADABLE else known


def _says(told: Needs) -> tuple[Needs, dict[str, str]]:
    """What is told and agreed to, whenever that was: telling the same once more changes nothing."""
    return replace(told, consents={}), {about: consent.wording for about, consent in told.consents.items()}


def agreed(subject: Subject, at: datetime) -> Consent:
    """To the newest wording."""
    return Consent(NEWEST[subject], at.isoformat())


@within_tx
async def put_needs(held: Registration, told: Needs, event: Event) -> None:
    sealed = needs.sealed(told, event, held.public_id)
    await query("UPDATE registration SET needs_sealed = ? WHERE id = ? RETURNING id", [sealed, held.id])


@within_tx
async def put_choices(held: Registration, chosen: Choices, event: Event) -> None:
    sealed = choices.sealed(chosen, event, held.public_id)
    await query("UPDATE registration SET choices_sealed = ? WHERE id = ? RETURNING id", [sealed, held.id])


@within_tx
async def tell_of_a_choice(
    held: Registration, action: Action, at: datetime, real: datetime, *, is_first: bool = False
) -> None:
    """An email says that something was chosen, so that nobody else chooses for them unseen; it does not say what.
    `is_first`: nothing that stood before is lost by it. That is told of too, in calm words: an email for adjustments
    alone would show organisers who needs some."""
    await gathered.put(CHANGED, held, ANSWERED if is_first else CHOICE, at, real)
    await audit.record(action, held, by=None, at=at)
    after_commit(live.publish, f"event:{held.event_id}")
