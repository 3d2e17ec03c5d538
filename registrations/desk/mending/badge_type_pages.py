"""Organisers set the badge type of somebody: what they are at the event, on the badge and at the door."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import page, read, redirect
from registrations.codes.badge_type import BadgeType
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_pages import ACTS, look_at, person_of
from registrations.people.registration import Registration
from registrations.tickets import badge_types


class BadgeTypeForm(Form):
    badge_type = Choice(
        "Badge type", [(kind.value, kind.words) for kind in BadgeType], missing="Select the badge type"
    )  # fmt: skip


async def question(request: Request) -> Response:
    person = await _live(request)
    return await _form(request, person, BadgeTypeForm(data={"badge_type": person.badge_type.value}))


async def save(request: Request) -> Response:
    person, form = await _live(request), await read(request, BadgeTypeForm)
    if form.errors:
        return await _form(request, person, form, 422)
    await badge_types.set_badge_type(person, BadgeType(form.badge_type.data), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'people', person.id)}?said=badge-type")


async def _live(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in ACTS["badge-type"] or person.is_set_aside:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: BadgeTypeForm, status: int = 200) -> Response:
    await look_at(request, person)
    return await show(request, "desk/badge_type.html", status, person=person, form=form)


routes = [
    page("/desk/{event}/people/{id:int}/badge-type", question, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/badge-type", save, who=ORGANISER, methods=["POST"]),
]
