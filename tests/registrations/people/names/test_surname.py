"""Sheets are sorted by surname, which is worked out from a full name."""

import pytest

from registrations.people.names.surname import order, rest, surname

NAMES = [  # full name, surname, the rest
    ("Ada Ashdown", "Ashdown", "Ada"),
    ("Jan van der Berg", "van der Berg", "Jan"),
    ("María José de la Cruz", "de la Cruz", "María José"),
    ("Siobhán O'Brien-Nguyen", "O'Brien-Nguyen", "Siobhán"),
    ("Martin Luther King, III", "King", "Martin Luther III"),
    ("Cher", "Cher", ""),
    ("Van Morrison", "Morrison", "Van"),
    ("De la Rue", "la Rue", "De"),
    ("山田 太郎", "山田", "太郎"),
    ("김 철수", "김", "철수"),
    ("محمد علي", "علي", "محمد"),
    ("King King", "King", "King"),
    ("", "", ""),
]


@pytest.mark.parametrize(("full_name", "own", "others"), NAMES)
def test_a_surname_is_found_and_nothing_of_the_name_is_lost(full_name: str, own: str, others: str) -> None:
    assert (surname(full_name), rest(full_name)) == (own, others)
    assert sorted(f"{own} {others}".split()) == sorted(full_name.replace(",", "").split())


def test_accents_capitals_and_apostrophes_do_not_change_the_order() -> None:
    people = ["Ann Zoë", "Bo O'Hara", "Cy ohanlon", "Di Ölmann", "Al Smith", "Ab SMITH"]
    assert sorted(people, key=order) == ["Cy ohanlon", "Bo O'Hara", "Di Ölmann", "Ab SMITH", "Al Smith", "Ann Zoë"]
