"""What is wrong with a list, gathered by how it is mended: each fault once, with the rows that have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from events.web.forms import PHONE
from registrations.asking.held_back import mailbox
from registrations.asking.made_or_found import Answers

from . import cells, kinds
from .people_import import ListAnswers

LONGEST = {"full_name": 100, "organisation": 120, "role": 100, "badge_name": 60, "phone": 40}
NAME = "There is no name. Enter one"
EMAIL = "There is no email address. Enter one, or delete the row"
EMAIL_WRONG = "The email address cannot be right. Correct it: it has to look like name@example.com"
ORGANISATION = "There is no organisation. Enter one"
KIND = "There is no kind of organisation. Choose one for everybody on the page before"
KIND_WRONG = "“{}” is no kind of organisation that we know. Say on the page before what it means"
PHONE_WRONG = "The telephone number cannot be right. Correct it, or delete it"
TOO_LONG = "{} is longer than {} characters. Shorten it"
TWICE = "The same email address stands in several rows that differ. Delete all of them but one"
ONE_MAILBOX = "These addresses lead to the same mailbox, which would get an email for each. Keep one of them"
CALLED = {"full_name": "The name", "organisation": "The organisation", "role": "The role",
          "badge_name": "The name on the badge", "phone": "The telephone number"}  # fmt: skip
SHOWN_ROWS = 40
UNASKED = ListAnswers()


class Fault(NamedTuple):
    """`rows`: their numbers in the file."""

    says: str
    rows: list[int]

    @property
    def where(self) -> str:
        """Row 7. Rows 7, 9 and 12."""
        shown = [str(row) for row in self.rows[:SHOWN_ROWS]]
        more = len(self.rows) - len(shown)
        if more:
            return f"Rows {', '.join(shown)} and {more:,} more"
        return f"Row {shown[0]}" if len(shown) == 1 else f"Rows {', '.join(shown[:-1])} and {shown[-1]}"


@dataclass
class Checked:
    """Everybody on the list, once each, if there is no fault."""

    people: list[Answers] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubles: int = 0  # rows that say the same of the same address as one before


def check(
    rows: Sequence[Sequence[str]], first_row: int, chosen: Mapping[str, int], kind: str = "",
    answers: ListAnswers = UNASKED,
) -> Checked:  # fmt: skip
    """`chosen`: by code of a field the column that says it. `kind`: of organisation, for all whose row has none."""
    found, seen, checked = dict[str, list[int]](), dict[str, tuple[int, Answers]](), Checked()
    mailboxes = dict[str, list[int]]()
    names = chosen.get("full_name")
    surname_first = names is not None and cells.are_surname_first(row[names] for row in rows if row)
    for number, row in enumerate(rows, first_row):
        if not any(row):
            continue
        said = _filled({code: row[column] for code, column in chosen.items()}, kind, answers)
        if surname_first:
            said["full_name"] = cells.in_order(said["full_name"])
        person, wrong = _person(said)
        for fault in wrong:
            found.setdefault(fault, []).append(number)
        if person.email in seen:
            first, before = seen[person.email]
            checked.doubles += before == person
            if before != person:
                found.setdefault(TWICE, []).extend([first, number] if first not in found.get(TWICE, []) else [number])
        elif person.email:
            seen[person.email] = number, person
            mailboxes.setdefault(mailbox(person.email), []).append(number)
    if shared := [row for rows_of_one in mailboxes.values() if len(rows_of_one) > 1 for row in rows_of_one]:
        found[ONE_MAILBOX] = shared
    checked.faults = [Fault(says, sorted(numbers)) for says, numbers in found.items()]
    checked.people = [] if checked.faults else [person for _, person in seen.values()]
    return checked


def _filled(said: dict[str, str], kind_of_all: str, answers: ListAnswers) -> dict[str, str]:
    """With what somebody answered on the pages."""
    word = said.get("kind", "")
    said["kind"] = kinds.of_word(word, answers.kinds) or word or kind_of_all
    said["organisation"] = said.get("organisation") or answers.organisation
    return said


def _person(said: Mapping[str, str]) -> tuple[Answers, list[str]]:
    name = said.get("full_name") or " ".join(filter(None, (said.get("first_name"), said.get("last_name"))))
    typed, kind = said.get("email", ""), kinds.of_word(said["kind"], {})
    texts = {"full_name": name, **{code: said.get(code, "") for code in LONGEST if code != "full_name"}}
    texts["phone"] = cells.with_its_nought(texts["phone"])
    answers = Answers(email=cells.address_in(typed), kind=kind, **texts)
    return answers, [*_missing(answers, typed, said["kind"] if not kind else ""), *_misshapen(texts)]


def _missing(answers: Answers, typed: str, unknown_kind: str) -> list[str]:
    faults = [] if any(map(str.isalnum, answers.full_name)) else [NAME]
    if not answers.email:
        faults.append(EMAIL_WRONG if typed else EMAIL)
    if not answers.organisation:
        faults.append(ORGANISATION)
    if not answers.kind:
        faults.append(KIND_WRONG.format(unknown_kind[:60]) if unknown_kind else KIND)
    return faults


def _misshapen(texts: Mapping[str, str]) -> list[str]:
    long = [TOO_LONG.format(CALLED[code], most) for code, most in LONGEST.items() if len(texts[code]) > most]
    phone = texts["phone"]
    has_digits = sum(map(str.isdigit, phone)) >= 7
    return [*long, *([PHONE_WRONG] if phone and not (has_digits and PHONE.fullmatch(phone)) else [])]
