"""Who reads about people at the desk, and how much: each page is an entry; leads hear of odd reading (SE-12, SE-20).

`at` is the event's time; `real` is the machine's, by which pages are counted. Pages that are opened at the same time
share a transaction, and none of them is shown before it is committed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise.models import Model

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Deed, Detail
from events.event import Event
from events.ground import clock, source
from events.ground.batching import batched
from events.ground.database import advisory_lock, run_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Tally
from events.ground.limits import Limit
from events.ground.refusal import Refused

from .staff import Staff

PAGES = Limit("pages of lists read by one person", 60, timedelta(hours=1))
PEOPLE = Limit("people looked at by one person", 120, timedelta(hours=1))
AT_MOST = Limit("pages about people for one person", 1000, timedelta(hours=1))
SPELL = Limit("alerts about one person's reading", 1, timedelta(hours=12))
FILES_TOLD = Limit("alerts about files that one person takes", 1, timedelta(hours=1))
COUNTED = (PAGES, PEOPLE, AT_MOST, SPELL, FILES_TOLD)
LINES_A_PAGE = 50  # of a file: as many as a page of a list shows
FILE_AT_MOST = AT_MOST.tries // 2  # pages that one file counts as, so that whoever takes it can go on working
NIGHT_FROM, NIGHT_UNTIL = 22, 6  # hours at the venue
MOST_TOGETHER = 20  # pages; each of a list brings fifty ids along
READING_LOCK = 8415_2022  # the number of PostgreSQL's advisory lock
SLOW_DOWN = "You have opened very many pages about people in the last hour. Wait a while, then go on."


class Page(NamedTuple):
    """One page about people, as it waits with others for the same transaction."""

    deed: Deed
    by: Staff
    real: datetime
    limit: Limit | None  # of what is more than people usually read; None: nobody stands on it
    what: str  # the limit counts
    number: int = 1  # of pages that it counts as
    file: str = ""  # what a file of many people holds, in words that name nobody: the leads are told of it


class Reading(NamedTuple):
    """Whether somebody may read on, and whether the leads are to be told: of how much, or of when."""

    is_within_reason: bool = True
    is_odd: bool = False
    is_much: bool = False
    is_file: bool = False  # of many people, of which the leads are to be told


async def listed(
    event: Event, name: str, ids: Iterable[int], *, by: Staff, at: datetime, real: datetime,
    action: Action = Action.LISTED, filters: Mapping[str, str | int] | None = None,
) -> None:  # fmt: skip
    """Records that a page of this list was shown, with these people on it. `filters` hold nothing that was typed.

    Raises Refused when this person has opened more in an hour than anybody can read.
    """
    shown = list(ids)
    details = {"list": name, "ids": shown, **(filters or {})}
    await _record(Deed(action, event, details, by, at, event.id, ""), by, real, PAGES if shown else None)


async def waited_on(event: Event, name: str, ids: Iterable[int], *, by: Staff, at: datetime, real: datetime) -> None:
    """As `listed`, of a list that somebody keeps open while they work it off: reading it again and again is not odd."""
    deed = Deed(Action.LISTED, event, {"list": name, "ids": list(ids)}, by, at, event.id, "")
    await _record(deed, by, real, None)


async def needs_read(event: Event, name: str, number: int, *, by: Staff, at: datetime, real: datetime) -> None:
    """Records that this list of what guests need was shown, with so many people on it. It says not who they are: that
    somebody stands on it tells something of their health. Raises Refused as `listed` does."""
    deed = Deed(Action.NEEDS_READ, event, {"list": name, "number": number}, by, at, event.id, "")
    await _record(deed, by, real, PAGES if number else None)


async def printed(
    event: Event, sheet: Model, facts: Mapping[str, str | int], *, by: Staff, at: datetime, real: datetime
) -> None:
    """Records that a list was printed, and how long it is. It says not who stands on it. Raises Refused as `listed`
    does."""
    await _record(Deed(Action.SHEET_PRINTED, sheet, dict(facts), by, at, event.id, ""), by, real, PAGES)


async def exported(
    event: Event, export: Model, facts: Mapping[str, Detail], *, lines: int, file: str, by: Staff, at: datetime,
    real: datetime,
) -> None:  # fmt: skip
    """Records that somebody asked for a file, and which columns it has; never who is in it. Raises Refused as `listed`
    does.

    `lines`: those that say whose they are, which count as pages of a list do. `file`: what it holds, in words that name
    nobody; with so many lines as nobody reads in an hour the leads are told it.
    """
    pages = max(1, -(-lines // LINES_A_PAGE))
    deed = Deed(Action.EXPORTED, export, {**facts, "pages": pages}, by, at, event.id, "")
    told = file if lines > PEOPLE.tries else ""
    await _record(deed, by, real, PAGES, number=min(pages, FILE_AT_MOST), file=told)


async def looked_at(
    person: Model, event: Event, *, by: Staff, at: datetime, real: datetime, action: Action = Action.VIEWED
) -> None:
    """Records that one person's details, or what somebody wrote, were shown. Raises Refused as `listed` does."""
    await _record(Deed(action, person, {}, by, at, event.id, ""), by, real, PEOPLE, "people")


