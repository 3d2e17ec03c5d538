"""What stands on a badge, and nothing else does: the name for it, the organisation, the badge type, the photo mark, and
the workshops.

Never the full name of somebody who gave another one for the badge, so that an alias holds here too; no address,
telephone number, reference, code, need or diet. Rules: EV-01, EV-02, DP-13, SG-12.
"""

import unicodedata
from typing import NamedTuple

from events.event import Event
from events.ground import keys
from events.web.fonts import GAP, drawable
from events.web.forms import JOINERS
from registrations.codes.badge_type import BadgeType
from registrations.people.choices import Choices
from registrations.people.person import Person

COMBINING, OWN_SCRIPTS = "COMBINING", frozenset({"LATIN", "GREEK", "CYRILLIC"})  # marks that belong to these three
MOST_MARKS = {COMBINING: 2}  # beside what is one character with its letter; of other scripts three
COLOURS = {  # of the band that says the badge type in words too; white upon each has 7:1 at least
    BadgeType.DELEGATE.words: "#173f73",
    BadgeType.SPEAKER.words: "#7a1f4b",
    BadgeType.HOST.words: "#0b4f3a",
    BadgeType.HELPER.words: "#3b3b3b",
}
SENTENCE = "\ufdfd"  # drawn as one letter, and as high as three lines
HASHED_AS = "badge text"


class Workshop(NamedTuple):
    """When, which and where, as it is printed. No room while guests read none."""

    starts: str  # 10:00
    title: str
    room: str


class Badge(NamedTuple):
    """As it is printed: texts of which our fonts have each letter, or GAP."""

    name: str
    organisation: str
    badge_type: str  # in words
    photo_mark: str  # its words; none for somebody who has not said yes
    workshops: tuple[Workshop, ...] = ()  # by time

    @property
    def texts(self) -> list[str]:
        told = (text for workshop in self.workshops for text in workshop)
        return [self.name, self.organisation, self.badge_type, self.photo_mark, *told]

    @property
    def has_gaps(self) -> bool:
        return any(GAP in said for said in self.texts)


def badge_of(
    person: Person,
    chosen: Choices,
    workshops: tuple[Workshop, ...] = (),
    badge_type: BadgeType = BadgeType.DELEGATE,
) -> Badge:
    name, organisation = chosen.badge_name(person), chosen.badge_organisation(person)
    return Badge(printable(name), printable(organisation), badge_type.words, chosen.photo_mark, workshops)


def workshop_of(starts: str, title: str, room: str) -> Workshop:
    return Workshop(starts, printable(title), printable(room))


def text_hash(event: Event, registration_id: int, badge: Badge) -> str:
    """By which a badge that was printed is known again, under the key that the event is bound to, as its tickets are:
    a new key leaves none looking changed. Two people with one name have two."""
    return keys.keyed_hash(
        HASHED_AS, "|".join((str(event.id), str(registration_id), *badge.texts)), event.key_fingerprint
    )


def printable(text: str) -> str:
    """As `drawable` says, and upon each letter no more marks than names have, of its own script: fonts put others, and
    towers of them, beside the letter and into other lines."""
    kept, base, marks = list[str](), "", 0
    for character in drawable(text.replace(SENTENCE, " ")):
        if unicodedata.category(character).startswith("M"):
            marks += 1
            if not _belongs(character, base) or marks > MOST_MARKS.get(_script(character), 3):
                continue
        elif character not in JOINERS:
            base, marks = character, 0
        kept.append(character)
    return "".join(kept)


def _belongs(mark: str, base: str) -> bool:
    return _script(base) in OWN_SCRIPTS if _script(mark) == COMBINING else _script(mark) == _script(base)


def _script(character: str) -> str:
    """HEBREW of HEBREW POINT DAGESH, as Unicode calls it."""
    return unicodedata.name(character, "").partition(" ")[0] if character else ""
