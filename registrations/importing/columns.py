"""What a list may say of people, and by which headings we guess which column says it. Somebody then chooses."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from registrations.people.person import fold

from .badge_words import say_badge_types

PLURAL, NO_WORD = re.compile(r"\(s\)|['\u2019]s\b"), re.compile(r"[\W_]+")
FILLERS = frozenset({
    "a", "an", "are", "attendee", "at", "delegate", "do", "enter", "for", "from", "give", "guest", "is", "it", "my",
    "of", "on", "optional", "participant", "please", "required", "state", "the", "to", "what", "which", "you", "your",
})  # fmt: skip


def normal(heading: str) -> str:
    """Its words alone: no punctuation, and nothing that forms add, as in *What is your e-mail address? (required)*."""
    typed = PLURAL.sub("", heading.casefold()).replace(".", " ")  # before folding, which joins what they part
    words = NO_WORD.sub(" ", fold(typed)).replace("e mail", "email").split()
    return " ".join([word for word in words if word not in FILLERS] or words)


class Field(NamedTuple):
    """`headings`: normal, as lists have them. `within`: what a longer heading that we do not know says of it."""

    code: str
    label: str
    headings: frozenset[str]
    within: re.Pattern[str]
    needed: bool = False


def _field(code: str, label: str, within: str, *headings: str, needed: bool = False) -> Field:
    return Field(code, label, frozenset(map(normal, (label, *headings))), re.compile(rf"\b({within})\b"), needed)


FIELDS: Sequence[Field] = (
    _field("full_name", "Full name", "full name|complete name|name and surname|surname and name", "name", "names",
           "delegate", "attendee", "guest", "participant", "contact", "contact name", "contact person", "person",
           "invitee", "representative", "name of representative", "display name", "employee", "employee name",
           "staff name", "staff member", "colleague", "first and last name", "first name and surname",
           "surname, first name", "surname and first name", "last name, first name", "surname, first",
           "surname/forename", "surname, forename", "name (first and last)", "name (surname, first)", "file as"),
    _field("first_name", "First name", "first names?|forenames?|given names?", "firstname", "first names", "forename",
           "forenames", "given name", "given names", "first", "christian name", "fore name"),
    _field("last_name", "Last name", "surname|last name|family name", "lastname", "last", "second name", "sur name"),
    _field("email", "Email", "email|emails", "mail", "email address", "work email", "work email address",
           "contact email", "email 1", "business email", "office email", "professional email", "primary email",
           "contact email address", "email id", needed=True),
    _field("organisation", "Organisation", "organi[sz]ation|employer|company|agency|workplace|place of work",
           "organization", "company", "employer", "agency", "org", "org name", "charity", "institution", "workplace",
           "name of organisation", "organisation name", "company name", "employer name", "name of employer",
           "agency name", "employer / organisation", "organisation / employer", "company / organisation",
           "organisation / company", "agency / organisation", "organisation / agency", "organisation or agency",
           "where do you work", "where they work", "place of work", "who do you work for", needed=True),
    _field("kind", "Kind of organisation",
           "(type|kind|sort|sector|category) (org|organi[sz]ation|employer|agency)|"
           "(org|organi[sz]ation|employer|agency) (type|kind|sector|category)",
           "kind", "type", "sector", "type of organisation", "organisation type", "type of organization",
           "organization type", "type of org", "org type", "type of agency", "agency type", "type of employer",
           "organisation sector", "organisation category"),
    _field("role", "Role", "job title|job role|role|position|post title", "job title", "job", "position", "job role",
           "post", "post title", "position title", "designation", "occupation", "profession", "job title / role",
           "role / job title", "role or job title", "job description"),
    _field("badge_type", "Badge type", "badge type|type badge", "badge category", "speaker or delegate"),
    _field("badge_name", "Name on the badge", "badge", "badge name", "name for badge", "known as",
           "preferred name", "name badge"),
    _field("phone", "Telephone", "telephone|phone|mobile|tel", "phone", "telephone number", "phone number", "mobile",
           "mobile number", "tel", "mobile phone", "mobile no", "tel no", "telephone no", "phone no", "contact number",
           "contact no", "contact phone", "contact telephone", "contact telephone number", "work phone", "work mobile",
           "work telephone", "work tel", "business phone", "office phone", "direct line", "direct dial", "cell",
           "cell phone"),
)  # fmt: skip
BY_CODE: Mapping[str, Field] = {field.code: field for field in FIELDS}
ELSE = re.compile(
    r"\b(manager|emergency|kin|buyer|billing|home|fax|website|web|street|city|town|postcode|county|country|second|"
    r"alternative|previous|department|size|id|date|how|why|display|card|status|order|dietary|access|[2-9])\b"
)  # what a longer heading is about instead
EITHER_TYPE = frozenset({"type", "category", "kind", "ticket type", "ticket"})  # by what stands there
LONGEST_GUESSED = 8  # words of a heading
TITLE_HEADINGS = frozenset(
    {"title", "titles", "prefix", "salutation", "honorific", "title mr mrs ms", "courtesy title"}
)
TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "lord", "lady",
    "baroness", "rev", "revd", "reverend", "canon", "father", "sister", "cllr", "councillor", "pc", "wpc", "dc",
    "ds", "di", "dci", "dsu", "dcs", "ps", "sgt", "sergeant", "insp", "inspector", "ch", "supt", "chief",
    "superintendent", "acc", "dcc", "cc", "hon", "rt", "the", "right", "honourable", "judge", "capt", "captain",
    "major", "col", "colonel",
})  # fmt: skip


def suggested(headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, int]:
    """By code of a field the number of the column that seems to say it. Each column says one thing. `rows`, where they
    are known, tell a column of titles (Dr) from one of job titles, and one that is empty."""
    words = [normal(heading) for heading in headings]
    filled = {n for row in rows for n, cell in enumerate(row) if cell} or set(range(len(words)))
    free, found = [n for n in range(len(words)) if words[n] and n in filled], dict[str, int]()
    for guess in (_is_known, _is_within):
        for field in sorted(
            FIELDS, key=lambda field: field.code == "organisation"
        ):  # its kind and a role there say it too
            column = next((n for n in free if n not in found.values() and guess(field, words[n])), None)
            if field.code not in found and column is not None:
                found[field.code] = column
    addresses = (n for n in range(len(words)) if n not in found.values() and _says_addresses(rows, n))
    if "email" not in found and (n := next(addresses, None)) is not None:
        found["email"] = n
    if "role" not in found and (n := next((n for n in free if words[n] == "title"), None)) is not None and rows:
        found |= {} if _says_titles(rows, n) else {"role": n}
    if (n := found.get("full_name", len(words))) + 1 < len(words) and not words[n + 1] and _are_two_names(rows, n):
        found |= {"first_name": n, "last_name": n + 1}
    types = (n for n in free if words[n] in EITHER_TYPE and say_badge_types(rows, n))
    if "badge_type" not in found and (n := next(types, None)) is not None:
        found = {code: column for code, column in found.items() if column != n} | {"badge_type": n}
    return _names_joined(found)


def columns_of_titles(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Those of titles, such as Dr. We keep none."""
    return [n for n, heading in enumerate(headings) if normal(heading) in TITLE_HEADINGS and _says_titles(rows, n)]


def _is_known(field: Field, words: str) -> bool:
    return words in field.headings


def _is_within(field: Field, words: str) -> bool:
    if len(words.split()) > LONGEST_GUESSED or ELSE.search(words) or ("address" in words and field.code != "email"):
        return False
    return field.within.search(words) is not None


def _says_titles(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Most of what stands there."""
    cells = [normal(row[column]) for row in rows if row[column]]
    return sum(all(word in TITLES for word in cell.split()) for cell in cells) * 2 > len(cells)


def _says_addresses(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column] for row in rows if row[column]]
    return bool(cells) and sum("@" in cell for cell in cells) * 2 > len(cells)


def _are_two_names(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Under a heading that reaches over two columns: a word in each of both, and no address."""
    pairs = [row[column : column + 2] for row in rows if row[column]]
    return bool(pairs) and all(second and "@" not in second for _, second in pairs)


def _names_joined(found: dict[str, int]) -> dict[str, int]:
    """A first name and a surname make a name; beside a surname, what is called *Name* is the first name."""
    if "last_name" in found and "full_name" in found:
        found.setdefault("first_name", found["full_name"])
    if {"first_name", "last_name"} <= found.keys():
        found.pop("full_name", None)
    return found
