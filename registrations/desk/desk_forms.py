"""Forms of the desk: which people, what is decided, and how a name is spelt."""

from typing import Any

import wtforms
from wtforms.validators import StopValidation

from events.content.event_part import PartForm
from events.event import Event
from events.web.forms import Choice, Form, FullName, Phone, Several, Text, WorkEmail, whole_number
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import REASONS
from registrations.deciding.out_of_turn import TURN_REASONS
from registrations.deciding.vetting import Decision
from registrations.people.choices import Switch
from registrations.people.registration import OrganisationKind

APPROVE, WAIT, NOT_OFFER = (
    (Decision.APPROVE.value, "Approve"),
    (Decision.WAIT.value, "Waiting list"),
    (Decision.NOT_OFFER.value, "Decline"),
)
OFFER = (Decision.OFFER.value, "Offer a place")
NOTHING_CHOSEN = "Select a decision"
GIVES_A_PLACE = {Decision.APPROVE.value, Decision.OFFER.value}
MOST_AT_ONCE = 90  # more fields than that are not read


class Ticked(wtforms.Field):
    """People or complaints whose boxes were ticked, by their ids; `shown`: the mark that each had there, '' without
    one."""

    data: list[int]
    shown: dict[int, str]

    def __init__(self, missing: str = "Select one person or more", **bound: Any) -> None:
        self.missing = missing
        super().__init__("Ticked", **bound)

    def process_formdata(self, valuelist: list[Any]) -> None:
        ticked = (box.partition("-") for value in valuelist for box in str(value).split())
        marks = {whole_number(number): mark for number, _, mark in ticked}
        self.data = sorted(number for number in marks if number is not None)[:MOST_AT_ONCE]
        self.shown = {number: marks[number] for number in self.data}

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if not self.data:
            raise StopValidation(self.missing)


