"""What a closing report hides stays hidden from whoever adds and subtracts all that it says, across its tables.

Rules: EV-13.
"""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as some

from registrations.codes.small_counts import FEW
from registrations.reporting import figures
from registrations.reporting.figures import ABSENT, NOT_KNOWN, WITHOUT, OtherCounts, Outcome, Request

KINDS, AREAS, MONDAY = ("charity", "police", "health"), ("Watford", "Stevenage"), date(2019, 3, 4)
CAME = (Outcome.CAME, Outcome.LATER)
people = some.lists(
    some.tuples(some.sampled_from(KINDS), some.sampled_from(Outcome), some.sampled_from([*AREAS, NOT_KNOWN]),
                some.integers(0, 20), some.integers(1, 9)),
    max_size=25,
)  # fmt: skip
Cell = tuple[str, ...]


def asked_by(groups: list[tuple[str, Outcome, str, int, int]]) -> list[Request]:
    return [
        Request(outcome, kind, area, MONDAY + timedelta(days=day), timedelta(hours=1))
        for kind, outcome, area, day, number in groups
        for _ in range(number)
    ]


def true_cells(asked: list[Request]) -> dict[Cell, int]:
    """All that the tables could say."""
    cells = Counter[Cell]()
    for row in asked:
        came = "came" if row.outcome in CAME else "absent"
        week = str(row.day - timedelta(days=row.day.weekday()))
        cells.update([("asked",), (came,), ("outcome", row.outcome), ("week", week)])
        cells.update([("without",)] if row.outcome in WITHOUT else [])
        for table, name in (("kind", row.kind), ("area", row.area)):
            cells.update([(table, name, "asked"), (table, name, came)])
    return cells


def shown_cells(said: dict) -> dict[Cell, int]:  # type: ignore[type-arg]
    """All that they do say, with what is its difference at first sight."""
    found: dict[Cell, int | None] = {
        (code,): said["people"].get(code) for code in ("asked", "came", "absent", "without")
    }
    names = {"in time": Outcome.CAME, "held": Outcome.NO_SHOW} | {o.value: o for o in Outcome if o is not Outcome.CAME}
    found |= {("outcome", names[code]): n for code, n in said["people"].items() if code in names}
    found |= {("week", week): number for week, number in said["weeks"]}
    for table in ("kind", "area"):
        for name, all_asked, came in said[f"{table}s"]:
            found |= {(table, name, "asked"): all_asked, (table, name, "came"): came}
    return {cell: number for cell, number in found.items() if number is not None}


def equations(weeks: list[str]) -> list[dict[Cell, int]]:
    """What everybody knows adds up to nothing."""
    known: list[dict[Cell, int]] = [
        {("asked",): 1, ("came",): -1, ("absent",): -1},
        {("came",): 1} | {("outcome", outcome): -1 for outcome in CAME},
        {("absent",): 1, ("without",): -1, ("outcome", Outcome.NO_SHOW): -1},
        {("without",): 1} | {("outcome", outcome): -1 for outcome in WITHOUT},
        {("asked",): 1} | {("week", week): -1 for week in weeks},
    ]
    for table, names in (("kind", KINDS), ("area", (*AREAS, NOT_KNOWN))):
        known += [{(what,): 1} | {(table, n, what): -1 for n in names} for what in ("asked", "came", "absent")]
        known += [{(table, n, "asked"): 1, (table, n, "came"): -1, (table, n, "absent"): -1} for n in names]
    return known


def solved(known: list[dict[Cell, int]], shown: set[Cell]) -> set[Cell]:
    """The cells that follow from those that are shown: by elimination, unlike what hides them."""
    rows = [{cell: Fraction(n) for cell, n in row.items() if cell not in shown} for row in known]
    done: list[dict[Cell, Fraction]] = []
    while rows := [row for row in rows if row]:
        row = rows.pop()
        pivot, first = next(iter(row.items()))
        row = {cell: n / first for cell, n in row.items()}
        for others in (rows, done):
            others[:] = [_less(other, row, pivot) for other in others]
        done.append(row)
    return {next(iter(row)) for row in done if len(row) == 1}


