"""What somebody has told us for the day, in the words in which their booking page shows it to them."""

from typing import NamedTuple

from registrations.people import needs
from registrations.people.choices import Choices, Switch
from registrations.people.needs import Adjustment, Diet, Needs, Step
from registrations.people.registration import Registration

STEPS = {
    Step.ASKED: "we have it, and nothing is arranged yet",
    Step.ARRANGED: "arranged",
    Step.TOLD: "arranged, and answered",
    Step.QUESTION: "we have a question, which you answer by changing what you told us",
    Step.CANNOT: "cannot be arranged",
}
CANNOT_READ = "We cannot read it any more. Tell us again."


class Asked(NamedTuple):
    """One adjustment."""

    label: str
    step: str
    reply: str


class Shown(NamedTuple):
    adjustments: list[Asked]
    adjustment_words: str
    diet: str
    diet_words: str
    in_photos: bool
    has_answered_photos: bool
    switches: list[str]

    @property
    def anything(self) -> bool:
        return bool(self.adjustments or self.adjustment_words or self.diet or self.in_photos or self.switches)

    @property
    def asks_back(self) -> bool:
        """Whether the access lead has a question about something."""
        return any(asked.step == STEPS[Step.QUESTION] for asked in self.adjustments)


def shown(registration: Registration) -> Shown:
    told, chosen = registration.needs, registration.choices
    words = CANNOT_READ if told is needs.UNREADABLE else told.adjustment_words
    photos = chosen.in_photos, chosen.has_answered_photos
    return Shown(_asked(told), words, _diet(told), told.diet_words, *photos, _switches(chosen))


def _asked(told: Needs) -> list[Asked]:
    """In the order in which they were offered."""
    steps = {what: Step(step) for what in Adjustment if (step := told.adjustments.get(what))}
    return [Asked(what.label, STEPS[step], told.replies.get(what, "")) for what, step in steps.items()]


def _diet(told: Needs) -> str:
    return ", ".join(Diet(diet).label for diet in told.diets)


def _switches(chosen: Choices) -> list[str]:
    return [switch.label for switch in Switch if switch in chosen.switches]
