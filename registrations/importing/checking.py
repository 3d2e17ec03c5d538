"""What is wrong with a list: whom it names, row by row, and which rows cannot be used, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from events.web.forms import PHONE
from registrations.asking.held_back import mailbox
from registrations.asking.made_or_found import Answers

from . import badge_words, cells, kinds
from .people_import import ListAnswers

LONGEST = {"full_name": 100, "organisation": 120, "role": 100, "badge_name": 60, "phone": 40}
NAME = "There is no name"
EMAIL = "There is no email address"
EMAIL_WRONG = "The email address cannot be right: it has to look like name@example.com"
ORGANISATION = "There is no organisation"
KIND = "Nobody has said which kind of organisation it is"
TWICE = "The same email address stands further up, and that row is used"
ONE_MAILBOX = "The address leads to the same mailbox as one further up, and that row is used"
TOO_LONG = "{} is longer than {} characters"
WITHOUT = "Used without {}, which {}"
CANNOT_BE_RIGHT, IS_TOO_LONG = "cannot be right", "is longer than {} characters"
NO_BADGE_TYPE = "is none of ours: delegate, speaker, host or helper"
CALLED = {"full_name": "The name", "organisation": "The organisation", "role": "the role",
          "badge_name": "the name on the badge", "phone": "the telephone number",
          "badge_type": "the badge type"}  # fmt: skip
NEEDED = ("full_name", "organisation")
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
    """Everybody on the list who can be asked, once each; and what is wrong, by the number of its row in the file.

    `unusable`: rows of nobody who is asked. `lessened`: rows of somebody who is asked, without what cannot be used.
    """

    people: list[Answers] = field(default_factory=list)
    unusable: dict[int, list[str]] = field(default_factory=dict)
    lessened: dict[int, list[str]] = field(default_factory=dict)
    doubles: int = 0  # rows that say the same of the same address as one before

    @property
    def faults(self) -> list[Fault]:
        """Each once, with the rows that have it: first those of whom nobody is asked."""
        found = dict[str, list[int]]()
        for row, reasons in [*self.unusable.items(), *self.lessened.items()]:
            for reason in reasons:
                found.setdefault(reason, []).append(row)
        return [Fault(says, rows) for says, rows in found.items()]


def check(
    rows: Sequence[Sequence[str]], first_row: int, chosen: Mapping[str, int], kind: str = "",
    answers: ListAnswers = UNASKED,
) -> Checked:  # fmt: skip
    """`chosen`: by code of a field the column that says it. `kind`: of organisation, for all whose row has none."""
    seen, mailboxes, checked = dict[str, Answers](), set[str](), Checked()
    names = chosen.get("full_name")
    surname_first = names is not None and cells.are_surname_first(row[names] for row in rows if row)
    for number, row in enumerate(rows, first_row):
        if not any(row):
            continue
        texts = _filled({code: row[column] for code, column in chosen.items()}, kind, answers)
        if surname_first:
            texts["full_name"] = cells.in_order(texts["full_name"])
        left_out = _left_out(texts)
        person = _person({code: "" if code in left_out else text for code, text in texts.items()})
        if seen.get(person.email) == person:
            checked.doubles += 1
        elif wrong := [*_missing(person, texts), *_before(person, seen, mailboxes)]:
            checked.unusable[number] = wrong
        else:
            seen[person.email] = person
            mailboxes.add(mailbox(person.email))
            if left_out:
                checked.lessened[number] = [WITHOUT.format(CALLED[code], why) for code, why in left_out.items()]
    checked.people = list(seen.values())
    return checked


def _filled(texts: dict[str, str], kind_of_all: str, answers: ListAnswers) -> dict[str, str]:
    """With what somebody answered on the pages, and one name."""
    word = texts.get("kind", "")
    joined = " ".join(filter(None, (texts.get("first_name"), texts.get("last_name"))))
    return texts | {
        "full_name": texts.get("full_name") or joined,
        "organisation": texts.get("organisation") or answers.organisation,
        "kind": kinds.of_word(word, answers.kinds) if word else kind_of_all or answers.kinds.get("", ""),
        "phone": cells.with_its_nought(texts.get("phone", "")),
    }


def _left_out(texts: Mapping[str, str]) -> dict[str, str]:
    """By code of a field that nobody needs why what stands there cannot be used."""
    optional = {code: most for code, most in LONGEST.items() if code not in NEEDED}
    found = {code: IS_TOO_LONG.format(most) for code, most in optional.items() if len(texts.get(code, "")) > most}
    phone = texts["phone"]
    if phone and not (sum(map(str.isdigit, phone)) >= 7 and PHONE.fullmatch(phone)):
        found["phone"] = CANNOT_BE_RIGHT
    if texts.get("badge_type") and not badge_words.of_word(texts["badge_type"]):
        found["badge_type"] = NO_BADGE_TYPE
    return found


def _person(texts: Mapping[str, str]) -> Answers:
    said = {code: texts.get(code, "") for code in LONGEST}
    said["badge_type"] = badge_words.of_word(texts.get("badge_type", ""))
    return Answers(email=cells.address_in(texts.get("email", "")), kind=texts["kind"], **said)


def _missing(person: Answers, texts: Mapping[str, str]) -> list[str]:
    faults = [] if any(map(str.isalnum, person.full_name)) else [NAME]
    if not person.email:
        faults.append(EMAIL_WRONG if texts.get("email") else EMAIL)
    if not person.organisation:
        faults.append(ORGANISATION)
    if not person.kind:
        faults.append(KIND)
    long = [code for code in NEEDED if len(getattr(person, code)) > LONGEST[code]]
    return [*faults, *(TOO_LONG.format(CALLED[code], LONGEST[code]) for code in long)]


def _before(person: Answers, seen: Mapping[str, Answers], mailboxes: set[str]) -> list[str]:
    """Whether another row has the address already, or one that leads to the same mailbox."""
    if person.email in seen:
        return [TWICE]
    return [ONE_MAILBOX] if person.email and mailbox(person.email) in mailboxes else []
