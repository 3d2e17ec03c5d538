"""What people agree to, word by word. A wording has a version, and is never changed once somebody has agreed to it.

Rules: DP-05, DP-13.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Subject(StrEnum):
    ADJUSTMENTS = "adjustments"
    DIET = "diet"
    CATERER = "caterer"  # that the caterer reads with their name what they have written
    MARSHALS = "marshals"  # that marshals read on paper what helps them to leave the building
    PHOTOS = "photos"


class Consent(NamedTuple):
    """It stands sealed beside what it is for, and goes with it."""

    wording: str  # of WORDINGS
    at: str  # when they agreed, as ISO 8601 writes it


WORDINGS: Mapping[str, str] = {
    "adjustments 1": (
        "I agree that {hosts} can use this information, which may be about my health, to arrange what I need. The"
        " access lead will see it. You delete it 7 days after the event."
    ),
    "diet 1": (
        "I agree that {hosts} can use this information, which may be about my health or my religion, to order food for"
        " me. The caterer is given totals, not names. You delete it 7 days after the event."
    ),
    "caterer 1": (
        "I agree that the caterer reads what I have written here together with my name. You delete it 7 days after the"
        " event."
    ),
    "marshals 1": (
        "I agree that the marshals at the event read on paper, with the name on my badge, that I need help to leave the"
        " building, and what I have written here. The paper is destroyed the day after. You delete it 7 days after the"
        " event."
    ),
    "photos 1": "Yes, you can take photographs that include me",
}
NEWEST: Mapping[Subject, str] = {
    Subject.ADJUSTMENTS: "adjustments 1",
    Subject.DIET: "diet 1",
    Subject.CATERER: "caterer 1",
    Subject.MARSHALS: "marshals 1",
    Subject.PHOTOS: "photos 1",
}
