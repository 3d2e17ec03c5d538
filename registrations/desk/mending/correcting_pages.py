"""Organisers correct what a person told us. A form that was opened before somebody else changed it saves nothing."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Form
from events.web.routing import answers, page, redirect
from registrations.booking.changing import mark_of
from registrations.deciding import correcting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.desk.desk_forms import NameForm
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_history import last_change
from registrations.desk.person_pages import look_at, person_of
from registrations.people.registration import Registration


async def ask_name(request: Request) -> Response:
    person = await person_of(request)
    return await _form(request, person, NameForm(full_name=person.full_name, badge_name=person.badge_name))


async def name(request: Request) -> Response:
    person, posted = await person_of(request), await answers(request)
    form = NameForm(posted)
    if not form.validate():
        return await _form(request, person, form, 422, seen=str(posted.get("seen")))
    typed = {name: text or "" for name, text in form.data.items()}
    try:
        if posted.get("seen") != mark_of(person):
            raise ChangedMeanwhile
        await correcting.correct_as_seen(person, typed, "name", request.state.staff, clock.now())
    except ChangedMeanwhile:
        return await _changed(request, form)
    return redirect(f"{path_of(request, 'people', person.id)}?said=name")


async def _changed(request: Request, form: Form) -> Response:
    """What was typed stays; saved once more, it replaces what is shown beside it."""
    person = await person_of(request)
    return await _form(request, person, form, 409, changed=True, last=await last_change(person))


async def _form(request: Request, person: Registration, form: Form, status: int = 200, **facts: Any) -> Response:
    await look_at(request, person)
    facts = {"seen": mark_of(person), "changed": False, "last": None} | facts
    return await show(request, "desk/name.html", status, person=person, form=form, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/name", ask_name, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/name", name, who=ORGANISER, methods=["POST"]),
]
