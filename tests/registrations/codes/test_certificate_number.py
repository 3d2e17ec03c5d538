"""The number of a certificate: nobody guesses it, and a slip of whoever types it is found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrations.codes.certificate_number import LENGTH, new_number, normal_number
from registrations.codes.ticket_code import ALPHABET

DRAWN = st.builds(new_number)


def test_no_two_are_alike_and_each_has_seventy_bits() -> None:
    drawn = {new_number() for _ in range(2000)}
    assert len(drawn) == 2000
    assert (LENGTH - 1) * 5 >= 60
    for place in (0, 8, 15):  # each place has each character: nothing of a number is fixed
        assert {number[place] for number in drawn} == set(ALPHABET)


@settings(deadline=None)
@given(DRAWN)
def test_it_is_read_however_it_is_typed(number: str) -> None:
    bare = number.replace("-", "")
    for typed in (number, bare, number.lower(), f" {number} ", number.replace("-", " "), number.replace("-", "\u2013")):
        assert normal_number(typed) == number
    assert normal_number(bare.replace("0", "O").replace("1", "l")) == number


@settings(deadline=None)
@given(DRAWN, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_each_slip_is_found(number: str, place: int, other: str) -> None:
    bare = number.replace("-", "")
    slipped = bare[:place] + other + bare[place + 1 :]
    assert (normal_number(slipped) is None) == (slipped != bare)


@pytest.mark.parametrize(
    "typed", ["", "-", "7K2QH", "U" * LENGTH, "0" * 400, "\u0660" * LENGTH, "7K2QH-4MD9X-B0RT\u2166"]
)
def test_anything_else_is_none(typed: str) -> None:
    assert normal_number(typed) is None
