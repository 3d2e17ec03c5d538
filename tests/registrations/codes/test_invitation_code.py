"""Codes of invitations: drawn from 78 bits, and read back however they are typed."""

import pytest

from registrations.codes.invitation_code import new_code, normal_code
from registrations.codes.ticket_code import REFERENCE_ALPHABET


def test_a_code_is_four_groups_of_letters_that_nobody_confuses_and_never_the_same() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(group) for code in codes for group in code.split("-")} == {4}
    assert set("".join(codes)) - {"-"} == set(REFERENCE_ALPHABET)


@pytest.mark.parametrize(
    "typed", ["7KQM-2XRB-9TDW-HC4P", "7kqm2xrb9tdwhc4p", " 7kqm 2xrb 9tdw hc4p ", "7-kqm2xrb9tdwhc4p"]
)
def test_it_is_read_back_however_it_is_typed(typed: str) -> None:
    assert normal_code(typed) == "7KQM-2XRB-9TDW-HC4P"


@pytest.mark.parametrize(
    "typed", ["", "7KQM-2XRB-9TDW-HC4", "7KQM-2XRB-9TDW-HC4PP", "7KQM-2XRB-9TDW-HC40", "É7KQM2XRB9TDWHC4"]
)
def test_anything_else_can_be_no_code(typed: str) -> None:
    assert normal_code(typed) is None
