"""Calls that wait for a writer go along in one transaction, and nobody pays for another's failure."""

import asyncio
from collections.abc import Sequence

import pytest

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import batching
from events.ground.batching import WRITERS, batched, read_together
from events.ground.database import Database, inside_tx, is_postgres, run_tx
from tests.people import MONDAY
from tests.waiting import WITHIN


class Shop:
    """Doubles numbers, one entry of the audit log for each; will not have a thirteen, and has a hundred wait."""

    def __init__(self) -> None:
        self.opens = asyncio.Event()  # until then a hundred waits
        self.came = asyncio.Semaphore(0)  # at each visit
        self.visits: list[list[int]] = []
        self.double = batched(self._double, 5)

    async def _double(self, numbers: Sequence[int]) -> list[int]:
        self.visits.append(list(numbers))
        self.came.release()
        for _ in numbers:
            await audit.record(Action.SEARCHED, by=None, at=MONDAY)
        if 100 in numbers:
            await self.opens.wait()
        if 13 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]


async def test_who_comes_while_the_writer_is_busy_goes_along_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "PATIENCE", 60.0)  # on a slow machine nobody helps the one writer
    shop = Shop()
    answers = await asyncio.gather(*(shop.double([n, -n]) for n in range(6)), shop.double([]))
    assert answers == [[2 * n, -2 * n] for n in range(6)] + [[]]
    assert len(shop.visits) == 3, "fewer than there were calls"
    assert await AuditEntry.all().count() == 12


async def test_a_failure_hits_only_its_own_call(database: Database) -> None:
    shop = Shop()
    one, bad, other = await asyncio.gather(*(shop.double([n]) for n in (1, 13, 2)), return_exceptions=True)
    assert (one, other, type(bad)) == ([2], [4], ZeroDivisionError)
    assert await AuditEntry.all().count() == 2
    assert await shop.double([3]) == [6]


async def test_a_caller_who_leaves_takes_nobody_along(database: Database) -> None:
    shop = Shop()
    leaving, staying = asyncio.create_task(shop.double([1])), asyncio.create_task(shop.double([2]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == [4]
    with pytest.raises(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(WITHIN):
        assert await shop.double([3]) == [6]


async def test_a_failure_of_somebody_who_has_left_is_nobodys(database: Database) -> None:
    shop = Shop()
    leaving = asyncio.create_task(shop.double([13]))
    await asyncio.sleep(0)
    leaving.cancel()
    async with asyncio.timeout(WITHIN):
        assert await shop.double([3]) == [6]


async def test_a_call_that_is_held_up_holds_up_no_other_on_postgresql(database: Database) -> None:
    shop = Shop()
    held = asyncio.create_task(shop.double([100]))
    async with asyncio.timeout(WITHIN):
        await shop.came.acquire()
    others = asyncio.gather(*(shop.double([n]) for n in range(8)))
    if is_postgres():
        async with asyncio.timeout(WITHIN):
            assert await others == [[2 * n] for n in range(8)]
    assert not held.done()
    shop.opens.set()
    assert (await held, await others) == ([200], [[2 * n] for n in range(8)])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # on SQLite one writes at a time anyway
async def test_as_many_as_are_held_up_have_others_wait_and_all_are_done_in_the_end(database: Database) -> None:
    shop = Shop()
    held = [asyncio.create_task(shop.double([100, n, n, n, n])) for n in range(WRITERS)]
    other = asyncio.create_task(shop.double([1]))
    async with asyncio.timeout(WITHIN):
        for _ in range(WRITERS):
            await shop.came.acquire()
        await asyncio.sleep(2 * batching.PATIENCE)
    assert (len(shop.visits), other.done()) == (WRITERS, False)
    shop.opens.set()
    async with asyncio.timeout(WITHIN):
        assert await other == [2]
        assert [(await call)[0] for call in held] == [200] * WRITERS


async def test_who_comes_as_the_writer_leaves_is_not_forgotten(database: Database) -> None:
    shop = Shop()

    async def comes(n: int) -> list[int]:
        return [(await shop.double([n + k]))[0] for k in range(20)]

    async with asyncio.timeout(WITHIN):
        answers = await asyncio.gather(*(comes(1000 * n) for n in (1, 2, 3)))
    assert answers == [[2 * (1000 * n + k) for k in range(20)] for n in (1, 2, 3)]


async def test_inside_a_transaction_it_goes_by_itself(database: Database) -> None:
    shop = Shop()

    @run_tx
    async def outer() -> list[int]:
        return await shop.double([4])

    async with asyncio.timeout(WITHIN):
        assert await outer() == [8]


async def test_who_only_asks_is_answered_in_one_look_without_a_transaction(database: Database) -> None:
    looks: list[tuple[list[int], bool]] = []

    async def look(numbers: Sequence[int]) -> list[int]:
        looks.append((list(numbers), inside_tx()))
        if 13 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]

    ask = read_together(look, 5)
    assert await asyncio.gather(*(ask([n]) for n in range(3))) == [[0], [2], [4]]
    assert looks == [([0, 1, 2], False)]
    one, bad = await asyncio.gather(*(ask([n]) for n in (1, 13)), return_exceptions=True)
    assert (one, type(bad)) == ([2], ZeroDivisionError)
    looks.clear()

    @run_tx
    async def act() -> None:
        assert await ask([4]) == [8]

    await act()
    assert looks == [([4], True)], "within an act it sees what the act has done"


async def test_after_a_crowd_whoever_comes_one_by_one_goes_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "COMPANY", 0.05)
    shop = Shop()

    async def comes(turn: int) -> None:
        await asyncio.sleep(turn / 100)
        await shop.double([turn])

    await asyncio.gather(*(shop.double([n]) for n in range(4)))
    await asyncio.gather(*map(comes, range(4)))
    assert shop.visits == [[0, 1, 2, 3]] * 2
