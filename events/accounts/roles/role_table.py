"""What each role may do and which details it sees, in words, for those who choose one: drawn from RIGHTS itself."""

from typing import NamedTuple

from events.accounts.staff import RIGHTS, Detail, May, RoleName

MAY = {
    May.LOOK: "Read the desk: who asks, who comes, and what is emailed",
    May.ORGANISE: "Decide who comes, change the event, run the doors",
    May.PRINT: "Print lists with names for the doors",
    May.EXPORT: "Take files away with what the role sees",
    May.BADGES: "Print badges of people who come in",
    May.ACCESS: "See and arrange what guests need so that they can take part",
    May.CATER: "See how many guests eat what, and allergies meant for the caterer",
    May.LEAD: "Look after other people's accounts, read the audit log, release the venue",
}
SEES = {
    Detail.EMAIL: "Email addresses of people",
    Detail.TELEPHONE: "Telephone numbers of people, and of the lead on the day",
    Detail.PRESENCE: "Whether a person has arrived, and what the doors did with their ticket",
    Detail.ENTRANCE: "That a person arrives by another entrance",
    Detail.VENUE: "The venue while it is held back",
}


class Line(NamedTuple):
    """One right, and which roles have it, in the order of the columns."""

    words: str
    has: list[tuple[RoleName, bool]]


def acts() -> list[Line]:
    return [Line(words, [(name, may in rights.may) for name, rights in RIGHTS.items()]) for may, words in MAY.items()]


def details() -> list[Line]:
    """Of what a role sees on the pages that it may open."""
    return [
        Line(words, [(name, detail in rights.sees) for name, rights in RIGHTS.items()])
        for detail, words in SEES.items()
    ]
