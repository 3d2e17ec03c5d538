"""What would become of a list now: who would be asked, who is known, what cannot be used, and which words nobody knows.

Nothing is changed by looking. Rules: DP-16. `at` is the event's time, `real` the machine's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.asking.made_or_found import Answers
from registrations.people.person import dialled, fold
from registrations.people.registration import Registration, of_addresses

from . import kinds, unwilling
from .checking import Checked, check
from .columns import BY_CODE
from .kinds import Word
from .people_import import LASTS, Opened, PeopleImport, Rows

BATCH = 400  # people whom one statement looks for
SHOWN = 10  # people, as they will stand
OVER = "This list is not here any more: it is kept for an hour. Upload the file again."
COMPARED = ("full_name", "organisation", "role", "badge_name")


class Known(NamedTuple):
    """Somebody on the list who has a request already, of which the list changes nothing."""

    listed: Answers
    registration: Registration

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What the list says otherwise: the label, the list's words and ours. What it leaves open is none."""
        listed, person = self.listed, self.registration.person
        told = [(BY_CODE[code].label, getattr(listed, code), getattr(person, code)) for code in COMPARED]
        told.append((BY_CODE["kind"].label, listed.kind.capitalize(), self.registration.kind.value.capitalize()))
        told.append((BY_CODE["badge_type"].label, listed.badge_type.capitalize(), self.registration.badge_type.words))
        found = [(label, theirs, ours) for label, theirs, ours in told if theirs and fold(theirs) != fold(ours)]
        if listed.phone and dialled(listed.phone) != dialled(person.phone):
            found.append((BY_CODE["phone"].label, listed.phone, person.phone))
        return found


class Sorted(NamedTuple):
    """The people of a list, as they are known here."""

    new: list[Answers]
    known: list[Known]
    left_out: int  # they said no, gave up their place or had their data erased


class Preview(NamedTuple):
    checked: Checked
    words: list[Word]  # for kinds, that are none of ours
    sorted: Sorted

    @property
    def shown(self) -> list[Answers]:
        """The first who are not known, as they will stand. Who of them is left out, nobody can see."""
        known = {known.listed.email for known in self.sorted.known}
        return [person for person in self.checked.people if person.email not in known][:SHOWN]


def opened(begun: PeopleImport, real: datetime) -> Opened:
    """Raises Refused once its hour is over."""
    there = begun.opened if real - begun.begun_at < LASTS else None
    if there is None:
        raise Refused(OVER, 410)
    return there


def checked(begun: PeopleImport, rows: Rows) -> Checked:
    columns = {code: int(column) for code, column in begun.chosen.items() if code in BY_CODE}
    return check(rows, begun.first_row, columns, begun.kind_of_all, begun.answers)


def unknown_kinds(begun: PeopleImport, rows: Rows) -> list[Word]:
    """Words of the chosen column that are none of our kinds."""
    return kinds.unknown(rows, begun.chosen.get("kind"), begun.kind_of_all)


async def preview(event: Event, begun: PeopleImport, real: datetime) -> Preview:
    """Raises Refused once its hour is over."""
    _, rows = opened(begun, real)
    found = checked(begun, rows)
    return Preview(found, unknown_kinds(begun, rows), await sort(event, found.people))


async def sort(event: Event, people: Sequence[Answers]) -> Sorted:
    new, known = list[Answers](), list[Known]()
    for first in range(0, len(people), BATCH):
        some = people[first : first + BATCH]
        requests = await of_addresses([(event, answers.email) for answers in some])
        pairs = list(zip(some, requests, strict=True))
        without = [answers for answers, request in pairs if request is None]
        unwilling_ones = await unwilling.of(event, [answers.email for answers in without])
        new += [answers for answers in without if answers.email not in unwilling_ones]
        known += [Known(answers, request) for answers, request in pairs if request is not None]
    return Sorted(new, known, len(people) - len(new) - len(known))


async def read_known(
    event: Event, begun: PeopleImport, part: slice, by: Staff, at: datetime, real: datetime
) -> tuple[list[Known], int]:
    """Those of this part of the known people, beside what the list says of them, and how many there are. Records who
    was shown. Raises Refused as `preview` does, and as `reading.listed` does."""
    known = (await preview(event, begun, real)).sorted.known
    ids = [person.registration.id for person in known[part]]
    await reading.listed(event, "known people of an imported list", ids, by=by, at=at, real=real)
    return known[part], len(known)


def unusable(begun: PeopleImport, real: datetime) -> Opened:
    """The rows that cannot be used, or not whole, each with its number and why; once the list is imported those that
    were not. Raises Refused once its hour is over."""
    if begun.done_at is None:
        headings, rows = opened(begun, real)
        return unusable_of(begun, headings, rows, checked(begun, rows))
    there = begun.unusable if real - begun.begun_at < LASTS else None
    if there is None:
        raise Refused(OVER, 410)
    return there


def unusable_of(begun: PeopleImport, headings: Sequence[str], rows: Rows, found: Checked) -> Opened:
    why = sorted((found.unusable | found.lessened).items())
    lines = [[str(row), ". ".join(reasons), *rows[row - begun.first_row]] for row, reasons in why]
    return ["Row", "Why", *headings], lines
