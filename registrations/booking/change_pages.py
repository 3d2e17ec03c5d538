"""Pages on which people change one thing of their own booking: a field and a button. They are told by email, and can
change it back. Another organisation costs them their ticket, so that takes a *Yes* too."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, FullName, Phone, Text
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.people.registration import OrganisationKind
from registrations.tickets.own_link import YES_NO

from . import changing, rechecking
from .booking_pages import MANAGE, refuse_changes
from .changing import Change
from .rechecking import ORGANISATION

NOT_SAVED = "Your booking has been changed meanwhile, so nothing was saved."
CHANGED_MEANWHILE = f"{NOT_SAVED} This is what it says now."

BEING_DECIDED = (
    "A person looks at your booking as you have sent it, so its organisation cannot be changed now. If it is wrong, "
    "contact the organisers."
)


def changed_meanwhile(typed: str) -> str:
    """What stands is in the form, so that one which is sent as it stands changes nothing; what they typed is here."""
    return f"{CHANGED_MEANWHILE} You had entered: {typed or 'nothing'}."


class NameForm(Form):
    full_name = FullName()


class BadgeNameForm(Form):
    badge_name = Text("Name for your badge", longest=60, hint="Leave this empty to have your full name on it")


class RoleForm(Form):
    role = Text("Your role", missing="Enter your role", longest=100, autocomplete="organization-title")


class PhoneForm(Form):
    phone = Phone(hint="We only use it if there is a problem on the day")


class OrganisationForm(Form):
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
    save = Choice("Do you want to change your organisation?", YES_NO, missing="Select yes to change your organisation")


FORMS: dict[Change, type[Form]] = {
    Change.NAME: NameForm,
    Change.BADGE_NAME: BadgeNameForm,
    Change.ROLE: RoleForm,
    Change.PHONE: PhoneForm,
}


async def ask(request: Request) -> Response:
    return _question(request, _as_it_stands(request))


async def change(request: Request) -> Response:
    what, registration = _what(request), request.state.registration
    form, seen = await read(request, FORMS[what]), str((await answers(request)).get("seen", ""))
    if form.errors:
        return _question(request, form, 422, seen=seen)
    booking = _booking(request, what)
    typed = form[what.field].data or ""
    if typed != getattr(registration.person, what.field):  # else it is so already: a second press
        if seen not in changing.marks_of(registration):
            return _question(request, _as_it_stands(request), 409, notice=changed_meanwhile(typed))
        await changing.change(registration, what, typed, clock.now(), clock.real())
    return redirect(f"{booking}?saved={what}")


def _booking(request: Request, what: str) -> str:
    return str(request.scope["path"]).removesuffix(f"/change/{what}")


def _what(request: Request) -> Change:
    refuse_changes(request.state.event)
    if (what := request.path_params["what"]) not in list(Change):
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return Change(what)


def _as_it_stands(request: Request) -> Form:
    what = _what(request)
    return FORMS[what](data={what.field: getattr(request.state.registration.person, what.field)})


def _question(request: Request, form: Form, status: int = 200, **facts: str) -> Response:
    """`facts`: the mark that came with a form which is shown once more. A wrong entry makes it no newer."""
    what, seen = _what(request), changing.marks_of(request.state.registration)[0]
    facts = {"seen": seen, "notice": "", "back": _booking(request, what)} | facts
    return render(request, "booking/change.html", status, form=form, what=what, **facts)


async def ask_organisation(request: Request) -> Response:
    _refuse_undecided(request)
    return _organisation_question(request, _organisation_as_it_stands(request))


async def change_organisation(request: Request) -> Response:
    refuse_changes(request.state.event)
    form, registration = await read(request, OrganisationForm), request.state.registration
    booking = _booking(request, ORGANISATION)
    if not form.errors and form.save.data == "no":
        return redirect(booking)
    typed, seen = (form.organisation.data or "", form.kind.data), str((await answers(request)).get("seen", ""))
    if not form.errors and typed == (registration.organisation, registration.kind):
        return redirect(f"{booking}?saved={ORGANISATION}")  # it is so already: a second press
    _refuse_undecided(request)
    if form.errors:
        return _organisation_question(request, form, 422, seen=seen)
    if seen not in changing.marks_of(registration):
        stands = _organisation_as_it_stands(request)
        return _organisation_question(request, stands, 409, notice=changed_meanwhile(f"{typed[0]} ({typed[1]})"))
    kind = OrganisationKind(typed[1])
    await rechecking.change_organisation(registration, typed[0], kind, clock.now(), clock.real())
    return redirect(f"{booking}?saved={ORGANISATION}")


def _refuse_undecided(request: Request) -> None:
    refuse_changes(request.state.event)
    if request.state.registration.state not in rechecking.MAY_CHANGE:
        raise Refused(BEING_DECIDED)


def _organisation_as_it_stands(request: Request) -> "OrganisationForm":
    registration = request.state.registration
    return OrganisationForm(data={"organisation": registration.organisation, "kind": registration.kind.value})


def _organisation_question(request: Request, form: Form, status: int = 200, **facts: str) -> Response:
    seen, has_ticket = changing.marks_of(request.state.registration)[0], request.state.ticket is not None
    facts = {"seen": seen, "notice": "", "back": _booking(request, ORGANISATION)} | facts
    return render(request, "booking/change_organisation.html", status, form=form, has_ticket=has_ticket, **facts)


routes = [
    page("/manage/{token}/change/organisation", ask_organisation, who=MANAGE),
    page("/manage/{token}/change/organisation", change_organisation, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/change/{what}", ask, who=MANAGE),
    page("/manage/{token}/change/{what}", change, who=MANAGE, methods=["POST"]),
]
