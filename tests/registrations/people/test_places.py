"""Places are known by ids that lie anywhere, and marks of two columns are put together without a loop."""

import random
from array import array

from registrations.people.places import A_PAGE, NOWHERE, ById, Places, both, marked, marks_of


def test_each_id_has_the_place_that_it_was_given_last() -> None:
    places, known = ById(), dict[int, int]()
    drawn = random.Random(1)  # noqa: S311
    ids = [0, 1, A_PAGE - 1, A_PAGE, 1 << 40, *(drawn.randrange(10 * A_PAGE) for _ in range(500))]
    for place, id_ in enumerate(ids):
        places.put(id_, place)
        known[id_] = place
    assert {id_: places.get(id_) for id_ in known} == known
    assert [places.get(id_) for id_ in range(20 * A_PAGE) if id_ not in known] == [NOWHERE] * (
        20 * A_PAGE - len(known) + 1
    )
    places.put(A_PAGE, NOWHERE)
    assert (places.get(A_PAGE), places.get(A_PAGE - 1)) == (NOWHERE, known[A_PAGE - 1])


def test_marks_are_where_the_column_has_one_of_the_values_and_both_where_both_are() -> None:
    column = bytearray([3, 1, 255, 3, 0, 2])
    assert marks_of(column, {3, 0}) == bytes([1, 0, 0, 1, 1, 0])
    assert both(bytes([1, 0, 0, 1, 1, 0]), bytearray([0, 1, 0, 1, 1, 1])) == bytes([0, 0, 0, 1, 1, 0])
    assert both(b"", b"") == b""
    assert list(marked(bytearray([1, 0, 0, 1, 1, 0]))) == [0, 3, 4]
    few = bytearray(99)
    few[7] = few[98] = 1
    assert list(marked(few)) == [7, 98]
    assert list(marked(b"")) == list(marked(bytes(9))) == []


def test_of_a_list_those_that_are_marked_stand_in_its_order() -> None:
    places = Places(array("i", [4, 0, 3, 1]), bytes([0, 1, 0, 1, 1]), 3)
    assert (len(places), list(places), places[1], places[1:3]) == (3, [4, 3, 1], 3, [3, 1])
    assert (places[0:9], places[3:9], places[9:12]) == ([4, 3, 1], [], [])
