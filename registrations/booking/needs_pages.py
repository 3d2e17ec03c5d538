"""Pages on which somebody with a place tells us what they need for the day, agrees that we keep it, and takes it back.

Nothing is chosen or agreed to beforehand but what they have said themselves. Rules: GU-18, DP-05, DP-13, SG-12.
"""

import wtforms
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, Paragraphs, Several, Text
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.people.choices import Choices, Switch
from registrations.people.consent import NEWEST, WORDINGS, Subject
from registrations.people.needs import Adjustment, Diet
from registrations.people.registration import KNOWS_OF_A_PLACE
from registrations.tickets.own_link import YES_NO

from . import own_needs
from .booking_pages import MANAGE, refuse_after, refuse_changes

WHAT = {"adjustments": Subject.ADJUSTMENTS, "diet": Subject.DIET}  # by its word in the path
AGREE = "Select that you agree, so that we may keep this"
HINT = "Select all that apply"
MARSHALS = "Select that marshals may read this, or leave the box above empty"
NO_HELP = "Select help to leave the building above, or clear this box"
NAMED = "Select that the caterer may read this with your name, or leave the box above empty"


def _agreement(subject: Subject, missing: str = AGREE) -> Several:
    """The value is the version of the wording: an older page asks again."""
    return Several("Your consent", [(NEWEST[subject], WORDINGS[NEWEST[subject]])], missing=missing)


class AdjustmentsForm(Form):
    any = Choice("Do you need any adjustments?", YES_NO, missing="Select yes if you need any adjustments")


class DietForm(Form):
    any = Choice(
        "Do you have any dietary requirements?", YES_NO, missing="Select yes if you have any dietary requirements"
    )


class WhichAdjustmentsForm(Form):
    wanted = Several(
        "What do you need?",
        [(what.value, what.label) for what in Adjustment],
        missing="Select what you need",
        hint=f"{HINT}. Do not tell us about a diagnosis.",
    )
    words = Paragraphs("Tell us more", longest=1000, hint="What helps us to arrange it. Not why you need it.")
    agree = _agreement(Subject.ADJUSTMENTS)
    leaving = Text(
        "What helps you to leave the building (optional)",
        longest=120,
        hint="Only if you need help in an emergency. Like: an evacuation chair from the second floor.",
    )
    marshals = Several(
        "Your consent, if marshals may know",
        [(NEWEST[Subject.MARSHALS], WORDINGS[NEWEST[Subject.MARSHALS]])],
    )

    def validate_marshals(self, field: wtforms.Field) -> None:
        if self.leaving.data and not field.data:
            raise StopValidation(MARSHALS)
        if field.data and Adjustment.EVACUATION.value not in self.wanted.data:
            raise StopValidation(NO_HELP)


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
    agree = _agreement(Subject.DIET)
    caterer = Several(
        "Your consent, if you have written something above",
        [(NEWEST[Subject.CATERER], WORDINGS[NEWEST[Subject.CATERER]])],
    )

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
    save = Choice("Do you want to save this?", YES_NO, missing="Select yes to save this")


ANY: dict[str, type[AdjustmentsForm | DietForm]] = {"adjustments": AdjustmentsForm, "diet": DietForm}
WHICH: dict[str, type[WhichAdjustmentsForm | WhichDietForm]] = {
    "adjustments": WhichAdjustmentsForm,
    "diet": WhichDietForm,
}


async def ask_any(request: Request) -> Response:
    return _any(request, ANY[_what(request)]())


async def answer_any(request: Request) -> Response:
    """A no takes back what was told before, whenever it is said."""
    what = _what(request)
    form = await read(request, ANY[what])
    if form.errors:
        return _any(request, form, 422)
    if form.any.data == "yes":
        return redirect(f"{request.scope['path']}/which")
    withdrawn = await own_needs.withdraw(request.state.registration, WHAT[what], clock.now())
    return redirect(_booking(request) + ("?saved=withdrawn" if withdrawn else ""))


async def ask_which(request: Request) -> Response:
    what, told = _open(request), request.state.registration.needs
    said = {
        "adjustments": {
            "wanted": list(told.adjustments),
            "words": told.adjustment_words,
            "leaving": told.leaving_words,
        },
        "diet": {"wanted": list(told.diets), "words": told.diet_words},
    }
    return _which(request, WHICH[what](data=said[what]))


