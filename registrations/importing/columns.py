"""What a list may say of people, and by which headings we guess which column says it. Somebody then chooses."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from registrations.people.person import fold


class Field(NamedTuple):
    """`headings`: folded, as lists have them."""

    code: str
    label: str
    headings: frozenset[str]
    needed: bool = False


def _field(code: str, label: str, *headings: str, needed: bool = False) -> Field:
    return Field(code, label, frozenset({fold(label), *headings}), needed)


FIELDS: Sequence[Field] = (
    _field("full_name", "Full name", "name", "delegate", "attendee", "guest", "participant", "contact name",
           "delegate name", "contact"),
    _field("first_name", "First name", "firstname", "forename", "given name", "first"),
    _field("last_name", "Last name", "surname", "lastname", "family name", "last"),
    _field("email", "Email", "e-mail", "email address", "e-mail address", "mail", "work email", "work email address",
           "contact email", needed=True),
    _field("organisation", "Organisation", "organization", "company", "employer", "agency", "name of organisation",
           "organisation name", "where do you work", needed=True),
    _field("kind", "Kind of organisation", "kind", "type", "sector", "type of organisation", "organisation type"),
    _field("role", "Role", "job title", "job", "position", "title", "job role", "your role"),
    _field("badge_name", "Name on the badge", "badge name", "name for badge", "name for your badge", "badge",
           "known as", "preferred name"),
    _field("phone", "Telephone", "phone", "telephone number", "phone number", "mobile", "mobile number", "tel",
           "mobile phone"),
)  # fmt: skip
BY_CODE: Mapping[str, Field] = {field.code: field for field in FIELDS}


def suggested(headings: Sequence[str]) -> dict[str, int]:
    """By code of a field the number of the column that seems to say it. Each column says one thing."""
    folded = [fold(heading).rstrip(":*? ") for heading in headings]
    found = dict[str, int]()
    for field in FIELDS:
        free = (n for n, heading in enumerate(folded) if heading in field.headings and n not in found.values())
        if (column := next(free, None)) is not None:
            found[field.code] = column
    if {"first_name", "last_name"} <= found.keys():
        found.pop("full_name", None)
    return found
