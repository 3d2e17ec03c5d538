"""The draw: never more people than a workshop has room for, the same again from the same seed. Rules: EV-01."""

import random
from collections import Counter

import pytest

from registrations.workshops.lot import Wish, allot, drawn_for, fingerprint

FIRST, SECOND, THIRD = 11, 12, 13


def wishes_of(chance: random.Random, people: int, workshops: list[int]) -> list[Wish]:
    seed = f"{chance.getrandbits(256):064x}"
    chosen = [(chance.choice(workshops), chance.choice([*workshops, None])) for _ in range(people)]
    return [
        Wish(drawn_for(seed, f"guest{number}"), first, second if second != first else None)
        for number, (first, second) in enumerate(chosen)
    ]


@pytest.mark.parametrize("number", range(60))
def test_whoever_chooses_what_nobody_is_too_many_and_nobody_makes_way_for_a_later_one(number: int) -> None:
    chance = random.Random(number)  # noqa: S311  # chance that comes again
    workshops = [FIRST, SECOND, THIRD][: chance.randint(1, 3)]
    seats = {workshop: chance.choice([0, 1, 2, 5, 30]) for workshop in workshops}
    wishes, leftover = wishes_of(chance, chance.randint(0, 90), workshops), chance.random() < 0.5
    got = allot(wishes, seats, leftover)
    assert set(got) == {wish.drawn for wish in wishes}, "everybody who chose is in it, and nobody else"
    given = Counter(workshop for workshop in got.values() if workshop is not None)
    assert [workshop for workshop, people in given.items() if people > (seats[workshop] or people)] == []
    shuffled = sorted(wishes, key=lambda wish: wish.drawn[::-1])
    assert allot(shuffled, seats, leftover) == got, "in whatever order the choices come"
    envious = [wish for wish in wishes if _envies(wish, wishes, got)]
    assert envious == [], "somebody with a later lot has what they wanted first"
    if leftover and not all(seats.values()):
        assert None not in got.values(), "where a workshop takes any number, nobody gets nothing"


def _envies(wish: Wish, wishes: list[Wish], got: dict[str, int | None]) -> bool:
    later = [other for other in wishes if other.drawn > wish.drawn]
    return got[wish.drawn] != wish.first and any(got[other.drawn] == wish.first for other in later)


def lots(*chosen: tuple[int, int | None]) -> list[Wish]:
    """In this order."""
    return [Wish(f"{number:02}", first, second) for number, (first, second) in enumerate(chosen)]


@pytest.mark.parametrize(
    ("leftover", "last"), [(False, None), (True, THIRD)], ids=["nothing is left for them", "what is left"]
)
def test_first_then_second_then_what_is_left_if_organisers_say_so(leftover: bool, last: int | None) -> None:
    wishes = lots((FIRST, SECOND), (FIRST, SECOND), (FIRST, SECOND), (FIRST, None))
    assert allot(wishes, {FIRST: 1, SECOND: 1, THIRD: 5}, leftover) == {
        "00": FIRST, "01": SECOND, "02": last, "03": last,
    }  # fmt: skip


def test_what_is_left_is_the_workshop_with_the_most_places() -> None:
    wishes = lots((FIRST, None), (FIRST, None), (FIRST, None))
    assert list(allot(wishes, {FIRST: 1, SECOND: 1, THIRD: 2}, True).values()) == [FIRST, THIRD, SECOND]


def test_a_workshop_that_is_taken_out_gives_nobody_a_place() -> None:
    assert allot(lots((FIRST, SECOND)), {SECOND: 1}, False) == {"00": SECOND}


def test_another_seed_makes_another_order_and_the_same_seed_the_same() -> None:
    guests = [f"guest{number}" for number in range(50)]
    one, other = ("ab" * 32, "cd" * 32)
    order = {seed: sorted(guests, key=lambda guest: drawn_for(seed, guest)) for seed in (one, other)}
    assert order[one] != order[other]
    assert order[one] == sorted(guests, key=lambda guest: drawn_for(one, guest))


def test_a_draw_with_anything_else_in_it_has_another_fingerprint() -> None:
    wishes, seats = lots((FIRST, SECOND), (SECOND, None)), {FIRST: 1, SECOND: 1}
    got = allot(wishes, seats, False)
    known = fingerprint("ab", seats, False, wishes, got)
    others = [
        fingerprint("ac", seats, False, wishes, got),
        fingerprint("ab", {FIRST: 2, SECOND: 1}, False, wishes, got),
        fingerprint("ab", seats, True, wishes, got),
        fingerprint("ab", seats, False, wishes[:1], got),
        fingerprint("ab", seats, False, wishes, got | {"00": SECOND}),
    ]
    assert known not in others
    assert len({known, *others}) == 6
