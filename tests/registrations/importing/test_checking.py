"""What is wrong with a row, and what is used of it all the same."""

from dataclasses import replace

from registrations.importing.checking import (
    EMAIL,
    EMAIL_WRONG,
    KIND,
    NAME,
    ONE_MAILBOX,
    ORGANISATION,
    TWICE,
    Fault,
    check,
)
from registrations.importing.columns import suggested
from tests.people import Person
from tests.registrations.importing.lists import HEADINGS, row_of


def test_faults_are_gathered_by_how_they_are_mended(ada: Person) -> None:
    good, odd = row_of(ada), row_of(replace(ada, email="b@example.org"))
    rows = [
        good,
        ["", *odd[1:]],
        good,
        [],
        ["...", "c@example.org", *odd[2:]],
        ["Dee", "d@example", *odd[2:]],
        ["Ed", "", "", "charities", "", "12"],
        [*good[:4], "Other role", ""],
    ]
    found = check(rows, 2, suggested(HEADINGS))
    assert [person.email for person in found.people] == [ada.email]
    assert [(fault.says, fault.where) for fault in found.faults] == [
        (NAME, "Rows 3 and 6"),
        (EMAIL_WRONG, "Row 7"),
        (EMAIL, "Row 8"),
        (ORGANISATION, "Row 8"),
        (KIND, "Row 8"),
        (TWICE, "Row 9"),
    ]
    assert (found.unusable[8], found.doubles) == ([EMAIL, ORGANISATION, KIND], 1)
    assert Fault("x", list(range(1, 43))).where.endswith("39, 40 and 2 more")
    again = check([good, good, []], 2, suggested(HEADINGS))
    assert (len(again.people), again.doubles, again.faults) == (1, 1, [])


def test_what_nobody_needs_is_left_out_where_it_cannot_be_used(ada: Person) -> None:
    listed = [
        row_of(replace(ada, phone="12")),
        row_of(replace(ada, role="x" * 101, email="b@example.org")),
        row_of(replace(ada, organisation="x" * 121, email="c@example.org")),
        row_of(replace(ada, phone="07700 900123", role="x" * 100, email="d@example.org")),
    ]
    found = check(listed, 2, suggested(HEADINGS))
    assert [(person.email, person.phone, len(person.role)) for person in found.people] == [
        (ada.email, "", len(ada.role)),
        ("b@example.org", "", 0),
        ("d@example.org", "07700 900123", 100),
    ]
    assert found.lessened == {
        2: ["Used without the telephone number, which cannot be right"],
        3: ["Used without the role, which is longer than 100 characters"],
    }
    assert found.unusable == {4: ["The organisation is longer than 120 characters"]}


def test_of_addresses_of_one_mailbox_the_first_is_used(ada: Person, bo: Person) -> None:
    columns = {"full_name": 0, "email": 1, "organisation": 2, "kind": 3}
    name, domain = ada.email.split("@")
    addresses = [f"{name}+0@{domain}", bo.email, ada.email, f"{name}+1@{domain}"]
    found = check([[ada.name, address, ada.organisation, ada.kind] for address in addresses], 2, columns)
    assert [person.email for person in found.people] == addresses[:2]
    assert found.faults == [Fault(ONE_MAILBOX, [4, 5])]


def test_a_row_that_cannot_be_used_stands_in_no_other_rows_way(ada: Person) -> None:
    found = check([["", *row_of(ada)[1:]], row_of(ada)], 2, suggested(HEADINGS))
    assert ([person.email for person in found.people], found.unusable) == ([ada.email], {2: [NAME]})


def test_the_kind_for_everybody_is_for_those_alone_whose_row_has_none(ada: Person) -> None:
    rows = [
        row_of(replace(ada, kind=kind, email=f"{n}@example.org")) for n, kind in enumerate(("police", "", "polcie"))
    ]
    assert [person.kind for person in check(rows[:2], 2, suggested(HEADINGS), "charity").people] == [
        "police",
        "charity",
    ]
    assert check(rows, 2, suggested(HEADINGS), "charity").faults == [Fault(KIND, [4])]


def test_a_telephone_number_that_a_spreadsheet_took_for_a_number_has_its_nought_again(ada: Person) -> None:
    typed = ["7700900123", "1632960001", "07700 900123", "+44 7700 900123", "447700900123"]
    rows = [row_of(replace(ada, phone=phone, email=f"{n}@example.org")) for n, phone in enumerate(typed)]
    read = [person.phone for person in check(rows, 2, suggested(HEADINGS)).people]
    assert read == ["07700900123", "01632960001", *typed[2:]]
