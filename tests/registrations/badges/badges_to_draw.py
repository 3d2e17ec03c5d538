"""Badges for tests: of names and organisations that are hard to set."""

from registrations.badges.badge import Badge, Workshop, badge_of, workshop_of
from registrations.codes.badge_type import BadgeType
from registrations.people.choices import NONE, Choices
from registrations.people.consent import Consent
from registrations.people.person import Person
from tests.people import MONDAY
from tests.registrations.tickets.test_pdf_ticket import NAMES

YES = Choices(Consent("photos 1", MONDAY.isoformat()))
COUNCIL = (
    "Three Rivers District Council Community Safety Partnership and Neighbourhood Watch Liaison Group of the Region"
)
HARD = {
    **NAMES,
    "forty letters": "Alexandra Featherstonehaugh-Cholmondeley",
    "sixty letters": "Maria Theresia Wilhelmina Josephine von Hohenstein-Gutenberg",
    "a hundred letters": "Maximiliane Theodora " * 4 + "of Westmoor Parish",
    "one word of sixty": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"[:60],
    "one word of a hundred": "W" * 100,
    "a hundred Arabic letters": "عبدالرحمن" * 11 + "ع",
    "a hundred Devanagari letters": "क्षत्रियकु" * 10,
    "stacked marks": "Z" + "\u0323\u0302\u0301\u030c\u0308" * 9 + "oe\u0331\u0332\u0333",
    "both ways": "Sara שרה כהן (Cohen) محمد",
    "Chinese": "王小明",
    "emoji": "Zoë 👩‍👩‍👧‍👦🏳️‍🌈 Party",
    "one letter": "I",
    "joined": "نوري‌زاده",
    "a sentence as one letter": "\ufdfd Bo",
    "markup": "*Bo* _x_ #read(\"/etc/passwd\") $y$ @me <b>",
}  # fmt: skip


PLANNING = workshop_of("10:00", "Safety planning", "Room 2")


def a_badge(
    name: str = "Ada Ashdown", organisation: str = "Wardens of Westmoor", chosen: Choices = NONE, *workshops: Workshop,
    badge_type: BadgeType = BadgeType.DELEGATE,
) -> Badge:  # fmt: skip
    person = Person("Ada Legal Ashdown", name, "ada@wardens.example.org", organisation, "Advocate", "07700 900123")
    return badge_of(person, chosen, workshops, badge_type)
