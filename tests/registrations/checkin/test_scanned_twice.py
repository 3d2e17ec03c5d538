"""A ticket held to the same phone again is asked about calmly there; and what a lead's *Scanned twice by mistake* does.

The record is the same: already in. So is what other phones hear.
"""

from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from registrations.checkin import checkin, conflicts, with_lead
from registrations.checkin.scan import ScanKind, Sent
from registrations.phones.door import Device, Door, Policy
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of, who_is_in
from tests.people import THE_DAY, Person
from tests.registrations.checkin.overriding import a_lead, again, on_record, typed

pytestmark = pytest.mark.usefixtures("the_day")


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


async def answer(scan: Sent, by: Device, after: float = 0) -> Answer:
    """To a scan that comes so many seconds after nine."""
    [answered] = await checkin.settle([scan], by, THE_DAY + timedelta(seconds=after))
    return answered


async def scanned(ticket: Ticket, by: Device, after: float = 0, **fields: Any) -> Answer:
    return await answer((await scan_of(ticket))._replace(**fields), by, after)


@pytest.mark.parametrize(("after", "twice"), [(0, 0), (6.7, 6), (60, 60), (61, None)])
async def test_the_phone_that_let_them_in_hears_how_long_ago_within_a_minute(
    ticket: Ticket, sid: Device, ada: Person, after: float, twice: int | None
) -> None:
    assert (await scanned(ticket, sid))["verdict"] == "ok"
    repeat = await scan_of(ticket)
    heard = await answer(repeat, sid, after)
    known = {"id": repeat.id, "verdict": "already_in", "name": ada.name, "organisation": ada.organisation}
    assert heard == known | {"at": "09:00", "door": sid.door_named.shown} | ({} if twice is None else {"twice": twice})
    assert await answer(repeat, sid, after + 20) == heard, "sent again, it is the same answer"
    assert await rows_of("verdict", "passed") == [["ok", True], ["already_in", False]]


async def test_another_phone_hears_what_it_always_heard(ticket: Ticket, door: Door, sid: Device) -> None:
    other = await a_phone_at(door, "Main door 2")
    await scanned(ticket, sid)
    heard = await scanned(ticket, other, 5)
    assert (heard["verdict"], heard["at"], "twice" in heard) == ("already_in", "09:00", False)
    assert (await scanned(ticket, sid, 6))["twice"] == 6, "the control"


async def test_no_repeat_is_what_follows_an_undo_by_another_or_a_last_exit(
    ticket: Ticket, door: Door, sid: Device
) -> None:
    other = await a_phone_at(door, "Main door 2")
    first = await scan_of(ticket)
    await answer(first, sid)
    await answer(undo_of(first), sid, 10)
    await scanned(ticket, other, 20)
    heard = await scanned(ticket, sid, 30)
    assert (heard["verdict"], "twice" in heard) == ("already_in", False)
    once = sid._replace(policy=Policy.ONCE)
    await scanned(ticket, other, 31, kind=ScanKind.OUT)
    await scanned(ticket, other._replace(policy=Policy.ONCE), 40)
    heard = await scanned(ticket, once, 45)
    assert (heard["verdict"], "twice" in heard) == ("already_in", False), "who left for good comes in no more"


async def test_a_repeat_sends_nobody_to_the_lead(event: Event, ticket: Ticket, door: Door, sid: Device) -> None:
    other = await a_phone_at(door, "Main door 2")
    await scanned(ticket, sid)
    await scanned(ticket, sid, 6)
    assert await with_lead.waiting(event.id, THE_DAY + timedelta(seconds=7)) == 0
    await scanned(ticket, other, 8)
    assert await with_lead.waiting(event.id, THE_DAY + timedelta(seconds=9)) == 1, "the control"
    await scanned(ticket, sid, 10)
    assert await with_lead.waiting(event.id, THE_DAY + timedelta(seconds=11)) == 1, "whoever holds the copy still waits"


async def test_a_lead_says_scanned_twice_by_mistake_and_nobody_comes_in_by_it(
    event: Event, ticket: Ticket, door: Door, sid: Device, omar: Staff
) -> None:
    lee, other = await a_lead(door, omar), await a_phone_at(door, "Main door 2")
    await scanned(ticket, other)
    before = await who_is_in()
    await scanned(ticket, sid, 90)
    assert await with_lead.waiting(event.id, THE_DAY + timedelta(seconds=95)) == 1
    mistake = (await scan_of(ticket))._replace(code="scanned_twice", tap="lead")
    refused = await answer(mistake._replace(id="0" * 32), sid, 100)
    assert (refused["verdict"], "twice" in refused) == ("already_in", False), "without a lead's PIN it says nothing"
    await typed(lee.pin, sid)
    heard = await answer(mistake, await again(sid), 110)
    assert (heard["verdict"], heard["at"], heard["twice"]) == ("already_in", "09:00", "lead")
    assert (await who_is_in(), await conflicts.still_open(event.id)) == (before, [])
    assert await with_lead.waiting(event.id, THE_DAY + timedelta(seconds=120)) == 0
    [(_, _, details)] = await on_record(Action.LEAD_DECIDED)
    assert (details["code"], details["lead"]) == ("scanned_twice", lee.door_pass.id)


async def test_offline_too_and_whoever_is_not_in_stays_out(ticket: Ticket, sid: Device) -> None:
    alone: dict[str, Any] = {"offline": True, "shown": "already_in", "tap": "lead", "code": "scanned_twice"}
    heard = await scanned(ticket, sid, 0, **alone)
    assert (heard["verdict"], await who_is_in()) == ("turned_away", [])
    await scanned(ticket, sid, 10)
    heard = await scanned(ticket, sid, 20, **alone)
    assert (heard["verdict"], heard["twice"], len(await who_is_in())) == ("already_in", "lead", 1)
    assert await rows_of("verdict", "passed") == [["turned_away", False], ["ok", True], ["already_in", False]]
