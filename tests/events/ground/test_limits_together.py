"""What many people try is counted in one look and one write, exactly as if one had come after the other."""

import asyncio
from contextvars import Context
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from events.ground import limits
from events.ground.database import Database, run_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Tally
from events.ground.limits import Attempt, Limit
from tests.events.ground.test_limits import ADA, BO, LINE, NINE, after

FEW = Limit("things of one", 3, timedelta(hours=1))
MANY = Limit("things of all", 12, timedelta(minutes=10))
together = run_tx(tallying.together)


def all_of(tries: list[tuple[limits.Counted, datetime]], tally: Tally) -> list[bool]:
    return [tally.count(*counted, at) for counted, at in tries]


def count_of(*tries: tuple[Limit, str]) -> Any:
    return lambda tally: [tally.count(limit, subject, NINE) for limit, subject in tries]


async def rows() -> list[tuple[str, int, int, Any]]:
    found: Any = await Attempt.all().order_by("subject", "slot").values_list("subject", "slot", "tries", "ends_at")
    return list(found)


@pytest.mark.parametrize("seed", range(3))
async def test_it_counts_as_one_after_the_other(database: Database, seed: int) -> None:
    """Of the same tries the same are within, and the same rows are left, over several slots of both limits."""
    drawn = Random(seed)  # noqa: S311
    tries = [
        (drawn.choice([(FEW, ADA), (FEW, BO), (MANY, "")]), after(minute))
        for minute in sorted(drawn.randrange(50, 80) for _ in range(60))
    ]
    alone = [await limits.count(*tried, at) for tried, at in tries]
    left = await rows()
    await Attempt.all().delete()
    shared = list[bool]()
    for first in range(0, 60, 7):
        some = tries[first : first + 7]
        shared += await together([counted for counted, _ in some], partial(all_of, some))
    assert shared == alone
    assert await rows() == left
    assert {True, False} == set(alone), "the control"


async def test_a_line_of_ipv6_is_counted_together_as_it_is_alone(database: Database) -> None:
    few = FEW._replace(by_network=True)
    tries = [(few, LINE[n % 4]) for n in range(12)]
    alone = [await limits.count(*tried, NINE) for tried in tries]
    left = await rows()
    await Attempt.all().delete()
    assert await together(tries, count_of(*tries)) == alone == [True] * 4 + [False] * 8
    assert await rows() == left


async def test_who_waits_is_booked_window_by_window_and_beyond_them_all_in_the_last(database: Database) -> None:
    def booked(tally: Tally) -> list[timedelta]:
        return [tally.book(FEW, ADA, NINE, 2) for _ in range(9)]

    waits = await together([(FEW, ADA)], booked)
    assert [wait // FEW.within for wait in waits] == [0, 0, 0, 2, 2, 2, 2, 2, 2]
    assert [row[2] for row in await rows()] == [3]
    later = await together([(FEW, ADA)], lambda tally: tally.book(FEW, ADA, NINE, 9))
    assert later == 2 * FEW.within, "what the table holds counts in the next look too"
    assert [row[2] for row in await rows()] == [3, 1]


async def test_what_was_counted_is_taken_back_alone(database: Database) -> None:
    rows_of = await together(
        [(FEW, ADA), (MANY, "")], lambda tally: (count_of((FEW, ADA), (MANY, ""))(tally), tally.added)
    )
    await together([(MANY, "")], count_of((MANY, "")))
    await run_tx(tallying.take_back)(rows_of[1])
    assert [await limits.left(limit, who, NINE) for limit, who in ((FEW, ADA), (MANY, ""))] == [3, 11]


async def test_a_limit_that_was_not_named_is_not_counted_by(database: Database) -> None:
    with pytest.raises(KeyError):
        await together([(FEW, ADA)], count_of((FEW, BO)))


async def test_of_many_at_once_exactly_the_limit_gets_through(database: Database) -> None:
    """Transactions of several, and tries that come alone."""
    shared = [together([(MANY, ""), (FEW, str(n))], count_of((MANY, ""), (FEW, str(n)))) for n in range(15)]
    answers = await asyncio.gather(*shared, *(limits.count(MANY, "", NINE) for _ in range(15)))
    within = [answer[0] if isinstance(answer, list) else answer for answer in answers]
    assert within.count(True) == MANY.tries
    assert await limits.left(MANY, "", NINE) == 0
    assert [await limits.left(FEW, str(n), NINE) for n in range(15)] == [2] * 15


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite lets nobody write meanwhile
async def test_who_is_counted_between_the_look_and_the_write_is_counted_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, came = tallying._read, list[bool]()

    async def and_another_comes(subjects: list[str]) -> Any:
        found = await read(subjects)
        if not came:
            another = asyncio.create_task(limits.count(FEW, ADA, NINE), context=Context())
            came.append(await another)
        return found

    assert await limits.count(FEW, ADA, NINE)
    assert await limits.count(FEW, BO, NINE)
    monkeypatch.setattr(tallying, "_read", and_another_comes)
    tries = [(FEW, BO), (FEW, ADA), (FEW, ADA)]  # that of Bo was kept already, and is taken back
    assert (await together(tries, count_of(*tries)), came) == ([True, True, False], [True])
    assert [await limits.left(FEW, who, NINE) for who in (ADA, BO)] == [0, 1]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # where each waits for the other's rows
async def test_those_who_count_alone_and_together_wait_for_each_other_in_one_order(database: Database) -> None:
    """Networks of one line share rows. Transactions of several write them by their hashes: in another order one of two
    would be ended by the database."""
    few, other = (Limit(what, 1000, timedelta(hours=1), by_network=True) for what in ("things", "others"))
    for n in range(20):
        network = LINE[n % len(LINE)]
        tries = [(limit, f"{network}|{n}") for limit in (few, other)]
        answers = await asyncio.gather(
            *(together(tries, count_of(*tries)) for _ in range(4)), *(limits.count(*tried, NINE) for tried in tries * 4)
        )
        assert [True, True] in answers
        assert False not in answers
