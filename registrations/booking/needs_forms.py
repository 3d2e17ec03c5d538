"""The forms on which a guest tells us what they need for the day, agrees that we keep it, and takes it back.

Nothing is chosen or agreed to beforehand but what they have said themselves. Rules: GU-18, DP-05, DP-13, SG-12.
"""

import wtforms
from wtforms.validators import StopValidation

from events.event import Event
from events.web.forms import Choice, Form, Paragraphs, Several, Text
from registrations.people.choices import Switch
from registrations.people.consent import NEWEST, WORDINGS, Subject
from registrations.people.needs import Adjustment, Diet
from registrations.tickets.own_link import YES_NO
from registrations.tickets.typed_word import TypedWord, when_no

AGREE = "Select that you agree, so that we may keep this"
WHAT_ELSE = "Enter what else you need, or clear that box"
IN_WORDS = {
    Diet.ALLERGY: "Enter what you are allergic to, or clear that box",
    Diet.ELSE: "Enter what else you eat, or clear that box",
}
HINT = "Select all that apply"
MARSHALS = "Select that marshals may read this, or leave the box above empty"
NO_HELP = "Select help to leave the building above, or clear this box"
NAMED = "Select that the caterer may read this with your name, or leave the box above empty"


def _consent(subject: Subject, label: str = "Your consent", *, missing: str = "") -> Several:
    """The value is the version of the wording: an older page asks again."""
    return Several(label, [(NEWEST[subject], WORDINGS[NEWEST[subject]])], missing=missing)


class AdjustmentsForm(Form):
    any = Choice("Do you need any adjustments?", YES_NO, missing="Select yes if you need any adjustments")


class DietForm(Form):
    any = Choice(
        "Do you have any dietary requirements?", YES_NO, missing="Select yes if you have any dietary requirements"
    )


def _withdrawing() -> TypedWord:
    return TypedWord("withdraw", "withdraw your consent, and have us delete what you told us", needed=when_no("any"))


class NoAdjustmentsForm(AdjustmentsForm):
    """For somebody who has told us something: a no deletes it."""

    word = _withdrawing()


class NoDietForm(DietForm):
    word = _withdrawing()


class WhichAdjustmentsForm(Form):
    wanted = Several(
        "What do you need?",
        [(what.value, what.label) for what in Adjustment],
        missing="Select what you need",
        hint=f"{HINT}. Do not tell us about a diagnosis.",
    )
    words = Paragraphs("Tell us more", longest=1000, hint="What helps us to arrange it. Not why you need it.")
    agree = _consent(Subject.ADJUSTMENTS, missing=AGREE)
    leaving = Text(
        "What helps you to leave the building (optional)",
        longest=120,
        hint="Only if you need help in an emergency. Like: an evacuation chair from the second floor.",
    )
    marshals = _consent(Subject.MARSHALS, "Your consent, if marshals may know")

    def validate_words(self, field: wtforms.Field) -> None:
        if Adjustment.ELSE.value in self.wanted.data and not field.data:
            raise StopValidation(WHAT_ELSE)

    def validate_leaving(self, field: wtforms.Field) -> None:
        if field.data and Adjustment.EVACUATION.value not in self.wanted.data:
            raise StopValidation(NO_HELP)

    def validate_marshals(self, field: wtforms.Field) -> None:
        if self.leaving.data and not field.data:
            raise StopValidation(MARSHALS)
        if field.data and not self.leaving.data and Adjustment.EVACUATION.value not in self.wanted.data:
            raise StopValidation(NO_HELP)


class MarshalsKnowForm(WhichAdjustmentsForm):
    """For somebody who has agreed that marshals may know, and is not asked again in vain."""

    word = TypedWord(
        "withdraw",
        "withdraw your consent that marshals may know",
        needed=lambda form: not form["marshals"].data and Adjustment.EVACUATION.value in form["wanted"].data,
    )


class WhichDietForm(Form):
    wanted = Several(
        "What do you eat?",
        [(what.value, what.label) for what in Diet],
        missing="Select what you eat",
        hint=f"{HINT}. We give the caterer totals, not names.",
    )
    words = Paragraphs(
        "Your food allergy, or what else you eat",
        longest=500,
        hint="Only the caterer reads this, with your name. So we keep it only if you agree to that too.",
    )
    agree = _consent(Subject.DIET, missing=AGREE)
    caterer = _consent(Subject.CATERER, "Your consent, if you have written something above")

    def validate_words(self, field: wtforms.Field) -> None:
        if not field.data and (unsaid := [diet for diet in IN_WORDS if diet.value in self.wanted.data]):
            raise StopValidation(IN_WORDS[unsaid[0]])

    def validate_caterer(self, field: wtforms.Field) -> None:
        if self.words.data and not field.data:
            raise StopValidation(NAMED)


class PhotosForm(Form):
    photos = Choice(
        "Can we take photographs that include you?",
        [(NEWEST[Subject.PHOTOS], WORDINGS[NEWEST[Subject.PHOTOS]]), ("no", "No")],
        missing="Select yes if we can take photographs that include you",
        hint="You can come whichever you choose. We take none that include you unless you say yes. If you do, a "
        "photographer may be told the name on your badge, unless you choose under Safety to be in no list.",
    )


class SafetyForm(Form):
    switches = Several(
        "How do you want to be seen?",
        [(switch.value, switch.label) for switch in Switch],
        hint="Select all that you want. You do not have to say why, and we do not ask.",
    )


def name_hosts(form: Form, event: Event) -> None:
    """In the wordings to which somebody agrees."""
    for field in form:
        if isinstance(field, Several):
            field.choices = [(value, text.format(hosts=event.host_names)) for value, text in field.choices]


ANY: dict[tuple[str, bool], type[AdjustmentsForm | DietForm]] = {
    ("adjustments", False): AdjustmentsForm,
    ("adjustments", True): NoAdjustmentsForm,
    ("diet", False): DietForm,
    ("diet", True): NoDietForm,
}  # by what is asked, and whether they have told us before
WHICH: dict[str, type[WhichAdjustmentsForm | WhichDietForm]] = {
    "adjustments": WhichAdjustmentsForm,
    "diet": WhichDietForm,
}
