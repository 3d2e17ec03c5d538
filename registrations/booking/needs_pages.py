"""Pages on which somebody with a place tells us what they need for the day, agrees that we keep it, and takes it back.

What loses something is typed. Rules: GU-18, DP-05, DP-13, SG-12.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Form, Several
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.people import choices
from registrations.people.choices import Choices, Switch
from registrations.people.consent import Subject
from registrations.people.needs import UNREADABLE, Adjustment, Diet, Step
from registrations.people.registration import KNOWS_OF_A_PLACE

from . import own_needs
from .booking_pages import MANAGE, refuse_after, refuse_changes
from .change_pages import CHANGED_MEANWHILE
from .needs_forms import (
    ANY,
    WHICH,
    MarshalsKnowForm,
    PhotosForm,
    SafetyForm,
    WhichAdjustmentsForm,
    WhichDietForm,
)

WHAT = {"adjustments": Subject.ADJUSTMENTS, "diet": Subject.DIET}  # by its word in the path


async def ask_any(request: Request) -> Response:
    return _any(request, ANY[_told(request)]())


async def answer_any(request: Request) -> Response:
    """A no takes back what was told before, whenever it is said."""
    what, told = _told(request)
    form = await read(request, ANY[what, told])
    if form.errors:
        return _any(request, form, 422)
    if form.any.data == "yes":
        return redirect(f"{request.scope['path']}/which")
    withdrawn = await own_needs.withdraw(request.state.registration, WHAT[what], clock.now(), clock.real())
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
    return _which(request, _which_form(request)(data=said[what]))


async def tell(request: Request) -> Response:
    what, at, real = _open(request), clock.now(), clock.real()
    form = await read(request, _which_form(request))
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
        await own_needs.withdraw(request.state.registration, Subject.PHOTOS, at, clock.real())
    else:
        refuse_after(request.state.event)
        await own_needs.agree_to_photos(request.state.registration, at, clock.real())
    return redirect(f"{_booking(request)}?saved=photos")


async def ask_safety(request: Request) -> Response:
    refuse_after(request.state.event)
    return _safety(request, _safety_as_it_stands(request))


async def answer_safety(request: Request) -> Response:
    refuse_after(request.state.event)
    form = await read(request, SafetyForm)
    if form.errors:
        return _safety(request, form, 422)
    registration, switches = request.state.registration, {Switch(value) for value in form.switches.data}
    now = registration.choices
    if switches != now.switches or now is choices.UNREADABLE:  # else it is so already: a second press
        if (await answers(request)).get("seen", "") != _seen(now):
            return _safety(request, _safety_as_it_stands(request), 409, CHANGED_MEANWHILE)
        await own_needs.switch(registration, switches, clock.now(), clock.real())
    return redirect(f"{_booking(request)}?saved=safety")


def _what(request: Request) -> str:
    what = str(request.path_params["need"])
    if what not in WHAT:
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return what


def _told(request: Request) -> tuple[str, bool]:
    """What is asked, and whether they have told us something that a no deletes."""
    what, needs = _what(request), request.state.registration.needs
    return what, WHAT[what] in needs.consents or needs is UNREADABLE


def _which_form(request: Request) -> type[WhichAdjustmentsForm | WhichDietForm]:
    what = _open(request)
    knows = what == "adjustments" and Subject.MARSHALS in request.state.registration.needs.consents
    return MarshalsKnowForm if knows else WHICH[what]


def _open(request: Request) -> str:
    """After the last day for changes a question of the access lead can still be answered."""
    what, told = _what(request), request.state.registration.needs
    is_asked = what == "adjustments" and Step.QUESTION in told.adjustments.values()
    (refuse_after if is_asked else refuse_changes)(request.state.event)
    if request.state.registration.state not in KNOWS_OF_A_PLACE:
        raise Refused(own_needs.FOR_GUESTS)
    return what


def _booking(request: Request) -> str:
    return str(request.scope["path"]).partition("/needs/")[0]


def _any(request: Request, form: Form, status: int = 200) -> Response:
    what, told = _told(request)
    facts = {"what": what, "told": told, "back": _booking(request)}
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


def _safety_as_it_stands(request: Request) -> SafetyForm:
    return SafetyForm(data={"switches": [*request.state.registration.choices.switches]})


def _seen(chosen: Choices) -> str:
    """Goes along with the form. One that was drawn from something older saves nothing, whatever machine sends it."""
    return ",".join(sorted(chosen.switches))


def _safety(request: Request, form: Form, status: int = 200, notice: str = "") -> Response:
    person = request.state.registration.person
    first = Choices(switches=frozenset({Switch.FIRST_NAME})).badge_name(person)
    facts = {"first": first, "seen": _seen(request.state.registration.choices), "notice": notice}
    return render(request, "booking/safety.html", status, form=form, back=_booking(request), **facts)


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