@run_tx
async def looked_at_log(event: Event, rows: int, *, filtered: bool, by: Staff, at: datetime) -> None:
    """A page of the audit log was shown; what was typed into its filter is kept nowhere."""
    await audit.record(Action.AUDIT_VIEWED, event, by=by, at=at, event_id=event.id, rows=rows, filtered=filtered)


@run_tx
async def looked_at_reads(event: Event, rows: int, *, days: int, by: Staff, at: datetime) -> None:
    """Records that the page was shown which says who read how much."""
    await audit.record(Action.READS_VIEWED, event, by=by, at=at, event_id=event.id, rows=rows, days=days)


async def _record(
    deed: Deed, by: Staff, real: datetime, limit: Limit | None, what: str = "pages of lists", number: int = 1,
    file: str = "",
) -> None:  # fmt: skip
    """The entry comes from the network of this request, which none of those that share the transaction knows."""
    [told] = await _record_together([Page(deed._replace(source=source.hashed()), by, real, limit, what, number, file)])
    if not told.is_within_reason:
        raise Refused(SLOW_DOWN, 429, 3600)


async def _record_all(pages: Sequence[Page]) -> list[Reading]:
    """Whoever is refused has no entry, and all others have theirs."""
    await advisory_lock(
        READING_LOCK
    )  # each counts by several rows, of which two could hold what the other counts by next
    counted = [
        (limit, str(page.by.id))
        for page in pages
        for limit in (AT_MOST, page.limit, SPELL, FILES_TOLD)
        if limit is not None
    ]
    told = await tallying.together(counted, lambda tally: [_counted(tally, page) for page in pages])
    shown = [page for page, reading in zip(pages, told, strict=True) if reading.is_within_reason]
    if shown:
        await audit.record_each([page.deed for page in shown])
    for page, reading in zip(pages, told, strict=True):
        if reading.is_odd or reading.is_file:
            await _alert(page, reading)
    return told


_record_together = batched(_record_all, MOST_TOGETHER)


def _counted(tally: Tally, page: Page) -> Reading:
    """Leads are told once for each spell of odd reading, and not again for half a day; of files once an hour."""
    by = str(page.by.id)
    if not _within(tally, AT_MOST, page):
        return Reading(is_within_reason=False)
    is_much = page.limit is not None and _within(tally, page.limit, page) < page.number
    if page.file and tally.count(FILES_TOLD, by, page.real):
        return Reading(is_file=True)
    is_odd = is_much or (page.limit is not None and is_night(page.deed.at))
    return Reading(is_odd=is_odd and tally.count(SPELL, by, page.real), is_much=is_much)


def _within(tally: Tally, limit: Limit, page: Page) -> int:
    """Counts each of its pages, and returns how many were within the limit."""
    return sum(tally.count(limit, str(page.by.id), page.real) for _ in range(page.number))


async def _alert(page: Page, reading: Reading) -> None:
    limit, at = page.limit or PAGES, page.deed.at
    why = f"At {clock.time_words(at)}, out of hours"
    if reading.is_file:
        why = f"A file to take away: {page.file}"
    elif reading.is_much:
        why = f"More than {limit.tries} {page.what} in an hour"
    details = {"many": reading.is_much or reading.is_file}
    odd = page.deed._replace(action=Action.READ_ODDLY, subject=None, details=details)
    await audit.record_deed_and_alert(odd, old={}, new={"What was noticed": why})


def is_night(at: datetime) -> bool:
    hour = clock.local(at).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL
