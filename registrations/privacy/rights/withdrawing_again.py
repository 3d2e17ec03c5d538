"""Withdraws each consent once more that somebody had withdrawn after a backup was made that has been restored now.

Rules: DP-05, DP-07.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Machine
from events.backup.erased_list import Entry
from events.event import Event, event_with
from events.ground.database import find_rows, run_tx
from registrations.people import choices, needs
from registrations.people.consent import Consent, Subject
from registrations.people.erased import consent_tags
from registrations.people.registration import Registration

AGREED = "SELECT * FROM registration WHERE needs_sealed IS NOT NULL OR choices_sealed IS NOT NULL ORDER BY id"
AGREED_AT = "SELECT * FROM registration WHERE event_id = ? AND (needs_sealed IS NOT NULL OR choices_sealed IS NOT NULL)"
LOST = {
    "needs_sealed": "guests who have withdrawn some of what they need or eat, and lose the rest: {}",
    "choices_sealed": "guests who have withdrawn that they may be photographed, and lose their switches: {}",
}


async def withdraw_again(entries: Sequence[Entry], at: datetime) -> int:
    """What somebody agreed to after they had withdrawn it stays. Of how many requests.

    Of what does not open nobody can say when they agreed: it goes whole, if a consent of it was withdrawn.
    """
    rows = await find_rows(Registration, AGREED, []) if entries else []
    number = sum([await _empty_unopened(row, gone, at) for row in rows if (gone := _unopened(row, entries))])
    return number + sum([await _withdraw_again(row, found, at) for row in rows if (found := _withdrawn(row, entries))])


def _withdrawn(row: Registration, entries: Sequence[Entry]) -> list[Subject]:
    agreed: dict[str, Consent] = {**row.needs.consents}
    if row.choices.photos:
        agreed[Subject.PHOTOS] = row.choices.photos
    return [Subject(about) for about, consent in agreed.items() if _is_withdrawn(row, Subject(about), consent, entries)]


COLUMN_OF = {subject: "choices_sealed" if subject is Subject.PHOTOS else "needs_sealed" for subject in Subject}


def _unopened(row: Registration, entries: Sequence[Entry]) -> set[str]:
    """Columns that do not open, with something that was withdrawn."""
    shut = {"needs_sealed"} if row.needs is needs.UNREADABLE else set()
    shut |= {"choices_sealed"} if row.choices is choices.UNREADABLE else set()
    noted = {tag for entry in entries for tag in entry.tags}
    gone = {COLUMN_OF[subject] for subject in Subject if not noted.isdisjoint(consent_tags(row.public_id, subject))}
    return shut & gone


async def losses(event: Event, entries: Sequence[Entry]) -> list[str]:
    """How much of what does not open goes whole, in words."""
    rows = await find_rows(Registration, f"{AGREED_AT} ORDER BY id", [event.id]) if entries else []
    gone = [_unopened(row, entries) for row in rows]
    numbers = {column: sum(column in columns for columns in gone) for column in LOST}
    return [LOST[column].format(number) for column, number in numbers.items() if number]


@run_tx
async def _empty_unopened(row: Registration, columns: set[str], at: datetime) -> int:
    await Registration.filter(id=row.id).update(**dict.fromkeys(columns))
    await audit.record(Action.CONSENT_WITHDRAWN, row, by=Machine(), at=at)
    return 1


def _is_withdrawn(row: Registration, about: Subject, consent: Consent, entries: Sequence[Entry]) -> bool:
    tags, since = set(consent_tags(row.public_id, about)), datetime.fromisoformat(consent.at)
    return any(since <= entry.erased_at and not tags.isdisjoint(entry.tags) for entry in entries)


@run_tx
async def _withdraw_again(row: Registration, withdrawn: Sequence[Subject], at: datetime) -> int:
    event, left, chosen = await event_with(row.event_id), row.needs, row.choices
    for subject in withdrawn:
        if subject is Subject.PHOTOS:
            chosen = replace(chosen, photos=None)
        else:
            left = left.without(subject)
    await Registration.filter(id=row.id).update(
        needs_sealed=needs.sealed(left, event, row.public_id),
        choices_sealed=choices.sealed(chosen, event, row.public_id),
    )
    await audit.record(Action.CONSENT_WITHDRAWN, row, by=Machine(), at=at)
    return 1