def _less(row: dict[Cell, Fraction], other: dict[Cell, Fraction], pivot: Cell) -> dict[Cell, Fraction]:
    by = row.get(pivot, Fraction(0))
    left = {cell: row.get(cell, Fraction(0)) - by * other.get(cell, Fraction(0)) for cell in row | other}
    return {cell: n for cell, n in left.items() if n}


@settings(max_examples=120, deadline=None)
@given(people)
@example([("charity", outcome, "Watford", 0, 5) for outcome in ABSENT])
def test_ev13_no_number_under_five_is_said_or_follows_from_all_that_is(
    groups: list[tuple[str, Outcome, str, int, int]],
) -> None:
    asked = asked_by(groups)
    said = figures.figures(asked, KINDS, AREAS, OtherCounts(0, 0, None, 0))
    told, true = shown_cells(said), true_cells(asked)
    assert all(number == true.get(cell, 0) for cell, number in told.items() if cell != ("outcome", "x"))
    assert [cell for cell, number in told.items() if number < FEW] == []
    follows = solved(equations([week for week, _ in said["weeks"]]), set(told))
    small = {cell for cell in follows if true.get(cell, 0) < FEW}
    if not true["came",]:
        small -= {("came",)}  # that nobody was counted in is said in words
    assert small == set() or len(asked) < FEW


def test_the_solver_finds_what_one_hidden_number_beside_its_total_is() -> None:
    everything = {cell for row in equations([]) for cell in row}
    assert solved(equations([]), everything - {("kind", "health", "came")}) == {("kind", "health", "came")}


def test_adjustments_are_counted_by_people_and_few_are_hidden() -> None:
    def access(told: int | None, arranged: int) -> object:
        return figures.figures([], KINDS, AREAS, OtherCounts(0, 0, told, arranged))["access"]

    assert access(12, 7) == {"told": 12, "arranged": 7, "open": 5}
    assert access(12, 9) == {"told": 12, "arranged": None, "open": None}
    assert access(3, 3) == {"told": None, "arranged": None, "open": None}
    assert access(None, 0) is None


def test_whoever_knows_this_code_cannot_tell_how_few_came_or_were_absent() -> None:
    """Of 13 who asked five came later: were that said, it could only be four who came in time, and four absent."""

    def people_of(came: int, later: int, absent: int) -> dict[str, int | None]:
        numbers = {Outcome.CAME: came, Outcome.LATER: later, Outcome.NO_SHOW: absent}
        groups = [("charity", outcome, NOT_KNOWN, 0, number) for outcome, number in numbers.items()]
        said = figures.figures(asked_by(groups), KINDS, AREAS, OtherCounts(0, 0, None, 0))["people"]
        return {code: number for code, number in said.items() if number is not None}

    alike = [
        absent
        for came in range(1, 14)
        for absent in range(14 - came)
        if people_of(came, 13 - came - absent, absent) == people_of(4, 5, 4)
    ]
    assert len(set(alike)) >= FEW
    assert people_of(7, 6, 5) == {"asked": 18, "came": 13, "absent": 5, "in time": 7, "later": 6}


def test_of_few_decisions_no_time_is_said_and_of_few_lost_emails_no_number() -> None:
    """The longest of few is somebody's own."""

    def decided(number: int) -> object:
        requests = [
            Request(Outcome.WAITING, KINDS[0], AREAS[0], MONDAY, timedelta(hours=hours))
            for hours in range(1, number + 1)
        ]
        return figures.figures(requests, KINDS, AREAS, OtherCounts(0, 0, None, 0))["decided"]

    assert (decided(4), decided(5)) == (None, {"median": 3 * 3600, "longest": 5 * 3600})
    lost = [figures.figures([], KINDS, AREAS, OtherCounts(100, n, None, 0))["emails"] for n in (4, 5)]
    assert [emails["not_arrived"] for emails in lost] == [None, 5]
