"""Small numbers of people: hidden, and not to be worked out by whoever adds and subtracts what is shown."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from registrations.codes.small_counts import FEW, Sum, shown, shown_parts

Row = tuple[int, int]  # of a table with two columns and all totals
Told = dict[tuple[str, str], int | None]
numbers = some.one_of(some.integers(0, 6), some.integers(0, 20))


def told_of(rows: list[Row]) -> tuple[dict[tuple[str, str], int], Told]:
    """A table with its totals, all rows and columns of which add up, and what of it is shown."""
    names = [str(number) for number in range(len(rows))]
    cells = {(name, column): row[n] for name, row in zip(names, rows, strict=True) for n, column in enumerate("xy")}
    cells |= {(name, "all"): sum(row) for name, row in zip(names, rows, strict=True)}
    cells |= {("all", column): sum(row[n] for row in rows) for n, column in enumerate("xy")}
    cells["all", "all"] = sum(map(sum, rows))
    sums = [Sum((name, "all"), [(name, "x"), (name, "y")]) for name in [*names, "all"]]
    sums += [Sum(("all", column), [(name, column) for name in names]) for column in ("x", "y", "all")]
    return cells, shown(cells, sums, [("all", "x"), ("all", "y"), ("all", "all")])


def rows_with(told: Told, name: str, most: int) -> list[Row]:
    """All rows that go with what is shown of this one."""
    x, y, both = (told[name, column] for column in ("x", "y", "all"))
    rows = [(a, b) for a in range(most + 1) for b in range(most + 1 - a)]
    return [(a, b) for a, b in rows if x in (None, a) and y in (None, b) and both in (None, a + b)]


def possible_rows(told: Told, count: int, most: int) -> list[list[Row]]:
    """Of each row those values that go with all that is shown: found by trying them all, unlike what hides them."""
    choices = [rows_with(told, str(number), most) for number in range(count)]
    whole = [told["all", column] for column in ("x", "y", "all")]

    def left(x: int, y: int) -> tuple[int | None, ...]:
        return tuple(None if w is None else w - there for w, there in zip(whole, (x, y, x + y), strict=True))

    found = []
    for number, mine in enumerate(choices):
        others = {(0, 0)}
        for rest in choices[:number] + choices[number + 1 :]:
            others = {(x + a, y + b) for x, y in others for a, b in rest if x + a + y + b <= most}
        sums = {tuple(None if w is None else t for w, t in zip(whole, (x, y, x + y), strict=True)) for x, y in others}
        found.append([row for row in mine if left(*row) in sums])
    return found


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(numbers, numbers), min_size=2, max_size=3))
@example([(3, 20), (17, 12), (9, 9)])
@example([(4, 4), (0, 0), (20, 6)])
def test_nothing_hidden_in_a_table_can_be_worked_out(rows: list[Row]) -> None:
    cells, told = told_of(rows)
    assert all(told[cell] in (None, count) for cell, count in cells.items())
    assert all(told[cell] is None for cell, count in cells.items() if count < FEW)
    most = sum(map(sum, rows)) + (FEW if told["all", "all"] is None else 0)
    for number, possible in enumerate(possible_rows(told, len(rows), most)):
        values = {"x": {x for x, _ in possible}, "y": {y for _, y in possible}, "all": {x + y for x, y in possible}}
        for column, found in values.items():
            assert told[str(number), column] is not None or len(found) >= FEW, (number, column, told)


@given(some.lists(some.integers(FEW, 99), min_size=1, max_size=8))
def test_what_has_no_small_number_is_shown_whole(counts: list[int]) -> None:
    assert list(shown_parts(dict(enumerate(counts))).values()) == counts


@given(some.lists(numbers, min_size=1, max_size=12))
def test_what_is_hidden_of_a_list_stays_open_beside_its_total(counts: list[int]) -> None:
    told = shown_parts(dict(enumerate(counts)))
    hidden = [count for number, count in enumerate(counts) if told[number] is None]
    assert all(count in hidden for count in counts if count < FEW)
    if sum(counts) >= FEW and hidden:
        assert len(hidden) > 1
        assert sum(hidden) >= FEW - 1  # so any of them may be 0 to 4


def test_who_knows_how_it_is_hidden_learns_no_number_either() -> None:
    """Every list of three small numbers: of those that look alike, each hidden number has several values."""
    alike = defaultdict(list)
    for counts in product(range(12), repeat=3):
        alike[sum(counts), tuple(shown_parts(dict(enumerate(counts))).values())].append(counts)
    for (whole, told), lists in alike.items():
        for number, count in enumerate(told) if FEW <= whole < 12 else ():
            assert count is not None or len({counts[number] for counts in lists}) > 2, (whole, told)


def test_the_later_of_two_is_hidden_beside_a_small_one() -> None:
    told = shown_parts({"a": 60, "b": 50, "c": 3, "d": 12, "e": 90})
    assert told == {"a": 60, "b": 50, "c": None, "d": 12, "e": None}


def test_a_count_in_three_sums_is_refused() -> None:
    with pytest.raises(ValueError, match="more than two"):
        shown({"a": 9, "b": 9, "c": 9, "d": 9}, [Sum("b", ["a"]), Sum("c", ["a"]), Sum("d", ["a"])])
