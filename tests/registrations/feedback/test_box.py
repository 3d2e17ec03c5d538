"""What a box keeps of answers, and in which steps they come into the results.

Rules: EV-10.
"""

from collections import Counter
from itertools import permutations

from registrations.feedback.box import Answer, Contents, Part, contents_of
from tests.registrations.feedback.guests import said

ANSWERS = [
    said(1, "police", "ask first"),
    said(5, "charity"),
    said(3, "charity", "Ask later"),
    Answer({"before": 2, "after": 4}, {"better": "chairs"}),
]


def filled(answers: list[Answer]) -> Contents:
    made = Contents()
    for answer in answers:
        made.put(answer)
    return made


def test_a_box_says_the_same_in_whichever_order_its_answers_came() -> None:
    """Also what is sealed is the same: nothing of the order is left in it."""
    boxes = [filled(list(order)) for order in permutations(ANSWERS)]
    assert {(box.numbers, box.words) for box in boxes} == {(boxes[0].numbers, boxes[0].words)}
    assert filled([*ANSWERS, said(1)]).numbers != filled([*ANSWERS, said(2)]).numbers


def test_a_box_opens_as_it_was_and_counts() -> None:
    box = filled(ANSWERS)
    again = contents_of(box.numbers, box.words)
    assert again == box
    assert (again.people, again.waiting.count("before", 2), again.waiting.count("before", 3, "charity")) == (4, 1, 1)
    assert again.waiting.count("change", "2>4") == 1
    assert again.waiting.texts == {"differently": ["ask first", "Ask later"], "better": ["chairs"]}
    assert contents_of(box.numbers, "").waiting.texts == {}, "words go before numbers"


def test_results_take_in_five_at_a_time_and_all_in_the_end() -> None:
    box, steps = Contents(), list[tuple[int, int]]()
    for n in range(23):
        box.put(said(1 + n % 5, text=f"words {n}"))
        steps.append((box.shown.people, sum(box.shown.count("content", value) for value in range(1, 6))))
    assert steps == [(0, 0)] * 9 + [(5, 5)] * 5 + [(10, 10)] * 5 + [(15, 15)] * 4
    box.show_all()
    assert (box.people, box.shown.people, box.waiting) == (23, 23, Part())
    assert [box.shown.count("content", value) for value in range(1, 6)] == [5, 5, 5, 4, 4]
    assert box.shown.texts["differently"] == sorted(f"words {n}" for n in range(23))


def test_which_answers_wait_is_drawn_by_chance() -> None:
    """Of the newest some are shown, and some of the oldest wait; those of two questions are not of the same people."""
    boxes = [filled([said(1, text=f"{n:02}") for n in range(50)]) for _ in range(40)]
    left = Counter(text for box in boxes for text in box.waiting.texts["differently"])
    assert sum(left.values()) == 40 * 5
    assert len([text for text in left if text < "45"]) > 5, "not the newest alone"
    assert max(left.values()) < 40, "and none of them always"
    several = filled([said(1 + n % 5, text=str(n % 5)) for n in range(200)])
    values = Counter(cell.split("|")[2] for cell in several.waiting.cells.elements() if "|content|" in cell)
    assert sum(values.values()) == len(several.waiting.texts["differently"]) == 5


def test_the_last_step_is_never_of_fewer_than_five() -> None:
    for number in range(5, 40):
        box = filled([said(1)] * number)
        before = box.shown.people
        box.show_all()
        assert box.shown.people - before >= 5, number
