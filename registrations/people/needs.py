"""What somebody with a place needs for the day: adjustments and diet, kept only with their explicit consent.

Sealed under a sub-key of its own, so that nothing which opens a person opens this too. Rules: GU-18, DP-05, EV-03,
EV-04.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic_core import from_json

from events.event import Event
from events.ground import data_keys
from events.ground.keeping import Period
from events.ground.personal import Personal, answer

from .consent import Consent, Subject

SEALED_AS = "needs"
KEPT = Period(timedelta(days=7), "after the event")
WITHOUT_A_PLACE = Period(timedelta(hours=1), "after a place has ended")
UNTIL = f"{KEPT}; {WITHOUT_A_PLACE}; at once when the consent is withdrawn"
BASIS = "explicit consent (Article 9(2)(a) of the UK GDPR), each wording with its version and time"


class Step(StrEnum):
    """How far something that they asked for is. Each leads to an email."""

    ASKED = "asked"
    ARRANGED = "arranged"
    TOLD = "told"  # what it is like on the day, in words that stand on their booking page
    QUESTION = "question"  # something is asked back there: what they write then is asked anew
    CANNOT = "cannot"  # be arranged: those words say why, and what they can do


NEXT: Mapping[Step, Sequence[Step]] = {
    Step.ASKED: (Step.ARRANGED, Step.TOLD, Step.QUESTION, Step.CANNOT),
    Step.QUESTION: (Step.ARRANGED, Step.TOLD, Step.CANNOT),
    Step.ARRANGED: (Step.TOLD, Step.QUESTION, Step.CANNOT),
    Step.TOLD: (Step.CANNOT,),
    Step.CANNOT: (Step.ARRANGED, Step.TOLD),
}
IN_WORDS = frozenset({Step.TOLD, Step.QUESTION, Step.CANNOT})
STILL_TO_DO = frozenset({Step.ASKED, Step.QUESTION, Step.ARRANGED})
IS_ARRANGED = frozenset({Step.ARRANGED, Step.TOLD})


class Said(NamedTuple):
    """Of an adjustment: how people choose it, and what it means for the rooms."""

    label: str
    room: str


class Adjustment(StrEnum):
    STEP_FREE = "step-free"
    PARKING = "parking"
    HEARING_LOOP = "hearing-loop"
    BSL = "bsl"
    SEAT = "seat"
    LARGE_PRINT = "large-print"
    ASSISTANT = "assistant"
    QUIET_ROOM = "quiet-room"
    EVACUATION = "evacuation"
    ELSE = "else"

    @property
    def label(self) -> str:
        return ADJUSTMENTS[self].label

    @property
    def room(self) -> str:
        return ADJUSTMENTS[self].room


ADJUSTMENTS: Mapping[Adjustment, Said] = {
    Adjustment.STEP_FREE: Said("A step-free route", "The way in, a seat and a toilet without steps"),
    Adjustment.PARKING: Said("An accessible parking space", "A space is kept free"),
    Adjustment.HEARING_LOOP: Said("A hearing loop", "The loop is on, and a seat within it is kept free"),
    Adjustment.BSL: Said("A British Sign Language interpreter", "Interpreters, in the light, and a seat facing them"),
    Adjustment.SEAT: Said("A seat near the front or an exit", "A seat is kept free"),
    Adjustment.LARGE_PRINT: Said("Large print or slides in advance", "Sent or printed before the day"),
    Adjustment.ASSISTANT: Said("A place for a personal assistant or support worker", "A second seat beside theirs"),
    Adjustment.QUIET_ROOM: Said("A quiet room", "A room is kept free, and they know where it is"),
    Adjustment.EVACUATION: Said(
        "Help to leave the building in an emergency", "The venue's plan for leaving the building knows of it"
    ),
    Adjustment.ELSE: Said("Something else", "As they say"),
}


class Diet(StrEnum):
    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    HALAL = "halal"
    KOSHER = "kosher"
    GLUTEN_FREE = "gluten-free"
    ALLERGY = "allergy"
    ELSE = "else"

    @property
    def label(self) -> str:
        return DIETS[self]


DIETS: Mapping[Diet, str] = {
    Diet.VEGETARIAN: "Vegetarian",
    Diet.VEGAN: "Vegan",
    Diet.HALAL: "Halal",
    Diet.KOSHER: "Kosher",
    Diet.GLUTEN_FREE: "Gluten free",
    Diet.ALLERGY: "Food allergy",
    Diet.ELSE: "Something else",
}
TOLD_ADJUSTMENTS = (
    "what adjustments you need so that you can take part, and what became of each, if you tell us and agree: only for"
    " the access lead, who arranges it"
)
TOLD_LEAVING = (
    "that you need help to leave the building in an emergency, and what helps: marshals read it on paper with the name"
    " on your badge, only if you agree to that too"
)
TOLD_DIET = (
    "what you eat, if you tell us and agree: the caterer is given totals, and reads what you write of an allergy with"
    " your name only if you agree to that too"
)


def _kept(label: str, purpose: str, notice: str) -> Personal:
    return Personal(purpose, BASIS, UNTIL, label, notice)


def _adjustments(label: str, purpose: str) -> Personal:
    return _kept(label, purpose, TOLD_ADJUSTMENTS)


@dataclass(frozen=True, slots=True)
class Needs:
    """Empty where somebody has told us nothing, or has withdrawn it."""

    adjustments: Mapping[str, str] = answer(
        _adjustments("Adjustments", "to arrange what somebody needs so that they can take part"), dict
    )  # by the value of an Adjustment the value of its Step
    adjustment_words: str = answer(_adjustments("More about the adjustments", "the same, in their own words"))
    replies: Mapping[str, str] = answer(
        _adjustments("What we told you about them", "to tell somebody what was arranged for them"), dict
    )  # by the value of an Adjustment
    diets: Sequence[str] = answer(_kept("Diet", "to order food that somebody can eat", TOLD_DIET), tuple)  # of Diets
    diet_words: str = answer(
        _kept("Allergy, or what else they eat", "the same; the caterer reads it with their name", TOLD_DIET)
    )
    consents: Mapping[str, Consent] = answer(
        Personal("that they agreed, to which wording and when", BASIS, UNTIL, "Consent"), dict
    )  # by the value of a Subject
    leaving_words: str = answer(
        _kept("What helps you to leave the building", "for marshals, who read it on paper", TOLD_LEAVING)
    )

    def without(self, subject: Subject) -> "Needs":
        """What is left once somebody has withdrawn this consent."""
        gone = {subject, WITH_IT[subject]} if subject in WITH_IT else {subject}
        left = {about: consent for about, consent in self.consents.items() if about not in gone}
        return replace(self, **EMPTIED[subject], consents=left)


WITH_IT = {Subject.DIET: Subject.CATERER, Subject.ADJUSTMENTS: Subject.MARSHALS}  # one goes with the other
EMPTIED: Mapping[Subject, Mapping[str, Any]] = {
    Subject.ADJUSTMENTS: {"adjustments": {}, "adjustment_words": "", "leaving_words": "", "replies": {}},
    Subject.DIET: {"diets": (), "diet_words": ""},
    Subject.CATERER: {"diet_words": ""},
    Subject.MARSHALS: {"leaving_words": ""},
}
NOTHING = Needs()
UNREADABLE = Needs(adjustment_words="This cannot be read")  # stands for a value that was damaged


def sealed(needs: Needs, event: Event, public_id: str) -> bytes | None:
    """For the row of the request with this public id. None where there is nothing to keep."""
    said = {name: value for name in Needs.__slots__ if (value := getattr(needs, name))}
    return data_keys.seal(event.data_key, SEALED_AS, _row(event.id, public_id), json.dumps(said)) if said else None


def opened(sealed: bytes | None, registration_id: int, event_id: int, public_id: str) -> Needs:
    """UNREADABLE, and an error in our log that names the row, if it does not open."""
    if not sealed:
        return NOTHING
    text = data_keys.opened_in(f"registration:{registration_id}", SEALED_AS, _row(event_id, public_id), sealed)
    if text is None:
        return UNREADABLE
    said = from_json(text)
    consents = {about: Consent(*consent) for about, consent in said.pop("consents", {}).items()}
    return Needs(**said | {"diets": tuple(said.get("diets", ())), "consents": consents})


def _row(event_id: int, public_id: str) -> str:
    return f"needs|{event_id}|{public_id}"
