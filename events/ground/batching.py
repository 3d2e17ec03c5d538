"""Batches calls that wait: one transaction and one write to the disk for all of them, or one look at the database."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from tortoise.models import Model

from .database import among, ask, columns_of, filled, given, inside_tx, is_postgres, maker, run_tx, split_joined

A = TypeVar("A")
B = TypeVar("B")
M = TypeVar("M", bound=Model)
Work = Callable[[Sequence[A]], Awaitable[list[B]]]
WRITERS = 4  # at once, in a process on PostgreSQL: more would wait for a connection, and for each other's last rows
COMPANY = 0.001  # seconds that a call waits for others, where the last one had some: they come one by one
MOST_LOOKED_FOR = 1000  # rows that one statement looks for
PATIENCE = 0.05  # seconds: whoever waits for longer waits for a row that another transaction holds


@dataclass
class Call(Generic[A, B]):
    given: Sequence[A]
    answer: "asyncio.Future[list[B]]"
    since: float  # by the loop's clock


@dataclass(eq=False)
class BatchWriter(Generic[A, B]):
    """A writer takes all calls that have come since it began its last transaction, in order, up to `most` things.

    Fewer and larger transactions are cheaper, so there is one writer, and where many come it begins a moment later. On
    PostgreSQL a second one helps while the first is held up.
    """

    work: Work[A, B]
    most: int
    inside: Callable[[Any], Any] = run_tx  # what the work is done in
    waits: int = 1  # so often at most, where the last call had company
    waiting: list[Call[A, B]] = field(default_factory=list)
    writers: "set[asyncio.Task[None]]" = field(default_factory=set)
    crowded: bool = False  # the last call had company
    looks_again: asyncio.TimerHandle | None = None

    async def join(self, given: Sequence[A]) -> list[B]:
        """Waits for the answers. If the caller is cancelled, only the waiting stops: the work is still done."""
        loop = asyncio.get_running_loop()
        call: Call[A, B] = Call(given, loop.create_future(), loop.time())
        self.waiting.append(call)
        if not self.writers:
            self._begin()
        elif self.looks_again is None and is_postgres():
            self.looks_again = loop.call_later(PATIENCE, self._help)
        return await call.answer

    def _begin(self) -> None:
        self.writers.add(asyncio.create_task(self._write(), context=Context()))  # in nobody's transaction

    def _help(self) -> None:
        """Starts another writer once somebody has waited too long."""
        loop, self.looks_again = asyncio.get_running_loop(), None
        if not self.waiting or len(self.writers) == WRITERS:
            return
        if loop.time() >= (due := self.waiting[0].since + PATIENCE):
            self._begin()
        self.looks_again = loop.call_at(max(due, loop.time() + PATIENCE / 2), self._help)

    async def _write(self) -> None:
        while await self._somebody_waits():
            calls = [self.waiting.pop(0)]
            try:
                answers = await self.inside(self._write_waiting)(calls)
            except Exception as error:
                await self._each_alone(calls, error)
            else:
                _give_answers(calls, answers)
            self.crowded = len(calls) > 1
        self.writers.discard(asyncio.current_task())  # at once: nobody may count on it any more

    async def _somebody_waits(self) -> bool:
        if self.waiting and self.crowded:
            await self._gather()
        return bool(self.waiting)

    async def _gather(self) -> None:
        """Whoever was answered at the same time asks again at almost the same time: waits for as long as more come."""
        for _ in range(self.waits):
            here = len(self.waiting)
            await asyncio.sleep(COMPANY)
            if not here < len(self.waiting) < self.most:
                break

    async def _write_waiting(self, calls: list[Call[A, B]]) -> list[B]:
        """Adds waiting calls to `calls` once the transaction has begun, so that late ones go along."""
        size = len(calls[0].given)
        while self.waiting and size + len(self.waiting[0].given) <= self.most:
            calls.append(self.waiting.pop(0))
            size += len(calls[-1].given)
        return await self.work([given for call in calls for given in call.given])

    async def _each_alone(self, calls: list[Call[A, B]], error: Exception) -> None:
        """Runs each call alone after a failure, so that nobody pays for another's."""
        if len(calls) == 1:
            if not calls[0].answer.done():
                calls[0].answer.set_exception(error)
            return
        for call in calls:
            try:
                answers = await self.inside(self.work)(call.given)
            except Exception as own:
                await self._each_alone([call], own)
            else:
                _give_answers([call], answers)


