"""Reading about people at the desk: every page is an entry without a name, and the leads hear of odd reading."""

import asyncio
from datetime import datetime, timedelta

import pytest

from events.accounts import reading
from events.accounts.reading import AT_MOST, PAGES, PEOPLE, READING_LOCK, SLOW_DOWN, Page
from events.accounts.staff import Role, RoleName, Staff
from events.accounts.staff_emails import WRITERS
from events.audit.action import Action
from events.audit.audit import AuditEntry, Deed, Detail
from events.event import Event
from events.ground import clock, limits, source
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused
from events.mail.outbox import Message
from tests.mail_reading import assert_it_reads_well, text_of, written
from tests.people import MONDAY, a_member_of_staff, an_event, queued

NOON = MONDAY + timedelta(hours=3)


async def pages(event: Event, by: Staff, number: int, at: datetime = NOON, real: datetime | None = None) -> None:
    for n in range(number):
        await reading.listed(event, "people", [n + 1], by=by, at=at, real=real or clock.real())


async def people(event: Event, by: Staff, number: int) -> None:
    for _ in range(number):
        await reading.looked_at(event, event, by=by, at=NOON, real=clock.real())


async def alerts() -> list[str]:
    """What the leads are told, in words."""
    emails = [
        await written(WRITERS["lead_alert"], message)
        for message in await Message.filter(template="lead_alert").order_by("id")
    ]
    return [text_of(email) for email in emails if email is not None]


async def test_a_page_of_a_list_is_an_entry_with_filter_count_and_ids(event: Event, omar: Staff) -> None:
    await reading.listed(
        event, "people", [3, 4], by=omar, at=NOON, real=clock.real(), filters={"state": "approved", "results": 2}
    )
    entry = await AuditEntry.get()
    assert (entry.action, entry.actor, entry.event_id) == (Action.LISTED, omar.actor, event.id)
    assert entry.details == {"list": "people", "ids": [3, 4], "state": "approved", "results": 2}


async def test_who_pages_through_the_list_is_told_of_to_each_lead_once(event: Event, lena: Staff, omar: Staff) -> None:
    nora = await a_member_of_staff("Nora Next", "nora@hosts.example.org", event, RoleName.LEAD)
    await pages(event, omar, PAGES.tries)
    assert await queued() == []
    await pages(event, omar, 30)
    assert await queued() == [("lead_alert", lena.id), ("lead_alert", nora.id)]
    text = (await alerts())[0]
    assert "Omar Organiser read more than people usually do, or at night." in text
    assert f"Now: More than {PAGES.tries} pages of lists in an hour" in text


async def test_a_new_spell_is_told_of_again(event: Event, lena: Staff, omar: Staff) -> None:
    real = clock.real()
    await pages(event, omar, PAGES.tries + 1, real=real)
    await pages(event, omar, PAGES.tries + 1, real=real + timedelta(hours=25))
    assert await queued() == [("lead_alert", lena.id)] * 2


async def test_who_opens_many_people_is_told_of(event: Event, lena: Staff, omar: Staff) -> None:
    await people(event, omar, PEOPLE.tries)
    assert await queued() == []
    await people(event, omar, 1)
    assert await queued() == [("lead_alert", lena.id)]


@pytest.mark.parametrize(("hour", "is_told"), [(21, False), (22, True), (3, True), (5, True), (6, False)])
async def test_reading_at_night_is_told_of(event: Event, lena: Staff, omar: Staff, hour: int, is_told: bool) -> None:
    await pages(event, omar, 3, at=clock.at_venue(MONDAY.date(), hour, 0))
    assert await queued() == ([("lead_alert", lena.id)] if is_told else [])


async def takes(event: Event, by: Staff, lines: int, real: datetime) -> None:
    facts: dict[str, Detail] = {"kind": "contacts", "number": lines}
    await reading.exported(event, event, facts, lines=lines, file=f"{lines} lines", by=by, at=NOON, real=real)


async def test_a_file_of_more_people_than_anybody_opens_is_told_of_at_once_and_once_an_hour(
    event: Event, lena: Staff, omar: Staff
) -> None:
    real = clock.real()
    for _ in range(2):
        await takes(event, omar, PEOPLE.tries, real)
    assert await queued() == []
    for later in (0, 0, 2):
        await takes(event, omar, PEOPLE.tries + 1, real + timedelta(hours=later))
    assert await queued() == [("lead_alert", lena.id)] * 2
    assert "Now: A file to take away: 121 lines" in (await alerts())[0]
    assert [entry.details["pages"] for entry in await AuditEntry.filter(action=Action.EXPORTED)] == [3] * 5


async def test_a_file_counts_as_the_pages_that_its_lines_would_fill(event: Event, lena: Staff, omar: Staff) -> None:
    real = clock.real()
    await takes(event, omar, 50 * PAGES.tries, real)
    assert await limits.left(AT_MOST, str(omar.id), real) == AT_MOST.tries - PAGES.tries
    await pages(event, omar, 1, real=real)
    text = (await alerts())[1]
    assert f"Now: More than {PAGES.tries} pages of lists in an hour" in text
    await takes(event, omar, 200_000, real)
    assert await limits.left(AT_MOST, str(omar.id), real) > 400, "whoever takes a large file can go on working"


async def test_an_empty_list_tells_nobody_anything(event: Event, lena: Staff, omar: Staff) -> None:
    await reading.listed(event, "email", [], by=omar, at=clock.at_venue(MONDAY.date(), 3, 0), real=clock.real())
    assert await AuditEntry.filter(action=Action.LISTED).count() == 1
    assert await queued() == []


