"""Nothing is shown of fewer than five, and nothing that is hidden can be computed from what is shown.

Rules: EV-10.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.feedback import answering, asking, removing, results
from registrations.feedback.box import Answer, Contents, FeedbackBox
from registrations.feedback.results import KINDS, Row, shown_kinds
from tests.registrations.feedback.guests import NEXT_DAY, many_asked, said

Rows = Mapping[str, Row]
Choose = Callable[[Rows], set[str]]


def page(rows: Rows, choose: Choose) -> tuple[Row, dict[str, Row]]:
    """What somebody reads: the total, and the rows of some kinds."""
    total = tuple(map(sum, zip(*rows.values(), strict=True)))
    return total, {kind: rows[kind] for kind in choose(rows)}


def fewest_computed(rows: Rows, choose: Choose) -> int:
    """Of how few people, and not of nobody, the answers follow from the page by adding and taking away."""
    total, shown = page(rows, choose)
    some = [chosen for n in range(1, len(shown) + 1) for chosen in combinations(shown.values(), n)]
    left = [sum(total) - sum(map(sum, chosen)) for chosen in some]
    return min([*left, *map(sum, shown.values())], default=5)


def others_like(rows: Rows, kind: str) -> Iterator[Rows]:
    """Other answers that this kind may have given: what another one did, or one fewer, or one more."""
    for other in rows:
        yield {**rows, kind: rows[other], other: rows[kind]}
        for n, (giver, taker) in product(range(5), [(kind, other), (other, kind)]):
            if rows[giver][n]:
                moved = {name: list(rows[name]) for name in (giver, taker)}
                moved[giver][n] -= 1
                moved[taker][n] += 1
                yield {**rows, **{name: tuple(row) for name, row in moved.items()}}


def betrayed(rows: Rows, choose: Choose) -> list[str]:
    """Hidden kinds whose answers could only be what they are."""
    shown = page(rows, choose)
    hidden = [kind for kind in rows if kind not in shown[1] and shown[1]]
    return [
        kind for kind in hidden
        if not any(other[kind] != rows[kind] and page(other, choose) == shown for other in others_like(rows, kind))
    ]  # fmt: skip


def some_rows(seed: int) -> Rows:
    """Answers of kinds of which many are small."""
    draw = random.Random(seed)  # noqa: S311  # invented
    sizes = [draw.choice([0, 0, 1, 2, 4, 5, 6, 9, 20]) for _ in KINDS]
    made = dict[str, Row]()
    for kind, size in zip(KINDS, sizes, strict=True):
        answers = [draw.randrange(5) for _ in range(size)]
        made[kind] = tuple(answers.count(number) for number in range(5))
    return made


def large_ones(rows: Rows) -> set[str]:
    """What somebody would write first: whoever is five is shown."""
    return {kind for kind, row in rows.items() if sum(row) >= 5}


def test_no_answers_of_fewer_than_five_follow_from_what_is_shown() -> None:
    found = [fewest_computed(some_rows(seed), shown_kinds) for seed in range(200)]
    assert min(found) >= 5
    planted = [fewest_computed(some_rows(seed), large_ones) for seed in range(200)]
    assert min(planted) < 5, "the control: without the second rule the rest is computed"


def test_what_a_hidden_kind_said_may_always_have_been_another_thing() -> None:
    assert [seed for seed in range(200) if betrayed(some_rows(seed), shown_kinds)] == []
    assert [seed for seed in range(200) if betrayed(some_rows(seed), lambda rows: set(rows) - {"police"})] != []


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        ({"police": 9, "charity": 8, "council": 6}, {"police", "charity"}),  # else the others are nobody, for sure
        ({"police": 9, "charity": 8, "council": 6, "": 3}, {"police", "charity"}),
        ({"police": 9, "charity": 8, "council": 4, "": 3}, {"police", "charity"}),
        ({"police": 9, "charity": 4}, set()),
        ({"police": 30}, set()),
        ({"police": 4, "charity": 4, "council": 4}, set()),
    ],
)
def test_which_kinds_are_shown(people: dict[str, int], shown: set[str]) -> None:
    rows = {kind: (people.get(kind, 0), 0, 0, 0, 0) for kind in KINDS}
    assert shown_kinds(rows) == shown


def after(answers: list[Answer], *, closed: bool) -> results.Results:
    contents = Contents()
    for answer in answers:
        contents.put(answer)
    if closed:
        contents.show_all()
    return results.of(FeedbackBox(asked=60, is_closed=closed, words_sealed=b"sealed"), contents)


def test_whoever_looks_after_each_answer_sees_five_more_at_least() -> None:
    """Also in words; and in the end, when all that are left come together."""
    answers = [said(1 + n % 5, KINDS[n % 2], f"words {n}") for n in range(23)]
    seen = [after(answers[:n], closed=False) for n in range(24)] + [after(answers, closed=True)]
    rows = [sum(look.questions[0].row or ()) for look in seen]
    words = [len(look.written[0].texts or []) for look in seen]
    assert rows == words == [0] * 10 + [5] * 5 + [10] * 5 + [15] * 4 + [23]
    assert [look.people for look in seen] == [n - n % 5 for n in range(24)] + [23], "nor can the number be watched"
    assert [bool(look.questions[0].kinds) for look in seen] == [False] * 24 + [True], "kinds come in the end alone"


def test_a_question_that_few_answered_shows_nothing() -> None:
    few = [said(3)] * 10 + [Answer({"before": 1, "after": 5}, {"better": "chairs"})] * 4
    found = after([Answer({"content": 2}, {}) for _ in range(10)] + few[10:], closed=True)
    assert [question.row for question in found.questions] == [None, None, (0, 10, 0, 0, 0), None]
    assert (found.change, [asked.texts for asked in found.written]) == (None, [None, None])
    control = after(few + few[10:11], closed=True)
    assert (control.change, control.written[1].texts) == (results.Change(5, 10, 0), ["chairs"] * 5)


async def test_what_is_removed_hides_nothing_of_what_stood_beside_it(event: Event, omar: Staff) -> None:
    """Of five texts, one after the other, down to none; a sixth is shown with four that were removed."""
    for n, link in enumerate(await many_asked(event, 5)):
        assert await answering.take(link, said(3, "", f"text {n}"), NEXT_DAY)
    await asking.close(event.id)
    for left in range(4, -1, -1):
        assert await removing.remove(event, "differently", f"text {left}", omar, NEXT_DAY)
        box = await FeedbackBox.get(event_id=event.id)
        assert box.contents is not None
        found = results.of(box, box.contents).written[0]
        assert (found.texts, found.removed) == ([f"text {n}" for n in range(left)], 5 - left)


def test_fewer_than_five_answers_are_never_shown() -> None:
    found = after([said(3)] * 4, closed=True)
    assert (found.people, found.shown, [question.row for question in found.questions]) == (4, 0, [None] * 4)
