"""The door is closed in the moment in which phones still speak: the database says which came first, on both of them."""

from asyncio import Event as Signal
from asyncio import ensure_future, gather, sleep, timeout
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, held_event
from events.ground import clock
from events.ground.database import is_postgres, query, run_tx
from events.ground.refusal import Refused
from registrations.checkin import checkin, closing, quarantine
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Admission, Scan, Sent
from registrations.phones import pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, WrittenOff
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of, undo_of
from tests.people import THE_DAY, a_door, an_event, someone
from tests.registrations.checkin.revoking import accepted

LATER = THE_DAY + timedelta(hours=8)
PATIENCE = 30  # seconds: nobody who waits for a row takes that long to say so
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted"


@pytest.fixture
async def door(event: Event) -> Door:
    return await a_door(event)


async def all_ended(event: Event, by: Staff) -> None:
    """The door is being closed, and nothing keeps it open."""
    await closing.begin(event, by, LATER, clock.real())
    for door_pass in await DoorPass.filter(event=event, revoked_at=None):
        await pairing.revoke(door_pass, by, LATER, clock.real())


async def closed(event: Event, by: Staff) -> bool:
    return await closing.close(event, by, LATER)


async def is_closed(event: Event) -> bool:
    return (await Event.get(id=event.id)).doors_closed_at is not None


async def somebody_waits() -> None:
    """For what we hold. SQLite runs one transaction at a time anyway."""
    async with timeout(PATIENCE):
        while is_postgres() and not await query(WAITS):  # noqa: ASYNC110  # a database has no event for it
            await sleep(0.01)


@asynccontextmanager
async def holding(event: Event) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Whoever closes the door has the event's row, and is about to do it; the caller waits for what waits for that."""
    begun, go_on = Signal(), Signal()

    @run_tx
    async def closes() -> None:
        await held_event(event.id)
        await query("UPDATE event SET doors_closed_at = ? WHERE id = ?", [LATER, event.id])
        begun.set()
        await go_on.wait()

    async def then_it_is_done() -> None:
        await somebody_waits()
        go_on.set()

    task = ensure_future(closes())
    await begun.wait()
    yield then_it_is_done
    go_on.set()
    await task


async def stranger_let_in() -> Sent:
    return a_scan(b"0123456789abcdef")._replace(offline=True, tap="lead", code="left_without_scan")


async def test_a_scan_that_comes_while_the_door_is_being_closed_is_quarantined_and_lets_nobody_in(
    event: Event, door: Door, omar: Staff
) -> None:
    """Its phone was looked up as live before its pass ended."""
    device = await a_phone_at(door)
    tickets = [await a_ticket(someone(), event) for _ in range(4)]
    first = await scan_of(tickets[0])
    assert (await checkin.settle([first], device, LATER))[0]["verdict"] == "ok"
    await all_ended(event, omar)
    scans = [
        await scan_of(tickets[1]),  # lets somebody in
        (await scan_of(tickets[2], age=600.0))._replace(offline=True, shown="ok"),  # has let somebody in
        (await scan_of(tickets[0], age=600.0))._replace(offline=True, shown="ok"),  # would move the admission
        await stranger_let_in(),  # would open a conflict, and move nothing
        undo_of(first),
    ]
    async with holding(event) as then_it_is_done:
        told, _ = await gather(gather(*(checkin.settle([scan], device, LATER) for scan in scans)), then_it_is_done())
    assert [answer["verdict"] for [answer] in told] == ["device_revoked"] * len(scans)
    assert [admission.client_id for admission in await Admission.all()] == [first.id]
    assert await Conflict.all().count() == 0
    assert await Scan.filter(verdict="device_revoked").count() == len(scans), "none is lost"


async def test_a_batch_is_quarantined_whole_and_another_events_scans_in_it_are_not(
    event: Event, door: Door, omar: Staff
) -> None:
    other = await an_event()
    here, there = await a_phone_at(door), await a_phone_at(await a_door(other))
    mine, theirs = await a_ticket(someone(), event), await a_ticket(someone(), other)
    batch = [await scan_of(mine), await scan_of(await a_ticket(someone(), event))]
    await all_ended(event, omar)
    assert await closed(event, omar)
    told, heard = await gather(
        checkin.settle(batch, here, LATER), checkin.settle([await scan_of(theirs)], there, LATER)
    )
    assert [answer["verdict"] for answer in told] == ["device_revoked"] * 2
    assert [answer["verdict"] for answer in heard] == ["ok"]


@pytest.mark.parametrize("n", range(4))
async def test_a_door_is_never_closed_over_a_conflict_that_comes_at_the_same_moment(
    event: Event, door: Door, omar: Staff, n: int
) -> None:
    """Either the conflict is there and the door stays open, or the door is closed and the scan is quarantined."""
    devices = [await a_phone_at(door, f"Phone {k}") for k in range(4)]
    await all_ended(event, omar)

    async def closes() -> bool:
        await sleep(0.002 * n)
        return await closed(event, omar)

    strangers = [await stranger_let_in() for _ in devices]
    done, *_ = await gather(
        closes(), *(checkin.settle([scan], by, LATER) for scan, by in zip(strangers, devices, strict=True))
    )
    conflicts = await Conflict.all().count()
    assert done == await is_closed(event) == (conflicts == 0)
    assert conflicts + await Scan.filter(verdict="device_revoked").count() == len(devices)


