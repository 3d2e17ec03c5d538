"""What is kept, and how long, is one list: the turn, the documents, the notice and the tables follow from it.

Rules: DP-07.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from events.event import Event
from events.ground import clock, keeping
from events.ground.database import Database, query
from events.ground.keeping import Period, span
from events.ground.personal import declared, declared_in
from events.mail.outbox import LAST
from registrations.people.person import NAMED, NOT_OFFERED, UNCONFIRMED
from registrations.people.person import Person as Told
from registrations.people.registration import Registration
from registrations.privacy.cases.case import KEPT as CASE_KEPT
from registrations.privacy.retention import deleting, rows
from registrations.privacy.retention.classes import BY_CODE, CLASSES, CLOSED
from registrations.privacy.retention.deletion import Deletion
from registrations.privacy.retention.kept import Gone, Kept
from registrations.privacy.retention.stays import STAYS
from tests.browser import browsing, words
from tests.people import MONDAY, requested, someone
from tests.registrations.privacy.retention.going import went
from tests.tables import models

THREE_DAYS_ON = MONDAY + UNCONFIRMED.time


def test_each_class_is_counted_under_a_code_of_its_own() -> None:
    assert len(BY_CODE) == len(CLASSES)
    assert max(map(len, BY_CODE)) <= 20, "the column holds no more"


def test_every_table_is_of_a_class_or_said_to_stay() -> None:
    tables = {model._meta.db_table for model in models()}
    follow = {
        "link_answers": "links",
        "audit_seal": "audit",
        "bulk_person": "bulk_acts",
    }  # go with the rows of another table
    of_classes = {kept.rows.table for kept in CLASSES} | {table for table, code in follow.items() if code in BY_CODE}
    assert tables - of_classes - set(STAYS) == set(), (
        "add a class to classes.CLASSES, or say in stays.STAYS why it stays"
    )
    assert set(STAYS) & of_classes == {"event"}, "it cannot stay and go; of an event a part goes"
    assert (of_classes | set(STAYS)) - tables == set(), "there is no such table"


ALWAYS = {
    "as long as the account",
    "as long as the event",
    "as `registration.public_id`, and then gone with its row",
    LAST.kept,
}


def test_the_time_of_every_personal_column_is_that_of_a_class() -> None:
    """Whoever changes a time changes both, or neither."""
    times = {str(period) for period in (NAMED, NOT_OFFERED, UNCONFIRMED)} | {kept.until for kept in CLASSES}
    columns = {name: said for model in models() for name, said in declared(model).items()} | declared_in(Told)
    said = {name: column.kept for name, column in columns.items()}
    unknown = {name: kept for name, kept in said.items() if not any(time in kept or kept in time for time in times)}
    assert {name: kept for name, kept in unknown.items() if kept not in ALWAYS} == {}
    assert str(CLOSED) == CASE_KEPT


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(days=365), "12 months"),
        (timedelta(days=90), "90 days"),
        (timedelta(days=3), "72 hours"),
        (timedelta(hours=20), "20 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=90), "90 minutes"),
    ],
)
def test_times_are_said_as_people_say_them(time: timedelta, said: str) -> None:
    assert (span(time), str(Period(time, "after the event"))) == (said, f"{said} after the event")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_privacy_notice_tells_each_time(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        notice = words((await client.get("/privacy")).text)
    assert len(keeping.NOTICE) > 8
    assert [line for line in keeping.NOTICE if line not in notice] == []
    assert [kept.code for kept in CLASSES if kept.notice and kept.notice not in notice] == []


async def counted(code: str) -> list[tuple[int | None, int]]:
    """(event, rows) of what went of this class."""
    return [(row.event_id, row.number) for row in await Deletion.filter(kind=code).order_by("id")]


async def test_what_went_is_counted_by_class_and_event_for_good(event: Event) -> None:
    for later in (0, 1, 1):
        await requested(someone(), event, MONDAY + timedelta(hours=later))
    await went("unconfirmed", THREE_DAYS_ON)
    await went("unconfirmed", THREE_DAYS_ON + timedelta(hours=1))
    [row] = await Deletion.all()
    assert (row.event_id, row.kind, row.number) == (event.id, "unconfirmed", 3)
    assert (row.first_at, row.last_at) == (THREE_DAYS_ON, THREE_DAYS_ON + timedelta(hours=1))
    await query("INSERT INTO attempt (subject, slot, tries, ends_at) VALUES ('x', 1, 1, ?)", [clock.real()])
    assert [await went("tries", MONDAY, clock.real() + timedelta(seconds=1)) for _ in range(2)] == [1, 0]
    assert await counted("tries") == [(None, 1)]


async def test_many_turns_at_once_count_each_row_once(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BATCH", 3)
    for _ in range(10):
        await requested(someone(), event)
    gone = await asyncio.gather(*(deleting.turn(THREE_DAYS_ON, clock.real()) for _ in range(3)))
    assert (sum(gone), await counted("unconfirmed")) == (10, [(event.id, 10)])
    assert await Registration.filter(person_sealed__isnull=False).count() == 0


async def test_a_class_that_fails_keeps_no_other_and_is_told_in_the_end(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(kept: Kept, at: object, real: object) -> Gone:
        await Event.filter(id=event.id).update(access_facts="half of it")
        raise RuntimeError(kept.code)

    broken = [replace(kept, delete=fails) if kept.code in ("drafts", "links") else kept for kept in CLASSES]
    monkeypatch.setattr(deleting, "CLASSES", broken)
    await requested(someone(), event)
    with pytest.raises(RuntimeError, match="drafts"):
        await deleting.turn(THREE_DAYS_ON, clock.real())
    assert await counted("unconfirmed") == [(event.id, 1)]
    assert (await Event.get(id=event.id)).access_facts == "", "what it had done is undone"


async def test_a_server_rests_between_batches_and_stops_in_the_middle(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, batches = asyncio.Event(), Counter[str]()

    async def ten_times(kept: Kept, at: object, real: object) -> Gone:
        batches[kept.code] += 1
        if batches.total() == 3:
            stop.set()
        return Gone({None: 1}) if batches[kept.code] < 10 else Gone()

    many = [replace(kept, delete=ten_times) for kept in CLASSES[:2]]
    monkeypatch.setattr(deleting, "CLASSES", many)
    assert (await deleting.turn(MONDAY, clock.real(), stop), batches) == (3, Counter({"drafts": 3}))
    assert await deleting.turn(MONDAY, clock.real()) == 15, "without a server all of them"
