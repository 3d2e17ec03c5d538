"""Organisers correct what a person told us. A form that was opened before somebody else changed it saves nothing."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Form
from events.web.routing import answers, page, redirect
from registrations.booking.changing import marks_of
from registrations.deciding import correcting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.desk.desk_forms import NameForm, OrganisationForm
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_history import last_change
from registrations.desk.person_pages import ACTS, look_at, person_of
from registrations.people.registration import OrganisationKind, Registration

from .address_pages import PROVED


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
        if posted.get("seen") not in marks_of(person):
            raise ChangedMeanwhile
        await correcting.correct_as_seen(person, typed, request.state.staff, clock.now(), what="name")
    except ChangedMeanwhile:
        return await _changed(request, form)
    return redirect(f"{path_of(request, 'people', person.id)}?said=name")


async def _changed(request: Request, form: Form, page: str = "name") -> Response:
    """What was typed stays; saved once more, it replaces what is shown beside it."""
    person = await person_of(request)
    return await _form(request, person, form, 409, page=page, changed=True, last=await last_change(person))


async def ask_organisation(request: Request) -> Response:
    person = await _confirmed(request)
    form = OrganisationForm(data={"organisation": person.organisation, "kind": person.kind.value})
    return await _form(request, person, form, page="organisation_correct")


async def organisation(request: Request) -> Response:
    person, posted = await _confirmed(request), await answers(request)
    form, here = OrganisationForm(posted), path_of(request, "people", person.id)
    if not form.validate():
        return await _form(request, person, form, 422, page="organisation_correct", seen=str(posted.get("seen")))
    name, kind = form.organisation.data or "", OrganisationKind(form.kind.data)
    if (name, kind) == (person.organisation, person.kind):
        return redirect(here)
    try:
        if posted.get("seen") not in marks_of(person):
            raise ChangedMeanwhile
        await correcting.correct_organisation(person, name, kind, request.state.staff, clock.now())
    except ChangedMeanwhile:
        return await _changed(request, form, page="organisation_correct")
    return redirect(f"{here}?said=organisation")


async def _confirmed(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in ACTS["organisation"]:
        raise HTTPException(404)
    return person


async def _form(
    request: Request, person: Registration, form: Form, status: int = 200, *, page: str = "name", **facts: Any
) -> Response:
    await look_at(request, person)
    facts = {"seen": marks_of(person)[0], "changed": False, "last": None} | facts
    return await show(request, f"desk/{page}.html", status, person=person, form=form, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/organisation", ask_organisation, who=PROVED),
    page("/desk/{event}/people/{id:int}/organisation", organisation, who=PROVED, methods=["POST"]),
    page("/desk/{event}/people/{id:int}/name", ask_name, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/name", name, who=ORGANISER, methods=["POST"]),
]