def without_approving(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """For whoever gave the first of two approvals: an offer would be theirs, too."""
    return [choice for choice in choices if choice[0] not in GIVES_A_PLACE]


class ApproveForm(Form):
    """The button beside a request."""

    person = Ticked()


class DecisionForm(Form):
    """Decides several of the queue at once."""

    person = Ticked()
    decision = Choice("Decision", [APPROVE, WAIT, NOT_OFFER], missing=NOTHING_CHOSEN)


class OneDecisionForm(Form):
    """Decides one person, whose state the organiser saw as `seen`."""

    decision = Choice("Decision", [APPROVE, WAIT, NOT_OFFER], missing=NOTHING_CHOSEN)


class WaitingDecisionForm(Form):
    """Decides somebody on the waiting list. An offer is out of turn, where they are not the next."""

    decision = Choice("Decision", [APPROVE, OFFER, NOT_OFFER], missing=NOTHING_CHOSEN)


class SeveralWaitingForm(Form):
    """Decides several of the waiting list at once."""

    person = Ticked()
    decision = Choice("Decision", [APPROVE, OFFER, NOT_OFFER], missing=NOTHING_CHOSEN)


class TurnReasonForm(Form):
    """Why somebody gets a place before others who wait for one."""

    reason = Choice(
        "Why do they come first?",
        [(name, reason.value[:1].upper() + reason.value[1:]) for name, reason in TURN_REASONS.items()],
        missing="Select why they come first",
        hint="Others have waited longer. The reason stands in the history, and in no email",
    )


class OfferedDecisionForm(Form):
    """Gives somebody the place that they were offered."""

    decision = Choice("Decision", [(Decision.APPROVE.value, "Approve, without their answer")], missing=NOTHING_CHOSEN)


class NameForm(Form):
    full_name = FullName(missing="Enter their full name", autocomplete="off")
    badge_name = Text("Name for the badge (optional)", longest=60, spellcheck=False, autocomplete="off")


class OwnEmail(WorkEmail):
    """Asked for, unless it is said that they have none of their own."""

    def pre_validate(self, form: Any) -> None:
        if not form.no_email.data:
            super().pre_validate(form)


class WalkInPersonForm(Form):
    """Who came without a place."""

    full_name = FullName(missing="Enter their full name", autocomplete="off")
    organisation = Text("Organisation", missing="Enter their organisation", longest=120, autocomplete="off")
    email = OwnEmail(missing="Enter their work email address, or say that they have none", autocomplete="off")
    no_email = Several(
        "No email address", [("yes", "They have none of their own")],
        hint="They are counted all the same. Nothing can be emailed to them: vet them later by telephone",
    )  # fmt: skip
    reason = Choice(
        "Why had they no ticket?", [(name, reason.value.capitalize()) for name, reason in REASONS.items()],
        missing="Select why they had no ticket",
    )  # fmt: skip

    @property
    def asked(self) -> Asked:
        """Once it is valid."""
        email = "" if self.no_email.data else self.email.normal
        return Asked(self.full_name.data or "", self.organisation.data or "", email, REASONS[self.reason.data or ""])


class DetailsForm(NameForm):
    """What somebody told us, on one page: they are on the telephone."""

    organisation = Text(
        "Name of their organisation", missing="Enter the name of their organisation", longest=120, autocomplete="off"
    )
    kind = Choice(
        "What kind of organisation is it?",
        [(kind.value, kind.value.capitalize()) for kind in OrganisationKind],
        missing="Select the kind of organisation",
    )
    role = Text("Their role", longest=100, autocomplete="off")
    phone = Phone(hint="We only use it if there is a problem on the day", autocomplete="off")


class GuestDetailsForm(DetailsForm):
    """Of somebody with a place: also how they want to be seen, in the words of their own page, to be read out."""

    photos = Choice(
        "Do they agree to be in photographs?",
        [("yes", "Yes, they agree now, or did before"), ("no", "No")],
        missing="Select if they agree to be in photographs",
        hint="Read out: “Can we take photographs that include you? You can come whichever you choose”",
    )
    switches = Several(
        "How do they want to be seen?",
        [(switch.value, switch.label) for switch in Switch],
        hint="Select what they ask for. They do not have to say why; do not ask",
    )

    def validate_photos(self, field: wtforms.Field) -> None:
        if field.data == "yes" and Switch.NO_PHOTOS.value in self.switches.data:
            raise StopValidation("Select no, or take back below that they are in no photograph")


class LookUpForm(PartForm):
    """A part of the event: whether stewards look guests up by name. Nothing is chosen, whatever stands."""

    stewards_look_up = Choice(
        "May stewards look guests up by name?",
        [("yes", "Yes, stewards and door leads"), ("no", "No, door leads only")],
        missing="Select yes to let stewards look guests up by name",
        hint="They type three letters of the surname and the first letter of the first name, and see at most five "
        "names. Whoever has a steward's phone can then find out if somebody has a place. All leads are told of a "
        "change by email",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls()

    @classmethod
    def stands(cls, event: Event) -> dict[str, str]:
        return {"stewards_look_up": "yes" if event.stewards_look_up else "no"}

    def details(self, event: Event) -> dict[str, Any]:
        return {"stewards_look_up": self.stewards_look_up.data == "yes"}


class ApprovalsForm(PartForm):
    """A part of the event: how many organisers approve somebody."""

    two_approvals = Choice(
        "Do two organisers have to approve somebody whose organisation is not checked?",
        [("yes", "Yes, two different organisers"), ("no", "No, one is enough")],
        missing="Select yes to have two organisers approve",
        hint="An organisation is checked if the page Organisations says so beside the domain of the email address. "
        "A public sector address alone is not enough. All leads are told of a change by email",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={"two_approvals": "yes" if event.two_approvals else "no"})

    def details(self, event: Event) -> dict[str, Any]:
        return {"two_approvals": self.two_approvals.data == "yes"}
