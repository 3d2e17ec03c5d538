"""The list of everyone who ever asked for a place, whatever their state: searched, filtered, sorted, in pages."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit.audit import Action
from events.event import Event
from events.ground.database import find_rows, is_postgres, places, query
from registrations.codes import ticket_code
from registrations.people.registration import OrganisationKind, Registration, State, fold
from registrations.tickets.ticket import ticket_of_reference

A_PAGE = 50
FEW = 1000  # so many are read at once, counted and sorted; of more, only a page is read, in the order of an index
LONGEST_TEXT = 100


class Sort(StrEnum):
    NAME = "name"
    ORGANISATION = "organisation"
    NEWEST = "newest"
    OLDEST = "oldest"


class Order(NamedTuple):
    """By this and then by id, as an index has it (registrations/migrations): so a page is found from the row beside it,
    however many come before."""

    by: str
    falling: bool = False


ORDERS = {
    Sort.NAME: Order("search"),
    Sort.ORGANISATION: Order("lower(organisation)"),
    Sort.NEWEST: Order("requested_at", falling=True),
    Sort.OLDEST: Order("requested_at"),
}


class Wanted(NamedTuple):
    text: str = ""
    state: State | None = None
    kind: OrganisationKind | None = None
    sort: Sort = Sort.NAME
    page: int = 1
    by_email: bool = True  # whoever sees no email addresses finds nobody by one
    withdrawn_last: bool = False  # those whose approval was taken back, after all others
    after: int = 0  # the last person of the page before this one
    before: int = 0  # or the first person of the page after it


class Found(NamedTuple):
    people: list[Registration]
    total: int | None  # None: more than FEW
    page: int
    more: bool = False  # there is a page after this one

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // A_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * A_PAGE + 1 if self.people else 0

    @property
    def last(self) -> int:
        return self.first + len(self.people) - 1 if self.people else 0

    @property
    def many(self) -> str:
        """How many there are in all, in words."""
        return f"more than {FEW:,}" if self.total is None else str(self.total)

    @property
    def following(self) -> str:
        """Where the page after this one is, as a query string has it; nothing on the last one."""
        return f"page={self.page + 1}{self._beside('after', -1)}" if self.more else ""

    @property
    def previous(self) -> str:
        return f"page={self.page - 1}{self._beside('before', 0)}" if self.page > 1 else ""

    def _beside(self, name: str, which: int) -> str:
        return f"&{name}={self.people[which].id}" if self.total is None else ""


NOBODY = Found([], 0, 1)


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
    results = found.many if found.total is None else found.total
    chosen = {"state": wanted.state or "", "kind": wanted.kind or "", "sort": wanted.sort.value}
    return {**chosen, "letters": len(wanted.text), "results": results, "page": found.page}


async def find(event_id: int, wanted: Wanted) -> Found:
    """Everyone who has each of the words in their name, address or organisation. A whole reference finds its owner.

    A few people are counted exactly. With more, every page costs the same.
    """
    reference = ticket_code.normal_reference(wanted.text)
    ticket = await ticket_of_reference(event_id, reference) if reference else None
    if ticket is not None:
        return Found([ticket.registration], 1, 1)
    few = await _of_few(event_id, wanted)
    return few if few is not None else await _of_many(event_id, wanted)


OF_FEW = """WITH few AS MATERIALIZED (SELECT id FROM registration WHERE {where} LIMIT {most} + 1),
    counted AS MATERIALIZED (SELECT count(*) AS total FROM few),
    page AS MATERIALIZED (SELECT id FROM registration
        WHERE id IN (SELECT id FROM few) AND (SELECT total FROM counted) <= {most} ORDER BY {order} LIMIT {page}
        OFFSET (SELECT CASE WHEN ? < total THEN ? ELSE (total - 1) / {page} * {page} END FROM counted))
    SELECT {columns}, counted.total
    FROM counted LEFT JOIN registration person ON person.id IN (SELECT id FROM page) ORDER BY {order}"""


async def ids_on_page(event_id: int, wanted: Wanted) -> list[int]:
    """Who stands on a page of the list, by their ids: a tenth of the work where nobody is shown."""
    rows = await _rows_of_few(event_id, wanted, "person.id")
    if rows[0]["total"] > FEW:
        return [person.id for person in (await _of_many(event_id, wanted)).people]
    return [row["id"] for row in rows if row["id"] is not None]


async def _rows_of_few(event_id: int, wanted: Wanted, columns: str) -> list[dict[str, Any]]:
    """A single row without a person where there are more than FEW."""
    where, values = _narrowed(event_id, wanted)
    before = (max(1, wanted.page) - 1) * A_PAGE
    order = _order(wanted._replace(before=0))
    sql = OF_FEW.format(columns=columns, where=where, order=order, most=FEW, page=A_PAGE)
    return await query(sql, [*values, before, before])


async def _of_few(event_id: int, wanted: Wanted) -> Found | None:
    """None where there are more than FEW."""
    rows = await _rows_of_few(event_id, wanted, "person.*")
    before = (max(1, wanted.page) - 1) * A_PAGE
    total: int = rows[0]["total"]
    if total > FEW:
        return None
    people = [Registration._init_from_db(**row) for row in rows if row["id"] is not None]
    page = min(before // A_PAGE + 1, max(1, -(-total // A_PAGE)))
    return Found(people, total, page, more=page * A_PAGE < total)


async def _of_many(event_id: int, wanted: Wanted) -> Found:
    """From the row beside the page; where none is named, or it is gone, from the first, past all the pages before."""
    where, values = _narrowed(event_id, wanted, in_order=True)
    page, beside = max(1, wanted.page), await _keys_beside(event_id, wanted)
    if beside:
        where, values = f"{where} AND {_past(wanted)}", [*values, *beside]
    offset = 0 if beside else (page - 1) * A_PAGE
    rest = f"WHERE {where} ORDER BY {_order(wanted)} LIMIT ? OFFSET ?"
    sql = f"SELECT * FROM registration WHERE id IN (SELECT id FROM registration {rest}) ORDER BY {_order(wanted)}"  # noqa: S608
    shown = await find_rows(Registration, sql, [*values, A_PAGE + 1, offset])
    if not shown or (wanted.before and len(shown) < A_PAGE):  # nothing there, or not a whole page: so it is the first
        return await _of_many(event_id, wanted._replace(page=1, after=0, before=0)) if page > 1 else NOBODY
    more, shown = len(shown) > A_PAGE, shown[:A_PAGE]
    return Found(shown[::-1] if wanted.before else shown, None, page, bool(wanted.before) or more)


def _keys(wanted: Wanted) -> tuple[str, ...]:
    """What the list is sorted by, all of it rising or all of it falling."""
    order = ORDERS[wanted.sort]
    withdrawn = f"(CASE WHEN withdrawn_at IS {'' if order.falling else 'NOT '}NULL THEN 1 ELSE 0 END)"
    return (withdrawn, order.by, "id") if wanted.withdrawn_last else (order.by, "id")


def _falls(wanted: Wanted) -> bool:
    return ORDERS[wanted.sort].falling is not bool(wanted.before)


def _order(wanted: Wanted) -> str:
    return ", ".join(f"{key} DESC" if _falls(wanted) else key for key in _keys(wanted))


def _past(wanted: Wanted) -> str:
    keys = _keys(wanted)
    return f"({', '.join(keys)}) {'<' if _falls(wanted) else '>'} ({places(len(keys))})"


async def _keys_beside(event_id: int, wanted: Wanted) -> list[object]:
    """Of the row beside the page."""
    if not (id_ := wanted.after or wanted.before):
        return []
    keys = ", ".join(f"{key} AS key{n}" for n, key in enumerate(_keys(wanted)))
    rows = await query(f"SELECT {keys} FROM registration WHERE id = ? AND event_id = ?", [id_, event_id])  # noqa: S608
    return list(rows[0].values()) if rows else []


def _narrowed(event_id: int, wanted: Wanted, *, in_order: bool = False) -> tuple[str, list[object]]:
    """The SQL condition and its values. What people typed is only ever in the values, never in the condition."""
    conditions, values = zip(("event_id = ?", event_id), *_conditions(wanted, in_order), strict=False)
    return " AND ".join(conditions), list(values)


def _conditions(wanted: Wanted, in_order: bool) -> Iterator[tuple[str, object]]:
    """By state alone there is an index; all else reads the narrow index of the search from end to end, or that of the
    order, so that has to be chosen whatever the state: an expression is no column of another index."""
    words = fold(wanted.text[:LONGEST_TEXT]).split()
    equals = "{0} || '' = ?" if words or wanted.kind or in_order else "{0} = ?"
    searched = "search" if wanted.by_email else "replace(search, email, '')"
    for word in words:
        yield f"{'strpos' if is_postgres() else 'instr'}({searched}, ?) > 0", word
    if wanted.state:
        yield equals.format("state"), wanted.state.value
    else:
        yield "search || '' > ?", ""  # of the others, those whose details are deleted are no more than a number
    if wanted.kind:
        yield equals.format("kind"), wanted.kind.value
