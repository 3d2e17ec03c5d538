"""The list of everyone who ever asked for a place, whatever their state: searched, filtered, sorted, in pages."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit.audit import Action
from events.event import Event
from events.ground.database import is_postgres, query
from registrations.codes import ticket_code
from registrations.people.registration import OrganisationKind, Registration, State, fold
from registrations.tickets.ticket import ticket_of_reference

A_PAGE = 50
FEW = 1000  # so many are read at once and then sorted; of more, the page is soon full when they are walked in order
LONGEST_TEXT = 100


class Sort(StrEnum):
    NAME = "name"
    ORGANISATION = "organisation"
    NEWEST = "newest"
    OLDEST = "oldest"


ORDER = {  # each with an index that keeps this order: registrations/migrations
    Sort.NAME: "search",
    Sort.ORGANISATION: "lower(organisation)",
    Sort.NEWEST: "requested_at DESC",
    Sort.OLDEST: "requested_at",
}


class Wanted(NamedTuple):
    text: str = ""
    state: State | None = None
    kind: OrganisationKind | None = None
    sort: Sort = Sort.NAME
    page: int = 1
    by_email: bool = True  # whoever sees no email addresses finds nobody by one
    withdrawn_last: bool = False  # those whose approval was taken back, after all others


class Found(NamedTuple):
    people: list[Registration]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // A_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * A_PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.people) - 1 if self.total else 0


async def search(event: Event, wanted: Wanted, by: Staff, at: datetime, real: datetime) -> Found:
    """As `find`, and recorded: which filter, how long a text was searched for, never what it was, and who was shown."""
    found = await find(event.id, wanted)
    action = Action.SEARCHED if wanted.text else Action.LISTED
    await reading.listed(
        event, "people", [person.id for person in found.people], by=by, at=at, real=real, action=action,
        filters=filters_of(wanted, found),
    )  # fmt: skip
    return found


def filters_of(wanted: Wanted, found: Found) -> dict[str, str | int]:
    """What was asked for, for an entry of the audit log: of a text only its length."""
    chosen = {"state": wanted.state or "", "kind": wanted.kind or "", "sort": wanted.sort.value}
    return {**chosen, "letters": len(wanted.text), "results": found.total, "page": found.page}


async def find(event_id: int, wanted: Wanted) -> Found:
    """Everyone who has each word in name, address or organisation; or, by a whole reference, the one it belongs to.

    One statement finds the few, however many people there are; only where there are many are they counted apart.
    """
    reference = ticket_code.normal_reference(wanted.text)
    ticket = await ticket_of_reference(event_id, reference) if reference else None
    if ticket is not None:
        return Found([ticket.registration], 1, 1)
    where, values = _narrowed(event_id, wanted)
    some = await _ids(where, values, "LIMIT ?", FEW + 1)
    total = len(some) if len(some) <= FEW else await _count(where, values)
    if total == len(some):
        where, values = f"id IN ({', '.join(map(str, some)) or 'NULL'})", []
    page = min(max(1, wanted.page), max(1, -(-total // A_PAGE)))
    order = ("withdrawn_at IS NOT NULL, " if wanted.withdrawn_last else "") + ORDER[wanted.sort]
    ids = await _ids(where, values, f"ORDER BY {order}, id LIMIT ? OFFSET ?", A_PAGE, (page - 1) * A_PAGE)
    people = {registration.id: registration for registration in await Registration.filter(id__in=ids)} if ids else {}
    return Found([people[one] for one in ids if one in people], total, page)


async def _ids(where: str, values: list[object], rest: str, *more: int) -> list[int]:
    rows = await query(f"SELECT id FROM registration WHERE {where} {rest}", [*values, *more])  # noqa: S608
    return [row["id"] for row in rows]


async def _count(where: str, values: list[object]) -> int:
    return int((await query(f"SELECT count(*) AS n FROM registration WHERE {where}", values))[0]["n"])  # noqa: S608


def _narrowed(event_id: int, wanted: Wanted) -> tuple[str, list[object]]:
    """The condition and its values. All texts go through values; what stands in the condition is ours."""
    conditions, values = zip(("event_id = ?", event_id), *_conditions(wanted), strict=False)
    return " AND ".join(conditions), list(values)


def _conditions(wanted: Wanted) -> Iterator[tuple[str, object]]:
    """By state alone there is an index; all else reads the narrow index of the search from end to end, so that has to
    be chosen whatever the state: an expression is no column of another index."""
    words = fold(wanted.text[:LONGEST_TEXT]).split()
    equals = "{0} || '' = ?" if words or wanted.kind else "{0} = ?"
    searched = "search" if wanted.by_email else "replace(search, email, '')"
    for word in words:
        yield f"{'strpos' if is_postgres() else 'instr'}({searched}, ?) > 0", word
    if wanted.state:
        yield equals.format("state"), wanted.state.value
    else:
        yield "search || '' > ?", ""  # of the others, those whose details are deleted are no more than a number
    if wanted.kind:
        yield equals.format("kind"), wanted.kind.value
