"""Organisers note with whom somebody comes along, for guests who telephone, and part the two again."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Form, WorkEmail
from events.web.routing import page, read, redirect
from registrations.deciding import coming_along
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_pages import look_at, person_of
from registrations.people import companions
from registrations.people.registration import MANAGED, Registration

NOBODY = "Nobody with a place at this event has this address. Enter that of the guest whom they come with"
THEIR_OWN = "This is their own address. Enter that of the guest whom they come with"


class AlongForm(Form):
    email = WorkEmail(
        "Email address of the guest whom they come with",
        missing="Enter the email address of the guest",
        hint="The guest needs a place at this event",
        autocomplete="off",
    )


async def ask(request: Request) -> Response:
    return await _form(request, await _person(request), AlongForm())


async def link(request: Request) -> Response:
    person, form = await _person(request), await read(request, AlongForm)
    if form.errors:
        return await _form(request, person, form, 422)
    guest = await coming_along.guest_at(request.state.event, form.email.normal)
    if guest is None or guest.id == person.id:
        form.email.errors = [NOBODY if guest is None else THEIR_OWN]
        return await _form(request, person, form, 422)
    await coming_along.link(person, guest, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'people', person.id)}?said=along")


async def unlink(request: Request) -> Response:
    person = await person_of(request)
    await coming_along.unlink(person, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'people', person.id)}?said=alone")


async def _person(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in MANAGED:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: AlongForm, status: int = 200, **facts: Any) -> Response:
    guest = await companions.guest_of(person)
    for looked_at in (person, guest):
        if looked_at is not None:
            await look_at(request, looked_at)
    facts = {"form": form, "guest": guest, "at_most": companions.MOST}
    return await show(request, "desk/along.html", status, person=person, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/along", ask, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/along", link, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/people/{id:int}/alone", unlink, who=ORGANISER, methods=["POST"]),
]
