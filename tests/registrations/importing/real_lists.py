"""Lists as people and their programs make them, all of the same three invented people: what a volunteer uploads, what
they answer on the pages where no guess is right, and whom the list then names."""

import csv
import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import xlsxwriter

from tests.registrations.importing.test_files import line, ods, xlsx

ADA = ("Ada Mary", "Ashdown", "ada@wardens.example.org", "Wardens of Westmoor", "Advocate", "07700 900001")
BO = ("Bo", "Bell-Brook", "bo@westmoor.example.org", "Westmoor Council", "Adviser, housing", "07700 900002")
CLEO = ("Cleo", "O'Cray", "cleo@police.example.org", "Westmoor Police", "Detective", "07700 900003")
PEOPLE = (ADA, BO, CLEO)
OURS = ("charity", "council", "police")
WORDS = ("Charity / voluntary sector", "Local authority", "Police force")
COUNCIL = {"organisation_of_all": "Westmoor Council", "of_all": "council"}
Line = Sequence[str]


class RealList(NamedTuple):
    """`columns`, `kinds`: what is answered on these pages beside the guesses. `guests`: name, email, organisation,
    kind and role of each."""

    content: bytes
    guests: Sequence[Line]
    columns: Mapping[str, str] = MappingProxyType({})
    kinds: Mapping[str, str] = MappingProxyType({})


