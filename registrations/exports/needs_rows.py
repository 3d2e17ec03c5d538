"""What guests need and eat, as it stands in an export: of whoever has agreed, and as far as they have.

Rules: DP-05, EV-03, EV-04.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from registrations.people import needs
from registrations.people.choices import Choices
from registrations.people.consent import Subject
from registrations.people.needs import Adjustment, Diet, Needs, Step
from registrations.people.person import Person

CANNOT_BE_READ = "This cannot be read"
STEPS: Mapping[Step, str] = {
    Step.ASKED: "Asked for", Step.ARRANGED: "Arranged", Step.TOLD: "Arranged, and they know",
    Step.QUESTION: "They were asked something", Step.CANNOT: "Cannot be arranged",
}  # fmt: skip


def access_lines(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, str | int]]:
    """A line for each thing that they asked for."""
    told, name = _told(row), chosen.listed_name(person)
    if told is needs.UNREADABLE:
        return [{"name": name, "need": CANNOT_BE_READ}]
    return [
        {
            "name": name,
            "need": what.label,
            "room": what.room,
            "step": STEPS[Step(step)],
            "words": told.adjustment_words,
            "reply": told.replies.get(what.value, ""),
        }
        for what in Adjustment
        if (step := told.adjustments.get(what.value))
    ]


def catering_lines(person: Person, chosen: Choices, row: Mapping[str, Any]) -> list[dict[str, str | int]]:
    """What is counted of a guest, and what they let the caterer read with their name: `of` says whose line it is."""
    told = _told(row)
    if told is needs.UNREADABLE:
        return [{"diet": CANNOT_BE_READ, "guests": 1, "arrived": 0}]
    came = 1 if row["came_in"] else 0
    counted: list[dict[str, str | int]] = [
        {"diet": Diet(diet).label, "guests": 1, "arrived": came} for diet in told.diets
    ]
    if Subject.CATERER in told.consents:
        diets = ", ".join(Diet(diet).label for diet in told.diets)
        counted.append({"name": chosen.badge_name(person), "diet": diets, "words": told.diet_words})
    return counted


def summed(lines: Sequence[Mapping[str, str | int]], *, named: bool) -> list[Mapping[str, str | int]]:
    """A line for each diet, a nought where nobody eats so; then, if names are wanted, whoever let the caterer know."""
    guests, arrived = Counter[str](), Counter[str]()
    for line in lines:
        if "guests" in line:
            guests[str(line["diet"])] += int(line["guests"])
            arrived[str(line["diet"])] += int(line["arrived"])
    labels = [*(diet.label for diet in Diet), *([CANNOT_BE_READ] if guests[CANNOT_BE_READ] else [])]
    counts: list[Mapping[str, str | int]] = [
        {"diet": label, "guests": guests[label], "arrived": arrived[label]} for label in labels
    ]
    return [*counts, *(line for line in lines if "name" in line and named)]


def _told(row: Mapping[str, Any]) -> Needs:
    return needs.opened(row["needs_sealed"], row["registration_id"], row["person_of"], row["public_id"])
