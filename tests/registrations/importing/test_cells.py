"""What stands in a cell of a list is taken as people mean it."""

from time import process_time

import pytest

from registrations.importing.cells import address_in, are_surname_first, in_order
from registrations.importing.checking import check
from registrations.importing.reading_apart import MOST_FILLED, fill_down


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Ashdown, Ada", "Ada Ashdown"),
        ("ASHDOWN , Ada Mary", "Ada Mary ASHDOWN"),
        ("Ada Ashdown, MBE", "Ada Ashdown, MBE"),
        ("Ada Ashdown, B.Sc. QPM", "Ada Ashdown, B.Sc. QPM"),
        ("Rahman, Md", "Md Rahman"),
        ("van der Berg, Ada", "Ada van der Berg"),
        ("Ada Ashdown", "Ada Ashdown"),
        ("Ashdown,", "Ashdown,"),
        ("Ashdown, Ada, MBE", "Ashdown, Ada, MBE"),
    ],
)
def test_a_surname_that_stands_first_is_put_last(cell: str, name: str) -> None:
    assert in_order(cell) == name


def test_names_are_turned_round_where_most_of_the_column_is_so() -> None:
    columns = {"full_name": 0, "email": 1, "organisation": 2}
    listed = ["Ashdown, Ada", "Bell, Bo", "Cleo Cray"]
    rows = [[name, f"{n}@example.org", "Wardens"] for n, name in enumerate(listed)]
    assert [person.full_name for person in check(rows, 2, columns, "charity").people] == [
        "Ada Ashdown",
        "Bo Bell",
        "Cleo Cray",
    ]
    with_roles = ["Ada Ashdown, Advocate", "Bo Bell, Officer", "Cleo Cray, Clerk"]
    assert [are_surname_first(names) for names in (listed, ["Ada Ashdown, Wardens", "Bo Bell", ""])] == [True, False]
    assert not are_surname_first(with_roles)


def test_a_cell_without_an_end_is_looked_through_once() -> None:
    """By a pattern that looks for both sides of the sign ten thousand such cells took half a minute."""
    began = process_time()
    assert {address_in("a" * 499 + "@" + end) for end in ("", ",") for _ in range(1000)} == {""}
    assert process_time() - began < 2


@pytest.mark.parametrize(("before", "says"), [(MOST_FILLED - 1, "Wardens"), (MOST_FILLED, "")])
def test_no_more_merged_cells_are_filled_than_a_list_has(before: int, says: str) -> None:
    """300,000 that overlap kept the program busy until its time was over, and all other lists waited."""
    rows = [["Ada", "Wardens"], ["Bo", ""]]
    fill_down(rows, [((0, 0), (1, 0))] * before + [((0, 1), (1, 1))])
    assert rows == [["Ada", "Wardens"], ["Ada", says]]


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("Ada@Example.org", "ada@example.org"),
        ("Ada Ashdown <ada@example.org>", "ada@example.org"),
        ("ada@example.org (work).", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("ada@example.org; bo@example.org", ""),
        ("nowhere", ""),
    ],
)
def test_the_one_address_in_a_cell_is_taken(cell: str, address: str) -> None:
    assert address_in(cell) == address
