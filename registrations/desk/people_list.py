"""The list of everyone who ever asked for a place, whatever their state: searched, filtered, sorted, in pages."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence, Set
from datetime import datetime
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground.database import among, ask, find_rows, moment, places
from registrations.checkin import whereabouts
from registrations.checkin.whereabouts import Presence, Whereabouts
from registrations.codes import ticket_code
from registrations.codes.badge_type import BadgeType
from registrations.deciding import waiting_list
from registrations.people import directory
from registrations.people.directory import Directory, Entry, Sort, in_order
from registrations.people.person import digits_of, fold, of_many
from registrations.people.registration import WITH_IDS, OrganisationKind, Registration, State
from registrations.tickets.ticket import ticket_of_reference
from registrations.workshops import roster
from registrations.workshops.roster import Group

A_PAGE = 50
LOOKED_THROUGH = 10_000  # people at once, in a millisecond: others are answered in between
SORTED_AT_ONCE = 3_000  # people: more are quicker read out of an order that is kept
LONGEST_TEXT = 100
SEARCH = "desk search"  # what a searched text is sealed for
ORGANISATION = "desk organisation"  # and the name of one organisation
NUMBER = re.compile(r"[\d +()./-]+")
LEAST_DIGITS = 4  # of a telephone number: fewer stand in too many
T = TypeVar("T")
P = TypeVar("P", bound="Registration | Line")


class Wanted(NamedTuple):
    text: str = ""
    state: State | None = None
    kind: OrganisationKind | None = None
    sort: Sort = Sort.NAME
    page: int = 1
    by_email: bool = True  # whoever sees no email addresses finds nobody by one
    by_phone: bool = True  # nor by a telephone number
    withdrawn_last: bool = False  # those whose approval was taken back, after all others
    also: State | None = None  # those in this state too
    presence: Presence | None = None  # who is at the event, or not; of those in the state, if there is one
    organisation: str = ""  # whoever wrote it so, accents and capitals apart
    columns: str = ""  # that were chosen: what else of people is shown than usual
    badge_type: BadgeType | None = None
    workshop: Group | None = None  # who is in it, or in none of those at one time


class Line(NamedTuple):
    """What the list says of somebody. Its template takes the values in this order."""

    id: int
    full_name: str
    role: str  # theirs, where they work
    organisation: str
    kind: str
    email: str
    state: str
    requested_at: datetime | None
    badge_name: str
    phone: str
    badge_type: str


class Found(NamedTuple, Generic[T]):
    people: Sequence[T]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // A_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * A_PAGE + 1 if self.people else 0

    @property
    def last(self) -> int:
        return self.first + len(self.people) - 1 if self.people else 0


async def search(event: Event, wanted: Wanted, by: Staff, at: datetime, real: datetime) -> Found[Line]:
    """Finds as `find` does, and records the filter, the length of the searched text (never the text), and who was
    shown."""
    there = await whereabouts.of(event) if wanted.presence else None
    found = await _find(event.id, wanted, lines, there)
    action = Action.SEARCHED if wanted.text else Action.LISTED
    await reading.listed(
        event, "people", [person.id for person in found.people], by=by, at=at, real=real, action=action,
        filters=filters_of(wanted, found),
    )  # fmt: skip
    return found


def filters_of(wanted: Wanted, found: Found[P]) -> dict[str, str | int]:
    """The filter for an entry of the audit log. Of a text it holds only the length."""
    chosen: dict[str, str | int] = {"state": wanted.state or "", "kind": wanted.kind or "", "sort": wanted.sort.value}
    if wanted.presence:
        chosen["presence"] = wanted.presence.value
    if wanted.badge_type:
        chosen["badge_type"] = wanted.badge_type.value
    if wanted.organisation:
        chosen["organisation"] = len(wanted.organisation)
    if wanted.workshop:
        chosen["workshop"] = wanted.workshop.code
    if wanted.columns:
        chosen["columns"] = wanted.columns
    return {**chosen, "letters": len(wanted.text), "results": found.total, "page": found.page}


async def find(event_id: int, wanted: Wanted) -> Found[Registration]:
    """Everyone who has each of the words in their name, address or organisation. A whole reference finds its owner."""
    return await _find(event_id, wanted, _rows)


async def _find(
    event_id: int,
    wanted: Wanted,
    read: Callable[[int, list[int]], Awaitable[list[P]]],
    there: Whereabouts | None = None,
) -> Found[P]:
    """`read` finds some of an event's requests by their ids, in whatever order. `there` is needed for a presence, and
    was read before: so the directory has whoever has come."""
    reference = ticket_code.normal_reference(wanted.text)
    ticket = await ticket_of_reference(event_id, reference) if reference else None
    if ticket is not None:
        return Found(await read(event_id, [ticket.registration_id]), 1, 1)
    people, among_them = await directory.of(event_id), await _in_workshop(event_id, wanted)
    found = await _found(people, wanted, there, among_them)
    total, (page, on_page) = len(found), _page(found, wanted.page)
    shown = {person.id: person for person in await read(event_id, on_page)} if on_page else {}
    if len(shown) < len(on_page):  # rows that were deleted for good
        people.drop(set(on_page) - set(shown))
        return await _find(event_id, wanted, read, there)
    return Found([shown[id_] for id_ in on_page], total, page)


async def _rows(event_id: int, ids: list[int]) -> list[Registration]:
    return await find_rows(Registration, WITH_IDS.format(ids=places(len(ids))), ids)


LINES = "SELECT id, public_id, person_sealed, kind, state, requested_at, badge_type FROM registration WHERE {wanted}"
OF_LINE = ("full_name", "role", "organisation", "email", "badge_name", "phone")


async def lines(event_id: int, ids: list[int]) -> list[Line]:
    """What the list says of these, in whatever order. Without the rest of each row, and opened one after the other, in
    a third of the time of `_rows`."""
    wanted, values = among("id", "int", ids)
    rows = await ask(LINES.format(wanted=wanted), values)
    told = of_many(event_id, ((id_, public_id, sealed) for id_, public_id, sealed, *_ in rows))
    found = list[Line]()
    for (id_, _, _, kind, state, asked, badge_type), said in zip(rows, told, strict=True):
        name, role, organisation, email, badge_name, phone = (said.get(what, "") for what in OF_LINE)
        shown = (kind, email, state, moment(asked), badge_name, phone, badge_type)
        found.append(Line(id_, name, role, organisation, *shown))
    return found


async def on_waiting_list(event: Event, wanted: int, *, by_organisation: bool = False) -> Found[Registration]:
    """Who has an offer, then who waits, in order: one page of them, the last one if there are not so many. Where it is
    by organisation, everybody stands below the first of theirs, accents and capitals apart."""
    total = await waiting_list.length(event)
    page = min(max(1, wanted), max(1, -(-total // A_PAGE)))
    first = (page - 1) * A_PAGE
    if not by_organisation:
        return Found(await waiting_list.some(event, A_PAGE, first), total, page)
    organisations: dict[str, list[Registration]] = {}
    for person in await waiting_list.everybody(event):
        organisations.setdefault(fold(person.organisation), []).append(person)
    return Found(
        [person for people in organisations.values() for person in people][first : first + A_PAGE], total, page
    )


async def everybody(event: Event, wanted: Wanted) -> Sequence[int]:
    """Whom this filter shows on all of its pages, by their ids. Nothing of them is read."""
    there = await whereabouts.of(event) if wanted.presence else None
    reference = ticket_code.normal_reference(wanted.text)
    ticket = await ticket_of_reference(event.id, reference) if reference else None
    if ticket is not None:
        return [ticket.registration_id]
    people, among_them = await directory.of(event.id), await _in_workshop(event.id, wanted)
    return [person.id for person in await _found(people, wanted, there, among_them)]


async def _in_workshop(event_id: int, wanted: Wanted) -> set[int] | None:
    """None where no workshop is wanted."""
    return await roster.people_in(event_id, wanted.workshop) if wanted.workshop else None


async def ids_on_page(people: Directory, wanted: Wanted) -> list[int]:
    """Who stands on a page of the list, by their ids."""
    return _page(await _found(people, wanted), wanted.page)[1]


async def _found(
    people: Directory, wanted: Wanted, there: Whereabouts | None = None, among_them: Set[int] | None = None
) -> Sequence[Entry]:
    """Everybody is looked through only where more is wanted than a state: as they lie in memory, and once more in their
    order where too many are found to sort them. `among_them`: of these requests alone."""
    is_narrow = wanted.text or wanted.kind or wanted.badge_type or wanted.organisation or there
    if not is_narrow and among_them is None:
        found = people.order(wanted.sort, tuple(filter(None, (wanted.state, wanted.also))))
    else:
        found = await _those(_only(people.everybody(), among_them), wanted, there)
        if len(found) > SORTED_AT_ONCE:
            found = await _those(_only(people.order(wanted.sort), among_them), wanted, there)
        else:
            found = in_order(found, wanted.sort)
    return sorted(found, key=attrgetter("withdrawn")) if wanted.withdrawn_last else found


def _only(people: Sequence[Entry], ids: Set[int] | None) -> Sequence[Entry]:
    return [person for person in people if ids is None or person.id in ids]


async def _those(people: Sequence[Entry], wanted: Wanted, there: Whereabouts | None) -> list[Entry]:
    found = list[Entry]()
    for first in range(0, len(people), LOOKED_THROUGH):
        found += _fitting(people[first : first + LOOKED_THROUGH], wanted, there)
        await asyncio.sleep(0)
    return found


def _fitting(people: Sequence[Entry], wanted: Wanted, there: Whereabouts | None) -> Sequence[Entry]:
    """Each line looks through whoever the one before has left. Of whoever was erased only the state is left."""
    if wanted.text:
        named = _with_words(people, fold(wanted.text[:LONGEST_TEXT]).split(), by_email=wanted.by_email)
        people = (
            _with_number(people, number, {person.id for person in named}) if (number := _number_in(wanted)) else named
        )
    if wanted.state:
        people = [person for person in people if person.state is wanted.state or person.state is wanted.also]
    else:
        people = [person for person in people if person.name]
    if wanted.kind:
        people = [person for person in people if person.kind is wanted.kind]
    if wanted.badge_type:
        people = [person for person in people if person.badge_type is wanted.badge_type]
    if wanted.organisation:
        organisation = fold(wanted.organisation)
        people = [person for person in people if person.organisation == organisation]
    return there.those(people, wanted.presence) if there and wanted.presence else people


def _number_in(wanted: Wanted) -> str:
    """The digits of a text that is a telephone number, or a part of one; '' for any other, and for who may see none."""
    typed = wanted.text[:LONGEST_TEXT].strip()
    digits = digits_of(typed) if wanted.by_phone and NUMBER.fullmatch(typed) else ""
    return digits if len(digits) >= LEAST_DIGITS else ""


def _with_number(people: Sequence[Entry], number: str, named: set[int]) -> Sequence[Entry]:
    """A number may stand in a name too."""
    return [person for person in people if number in str(person.phone)[1:] or person.id in named]


def _with_words(people: Sequence[Entry], words: Sequence[str], *, by_email: bool) -> Sequence[Entry]:
    for word in words:
        if by_email:
            people = [person for person in people if word in person.text]
        else:
            people = [person for person in people if word in person.name or word in person.organisation]
    return people


def _page(found: Sequence[Entry], wanted: int) -> tuple[int, list[int]]:
    """Its number, the last one if there are not so many, and the ids of who stands on it."""
    page = min(max(1, wanted), max(1, -(-len(found) // A_PAGE)))
    return page, [person.id for person in found[(page - 1) * A_PAGE : page * A_PAGE]]
