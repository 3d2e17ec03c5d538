"""Which names are the one that was typed."""

import pytest

from registrations.checkin.looking_up import names

FITS = [
    ("Ada Smith", "smi", "a"), ("Ada Smith", "SMITH", "A"), ("Ada Smith", " s m i ", "a"),
    ("Siobhán O\u2019Brien-Nguyen", "o'brien-nguyen", "s"), ("Siobhan O'Brien-Nguyen", "OBRIEN NGUYEN", "S"),
    ("Siobhán O\u2019Brien-Nguyen", "nguyễn", "s"), ("Nguyễn Văn An", "nguyen", "v"), ("Nguyễn Văn An", "Nguyễn", "a"),
    ("Ana María de la Cruz", "dela", "m"), ("Ana María de la Cruz", "cruz", "a"),
    ("Zoë Đặng", "dan", "Z"), ("Søren Łukasz", "luk", "s"), ("St. John Rivers", "riv", "s"),
    ("Prince", "pri", "p"), ("Ada Smith", "smi", ""), ("Wei Ng", "wei", "n"), ("Jürgen Groß", "gross", "j"),
]  # fmt: skip
NOT = [
    ("Ada Smith", "smi", "s"), ("Ada Smith", "mit", "a"), ("Ada Smith", "smithe", "a"), ("Ada Smith", "smi%", "a"),
    ("Ada Smith", "sm_", "a"), ("Ada Smith", "%%%", "a"), ("Ada Smith", "___", "_"), ("Ada Smith", "s.*", "a"),
    ("Prince", "pri", "q"), ("Ada Smith", "ada@", "a"), ("Ada Smith", "smi", "%"),
]  # fmt: skip


def fits(name: str, surname: str, first: str) -> bool:
    return names.found([(7, name)], names.squeezed(surname), names.squeezed(first)) == [7]


@pytest.mark.parametrize(("name", "surname", "first"), FITS)
def test_a_name_is_found_however_it_is_typed(name: str, surname: str, first: str) -> None:
    assert fits(name, surname, first)


@pytest.mark.parametrize(("name", "surname", "first"), NOT)
def test_nothing_is_a_pattern_and_the_beginning_has_to_be_theirs(name: str, surname: str, first: str) -> None:
    assert not fits(name, surname, first)


def test_only_letters_count_towards_three() -> None:
    assert [names.letters_in(typed) for typed in ("", "a", "%%%", "___", "o'b", "s m-i", "Ễ123", "x" * 9999)] == [
        0, 1, 0, 0, 2, 3, 1, names.LONGEST,
    ]  # fmt: skip