def as_text(rows: Sequence[Line], separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def guests(roles: bool = True, kinds: Line = OURS) -> list[Line]:
    """The three, by what a list says of them."""
    said = zip(PEOPLE, kinds, strict=True)
    return [(f"{p[0]} {p[1]}", p[2], p[3], kind, p[4] if roles else "") for p, kind in said]


def from_excel() -> RealList:
    head = [
        "Title",
        "Surname",
        "First name(s)",
        "E-mail address",
        "Employer / Organisation",
        "Type of org",
        "Job title",
        "Mobile no.",
    ]
    titles = zip(("Dr", "Mr", ""), PEOPLE, WORDS, strict=True)
    return RealList(xlsx([head, *([t, p[1], p[0], p[2], p[3], word, p[4], p[5]] for t, p, word in titles)]), guests())


def from_google_forms() -> RealList:
    head = [
        "Timestamp",
        "Email Address",
        "What is your full name?",
        "Which organisation do you work for?",
        "What type of organisation is it?",
        "What is your job title?",
        "Why do you want to come?",
        "Contact number (optional)",
    ]
    rows = [
        ["03/04/2019 10:11:12", p[2], f"{p[0]} {p[1]}", p[3], word, p[4], "To learn, and to share. " * 40, p[5]]
        for p, word in zip(PEOPLE, WORDS, strict=True)
    ]
    return RealList(as_text([head, *rows]), guests())


def from_eventbrite() -> RealList:
    head = [
        "Order #", "Order Date", "Prefix", "First Name", "Last Name", "Suffix", "Email", "Quantity", "Ticket Type",
        "Attendee #", "Attendee Status", "Buyer Email", "Job Title", "Company", "Work Phone", "Organisation Type",
    ]  # fmt: skip
    before, between = ["9821", "2019-04-03", "Ms"], ["1", "General admission", "1121", "Attending", "x@example.org"]
    rows = [
        [*before, p[0], p[1], "", p[2], *between, p[4], p[3], p[5], word] for p, word in zip(PEOPLE, WORDS, strict=True)
    ]
    return RealList(as_text([head, *rows], encoding="utf-8-sig"), guests())


def from_outlook() -> RealList:
    """It has ninety columns, most of them empty."""
    known = [
        "Title",
        "First Name",
        "Middle Name",
        "Last Name",
        "Suffix",
        "Company",
        "Department",
        "Job Title",
        "Business Phone",
        "Home Phone",
        "Mobile Phone",
        "E-mail Address",
        "E-mail Type",
        "E-mail Display Name",
    ]
    rows = [
        ["", p[0], "", p[1], "", p[3], "", p[4], "", "", p[5], p[2], "SMTP", f"{p[0]} {p[1]} ({p[2]})"] for p in PEOPLE
    ]
    more = [f"User {n}" for n in range(76)]
    content = as_text([[*known, *more], *([*row, *("" for _ in more)] for row in rows)], encoding="cp1252")
    return RealList(content, guests(kinds=("charity",) * 3), {"of_all": "charity"})


def from_a_personnel_office() -> RealList:
    head = ["Employee No", "Employee Name", "Position Title", "Directorate", "Work Email", "Line Manager Email"]
    rows = [[f"00{n}", f"{p[1]}, {p[0]}", p[4], "Places", p[2], "boss@example.org"] for n, p in enumerate(PEOPLE)]
    names = [(f"{p[0]} {p[1]}", p[2], "Westmoor Council", "council", p[4]) for p in PEOPLE]
    above = [["Staff list", "", "Confidential"], ["Run on", "3 April 2019"], []]
    return RealList(xlsx([*above, head, *rows]), names, COUNCIL)


def with_semicolons() -> RealList:
    head = ["Name", "E-Mail", "Organisation", "Sector", "Job role"]
    rows = [[f"{p[1]}, {p[0]}", p[2], p[3], word, p[4]] for p, word in zip(PEOPLE, WORDS, strict=True)]
    return RealList(as_text([head, *rows], ";", "utf-8-sig"), guests())


def with_tabs() -> RealList:
    head = ["Delegate name", "Delegate e-mail", "Agency", "Agency type", "Role"]
    rows = [[f"{p[0]} {p[1]}", p[2], p[3], word, p[4]] for p, word in zip(PEOPLE, WORDS, strict=True)]
    return RealList(as_text([head, *rows], "\t", "utf-16"), guests())


def below_titles() -> RealList:
    head = ["Forename", "Surname", "Email", "Org.", "Kind", "Post"]
    above = [["Launch, 15 April"], ["Delegates", "", "as of 3 April"], [], ["Questions to", "x@example.org"]]
    rows = [[p[0], p[1], p[2], p[3], word, p[4]] for p, word in zip(PEOPLE, WORDS, strict=True)]
    return RealList(as_text([*above, head, *rows]), guests())


def with_merged_cells() -> RealList:
    """One organisation over three rows, and *Name* over two columns."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "Who comes from us")
        sheet.write_row(1, 0, ["Organisation", "Type"])
        sheet.merge_range(1, 2, 1, 3, "Name")
        sheet.write_row(1, 4, ["Email", "Position"])
        sheet.merge_range(2, 0, 4, 0, "Westmoor Council")
        sheet.merge_range(2, 1, 4, 1, "Local authority")
        for n, p in enumerate(PEOPLE, 2):
            sheet.write_row(n, 2, [p[0], p[1], p[2], p[4]])
    return RealList(content.getvalue(), from_a_personnel_office().guests)


def surname_first() -> RealList:
    head = ["Name (Surname, First)", "Contact", "Employer", "Type of employer"]
    rows = [
        [f"{p[1].upper()}, {p[0]}", f"{p[0]} {p[1]} <{p[2]}>", p[3], word]
        for p, word in zip(PEOPLE, WORDS, strict=True)
    ]
    names = [(f"{p[0]} {p[1].upper()}", p[2], p[3], kind, "") for p, kind in zip(PEOPLE, OURS, strict=True)]
    return RealList(as_text([head, *rows]), names, {"email": "1"})


def with_one_name() -> RealList:
    rows = [(f"{p[0]} {p[1]}", p[2], p[3], kind.capitalize()) for p, kind in zip(PEOPLE, OURS, strict=True)]
    lines = [("Your name", "Your work e-mail", "Where do you work?", "Kind of organisation"), *rows]
    return RealList(ods("".join(line(*cells) for cells in lines)), guests(roles=False))


def with_other_kinds() -> RealList:
    words = ("Refuge", "Public body", "Law enforcement")
    head = ["Full name", "Work email address", "Name of organisation", "Category", "Occupation"]
    rows = [[f"{p[0]} {p[1]}", p[2], p[3], word, p[4]] for p, word in zip(PEOPLE, words, strict=True)]
    meant = {f"kind of {word.lower()}": kind for word, kind in zip(words, OURS, strict=True)}
    return RealList(xlsx([head, *rows]), guests(), {"kind": "3"}, meant)


REAL_LISTS = {
    make.__name__.replace("_", " "): make
    for make in (
        from_excel,
        from_google_forms,
        from_eventbrite,
        from_outlook,
        from_a_personnel_office,
        with_semicolons,
        with_tabs,
        below_titles,
        with_merged_cells,
        surname_first,
        with_one_name,
        with_other_kinds,
    )
}
