"""Organisers note that somebody is known at the door by the name on their badge alone, and that they are no longer."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import page, read, redirect
from registrations.booking import alias
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_pages import look_at, person_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration


class AliasForm(Form):
    alias = Choice(
        "By which name are they known at the door?",
        [
            ("badge", "By the name on their badge alone: the lead meets them"),
            ("full", "By their full name, as anybody"),
        ],
        missing="Select by which name they are known",
    )


async def question(request: Request) -> Response:
    return await _form(request, await _guest(request), AliasForm())


async def note(request: Request) -> Response:
    person, form = await _guest(request), await read(request, AliasForm)
    if form.errors:
        return await _form(request, person, form, 422)
    await alias.note(person, form.alias.data == "badge", request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'people', person.id)}?said={'alias' if form.alias.data == 'badge' else 'full'}")


async def _guest(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in KNOWS_OF_A_PLACE:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: AliasForm, status: int = 200) -> Response:
    await look_at(request, person)
    return await show(request, "desk/alias.html", status, person=person, form=form)


routes = [
    page("/desk/{event}/people/{id:int}/alias", question, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/alias", note, who=ORGANISER, methods=["POST"]),
]
