"""The sealed row of somebody who comes with others: it says how many, by marks, and nothing of who they are."""

from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.checkin import checkin
from registrations.deciding import coming_along, vetting
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.phones.together import mark_of
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of, undo_of
from tests.people import Person, a_room
from tests.registrations.coming import a_guest, anew, comes_along, link
from tests.registrations.phones.list_reading import LATER, of_number, read_blob

SOON = LATER + timedelta(minutes=1)


class Reader:
    """A phone that follows its list."""

    def __init__(self, device: Device) -> None:
        self.device, self.version = device, 0

    async def row(self, ticket: Ticket) -> dict[str, Any] | None:
        """As it is told now, in the news alone once there was a whole list. None if it is not among them."""
        blob = read_blob(await guest_list.since(self.device, self.version, LATER))
        self.version = blob.version
        return await of_number(await Event.get(id=self.device.event_id), ticket.n, blob)


async def ticket_of(person: Registration) -> Ticket:
    return await Ticket.get(registration_id=person.id, revoked_at=None)


@pytest.fixture
async def guest(event: Event) -> Registration:
    return await a_guest(event)


async def test_dr36_the_row_has_a_mark_of_who_comes_with_them_and_no_name(
    event: Event, guest: Registration, sid: Device
) -> None:
    companion = await comes_along(
        guest, State.APPROVED, Person("Ina Interpreter", "ina@guests.example.org", "House", "charity", "Interpreter")
    )
    first, second = await ticket_of(guest), await ticket_of(companion)
    rows = [await Reader(sid).row(ticket) for ticket in (first, second)]
    assert [(row or {})["c"] for row in rows] == [mark_of(second.proof_hash), mark_of(first.proof_hash)]
    assert "Ina" not in str(rows[0])
    alone = await ticket_of(await a_guest(event))
    assert "c" not in (await Reader(sid).row(alone) or {})


async def test_dr36_the_news_bring_the_row_anew_when_the_other_one_comes_in_or_is_undone(
    guest: Registration, sid: Device
) -> None:
    second = await ticket_of(await comes_along(guest, State.APPROVED))
    first, reader = await ticket_of(guest), Reader(sid)
    assert "c" in (await reader.row(first) or {})
    entry = await scan_of(second)
    await checkin.settle([entry], sid, LATER)
    row = await reader.row(first)
    assert row is not None
    assert "c" not in row
    await checkin.settle([undo_of(entry)], sid, LATER)
    assert "c" in (await reader.row(first) or {})


async def test_dr36_in_a_room_it_is_who_has_not_been_in_that_room(
    event: Event, guest: Registration, sid: Device
) -> None:
    second = await ticket_of(await comes_along(guest, State.APPROVED))
    await checkin.settle([await scan_of(second)], sid, LATER)
    in_room = await a_phone_at(await a_room(event), "Workshop A 1")
    first = await ticket_of(guest)
    assert ["c" in (await Reader(by).row(first) or {}) for by in (sid, in_room)] == [False, True]


async def test_dr36_the_news_bring_it_when_the_other_one_is_withdrawn_parted_or_joined(
    guest: Registration, sid: Device, omar: Staff
) -> None:
    companions = [await comes_along(guest, State.APPROVED) for _ in range(2)]
    first, reader = await ticket_of(guest), Reader(sid)
    lengths = [len((await reader.row(first) or {})["c"])]
    await vetting.withdraw(await anew(companions[0]), omar, LATER)
    lengths.append(len((await reader.row(first) or {})["c"]))
    await coming_along.unlink(await anew(companions[1]), omar, SOON)
    row = await reader.row(first)
    assert row is not None
    lengths.append(len(row.get("c", "")))
    await link(companions[1], guest)
    assert [*lengths, len((await reader.row(first) or {})["c"])] == [12, 6, 0, 6]


async def test_dr36_marks_make_no_row_longer(event: Event, sid: Device) -> None:
    long = Person("Ngu" + "ễ" * 97, "long@guests.example.org", "Ủ" * 120, "charity", "Advocate", badge_name="界" * 60)
    guest = await a_guest(event)
    companions = [await comes_along(guest, State.APPROVED, long), await comes_along(guest, State.APPROVED)]
    ticket = await ticket_of(companions[0])
    await checkin.settle([await scan_of(ticket)], sid, LATER)
    row = await Reader(sid).row(ticket) or {}
    assert (len(row["c"]), row["n"][-1], row["i"][1]) == (12, "…", "Main door")
