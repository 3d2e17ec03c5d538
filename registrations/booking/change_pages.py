"""Pages on which people change one thing of their own booking: a field, radios with nothing chosen, and a button."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form, FullName, Phone, Text
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.tickets.own_link import YES_NO

from . import changing
from .booking_pages import MANAGE, refuse_after
from .changing import Change

CHANGED_MEANWHILE = "Your booking has been changed meanwhile, so nothing was saved. This is what it says now."


def _save() -> Choice:
    return Choice("Do you want to save this?", YES_NO, missing="Select yes to save this")


class NameForm(Form):
    full_name = FullName()
    save = _save()


class BadgeNameForm(Form):
    badge_name = Text("Name for your badge", longest=60, hint="Leave this empty to have your full name on it")
    save = _save()


class RoleForm(Form):
    role = Text("Your role", missing="Enter your role", longest=100, autocomplete="organization-title")
    save = _save()


class PhoneForm(Form):
    phone = Phone(hint="We only use it if there is a problem on the day")
    save = _save()


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
    form = await read(request, FORMS[what])
    if form.errors:
        return _question(request, form, 422)
    booking = request.scope["path"].removesuffix(f"/change/{what}")
    if form["save"].data == "no":
        return redirect(booking)
    typed = form[what.field].data or ""
    if typed != getattr(registration.person, what.field):  # else it is so already: a second press
        if (await answers(request)).get("seen") != changing.mark_of(registration):
            return _question(request, _as_it_stands(request), 409, CHANGED_MEANWHILE)
        await changing.change(registration, what, typed, clock.now(), clock.real())
    return redirect(f"{booking}?saved={what}")


def _what(request: Request) -> Change:
    refuse_after(request.state.event)
    if (what := request.path_params["what"]) not in list(Change):
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return Change(what)


def _as_it_stands(request: Request) -> Form:
    what = _what(request)
    return FORMS[what](data={what.field: getattr(request.state.registration.person, what.field)})


def _question(request: Request, form: Form, status: int = 200, notice: str = "") -> Response:
    what, seen = _what(request), changing.mark_of(request.state.registration)
    return render(request, "booking/change.html", status, what=what, form=form, seen=seen, notice=notice)


routes = [
    page("/manage/{token}/change/{what}", ask, who=MANAGE),
    page("/manage/{token}/change/{what}", change, who=MANAGE, methods=["POST"]),
]
