"""The pages on which a guest finds their certificate, by the link to their booking that they hold, and anybody checks
the number of one.

Opening a link changes nothing. The number that is checked is posted, so that it stands in no log. Rules: EV-09.
"""

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.tokens import Purpose
from events.web.forms import Choice, Form, Text
from events.web.pdf import CONTENT_TYPE
from events.web.rendering import render
from events.web.routing import ANYONE, answers, network_of, page, read, redirect
from registrations.people.registration import Registration
from registrations.tickets import own_changes
from registrations.tickets.own_link import OwnLink

from . import checking, taking
from .certificate import Shows
from .on_paper import FILE_NAME, certificate_pdf, facts_of
from .taking import Found, View

MANAGE = OwnLink(Purpose.MANAGE)
WRONG = "wrong"  # the name has a mistake
WHICH = "Which name should stand on the certificate?"


class NameForm(Form):
    name = Choice(
        "Is this your name, as it should stand on the certificate?", [], missing="Select whether this is your name"
    )


class CheckForm(Form):
    number = Text(
        "Number of the certificate",
        missing="Enter the number of the certificate",
        longest=60,
        autocomplete="off",
        spellcheck=False,
        hint="15 letters and digits, like 7K2QH-4MD9X-B0RTE. Capitals, spaces and hyphens do not matter",
    )


async def show(request: Request) -> Response:
    found = await _found(request)
    if found.view is View.ASKED or (found.view is View.TAKEN and "name" in request.query_params):
        return _asked(request, found, _name_form(request.state.registration))
    return _shown(request, found)


async def take(request: Request) -> Response:
    found, form = await _found(request), _name_form(request.state.registration, await answers(request))
    if found.ready is None:
        return _shown(request, found)
    if not form.validate():
        return _asked(request, found, form, 422)
    if form.name.data == WRONG:
        return _wrong_name(request)
    shows, at, real = Shows(form.name.data), clock.now(), clock.real()
    await taking.take(request.state.registration, request.state.event, shows, at, real)
    return redirect(request.scope["path"])


async def show_pdf(request: Request) -> Response:
    found = await _found(request)
    if found.view is not View.TAKEN or found.ready is None:
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return as_file(await certificate_pdf(facts_of(request.state.event, found.ready)))


def as_file(made: bytes) -> Response:
    headers = {"content-type": CONTENT_TYPE, "content-disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(made, headers=headers)


async def ask(request: Request) -> Response:
    return render(request, "certificates/check.html", form=CheckForm())


async def check(request: Request) -> Response:
    """Not a redirect: the answer would have to stand in an address."""
    form = await read(request, CheckForm)
    if form.errors:
        return render(request, "certificates/check.html", 422, form=form)
    valid = await checking.is_valid(form.number.data or "", network_of(request), clock.real())
    return render(request, "certificates/check.html", form=CheckForm(), answer="Valid" if valid else "Not valid")


async def _found(request: Request) -> Found:
    return await taking.found_for(request.state.registration, request.state.event)


def _name_form(person: Registration, posted: FormData | None = None) -> NameForm:
    """With the names of this guest, none of them chosen."""
    names, form = taking.names_of(person), NameForm(posted)
    if len(names) == 1:
        form.name.choices = [(Shows.FULL_NAME.value, f"Yes: {person.full_name}"), (WRONG, "No, it has a mistake")]
        return form
    form.name.label.text, form.name.missing = WHICH, "Select which name should stand on it"
    form.name.choices = [
        *((shows.value, name) for shows, name in names.items()),
        (WRONG, "Neither: there is a mistake"),
    ]
    return form


def _asked(request: Request, found: Found, form: Form, status: int = 200) -> Response:
    return _page(request, "certificates/name.html", status, found=found, form=form)


def _wrong_name(request: Request) -> Response:
    may_change = own_changes.are_taken(request.state.event, clock.now())
    return _page(request, "certificates/wrong_name.html", may_change=may_change)


def _shown(request: Request, found: Found) -> Response:
    facts = facts_of(request.state.event, found.ready) if found.ready else None
    two_names = len(taking.names_of(request.state.registration)) > 1
    template = "certificates/certificate.html" if found.view is View.TAKEN else "certificates/none.html"
    return _page(request, template, view=found.view.value, facts=facts, two_names=two_names)


def _page(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    here = str(request.scope["path"])
    booking = here.removesuffix("/certificate")
    return render(request, template, status, here=here, booking=booking, back=booking, **facts)


routes = [
    page("/manage/{token}/certificate", show, who=MANAGE),
    page("/manage/{token}/certificate", take, who=MANAGE, methods=["POST"]),
    page("/manage/{token}/certificate/certificate.pdf", show_pdf, who=MANAGE),
    page("/certificate", ask, who=ANYONE),
    page("/certificate", check, who=ANYONE, methods=["POST"]),
]
