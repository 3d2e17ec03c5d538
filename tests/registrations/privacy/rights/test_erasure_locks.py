"""An erasure takes its locks in the order in which everybody else does, so that no two wait for each other.

Only PostgreSQL locks rows; SQLite lets one write at a time. Rules: DP-08.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from registrations.booking import own_booking
from registrations.deciding import several_decisions, vetting
from registrations.deciding.vetting import Decision
from registrations.people.registration import Registration, State
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, confirmed
from tests.professional import with_ticket
from tests.registrations.booking.addressing import NEW, moves
from tests.registrations.privacy.rights.asking import a_rights_request

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)
LATER = MONDAY + timedelta(hours=1)
WAITING = "SELECT count(*) AS number FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity"


async def until_so_many_wait(number: int) -> None:
    """For a lock of this database."""
    while True:
        [row] = await query(f"{WAITING} WHERE datname = current_database())")
        if row["number"] >= number:
            return
        await asyncio.sleep(0.01)


class Holds:
    """Somebody else's transaction, which holds a row and then does what it is told."""

    def __init__(self, table: str, id_: int, outside: Context) -> None:
        self.held, self.go_on = asyncio.Event(), asyncio.Event()
        self.then: Callable[[], Awaitable[object]] | None = None
        sql = f"UPDATE {table} SET id = id WHERE id = ? RETURNING id"  # noqa: S608
        self.task = asyncio.get_running_loop().create_task(self._run(sql, id_), context=outside)

    async def _run(self, sql: str, id_: int) -> None:
        @run_tx
        async def hold() -> None:
            await query(sql, [id_])
            self.held.set()
            await self.go_on.wait()
            if self.then is not None:
                await self.then()

        await hold()

    async def lets_go(self) -> None:
        self.go_on.set()
        await self.task


def beside(act: Coroutine[Any, Any, object], outside: Context) -> asyncio.Task[object]:
    return asyncio.get_running_loop().create_task(act, context=outside)


async def test_requests_are_held_in_the_order_of_their_numbers_as_several_are_decided(
    event: Event, ada: Person, omar: Staff
) -> None:
    """Ada has moved; somebody else asks with the address that she had."""
    asked, _ = await with_ticket(ada, event)
    await moves(asked, omar)
    await vetting.withdraw(await Registration.get(id=asked.id), omar, MONDAY)
    other = await confirmed(ada, event, LATER)
    erasure = await a_rights_request(event, omar, Right.ERASURE, NEW)
    people, outside = [await Registration.get(id=id_) for id_ in (asked.id, other.id)], copy_context()
    lower = Holds("registration", asked.id, outside)
    await lower.held.wait()
    decides = beside(several_decisions.decide_people(people, Decision.NOT_OFFER, omar, LATER), outside)
    await until_so_many_wait(1)
    erases = beside(erasing.erase(erasure, omar, LATER, clock.real()), outside)
    await until_so_many_wait(2)
    await lower.lets_go()
    await asyncio.gather(decides, erases)
    assert (await Registration.get(id=asked.id)).email == ""
    assert (await Registration.get(id=other.id)).state is State.NOT_OFFERED


async def test_all_tickets_are_held_before_the_event_as_by_whoever_scans_one(
    event: Event, ada: Person, omar: Staff
) -> None:
    """She gave one up before, which somebody holds to a phone."""
    earlier, old = await with_ticket(ada, event)
    await own_booking.give_up(await Registration.get(id=earlier.id), MONDAY)
    await with_ticket(ada, event)
    assert await Ticket.all().count() == 2
    erasure, outside = await a_rights_request(event, omar, Right.ERASURE, ada.email), copy_context()
    scan = Holds("ticket", old.id, outside)
    scan.then = lambda: query("UPDATE event SET taken = taken WHERE id = ? RETURNING id", [event.id])
    await scan.held.wait()
    erases = beside(erasing.erase(erasure, omar, LATER, clock.real()), outside)
    await until_so_many_wait(1)
    await scan.lets_go()
    await erases
    assert {row.email for row in await Registration.all()} == {""}
    assert (await Event.get(id=event.id)).taken == 0
