"""Calls at the same time go along in one transaction on SQLite, and nobody pays for another's failure."""

import asyncio
from collections.abc import Sequence

import pytest

from events import audit
from events.audit import Action, AuditEntry
from events.database import Database, is_postgres, run_tx
from events.gathering import gathered
from tests.people import MONDAY


class Shop:
    """Doubles numbers, one entry of the record for each; will not have a thirteen."""

    def __init__(self) -> None:
        self.visits: list[list[int]] = []
        self.double = gathered(self._double, 5)

    async def _double(self, numbers: Sequence[int]) -> list[int]:
        self.visits.append(list(numbers))
        for _ in numbers:
            await audit.record(Action.SEARCHED, by=None, at=MONDAY)
        if 13 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]


async def test_who_comes_while_the_writer_is_busy_goes_along_in_order(database: Database) -> None:
    shop = Shop()
    answers = await asyncio.gather(*(shop.double([n, -n]) for n in range(6)), shop.double([]))
    assert answers == [[2 * n, -2 * n] for n in range(6)] + [[]]
    assert len(shop.visits) == (7 if is_postgres() else 3)
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
    async with asyncio.timeout(2):
        assert await shop.double([3]) == [6]


async def test_a_failure_of_somebody_who_has_left_is_nobodys(database: Database) -> None:
    shop = Shop()
    leaving = asyncio.create_task(shop.double([13]))
    await asyncio.sleep(0)
    leaving.cancel()
    async with asyncio.timeout(5):
        assert await shop.double([3]) == [6]


async def test_inside_a_transaction_it_goes_by_itself(database: Database) -> None:
    shop = Shop()

    @run_tx
    async def outer() -> list[int]:
        return await shop.double([4])

    async with asyncio.timeout(2):
        assert await outer() == [8]
