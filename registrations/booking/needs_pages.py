"""Pages on which somebody with a place tells us what they need for the day, agrees that we keep it, and takes it back.

What loses something is typed. Rules: GU-18, DP-05, DP-13, SG-12.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Form
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people import choices
from registrations.people.choices import Choices, Switch
from registrations.people.consent import Subject
from registrations.people.needs import UNREADABLE, Adjustment, Diet, Step
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

from . import for_the_day, own_booking, own_needs
from .booking_pages import MANAGE, refuse_after, refuse_changes
from .change_pages import NOT_SAVED, changed_meanwhile
from .needs_forms import (
    ANY,
    WHICH,
    MarshalsKnowForm,
    PhotosForm,
    SafetyForm,
    WhichAdjustmentsForm,
    WhichDietForm,
    name_hosts,
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
    what, seen = _open(request), str((await answers(request)).get("seen", ""))
    form = await read(request, _which_form(request))
    if form.errors:
        return _which(request, form, 422, seen=seen)
    try:
        await _save(request, form, seen)
    except ChangedMeanwhile:
        return await _changed_needs(request, form)
    return redirect(f"{_booking(request)}?saved={what}")


async def _save(request: Request, form: WhichAdjustmentsForm | WhichDietForm, seen: str) -> None:
    registration, wanted, words = request.state.registration, form.wanted.data, form.words.data or ""
    at, real = clock.now(), clock.real()
    if isinstance(form, WhichAdjustmentsForm):
        leaving, chosen = (form.leaving.data or "") if form.marshals.data else None, [*map(Adjustment, wanted)]
        await own_needs.tell_adjustments(registration, chosen, words, at, real, leaving, seen=seen)
    else:
        await own_needs.tell_diet(registration, [*map(Diet, wanted)], words, at, real, seen)


async def _changed_needs(request: Request, form: WhichAdjustmentsForm | WhichDietForm) -> Response:
    """What was typed stays, and what we have now stands above it. They agree once more: a form that is sent as it
    stands saves nothing."""
    request.state.registration = await Registration.get(id=request.state.registration.id)
    told, leaving = for_the_day.shown(request.state.registration), request.state.registration.needs.leaving_words
    if _what(request) == "adjustments":
        stands = [*(asked.label for asked in told.adjustments), told.adjustment_words, leaving]
    else:
        stands = [told.diet, told.diet_words]
    typed = {name: data for name, data in form.data.items() if name in ("wanted", "words", "leaving")}
    notice = f"{NOT_SAVED} We have now: {'; '.join(filter(None, stands)) or 'nothing'}. Below is what you entered."
    return _which(request, _which_form(request)(data=typed), 409, notice=notice)


async def ask_photos(request: Request) -> Response:
    return _photos(request, PhotosForm())


async def answer_photos(request: Request) -> Response:
    form, at = await read(request, PhotosForm), clock.now()
    if form.errors:
        return _photos(request, form, 422)
    if form.photos.data == "no":
        await own_booking.decline_photos(request.state.registration, at, clock.real())
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
    seen = str((await answers(request)).get("seen", ""))
    if form.errors:
        return _safety(request, form, 422, seen=seen)
    switches = {Switch(value) for value in form.switches.data}
    registration, chosen = request.state.registration, request.state.registration.choices
    try:
        if switches != chosen.switches or chosen is choices.UNREADABLE:  # else nothing is changed, and no try used up
            await own_needs.switch(registration, switches, clock.now(), clock.real(), seen)
    except ChangedMeanwhile:
        request.state.registration = await Registration.get(id=registration.id)
        typed = "; ".join(switch.label for switch in Switch if switch in switches)
        return _safety(request, _safety_as_it_stands(request), 409, notice=changed_meanwhile(typed))
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


def _which(request: Request, form: WhichAdjustmentsForm | WhichDietForm, status: int = 200, **facts: str) -> Response:
    """The wordings name the hosts. `facts`: the mark of what was seen, where the form is shown once more."""
    name_hosts(form, request.state.event)
    what = _what(request)
    facts = {"seen": own_needs.marks_of_needs(request.state.registration, WHAT[what])[0], "notice": ""} | facts
    facts |= {"what": what, "back": f"{_booking(request)}/needs/{what}"}
    return render(request, "booking/which_needs.html", status, form=form, **facts)


def _photos(request: Request, form: Form, status: int = 200) -> Response:
    return render(request, "asking/one_question.html", status, form=form, back=_booking(request))


def _safety_as_it_stands(request: Request) -> SafetyForm:
    return SafetyForm(data={"switches": [*request.state.registration.choices.switches]})


def _safety(request: Request, form: Form, status: int = 200, **facts: str) -> Response:
    """`facts`: as for `_which`."""
    person = request.state.registration.person
    first = Choices(switches=frozenset({Switch.FIRST_NAME})).badge_name(person)
    seen = own_needs.mark_of_switches(request.state.registration.choices)
    facts = {"first": first, "seen": seen, "notice": ""} | facts
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