def _give_answers(calls: list[Call[A, B]], answers: list[B]) -> None:
    remaining = iter(answers)
    for call in calls:
        own = [next(remaining) for _ in call.given]
        if not call.answer.done():
            call.answer.set_result(own)


def batched(work: Work[A, B], most: int, waits: int = 1) -> Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]:
    """Runs the work in a transaction. It answers each thing that it is given. Calls at the same time become one, of
    at most `most` things."""
    return _joined(work, most, run_tx, waits)


def read_together(work: Work[A, B], most: int, waits: int = 1) -> Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]:
    """The same for work that needs no transaction: it reads in a single statement, or changes rows in one that may be
    repeated."""
    return _joined(work, most, lambda work: work, waits)


Find = Callable[[Collection[int]], Coroutine[Any, Any, dict[int, M]]]


def found_together(model: type[M], sql: str, column: str) -> Find[M]:
    """Finds rows of this model by the whole numbers in a column; what several look for at the same moment is one
    statement. `sql` has "{wanted}" for the condition. Each gets models of their own, of the rows as they stand then; of
    several rows with one number the last."""

    async def read(numbers: Sequence[int]) -> list[tuple[tuple[str, ...], Sequence[Any]] | None]:
        wanted, values = among(column, "int", filled(dict.fromkeys(numbers)))
        rows = await ask(sql.format(wanted=wanted), values)
        names = tuple(rows[0].keys()) if rows else ()
        found = {row[column]: (names, row) for row in rows}
        return [found.get(number) for number in numbers]

    read_all = read_together(read, MOST_LOOKED_FOR)

    async def find(numbers: Collection[int]) -> dict[int, M]:
        wanted = list(numbers)
        found = zip(wanted, await read_all(wanted), strict=True) if wanted else ()
        return {number: maker(model, row[0])(row[1]) for number, row in found if row is not None}

    return find


FindJoined = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


def joined_together(models: Mapping[str, type[Model]], columns: Mapping[str, str], rest: str) -> FindJoined:
    """Finds a row of each of these models as `find_joined` does; what several look for at the same moment is one
    statement. `columns`: of `asked`, which holds what is looked for, with PostgreSQL's types; `rest`: what is joined to
    it. Each gets models of their own, as the rows stand then."""
    sql = f"SELECT {{found}}, asked.n AS asked_n FROM ({{given}} SELECT * FROM given) AS asked {rest}"  # noqa: S608

    async def read(asked: Sequence[tuple[Any, ...]]) -> list[Sequence[Any] | None]:
        first, values = given({"n": "int", **columns}, [(n, *wanted) for n, wanted in enumerate(asked)])
        rows = await ask(sql.format(found=columns_of(models), given=first), values)
        found = {row["asked_n"]: row for row in rows}
        return [found.get(n) for n in range(len(asked))]

    read_all = read_together(read, MOST_LOOKED_FOR)

    async def find(*wanted: Any) -> dict[str, Any]:
        [row] = await read_all([wanted])
        return {} if row is None else split_joined(models, row)

    return find


def _joined(
    work: Work[A, B], most: int, inside: Any, waits: int
) -> Callable[[Sequence[A]], Coroutine[Any, Any, list[B]]]:
    writers: WeakKeyDictionary[asyncio.AbstractEventLoop, BatchWriter[A, B]] = WeakKeyDictionary()

    async def join(given: Sequence[A]) -> list[B]:
        if inside_tx():
            return await inside(work)(given)  # type: ignore[no-any-return]
        writer = writers.setdefault(asyncio.get_running_loop(), BatchWriter(work, most, inside, waits))
        return await writer.join(given)

    return join
