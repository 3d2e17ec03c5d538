"""Phones that come back all at once, while the desk goes on deciding: nobody waits for anybody for ever."""

import random
from asyncio import Event as Signal
from asyncio import gather, sleep
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from events.accounts.staff import Staff
from events.event import Event, held_event, next_list_version
from events.ground import clock
from events.ground.database import is_postgres, query, run_tx
from events.ground.refusal import Refused
from registrations.checkin import checkin, quarantine
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Admission, Scan, ScanKind, Sent
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import guest_list
from registrations.phones.door import Door
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of, undo_of
from tests.people import THE_DAY, a_door, someone
from tests.registrations.phones.list_reading import read_blob

LATER = THE_DAY + timedelta(hours=1)


async def alone(ticket: Ticket, minutes: float) -> Sent:
    return (await scan_of(ticket, age=60.0 * minutes))._replace(offline=True, shown="ok", unsure=0.5)


async def test_six_phones_with_the_same_guests_come_back_at_once(event: Event) -> None:
    """Of each ticket the earliest keeps the admission, and each other one is shown."""
    door, shuffled = await a_door(event), random.Random(7)  # noqa: S311
    tickets = [await a_ticket(someone(), event) for _ in range(20)]
    queues = []
    for n in range(6):
        queue = [await alone(ticket, 40 - 5 * n + k / 10) for k, ticket in enumerate(tickets)]
        shuffled.shuffle(queue)
        queues.append((queue, await a_phone_at(door, f"Phone {n}")))
    shuffled.shuffle(queues)
    await gather(*(checkin.settle(queue, device, LATER) for queue, device in queues))
    assert await Scan.all().count() == 120
    for ticket in tickets:
        first = await Scan.filter(ticket_id=ticket.id).order_by("happened_at").first()
        held = await Admission.get(ticket_id=ticket.id)
        assert first is not None
        assert (held.client_id, held.admitted_at) == (first.client_id, first.happened_at)
        assert await Conflict.filter(ticket_id=ticket.id).count() == 5


async def test_scans_undos_withdrawals_and_new_names_at_once_all_end(event: Event, omar: Staff) -> None:
    door, shuffled = await a_door(event), random.Random(8)  # noqa: S311
    tickets = [await a_ticket(someone(), event) for _ in range(24)]
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(4)]
    had = read_blob(await guest_list.since(phones[0], 0, LATER))
    acts: list[Awaitable[Any]] = []
    for n, device in enumerate(phones):
        queue = [await alone(ticket, 30 + n) for ticket in tickets]
        queue += [undo_of(queue[-1], age=60.0 * (30 + n) - 5), (await alone(tickets[0], 1))._replace(kind=ScanKind.OUT)]
        shuffled.shuffle(queue)
        acts.append(checkin.settle(queue, device, LATER))
    people = [await Registration.get(id=ticket.registration_id) for ticket in tickets]
    acts += [vetting.withdraw(person, omar, LATER) for person in people[::2]]
    acts += [vetting.correct(person, {"full_name": "Someone Else"}, omar, LATER) for person in people[1::2]]
    shuffled.shuffle(acts)
    await gather(*acts)
    assert await Admission.all().count() == 24
    news = read_blob(await guest_list.since(phones[0], had.version, LATER))
    assert len(news.rows) >= 24
    assert await Ticket.filter(list_version__lte=had.version).count() == 0, "every one of them changed"


async def test_scans_of_a_revoked_phone_are_accepted_in_parts_and_wait_for_no_live_phone_for_ever(
    event: Event, omar: Staff
) -> None:
    """A live phone holds the last of their tickets, and takes the list's version meanwhile."""
    door = await a_door(event)
    gone = (await a_phone_at(door, "Gone"))._replace(live=False)
    tickets = [await a_ticket(someone(), event) for _ in range(checkin.MOST_AT_ONCE + 1)]
    queue = [await alone(ticket, 40 - n / 10) for n, ticket in enumerate(tickets)]
    for n in (0, checkin.MOST_AT_ONCE):
        await checkin.settle(queue[n : n + checkin.MOST_AT_ONCE], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    holds = Signal()

    @run_tx
    async def live_device() -> None:
        held = "FOR NO KEY UPDATE" if is_postgres() else ""
        await query(f"SELECT id FROM ticket WHERE id = ? {held}", [tickets[-1].id])  # noqa: S608
        holds.set()
        waits_for_us = "SELECT 1 FROM pg_locks WHERE NOT granted"
        while is_postgres() and not await query(waits_for_us):  # noqa: ASYNC110  # a database has no event for it
            await sleep(0.01)
        await next_list_version(event.id)

    async def accepted() -> int:
        await holds.wait()
        return await quarantine.accept(event, gone.id, waits.newest, omar, LATER, clock.real())

    _, let_in = await gather(live_device(), accepted())
    assert let_in == len(tickets)
    assert await Admission.all().count() == len(tickets)


async def test_phones_go_on_while_an_event_moves_with_its_doors(event: Event) -> None:
    """A code that is no ticket is counted at its door before the ticket beside it comes to the event's row."""
    door, holds = await a_door(event), Signal()
    device, scans = await a_phone_at(door), [a_scan(b"?" * 16), await scan_of(await a_ticket(someone(), event))]

    @run_tx
    async def moved() -> None:
        await held_event(event.id)
        holds.set()
        while is_postgres() and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await sleep(0.01)
        await Door.filter(id=door.id).update(closes_at=LATER)

    async def settled() -> list[Any]:
        await holds.wait()
        return await checkin.settle(scans, device, LATER)

    _, answers = await gather(moved(), settled())
    assert [answer["verdict"] for answer in answers] == ["unknown", "ok"]


async def test_of_two_organisers_who_decide_on_the_same_scans_at_once_one_is_refused(event: Event, omar: Staff) -> None:
    """Both have read them as undecided before either has decided."""
    gone = (await a_phone_at(await a_door(event), "Gone"))._replace(live=False)
    await checkin.settle([await alone(await a_ticket(someone(), event), 20)], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    holds = Signal()

    @run_tx
    async def holds_the_pass() -> None:
        held = "FOR NO KEY UPDATE" if is_postgres() else ""
        await query(f"SELECT id FROM door_pass WHERE id = ? {held}", [gone.id])  # noqa: S608
        holds.set()
        while is_postgres() and len(await query("SELECT 1 FROM pg_locks WHERE NOT granted")) < 2:  # noqa: ASYNC110
            await sleep(0.01)

    async def decided(decision: Awaitable[Any]) -> Any:
        await holds.wait()
        return await decision

    accepted = quarantine.accept(event, gone.id, waits.newest, omar, LATER, clock.real())
    discarded = quarantine.discard(event, gone.id, waits.newest, omar, LATER)
    both = gather(decided(accepted), decided(discarded), return_exceptions=True)
    _, answers = await gather(holds_the_pass(), both)
    assert [type(answer) for answer in answers].count(Refused) == 1
    assert await Admission.all().count() == [1, 0][isinstance(answers[0], Refused)]