async def test_nobody_reads_more_than_a_thousand_pages_an_hour(event: Event, omar: Staff) -> None:
    real = clock.real()
    for _ in range(AT_MOST.tries - 1):
        await limits.count(AT_MOST, str(omar.id), real)
    await pages(event, omar, 1, real=real)
    with pytest.raises(Refused, match=SLOW_DOWN):
        await pages(event, omar, 1, real=real)
    assert await AuditEntry.filter(action=Action.LISTED).count() == 1


async def test_pages_that_are_opened_at_once_are_an_entry_each_from_where_each_was_opened(
    event: Event, lena: Staff, omar: Staff
) -> None:
    readers = [omar, lena, omar, lena, omar, omar]

    async def opens(n: int) -> None:
        source.note(f"10.0.0.{n}")
        await reading.listed(event, "people", [n], by=readers[n], at=NOON, real=clock.real())

    await asyncio.gather(*map(opens, range(len(readers))))
    entries = {entry.details["ids"][0]: entry for entry in await AuditEntry.all()}
    assert {n: entry.actor for n, entry in entries.items()} == {n: by.actor for n, by in enumerate(readers)}
    assert len({entry.source for entry in entries.values()} - {""}) == len(readers)
    source.note("10.0.0.4")
    assert entries[4].source == source.hashed()


async def test_who_opens_too_many_at_once_is_refused_and_nobody_else(event: Event, lena: Staff, omar: Staff) -> None:
    real = clock.real()
    for _ in range(AT_MOST.tries - 2):
        await limits.count(AT_MOST, str(omar.id), real)
    readers = [omar, omar, lena, omar, lena, omar]
    opened = [
        reading.looked_at(event, event, by=by, at=NOON, real=real)
        if n % 2
        else reading.listed(event, "people", [n], by=by, at=NOON, real=real)
        for n, by in enumerate(readers)
    ]
    told = await asyncio.gather(*opened, return_exceptions=True)
    assert [isinstance(answer, Refused) for answer in told] == [False, False, False, True, False, True]
    assert sorted([entry.actor for entry in await AuditEntry.all()]) == sorted([omar.actor, lena.actor] * 2)


async def test_of_many_pages_at_once_the_leads_are_told_once(event: Event, lena: Staff, omar: Staff) -> None:
    await pages(event, omar, PAGES.tries - 2)
    source.note("10.0.0.7")
    await asyncio.gather(*(pages(event, omar, 1) for _ in range(6)))
    assert await queued() == [("lead_alert", lena.id)]
    [odd] = await AuditEntry.filter(action=Action.READ_ODDLY)
    assert (odd.actor, odd.event_id, odd.details["many"], odd.source) == (omar.actor, event.id, True, source.hashed())
    assert await AuditEntry.filter(action=Action.LISTED).count() == PAGES.tries + 4


async def test_servers_that_record_at_once_count_everybody_and_none_waits_for_ever(
    event: Event, lena: Staff, omar: Staff
) -> None:
    """Each writes in a transaction of its own, as other processes do."""
    at_night = clock.at_venue(MONDAY.date(), 3, 0)
    real = clock.real()

    async def server(n: int) -> None:
        seen = [
            Page(Deed(Action.LISTED, event, {"ids": [n]}, by, at_night, event.id, ""), by, real, limit, "pages")
            for by, limit in ((omar, PAGES), (lena, PEOPLE), (omar, PEOPLE))[:: 1 if n % 2 else -1]
        ]
        await run_tx(reading._record_all)(seen)

    await asyncio.gather(*map(server, range(8)))
    assert [await limits.left(AT_MOST, str(by.id), real) for by in (omar, lena)] == [
        AT_MOST.tries - 16,
        AT_MOST.tries - 8,
    ]
    assert await AuditEntry.filter(action=Action.LISTED).count() == 24
    assert await queued() == [("lead_alert", lena.id)] * 2, "one of each spell"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one writer anyway
async def test_of_two_servers_one_waits_before_it_counts(database: Database, event: Event, omar: Staff) -> None:
    """Who has counted by one limit already may need what the other one has counted by next."""
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def another_server() -> None:
        await query("SELECT pg_advisory_xact_lock(?)", [READING_LOCK])
        holds.set()
        await may_end.wait()

    other = asyncio.ensure_future(run_tx(another_server)())
    await holds.wait()
    reads = asyncio.create_task(pages(event, omar, 1))
    async with asyncio.timeout(60):
        while not reads.done() and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not reads.done()
    assert await limits.left(AT_MOST, str(omar.id), clock.real()) == AT_MOST.tries
    may_end.set()
    await asyncio.gather(other, reads)
    assert await limits.left(AT_MOST, str(omar.id), clock.real()) == AT_MOST.tries - 1


async def test_the_email_of_odd_reading_reads_well_and_goes_to_leads_of_that_event_alone(
    event: Event, lena: Staff, omar: Staff
) -> None:
    await a_member_of_staff("Eve Else", "eve@hosts.example.org", await an_event(), RoleName.LEAD)
    await pages(event, omar, PAGES.tries + 1)
    [message] = await Message.all()
    email = await written(WRITERS["lead_alert"], message)
    assert email is not None
    assert_it_reads_well(email)
    await Role.filter(staff=lena).delete()
    assert await written(WRITERS["lead_alert"], message) is None, "who leads the event no more is told nothing of it"
