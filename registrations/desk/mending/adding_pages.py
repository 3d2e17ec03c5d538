"""Organisers add somebody who telephoned. Whether there is a request for the address they are told plainly: they may
read the people list."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock, tokens
from events.web.forms import Choice, Form, FullName, Phone, Text, WorkEmail
from events.web.routing import answers, page, read, redirect
from registrations.asking import by_telephone
from registrations.asking.by_telephone import HasOne
from registrations.asking.made_or_found import Answers
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.people.registration import OrganisationKind


class AddForm(Form):
    """The questions that a professional is asked, on one page: they are on the telephone."""

    full_name = FullName(missing="Enter their full name", autocomplete="off")
    badge_name = Text("Name for the badge (optional)", longest=60, spellcheck=False, autocomplete="off")
    email = WorkEmail(
        missing="Enter their work email address", hint="Read it back to them, letter by letter", autocomplete="off"
    )
    organisation = Text(
        "Name of their organisation", missing="Enter the name of their organisation", longest=120, autocomplete="off"
    )
    kind = Choice(
        "What kind of organisation is it?",
        [(kind.value, kind.value.capitalize()) for kind in OrganisationKind],
        missing="Select the kind of organisation",
    )
    role = Text("Their role", missing="Enter their role", longest=100, autocomplete="off")
    phone = Phone(hint="We only use it if there is a problem on the day", autocomplete="off")


async def ask(request: Request) -> Response:
    return await _form(request, AddForm(), once=tokens.new_public_id())


async def add(request: Request) -> Response:
    form, once = await read(request, AddForm), str((await answers(request)).get("once", ""))
    if form.errors:
        return await _form(request, form, 422, once=once)
    typed = {name: text or "" for name, text in form.data.items()} | {"email": form.email.normal}
    event, by = request.state.event, request.state.staff
    try:
        asked = await by_telephone.take(event, Answers(**typed), by, clock.now(), clock.real(), once)
    except HasOne as there_is:
        return await _form(request, form, 409, known=there_is.registration_id, once=once)
    return redirect(f"{path_of(request, 'people', asked.id)}?said=added")


async def _form(request: Request, form: AddForm, status: int = 200, **facts: Any) -> Response:
    is_over = request.state.event.is_over(clock.now())
    return await show(request, "desk/add_person.html", status, form=form, is_over=is_over, **({"known": None} | facts))


routes = [
    page("/desk/{event}/people/add", ask, who=ORGANISER),
    page("/desk/{event}/people/add", add, who=ORGANISER, methods=["POST"]),
]
