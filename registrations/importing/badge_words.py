"""Words for badge types, as lists have them, and which of ours they mean."""

from collections.abc import Mapping, Sequence

from registrations.codes.badge_type import BadgeType
from registrations.people.person import fold

MEANT: Mapping[str, BadgeType] = {
    word: badge_type
    for badge_type, words in {
        BadgeType.DELEGATE: "delegate,attendee,guest,participant,visitor,general,standard",
        BadgeType.SPEAKER: "speaker,presenter,panellist,panelist,panel member,keynote,keynote speaker,facilitator",
        BadgeType.HOST: "host,organiser,organizer,event organiser,event organizer",
        BadgeType.HELPER: "helper,volunteer,steward,staff,event staff,crew,support staff",
    }.items()
    for word in words.split(",")
}


def of_word(word: str) -> str:
    """Our badge type, for one or several people; empty where nobody knows."""
    folded = fold(word)
    found = MEANT.get(folded) or MEANT.get(folded.removesuffix("s"))
    return found.value if found else ""


def say_badge_types(rows: Sequence[Sequence[str]], column: int) -> bool:
    """All that stands there, and something does."""
    cells = [row[column] for row in rows if any(row) and row[column]]
    return bool(cells) and all(of_word(cell) for cell in cells)
