"""What somebody needs and chooses for the day, and what they agreed to, for the copy that they ask for.

Rules: DP-05, DP-08.
"""

from collections.abc import Sequence
from datetime import datetime

from events.event import Event
from events.ground.personal import declared_in
from registrations.people.choices import Switch
from registrations.people.consent import WORDINGS
from registrations.people.needs import Adjustment, Diet, Needs
from registrations.people.registration import Registration

from .copy_of_data import Row, Section

NEEDS = declared_in(Needs)
NO_CONSENT = "We hold no consent of yours. Nothing that we hold of you rests on one."
CONSENT = "You can withdraw each on your booking page. Then what it is for is deleted at once."


def told(request: Registration) -> Row:
    """What they need and choose for the day."""
    needs, chosen = request.needs, request.choices
    asked: Row = {
        f"Adjustment: {Adjustment(what).label}": "; ".join(filter(None, [step, needs.replies.get(what)]))
        for what, step in needs.adjustments.items()
    }
    return asked | {
        NEEDS["adjustment_words"].label: needs.adjustment_words or None,
        NEEDS["diets"].label: ", ".join(Diet(diet).label for diet in needs.diets) or None,
        NEEDS["diet_words"].label: needs.diet_words or None,
        "In photographs": "yes" if chosen.in_photos else "no",
        "Chosen for your safety": "; ".join(switch.label for switch in Switch if switch in chosen.switches) or None,
    }


def consents(event: Event, requests: Sequence[Registration]) -> Section:
    agreed = [consent for request in requests for consent in request.needs.consents.values()]
    agreed += [photos for request in requests if (photos := request.choices.photos)]
    rows: list[Row] = [
        {
            "You agreed to": WORDINGS[consent.wording].format(hosts=event.host_names),
            "Wording": consent.wording,
            "When": datetime.fromisoformat(consent.at),
        }
        for consent in agreed
    ]
    return Section("", "Consent", rows, CONSENT if rows else NO_CONSENT)
