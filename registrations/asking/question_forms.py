"""The questions that a professional is asked for a place: one form a page."""

import wtforms
from wtforms.validators import StopValidation

from events.web.forms import Choice, Form, FullName, Phone, Text, WorkEmail
from registrations.codes import invitation_code
from registrations.people.registration import OrganisationKind

from . import email_typo

CANNOT_BE_USED = "This invitation code cannot be used. Check it, or leave it empty to ask for a place without one"
NOBODY_ELSE_ASKS = "This invitation code cannot be used. Check it, or ask whoever sent it to you"


class Question(Form):
    def answers(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.data.items()}

    @property
    def meant(self) -> str:
        """An address that they may have meant instead. Empty if they answered that or it does not arise."""
        return ""


class NameQuestion(Question):
    heading = "Your name"
    full_name = FullName()
    badge_name = Text("Name for your badge", longest=60, hint="Leave this empty to have your full name on it")


class EmailQuestion(Question):
    heading = "Work email address"
    email = WorkEmail(hint="Use your work email. We send your ticket and the address of the event to it")
    sure = wtforms.HiddenField()  # the address that was asked about, sent once more

    def answers(self) -> dict[str, str]:
        return {"email": self.email.normal}

    @property
    def meant(self) -> str:
        return "" if self.sure.data == self.email.normal else email_typo.meant(self.email.normal)


class OrganisationQuestion(Question):
    heading = "Your organisation"
    organisation = Text(
        "Name of your organisation",
        missing="Enter the name of your organisation",
        longest=120,
        autocomplete="organization",
    )
    kind = Choice(
        "What kind of organisation is it?",
        [(kind.value, kind.value.capitalize()) for kind in OrganisationKind],
        missing="Select the kind of organisation",
    )
    invitation = Text(
        "Invitation code",
        longest=60,
        hint="Only if your organisation was sent one, like 7KQM-2XRB-9TDW-HC4P",
        spellcheck=False,
    )
    refused = wtforms.HiddenField()  # the code that was entered and cannot be used
    cannot_be_used = CANNOT_BE_USED

    def answers(self) -> dict[str, str]:
        code = invitation_code.normal_code(self.invitation.data or "") or ""
        return {"organisation": self.organisation.data or "", "kind": self.kind.data or "", "invitation": code}

    def refuse_invitation(self) -> None:
        """That it cannot be used is said for as long as it stands there."""
        self.refused.data = self.invitation.data
        self.validate()

    def validate_invitation(self, field: wtforms.Field) -> None:
        if field.data and field.data == self.refused.data:
            raise StopValidation(self.cannot_be_used)


class InvitedOrganisationQuestion(OrganisationQuestion):
    """Where registration is by invitation: without a code nobody asks."""

    invitation = Text(
        "Invitation code",
        missing="Enter your invitation code. Registration is by invitation",
        longest=60,
        hint="Like 7KQM-2XRB-9TDW-HC4P",
        spellcheck=False,
    )
    cannot_be_used = NOBODY_ELSE_ASKS


class CompanionOrganisationQuestion(Question):
    """Not everybody who comes along with a guest works for an organisation, or for one that matters here."""

    heading = "Your organisation"
    organisation = Text("Name of your organisation", longest=120, autocomplete="organization")

    def answers(self) -> dict[str, str]:
        return {"organisation": self.organisation.data or "", "kind": OrganisationKind.OTHER.value, "invitation": ""}


class RoleQuestion(Question):
    heading = "Your work"
    role = Text(
        "Your role",
        missing="Enter your role",
        longest=100,
        hint="For example, advocate or sergeant",
        autocomplete="organization-title",
    )
    phone = Phone(hint="We only use it if there is a problem on the day")


class CompanionRoleQuestion(Question):
    heading = "Your work"
    role = Text("Your role", longest=100, hint="For example, interpreter", autocomplete="organization-title")
    phone = Phone(hint="We only use it if there is a problem on the day")


FORMS: dict[str, type[Question]] = {
    "name": NameQuestion,
    "email": EmailQuestion,
    "organisation": OrganisationQuestion,
    "role": RoleQuestion,
}
OF_INVITED: dict[str, type[Question]] = FORMS | {"organisation": InvitedOrganisationQuestion}
OF_COMPANIONS: dict[str, type[Question]] = FORMS | {
    "organisation": CompanionOrganisationQuestion,
    "role": CompanionRoleQuestion,
}
