"""Ticket codes and references: what is written is read back, and what is not ours is said to be so.

Rules: SE-19.
"""

import json
import re
from collections import Counter
from itertools import count
from typing import Any

import pytest

from registrations.codes.ticket_code import Parsed, encode, never_used, new_reference, normal_reference, parse
from tests.vectors import make


def cases(name: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((make.FOLDER / name).read_text(encoding="utf-8"))
    return read


def ascending() -> Any:
    """Bytes in place of randomness: 0, 1, 2 and so on, for ever."""
    numbers = count()
    return lambda length: bytes(next(numbers) % 256 for _ in range(length))


@pytest.mark.parametrize("name", make.VECTORS)
def test_the_vectors_are_what_their_command_writes(name: str) -> None:
    assert (make.FOLDER / name).read_text(encoding="utf-8") == make.written(name), "python -m tests.vectors.make"


@pytest.mark.parametrize("case", cases("ticket_code.json"), ids=lambda case: ascii(case["text"])[:40])
def test_a_code_is_read_or_the_reason_is_named(case: dict[str, Any]) -> None:
    secret = None if case["secret"] is None else bytes.fromhex(case["secret"])
    assert parse(case["text"]) == Parsed(secret, case["why"])


def test_a_code_has_29_characters_worked_out_by_hand() -> None:
    assert encode(bytes(16)) == "M1" + "0" * 26 + "0"
    assert encode(bytes(15) + b"\x01") == "M1" + "0" * 25 + "4" + "R"  # 1 << 2; Luhn: 32 - 2 * 4 is 24, which is R


def test_a_secret_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        encode(bytes(15))


@pytest.mark.parametrize("case", cases("reference.json"), ids=lambda case: ascii(case["typed"]))
def test_a_reference_is_understood_as_people_type_it(case: dict[str, Any]) -> None:
    typed = case["typed"]
    assert (normal_reference(typed), never_used(typed)) == (case["reference"], case["never_used"])


def test_new_references_are_drawn_evenly_and_read_back() -> None:
    random = ascending()
    references = [new_reference(random) for _ in range(80)]  # 480 letters: every letter's turn comes twice over
    assert [
        reference
        for reference in references
        if not re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{3}-[2-9A-HJKMNP-TV-Z]{3}", reference)
    ] == []
    assert [reference for reference in references if normal_reference(reference) != reference] == []
    assert set(Counter("".join(references).replace("-", "")).values()) == {16}


def test_two_references_are_not_the_same() -> None:
    assert len({new_reference() for _ in range(200)}) == 200
