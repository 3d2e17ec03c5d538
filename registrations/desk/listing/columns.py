"""The columns of the people list and of the queue: those that a role sees, of which each reader chooses."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from events.accounts.staff import Detail, Role


class Column(StrEnum):
    """Beside the person, who always stands first. In the order in which they stand."""

    BADGE_NAME = "badge"
    BADGE_TYPE = "type"
    ORGANISATION = "organisation"
    EMAIL = "email"
    TELEPHONE = "telephone"
    STATE = "state"
    PRESENCE = "there"
    WORKSHOPS = "workshops"
    ASKED = "asked"


WORDS = {
    Column.BADGE_NAME: "Name on the badge",
    Column.BADGE_TYPE: "Badge type",
    Column.ORGANISATION: "Organisation",
    Column.EMAIL: "Email",
    Column.TELEPHONE: "Telephone",
    Column.STATE: "State",
    Column.PRESENCE: "At the event",
    Column.WORKSHOPS: "Workshops",
    Column.ASKED: "Asked",
}
ONLY_WHO_SEES = {Column.EMAIL: Detail.EMAIL, Column.TELEPHONE: Detail.TELEPHONE}
IN_QUEUE = frozenset({Column.BADGE_NAME, Column.ORGANISATION, Column.EMAIL, Column.TELEPHONE, Column.ASKED})
UNUSUAL = {Column.BADGE_NAME, Column.BADGE_TYPE, Column.TELEPHONE, Column.WORKSHOPS}
USUAL = frozenset(Column) - UNUSUAL  # no more of people than most of the work takes


def offered(role: Role, *, presence: bool, workshops: bool) -> list[Column]:
    """Those that this role may choose. `presence`: whether it sees who is at the event now; `workshops`: whether places
    in any are given out."""
    left_out = {column for column, there in ((Column.PRESENCE, presence), (Column.WORKSHOPS, workshops)) if not there}
    seen = [column for column in Column if column not in ONLY_WHO_SEES or role.sees(ONLY_WHO_SEES[column])]
    return [column for column in seen if column not in left_out]


def offered_in_queue(role: Role) -> list[Column]:
    """The same for the queue, where all are in the same state, and signals always stand."""
    return [column for column in offered(role, presence=False, workshops=False) if column in IN_QUEUE]


def chosen(text: str, among: Collection[Column]) -> list[Column]:
    """What a query string names of those that are offered, the usual ones where it names none of them."""
    named = set(text.split(","))
    return [column for column in among if column in named] or [column for column in among if column in USUAL]


def in_query(names: Iterable[str], among: Collection[Column]) -> str:
    """What a form has ticked, for the query string. Nothing where that is what one sees who has chosen nothing."""
    named = set(names)
    ticked = [column for column in among if column in named]
    return "" if ticked == chosen("", among) else ",".join(ticked)
