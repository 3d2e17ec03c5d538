"""Hides small numbers of people in tables, and as many others as it takes that nobody can work them out.

A number under FEW is hidden. Whoever adds and subtracts the others must not get it back, so more are hidden, until each
that is hidden may still have at least FEW values. Nothing shows which of them are the small ones. Rules: EV-13.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

FEW = 5
OUTSIDE = -1  # where a count leads that is part of one sum alone: nothing has to add up there
ONE_MORE = 1000  # what it costs to hide one more: far more than where it stands in the list

Cell = TypeVar("Cell")


class Sum(NamedTuple, Generic[Cell]):
    """What readers know: this count is all of those together."""

    whole: Cell
    parts: Sequence[Cell]


class _Debt(NamedTuple):
    """A sum that does not add up any more, by 1 or -1."""

    of: int
    by: int


class _Step(NamedTuple, Generic[Cell]):
    """The count that changes to pay a debt, by how much, and the debt that this makes elsewhere."""

    cell: Cell
    by: int
    leaves: _Debt


def shown(
    counts: Mapping[Cell, int], sums: Sequence[Sum[Cell]], known: Collection[Cell] = ()
) -> dict[Cell, int | None]:
    """The same counts, None in place of what is hidden. Of two of which one is to be hidden the later in the list is.

    `known`: what readers see elsewhere too, so that hiding it here helps nobody; it is hidden only where it is small.
    Each count is in two sums at most. Where nothing less would do, all is hidden.
    """
    hidden = {cell for cell, count in counts.items() if count < FEW}
    table = _Table(counts, sums, set(known) - hidden)
    while told := [cell for cell in counts if cell in hidden and table.is_told(cell, hidden)]:
        more = table.cover_of(told[0], hidden)
        if not more:
            return dict.fromkeys(counts)
        hidden |= more
    return {cell: None if cell in hidden else count for cell, count in counts.items()}


def shown_parts(counts: Mapping[Cell, int]) -> dict[Cell, int | None]:
    """Of counts that are, all together, a number which readers see elsewhere."""
    whole = -1
    numbered = dict(enumerate(counts.values()))
    told = shown(numbered | {whole: sum(numbered.values())}, [Sum(whole, list(numbered))], [whole])
    return {cell: told[number] for number, cell in enumerate(counts)}


class _Table(Generic[Cell]):
    """Counts are the edges of a graph whose nodes are the sums. Whoever changes a hidden count by one has to change
    others along a path, or some sum does not add up: so many paths, so many values may the count have."""

    def __init__(self, counts: Mapping[Cell, int], sums: Sequence[Sum[Cell]], known: Collection[Cell]) -> None:
        self.counts = dict(counts)
        self.may_hide = set(counts) - set(known)
        self.cost = {cell: ONE_MORE + place for place, cell in enumerate(reversed(list(counts)))}
        self.signs: list[dict[Cell, int]] = [{sum_.whole: 1} | dict.fromkeys(sum_.parts, -1) for sum_ in sums]
        self.sums_of = {cell: [n for n, signs in enumerate(self.signs) if cell in signs] for cell in counts}
        self.ends = [cell for cell, found in self.sums_of.items() if len(found) == 1]
        if any(len(found) > 2 for found in self.sums_of.values()):
            raise ValueError("a count is in more than two sums")

    def is_told(self, cell: Cell, hidden: Collection[Cell]) -> bool:
        """Whether it has fewer than FEW values with which everything that is shown is true."""
        return 1 + sum(len(self._changes(cell, by, hidden, hidden)) for by in (1, -1)) < FEW

    def cover_of(self, cell: Cell, hidden: Collection[Cell]) -> set[Cell]:
        """What to hide beside, so that the count can be changed once more. Nothing where that is impossible."""
        for by in (1, -1):
            paths = self._changes(cell, by, self.may_hide | set(hidden), hidden)
            used = ({step.cell for step in path} - set(hidden) for path in paths)
            if more := next(filter(None, used), None):
                return more
        return set()

    def _changes(
        self, cell: Cell, by: int, usable: Collection[Cell], hidden: Collection[Cell]
    ) -> list[list[_Step[Cell]]]:
        """The ways to change the count so, one after the other, while each sum adds up and nothing falls below zero:
        FEW - 1 at most."""
        counts, found = dict(self.counts), list[list[_Step[Cell]]]()
        while len(found) < FEW - 1 and counts[cell] + by >= 0:
            path = self._path(cell, by, counts, usable, hidden)
            if path is None:
                break
            for step in path:
                counts[step.cell] += step.by
            counts[cell] += by
            found.append(path)
        return found

    def _path(
        self, cell: Cell, by: int, counts: Mapping[Cell, int], usable: Collection[Cell], hidden: Collection[Cell]
    ) -> list[_Step[Cell]] | None:
        """The steps that pay for the change, those first that hide least. A path in a graph, by Dijkstra."""
        first, goal = self._debts(cell, by)
        queue: list[tuple[int, int, _Debt, list[_Step[Cell]]]] = [(0, 0, first, [])]
        paid, number = set[_Debt](), 0
        while queue:
            cost, _, debt, path = heapq.heappop(queue)
            if debt == goal:
                return path
            if debt in paid:
                continue
            paid.add(debt)
            for step in self._steps(debt):
                if step.cell != cell and step.cell in usable and counts[step.cell] + step.by >= 0:
                    number += 1
                    dearer = cost + (0 if step.cell in hidden else self.cost[step.cell])
                    heapq.heappush(queue, (dearer, number, step.leaves, [*path, step]))
        return None

    def _debts(self, cell: Cell, by: int) -> tuple[_Debt, _Debt]:
        """What a change of this count leaves to pay, and the debt that its other sum takes in payment."""
        first, *last = (_Debt(of, self.signs[of][cell] * by) for of in self.sums_of[cell])
        return first, _Debt(last[0].of, -last[0].by) if last else _Debt(OUTSIDE, 0)

    def _steps(self, debt: _Debt) -> list[_Step[Cell]]:
        if debt.of == OUTSIDE:
            return [self._step(cell, by, OUTSIDE) for cell in self.ends for by in (1, -1)]
        return [self._step(cell, -debt.by * sign, debt.of) for cell, sign in self.signs[debt.of].items()]

    def _step(self, cell: Cell, by: int, paid: int) -> _Step[Cell]:
        other = next((of for of in self.sums_of[cell] if of != paid), None)
        leaves = _Debt(OUTSIDE, 0) if other is None else _Debt(other, self.signs[other][cell] * by)
        return _Step(cell, by, leaves)
