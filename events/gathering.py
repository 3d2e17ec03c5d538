"""Calls that wait for SQLite's one writer go along together: one transaction and one write to the disk for all."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from .database import inside_tx, is_postgres, run_tx

A = TypeVar("A")
B = TypeVar("B")
Work = Callable[[Sequence[A]], Awaitable[list[B]]]


@dataclass
class Call(Generic[A, B]):
    given: Sequence[A]
    answer: "asyncio.Future[list[B]]"


@dataclass(eq=False)
class Line(Generic[A, B]):
    """Whenever the writer is free it takes along all who have come meanwhile, in their order, up to so many."""

    work: Work[A, B]
    most: int
    waiting: list[Call[A, B]] = field(default_factory=list)
    writer: "asyncio.Task[None] | None" = None

    async def join(self, given: Sequence[A]) -> list[B]:
        """A caller who is cancelled only stops waiting: the work is done all the same."""
        call: Call[A, B] = Call(given, asyncio.get_running_loop().create_future())
        self.waiting.append(call)
        if self.writer is None:
            self.writer = asyncio.create_task(self._write(), context=Context())  # in nobody's transaction
        return await call.answer

    async def _write(self) -> None:
        while self.waiting:
            calls: list[Call[A, B]] = []
            try:
                answers = await run_tx(self._together)(calls)
            except Exception as error:
                await self._each_alone(calls or [self.waiting.pop(0)], error)
            else:
                _tell(calls, answers)
        self.writer = None

    async def _together(self, calls: list[Call[A, B]]) -> list[B]:
        """Fills `calls` once the transaction is ours: whoever comes while it is waited for goes along."""
        size = 0
        while self.waiting and (not calls or size + len(self.waiting[0].given) <= self.most):
            calls.append(self.waiting.pop(0))
            size += len(calls[-1].given)
        return await self.work([one for call in calls for one in call.given])

    async def _each_alone(self, calls: list[Call[A, B]], error: Exception) -> None:
        """Nobody pays for another's failure."""
        if len(calls) == 1:
            if not calls[0].answer.done():
                calls[0].answer.set_exception(error)
            return
        for call in calls:
            try:
                answers = await run_tx(self.work)(call.given)
            except Exception as own:
                await self._each_alone([call], own)
            else:
                _tell([call], answers)


def _tell(calls: list[Call[A, B]], answers: list[B]) -> None:
    remaining = iter(answers)
    for call in calls:
        told = [next(remaining) for _ in call.given]
        if not call.answer.done():
            call.answer.set_result(told)


def gathered(work: Work[A, B], most: int) -> Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]:
    """The work in a transaction. It answers each thing that it is given; calls at the same time become one, of at most
    `most` things.

    On PostgreSQL every call goes by itself: there writers do not wait for each other, but for rows.
    """
    lines: WeakKeyDictionary[asyncio.AbstractEventLoop, Line[A, B]] = WeakKeyDictionary()

    async def join(given: Sequence[A]) -> list[B]:
        if is_postgres() or inside_tx():
            return await run_tx(work)(given)
        line = lines.setdefault(asyncio.get_running_loop(), Line(work, most))
        return await line.join(given)

    return join
