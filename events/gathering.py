"""Calls that wait for SQLite's one writer go along together: one transaction and one write to the disk for all."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from .database import inside_tx, is_postgres

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
            taken = [self.waiting.pop(0)]
            size = len(taken[0].given)
            while self.waiting and size + len(self.waiting[0].given) <= self.most:
                size += len(self.waiting[0].given)
                taken.append(self.waiting.pop(0))
            await self._together(taken)
        self.writer = None

    async def _together(self, calls: list[Call[A, B]]) -> None:
        try:
            answers = iter(await self.work([one for call in calls for one in call.given]))
        except Exception as error:
            if len(calls) > 1:  # nobody pays for another's failure: each once more, alone
                for call in calls:
                    await self._together([call])
            elif not calls[0].answer.done():
                calls[0].answer.set_exception(error)
            return
        for call in calls:
            told = [next(answers) for _ in call.given]
            if not call.answer.done():
                call.answer.set_result(told)


def gathered(work: Work[A, B], most: int) -> Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]:
    """The same work, which answers each thing it is given; calls at the same time become one. At most `most` things.

    On PostgreSQL every call goes by itself: there writers do not wait for each other, but for rows.
    """
    lines: WeakKeyDictionary[asyncio.AbstractEventLoop, Line[A, B]] = WeakKeyDictionary()

    async def join(given: Sequence[A]) -> list[B]:
        if is_postgres() or inside_tx():
            return await work(given)
        line = lines.setdefault(asyncio.get_running_loop(), Line(work, most))
        return await line.join(given)

    return join