async def tell(request: Request) -> Response:
    what, at, real = _open(request), clock.now(), clock.real()
    form = await read(request, WHICH[what])
    if form.errors:
        return _which(request, form, 422)
    registration, wanted, words = request.state.registration, form.wanted.data, form.words.data or ""
    if what == "adjustments":
        leaving = (form["leaving"].data or "") if form["marshals"].data else None
        await own_needs.tell_adjustments(
            registration, [Adjustment(value) for value in wanted], words, at, real, leaving
        )
    else:
        await own_needs.tell_diet(registration, [Diet(value) for value in wanted], words, at, real)
    return redirect(f"{_booking(request)}?saved={what}")


async def ask_photos(request: Request) -> Response:
    return _photos(request, PhotosForm())


async def answer_photos(request: Request) -> Response:
    form, at = await read(request, PhotosForm), clock.now()
    if form.errors:
        return _photos(request, form, 422)
    if form.photos.data == "no":
        await own_needs.withdraw(request.state.registration, Subject.PHOTOS, at)
    else:
        refuse_after(request.state.event)
        await own_needs.agree_to_photos(request.state.registration, at, clock.real())
    return redirect(f"{_booking(request)}?saved=photos")


async def ask_safety(request: Request) -> Response:
    refuse_after(request.state.event)
    return _safety(request, SafetyForm(data={"switches": [*request.state.registration.choices.switches]}))


async def answer_safety(request: Request) -> Response:
    refuse_after(request.state.event)
    form = await read(request, SafetyForm)
    if form.errors:
        return _safety(request, form, 422)
    if form.save.data == "no":
        return redirect(_booking(request))
    switches = [Switch(value) for value in form.switches.data]
    await own_needs.switch(request.state.registration, switches, clock.now(), clock.real())
    return redirect(f"{_booking(request)}?saved=safety")


def _what(request: Request) -> str:
    what = str(request.path_params["need"])
    if what not in WHAT:
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return what


def _open(request: Request) -> str:
    what = _what(request)
    refuse_changes(request.state.event)
    if request.state.registration.state not in KNOWS_OF_A_PLACE:
        raise Refused(own_needs.FOR_GUESTS)
    return what


def _booking(request: Request) -> str:
    return str(request.scope["path"]).partition("/needs/")[0]


def _any(request: Request, form: Form, status: int = 200) -> Response:
    told = WHAT[_what(request)] in request.state.registration.needs.consents
    facts = {"what": _what(request), "told": told, "back": _booking(request)}
    return render(request, "booking/any_needs.html", status, form=form, **facts)


def _which(request: Request, form: WhichAdjustmentsForm | WhichDietForm, status: int = 200) -> Response:
    """The wordings name the hosts."""
    for field in form:
        if isinstance(field, Several):
            field.choices = [
                (value, text.format(hosts=request.state.event.host_names)) for value, text in field.choices
            ]
    back = f"{_booking(request)}/needs/{_what(request)}"
    return render(request, "booking/which_needs.html", status, form=form, what=_what(request), back=back)


def _photos(request: Request, form: Form, status: int = 200) -> Response:
    return render(request, "asking/one_question.html", status, form=form, back=_booking(request))


def _safety(request: Request, form: Form, status: int = 200) -> Response:
    person = request.state.registration.person
    first = Choices(switches=frozenset({Switch.FIRST_NAME})).badge_name(person)
    return render(request, "booking/safety.html", status, form=form, first=first, back=_booking(request))


routes = [
    page("/manage/{token}/needs/photos", ask_photos, who=MANAGE),
    page("/manage/{token}/needs/photos", answer_photos, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/needs/safety", ask_safety, who=MANAGE),
    page("/manage/{token}/needs/safety", answer_safety, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/needs/{need}", ask_any, who=MANAGE),
    page("/manage/{token}/needs/{need}", answer_any, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/needs/{need}/which", ask_which, who=MANAGE),
    page("/manage/{token}/needs/{need}/which", tell, who=MANAGE, methods=["POST"]),
]