async def test_a_conflict_that_is_about_to_be_written_keeps_the_door_open(
    event: Event, door: Door, omar: Staff
) -> None:
    """Its transaction has begun and cannot be seen yet: whoever closes waits for it."""
    device, settled = await a_phone_at(door), Signal()
    await all_ended(event, omar)

    @run_tx
    async def slow() -> None:
        await checkin.settle([await stranger_let_in()], device, LATER)
        settled.set()
        await somebody_waits()

    async def then_closes() -> bool:
        await settled.wait()
        return await closed(event, omar)

    _, done = await gather(slow(), then_closes())
    assert (done, await Conflict.all().count()) == (False, 1)


async def test_scans_that_an_organiser_accepts_beside_the_closing_leave_no_conflict_unseen(
    event: Event, door: Door, omar: Staff
) -> None:
    """What they open is seen by whoever closes after it; once it is closed they may accept all the same."""
    gone: Device = (await a_phone_at(door))._replace(live=False)
    await checkin.settle([await stranger_let_in()], gone, LATER)
    await all_ended(event, omar)
    accepts = Signal()

    @run_tx
    async def accepting() -> None:
        await accepted(event, omar, LATER)
        accepts.set()
        await somebody_waits()

    async def then_closes() -> bool:
        await accepts.wait()
        return await closed(event, omar)

    _, done = await gather(accepting(), then_closes())
    assert (done, await Conflict.all().count()) == (False, 1)
    await Conflict.all().update(settled_at=LATER)
    assert await closed(event, omar)
    late = (await scan_of(await a_ticket(someone(), event)))._replace(offline=True, shown="ok")
    await checkin.settle([late], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    assert await quarantine.accept(event, waits.id, waits.newest, omar, LATER, clock.real()) == 1


async def test_a_code_that_is_made_beside_the_closing_is_refused_or_ended(
    event: Event, door: Door, omar: Staff
) -> None:
    """None is left that would pair a phone with a door that is being closed."""

    async def makes(n: int) -> str:
        try:
            made = await pairing.make_pass(door, f"Phone {n}", PassRole.STEWARD, omar, clock.now(), clock.real())
        except Refused:
            return ""
        return made.secret

    clock.move_to(THE_DAY)
    before = await makes(0)
    codes, _ = await gather(gather(*(makes(n) for n in range(1, 9))), closing.begin(event, omar, LATER, clock.real()))
    paired: list[Any] = [
        await pairing.pair(code, f"10.0.0.{n}", LATER, clock.real())
        for n, code in enumerate(await _that_work([before, *codes]))
    ]
    assert paired == []
    assert await closed(event, omar)


async def _that_work(codes: list[str]) -> list[str]:
    waiting = await DoorPass.filter(revoked_at=None, paired_at=None).count()
    return [code for code in codes if code][:waiting]


async def test_a_phone_that_is_paired_beside_the_closing_is_waited_for_or_is_none(
    event: Event, door: Door, omar: Staff
) -> None:
    clock.move_to(THE_DAY)
    codes = [
        (await pairing.make_pass(door, f"Phone {n}", PassRole.STEWARD, omar, clock.now(), clock.real())).secret
        for n in range(6)
    ]

    async def pairs(n: int) -> bool:
        try:
            await pairing.pair(codes[n], f"10.0.0.{n}", LATER, clock.real())
        except Refused:
            return False
        return True

    async def closes() -> bool:
        await closing.begin(event, omar, LATER, clock.real())
        return await closed(event, omar)

    done, *paired = await gather(closes(), *(pairs(n) for n in range(6)))
    live = await DoorPass.filter(paired_at__not_isnull=True, revoked_at=None).count()
    assert live == sum(paired)
    assert done == (live == 0)


async def test_whoever_closes_writes_off_or_opens_again_at_once_does_it_once(
    event: Event, door: Door, omar: Staff, lena: Staff
) -> None:
    device = await a_phone_at(door)
    door_pass = await DoorPass.get(id=device.id)
    await gather(*(closing.begin(event, by, LATER, clock.real()) for by in (omar, lena) * 3))
    why = [WrittenOff.LEFT, WrittenOff.BROKEN] * 3
    ended = await gather(
        pairing.sign_out(device, LATER, clock.real()),
        *(pairing.write_off(door_pass, reason, omar, LATER, clock.real()) for reason in why),
        return_exceptions=True,
    )
    assert all(result is None or isinstance(result, Refused) for result in ended)
    is_written_off = (await DoorPass.get(id=device.id)).written_off != ""
    assert sum(result is None for result in ended[1:]) == int(is_written_off)
    assert await gather(*(closing.close(event, by, LATER) for by in (omar, lena) * 3)) == [True] * 6
    await gather(*(closing.reopen(event, by, LATER) for by in (omar, lena) * 3))
    acts = [Action.DOOR_CLOSING, Action.DOOR_CLOSED, Action.DOOR_REOPENED]
    assert await AuditEntry.filter(action__in=acts).count() == 3
    ends = [Action.PASS_SIGNED_OUT, Action.PASS_WRITTEN_OFF]
    assert await AuditEntry.filter(action__in=ends).count() == 1
