"""The desk's list of known organisations: whose addresses are a signal, and for what."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events import known_organisation
from events.accounts.guards import to_step_up
from events.ground import clock
from events.known_organisation import KnownOrganisation, Row, Treatment, ascii_domain, whats_wrong_with
from events.web.forms import Choice, Form, Text
from events.web.routing import page, read, redirect
from registrations.people.address_change import moving_of
from registrations.people.registration import Registration

from .desk_pages import ORGANISER, VIEWER, banner_of, number, path_of, show

TREATMENTS = [
    (Treatment.PARTNER.value, "Verified"),
    (Treatment.REVIEW.value, "Listed but not verified"),
    (Treatment.PUBLIC_SECTOR.value, "Public sector: every domain below it, any body in the UK"),
]
SAID = {"added": "Added to the list.", "changed": "Changed.", "removed": "Removed from the list."}
BOTH = ["GET", "POST"]


class Domain(Text):
    def check(self) -> None:
        if wrong := whats_wrong_with(self.data or ""):
            raise StopValidation(wrong)


NO_TREATMENT = "Select how far you trust it"


class Kind(Text):
    def __init__(self, **bound: Any) -> None:
        missing = "Enter the kind of organisation"
        hint = "For example: council. Whoever decides on a request reads it beside the address"
        super().__init__("Kind of organisation", missing=missing, longest=40, hint=hint, spellcheck=False, **bound)


class Area(Text):
    def __init__(self, **bound: Any) -> None:
        hint = "Like Watford. The closing report counts by it, without names"
        super().__init__("Area", longest=known_organisation.LONGEST_AREA, hint=hint, **bound)


class AddForm(Form):
    domain = Domain(
        "Domain", missing=known_organisation.NO_DOMAIN, longest=253, hint="Like example.org", spellcheck=False
    )
    kind = Kind()
    area = Area()
    treatment = Choice("Trust", TREATMENTS, missing=NO_TREATMENT)


class ChangeForm(Form):
    kind = Kind()
    area = Area()
    treatment = Choice("Trust", TREATMENTS, missing=NO_TREATMENT)


async def organisations(request: Request) -> Response:
    known = await KnownOrganisation.filter(event_id=request.state.event.id).order_by("suffix", "domain")
    said = banner_of(request, SAID)
    return await show(request, "desk/organisations.html", known=known, treatments=dict(TREATMENTS), said=said)


async def add(request: Request) -> Response:
    """From the page of a person it begins with the domain of their address, and goes back there."""
    person = await _came_from(request)
    if request.method == "GET":
        form = AddForm(data=await _of(person)) if person else AddForm()
        return await show(request, "desk/organisation_add.html", form=form, person=person)
    form = await read(request, AddForm)
    if form.errors:
        return await show(request, "desk/organisation_add.html", 422, form=form, person=person)
    if form.treatment.data == Treatment.PARTNER and (proof := to_step_up(request)):
        return proof
    domain = ascii_domain((form.domain.data or "").removeprefix("*."))
    row = Row(domain, form.kind.data or "", Treatment(form.treatment.data), form.area.data or "")
    await known_organisation.add(request.state.event, row, by=request.state.staff, at=clock.now())
    return redirect(
        path_of(request, "people", person.id) if person else f"{path_of(request, 'organisations')}?said=added"
    )


async def _came_from(request: Request) -> Registration | None:
    id_, event_id = number(request.query_params.get("person")), request.state.event.id
    found = await Registration.get_or_none(id=id_, event_id=event_id) if id_ else None
    return None if found is None or found.is_set_aside else found


async def _of(person: Registration) -> dict[str, str]:
    """Of the address that the signals on their page are about."""
    moving = await moving_of([person])
    address = moving[person.id].address if person.id in moving else person.email
    return {"domain": address.rpartition("@")[2], "kind": person.kind.value}


async def change(request: Request) -> Response:
    known = await _found(request)
    if request.method == "GET":
        form = ChangeForm(kind=known.kind, area=known.area, treatment=known.treatment.value)
        return await show(request, "desk/organisation.html", known=known, form=form)
    form = await read(request, ChangeForm)
    if form.errors:
        return await show(request, "desk/organisation.html", 422, known=known, form=form)
    kind, treatment = form.kind.data or "", Treatment(form.treatment.data)
    if treatment is Treatment.PARTNER and (proof := to_step_up(request)):
        return proof
    area = form.area.data or ""
    await known_organisation.change(known, kind, treatment, area, by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, 'organisations')}?said=changed")


async def remove(request: Request) -> Response:
    await known_organisation.remove(await _found(request), by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, 'organisations')}?said=removed")


async def _found(request: Request) -> KnownOrganisation:
    found = await KnownOrganisation.get_or_none(id=request.path_params["id"], event_id=request.state.event.id)
    if found is None:
        raise HTTPException(404)
    return found


routes = [
    page("/desk/{event}/organisations", organisations, who=VIEWER),
    page("/desk/{event}/organisations/add", add, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/organisations/{id:int}", change, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/organisations/{id:int}/remove", remove, who=ORGANISER, methods=["POST"]),
]
