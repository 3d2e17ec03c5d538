"""The list of everyone who ever asked for a place, whatever their state: searched, filtered, sorted, in pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground.database import find_rows, places
from registrations.codes import ticket_code
from registrations.deciding import waiting_list
from registrations.people import directory
from registrations.people.directory import Chosen, Directory, Sort
from registrations.people.person import fold
from registrations.people.registration import WITH_IDS, OrganisationKind, Registration, State
from registrations.tickets.ticket import ticket_of_reference

A_PAGE = 50
LONGEST_TEXT = 100


class Wanted(NamedTuple):
    text: str = ""
    state: State | None = None
    kind: OrganisationKind | None = None
    sort: Sort = Sort.NAME
    page: int = 1
    by_email: bool = True  # whoever sees no email addresses finds nobody by one
    withdrawn_last: bool = False  # those whose approval was taken back, after all others
    also: State | None = None  # those in this state too


class Found(NamedTuple):
    people: list[Registration]
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


async def search(event: Event, wanted: Wanted, by: Staff, at: datetime, real: datetime) -> Found:
    """Finds as `find` does, and records the filter, the length of the searched text (never the text), and who was
    shown."""
    found = await find(event.id, wanted)
    action = Action.SEARCHED if wanted.text else Action.LISTED
    await reading.listed(
        event, "people", [person.id for person in found.people], by=by, at=at, real=real, action=action,
        filters=filters_of(wanted, found),
    )  # fmt: skip
    return found


def filters_of(wanted: Wanted, found: Found) -> dict[str, str | int]:
    """The filter for an entry of the audit log. Of a text it holds only the length."""
    chosen = {"state": wanted.state or "", "kind": wanted.kind or "", "sort": wanted.sort.value}
    return {**chosen, "letters": len(wanted.text), "results": found.total, "page": found.page}


async def find(event_id: int, wanted: Wanted) -> Found:
    """Everyone who has each of the words in their name, address or organisation. A whole reference finds its owner."""
    reference = ticket_code.normal_reference(wanted.text)
    ticket = await ticket_of_reference(event_id, reference) if reference else None
    if ticket is not None:
        return Found([ticket.registration], 1, 1)
    people = await directory.of(event_id)
    found = _found(people, wanted)
    page, on_page = _page(people, found, wanted.page)
    shown = await find_rows(Registration, WITH_IDS.format(ids=places(len(on_page))), on_page) if on_page else []
    if len(shown) < len(on_page):  # rows that were deleted for good
        people.drop(set(on_page) - {person.id for person in shown})
        return await find(event_id, wanted)
    return Found(sorted(shown, key=lambda person: on_page.index(person.id)), len(found), page)


async def on_waiting_list(event: Event, wanted: int) -> Found:
    """Who has an offer, then who waits, in order: one page of them, the last one if there are not so many."""
    total = await waiting_list.length(event)
    page = min(max(1, wanted), max(1, -(-total // A_PAGE)))
    return Found(await waiting_list.some(event, A_PAGE, (page - 1) * A_PAGE), total, page)


async def ids_on_page(event_id: int, wanted: Wanted) -> list[int]:
    """Who stands on a page of the list, by their ids."""
    people = await directory.of(event_id)
    return _page(people, _found(people, wanted), wanted.page)[1]


def _found(people: Directory, wanted: Wanted) -> Sequence[int]:
    chosen = Chosen(wanted.state, wanted.kind, wanted.sort, wanted.withdrawn_last, wanted.also)
    return people.places(chosen, fold(wanted.text[:LONGEST_TEXT]).split(), by_email=wanted.by_email)


def _page(people: Directory, found: Sequence[int], wanted: int) -> tuple[int, list[int]]:
    """Its number, the last one if there are not so many, and the ids of who stands on it."""
    page = min(max(1, wanted), max(1, -(-len(found) // A_PAGE)))
    return page, people.ids(found[(page - 1) * A_PAGE : page * A_PAGE])
