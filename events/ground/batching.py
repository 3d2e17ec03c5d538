"""Batches calls that wait: one transaction and one write to the disk for all of them, or one look at the database."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from .database import inside_tx, run_tx

A = TypeVar("A")
B = TypeVar("B")
Work = Callable[[Sequence[A]], Awaitable[list[B]]]
Inside = Callable[[Any], Any]
Join = Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]
Call = tuple[Sequence[A], asyncio.Future[list[B]]]
Writer = asyncio.Task[None] | None
WRITERS = 4  # at once, in a process: more would wait for a connection, and for each other's last rows
COMPANY = 0.002  # seconds: whoever was answered with others comes back with them, one by one
PATIENCE = 0.05  # seconds: a batch that takes longer waits for a row that another transaction holds


class BatchWriter(Generic[A, B]):
    """A writer takes all calls that have come since it began its last batch, in order, up to `most` things.

    Fewer and larger batches are cheaper, so there is one writer, which waits a moment for company where it had some;
    and another while that one is held up, or a door would stand still for as long as somebody holds one guest's row.
    """

    def __init__(self, work: Work[A, B], most: int, inside: Inside) -> None:
        self.work, self.most, self.inside = work, most, inside
        self.waiting = list[Call[A, B]]()
        self.writers, self.held_up = set[Writer](), set[Writer]()
        self.had_company = False

    async def join(self, given: Sequence[A]) -> list[B]:
        """Waits for the answers. If the caller is cancelled, only the waiting stops: the work is still done."""
        answer: asyncio.Future[list[B]] = asyncio.get_running_loop().create_future()
        self.waiting.append((given, answer))
        self._begin()
        return await answer

    def _begin(self) -> None:
        if self.waiting and self.writers <= self.held_up and len(self.writers) < WRITERS:
            self.writers.add(asyncio.create_task(self._write(), context=Context()))  # in nobody's transaction

    def _help(self, writer: Writer) -> None:
        self.held_up.add(writer)
        self._begin()

    async def _write(self) -> None:
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        while self.waiting:
            if self.had_company:
                await asyncio.sleep(COMPANY)
            if not self.waiting:  # another writer has taken them along
                break
            calls = [self.waiting.pop(0)]
            patience = loop.call_later(PATIENCE, self._help, me)
            try:
                _give_answers(calls, await self.inside(self._together)(calls))
            except Exception as error:
                await self._each_alone(calls, error)
            patience.cancel()
            self.held_up.discard(me)
            self.had_company = len(calls) > 1
        self.writers.discard(me)  # at once: nobody may count on it any more

    async def _together(self, calls: list[Call[A, B]]) -> list[B]:
        """Adds waiting calls to `calls` once the transaction has begun, so that late ones go along."""
        size = sum(len(given) for given, _ in calls)
        while self.waiting and size + len(self.waiting[0][0]) <= self.most:
            calls.append(self.waiting.pop(0))
            size += len(calls[-1][0])
        return await self.work([thing for given, _ in calls for thing in given])

    async def _each_alone(self, calls: list[Call[A, B]], error: Exception) -> None:
        """Runs each call alone after a failure, so that nobody pays for another's."""
        for call in calls:
            try:
                if len(calls) == 1:
                    raise error
                _give_answers([call], await self.inside(self.work)(call[0]))
            except Exception as own:
                if not call[1].done():
                    call[1].set_exception(own)


def _give_answers(calls: Sequence[Call[A, B]], answers: Sequence[B]) -> None:
    remaining = iter(answers)
    for given, answer in calls:
        own = [next(remaining) for _ in given]
        if not answer.done():
            answer.set_result(own)


def batched(work: Work[A, B], most: int) -> Join[A, B]:
    """Runs the work in a transaction. It answers each thing that it is given. Calls at the same time become one, of
    at most `most` things."""
    return _joined(work, most, run_tx)


def read_together(work: Work[A, B], most: int) -> Join[A, B]:
    """The same for work that needs no transaction: it reads in a single statement, or changes rows in one that may be
    repeated."""
    return _joined(work, most, lambda work: work)


def _joined(work: Work[A, B], most: int, inside: Inside) -> Join[A, B]:
    writers: WeakKeyDictionary[asyncio.AbstractEventLoop, BatchWriter[A, B]] = WeakKeyDictionary()

    async def join(given: Sequence[A]) -> list[B]:
        if inside_tx():
            return await inside(work)(given)  # type: ignore[no-any-return]
        writer = writers.setdefault(asyncio.get_running_loop(), BatchWriter(work, most, inside))
        return await writer.join(given)

    return join
