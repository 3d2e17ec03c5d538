"""The whole guest list: built once for all phones of a door that want it, and never kept beyond its version."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.checkin import checkin
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import guest_list, list_rows, whole_list
from registrations.phones.door import Device
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import THE_DAY, Person, a_door, a_room, confirmed, someone
from tests.registrations.phones.list_reading import LATER, of_number, read_blob
from tests.waiting import WITHIN

pytestmark = pytest.mark.usefixtures("the_day")


class Builds:
    """How often the rows of a whole list were read; a build waits while `go_on` is not set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.begun, self.go_on, self.asks = asyncio.Event(), asyncio.Event(), asyncio.Semaphore(0)
        self.go_on.set()
        real = list_rows.rows_where

        async def rows_where(device: Device, which: str, *values: int) -> list[dict[str, Any]]:
            first = which.startswith("t.n BETWEEN") and values[0] == 1
            self.count += first
            rows = await real(device, which, *values)
            if first:
                self.begun.set()
                await self.go_on.wait()
            return rows

        build_for = whole_list._build_for

        def asked(device: Device, event: Event, at: datetime) -> whole_list.Build:
            self.asks.release()
            return build_for(device, event, at)

        monkeypatch.setattr(list_rows, "rows_where", rows_where)
        monkeypatch.setattr(whole_list, "_build_for", asked)

    async def are_wanted(self, times: int) -> None:
        """Waits until a list was asked for so often."""
        async with asyncio.timeout(WITHIN):
            for _ in range(times):
                await self.asks.acquire()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    return Builds(monkeypatch)


async def test_thirty_phones_at_once_are_sent_the_bytes_of_one_build(
    event: Event, sid: Device, ada: Person, builds: Builds
) -> None:
    await a_ticket(ada, event)
    blobs = await asyncio.gather(*(guest_list.since(sid, 0, LATER) for _ in range(30)))
    assert (len(set(blobs)), builds.count) == (1, 1)
    assert await guest_list.since(sid, 0, LATER) == blobs[0]
    assert builds.count == 1


async def test_a_list_is_built_anew_for_another_version_and_for_a_room_and_once_for_all_entrances(
    event: Event, sid: Device, ada: Person, builds: Builds
) -> None:
    ticket = await a_ticket(ada, event)
    before = read_blob(await guest_list.since(sid, 0, LATER))
    await checkin.settle([await scan_of(ticket)], sid, LATER)
    after = read_blob(await guest_list.since(sid, 0, LATER))
    side, workshop = await a_phone_at(await a_door(event, "Side door")), await a_phone_at(await a_room(event))
    beside, there = [read_blob(await guest_list.since(phone, 0, LATER)) for phone in (side, workshop)]
    seen = [await of_number(event, ticket.n, blob) or {} for blob in (before, after, beside, there)]
    assert ([("i" in record) for record in seen], builds.count) == ([False, True, True, False], 3)


async def test_who_asks_while_a_list_is_built_gets_it_under_its_own_version_and_misses_nothing(
    event: Event, sid: Device, ada: Person, bo: Person, omar: Staff, builds: Builds
) -> None:
    await a_ticket(ada, event)
    asked = await confirmed(bo, event)
    builds.go_on.clear()
    first = asyncio.create_task(guest_list.since(sid, 0, THE_DAY))
    await builds.begun.wait()
    ticket = await vetting.approve(asked, omar, LATER)
    second = asyncio.create_task(guest_list.since(sid, 0, LATER))
    await builds.are_wanted(2)
    builds.go_on.set()
    had, same = read_blob(await first), read_blob(await second)
    assert (had, builds.count) == (same, 1)
    assert had.made_at == THE_DAY.timestamp() * 1000, "its rows may be as old as that"
    news = read_blob(await guest_list.since(sid, same.version, LATER))
    assert (await of_number(event, ticket.n, news) or {})["n"] == bo.name


async def test_more_places_while_a_list_is_built_mean_another_one(
    event: Event, sid: Device, ada: Person, omar: Staff, builds: Builds
) -> None:
    await a_ticket(ada, event)
    builds.go_on.clear()
    first = asyncio.create_task(guest_list.since(sid, 0, LATER))
    await builds.begun.wait()
    await event_changes.change(await Event.get(id=event.id), {"capacity": 150}, by=omar, at=LATER, real=clock.real())
    second = asyncio.create_task(guest_list.since(sid, 0, LATER))
    await builds.are_wanted(2)
    builds.go_on.set()
    assert [len(read_blob(await task).rows) for task in (first, second)] == [170, 200]


async def test_a_phone_that_hangs_up_takes_the_list_from_nobody(
    event: Event, sid: Device, ada: Person, builds: Builds
) -> None:
    await a_ticket(ada, event)
    builds.go_on.clear()
    first, second = (asyncio.create_task(guest_list.since(sid, 0, LATER)) for _ in range(2))
    await builds.begun.wait()
    first.cancel()
    builds.go_on.set()
    assert (len(read_blob(await second).rows), builds.count) == (170, 1)


async def test_a_build_that_fails_fails_for_those_who_wait_and_the_next_one_is_tried(
    event: Event, sid: Device, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_ticket(ada, event)

    async def fails(*_: object) -> list[dict[str, Any]]:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(list_rows, "rows_where", fails)
        with pytest.raises(OSError, match="the disk is gone"):
            await guest_list.since(sid, 0, LATER)
    assert len(read_blob(await guest_list.since(sid, 0, LATER)).rows) == 170


async def test_a_list_read_in_parts_has_every_ticket_once(
    event: Event, sid: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_list, "A_PART", 3)
    tickets = [await a_ticket(someone(), event) for _ in range(10)]
    blob = read_blob(await guest_list.since(sid, 0, LATER))
    names = {(await of_number(event, ticket.n, blob) or {})["n"] for ticket in tickets}
    assert len(blob.rows) == 170
    assert names == {person.full_name for person in await Registration.all()}
    assert await Registration.all().count() == 10


async def test_a_ticket_given_out_since_the_event_was_read_has_one_row_and_it_is_its_own(
    event: Event, sid: Device, ada: Person
) -> None:
    before = await Event.get(id=event.id)
    ticket = await a_ticket(ada, event)
    blob = read_blob(await whole_list._blob(sid, before, LATER))
    assert before.next_n <= ticket.n, "so it is one of those in reserve"
    assert (len(blob.rows), (await of_number(event, ticket.n, blob) or {})["n"]) == (170, ada.name)


async def test_no_list_is_kept_for_longer_than_the_rush(
    event: Event, sid: Device, ada: Person, builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the same version is kept until then, the first test here says."""
    forget, forgotten = whole_list._forget, asyncio.Semaphore(0)

    def forgets(*given: Any) -> None:
        forget(*given)
        forgotten.release()

    monkeypatch.setattr(whole_list, "KEPT_FOR", 0.0)
    monkeypatch.setattr(whole_list, "_forget", forgets)
    await a_ticket(ada, event)
    for _ in range(2):
        await guest_list.since(sid, 0, LATER)
        await asyncio.wait_for(forgotten.acquire(), WITHIN)
    assert builds.count == 2
