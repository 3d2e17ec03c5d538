"""Two hundred invented people, none of whom could be reached or mistaken for somebody real."""

import re
from collections import Counter
from email.utils import parseaddr

from registrations.people.registration import OrganisationKind as Kind
from registrations.rehearsal.rehearsal_people import BODIES, people

MIX = {
    "charities": {Kind.CHARITY},
    "police": {Kind.POLICE},
    "councils, health and social care": {Kind.COUNCIL, Kind.HEALTH, Kind.SOCIAL_CARE},
    "probation and prisons": {Kind.PROBATION},
    "housing": {Kind.HOUSING},
    "academics and others": {Kind.EDUCATION, Kind.OTHER, Kind.JUSTICE},
}
REAL = ("hertfordshire", "herts", "three rivers", "safer places", "lamplugh", "ruggles", "sunflower")
EXAMPLE = re.compile(r"(?:[a-z-]+\.)+example\.(?:org|net|com)")  # reserved by RFC 2606
DRAMA = re.compile(r"07700 900\d{3}|01632 960\d{3}")  # what Ofcom keeps for drama


def test_they_come_in_the_mix_of_such_a_conference() -> None:
    counted = {words: sum(person.kind in kinds for person in people()) for words, kinds in MIX.items()}
    assert counted == {
        "charities": 60,
        "police": 50,
        "councils, health and social care": 45,
        "probation and prisons": 15,
        "housing": 10,
        "academics and others": 20,
    }
    advocates = [person for person in people() if person.kind is Kind.CHARITY and "advocate" in person.role.lower()]
    assert 25 <= len(advocates) <= 36, "about half of the charities' people"


def test_no_two_have_the_same_name_or_address() -> None:
    names, addresses = Counter(person.full_name for person in people()), Counter(person.email for person in people())
    assert (len(names), len(addresses)) == (200, 200)


def test_every_address_is_under_an_example_name_that_nobody_can_own() -> None:
    assert [
        person.email for person in people() if parseaddr(person.email)[1] != person.email or not person.email.isascii()
    ] == []
    assert [person for person in people() if not EXAMPLE.fullmatch(person.email.partition("@")[2])] == []
    assert EXAMPLE.fullmatch("saferplaces.co.uk") is None


def test_every_telephone_number_is_one_of_those_kept_for_drama() -> None:
    given = [person.phone for person in people() if person.phone]
    assert len(given) == len(set(given)) == 67, "a third of them, each their own"
    assert [number for number in given if not DRAMA.fullmatch(number)] == []
    assert DRAMA.fullmatch("03301 025811") is None


def test_nobody_and_no_body_is_called_like_one_of_the_article() -> None:
    invented = " ".join(f"{person.full_name} {person.organisation} {person.email}" for person in people()).casefold()
    assert [name for name in REAL if name in invented] == []
    assert "westmoor" in invented, "the control"


def test_they_are_the_same_each_time_and_the_bodies_are_mixed() -> None:
    assert people() == people()
    assert len({person.organisation for person in people()[: len(BODIES)]}) > 5
