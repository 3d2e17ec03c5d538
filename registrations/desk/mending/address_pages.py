"""Organisers type another address for somebody who telephones. It has to say yes before anything goes there."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.forms import Form, WorkEmail
from events.web.routing import answers, page, redirect
from registrations.asking.by_telephone import HasOne
from registrations.booking import corrected_address
from registrations.booking.changing import marks_of
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.desk.desk_pages import path_of, show
from registrations.desk.person_history import last_change
from registrations.desk.person_pages import look_at, person_of
from registrations.people.address_change import last_of, open_of
from registrations.people.registration import Registration

PROVED = STEPPED_UP(May.ORGANISE)  # it leads all that we write to somebody elsewhere
SAME = "This is the address that we have. Nothing was changed"


class AddressForm(Form):
    email = WorkEmail(
        "Their work email address",
        missing="Enter their work email address",
        hint="Read it back to them, letter by letter",
        autocomplete="off",
    )


async def ask(request: Request) -> Response:
    return await _form(request, await _correctable(request), AddressForm())


async def correct(request: Request) -> Response:
    person, posted = await _correctable(request), await answers(request)
    form = AddressForm(posted)
    if form.validate() and form.email.normal == person.email:
        form.email.errors = [SAME]
    if form.errors:
        return await _form(request, person, form, 422, seen=str(posted.get("seen")))
    try:
        if posted.get("seen") not in marks_of(person, await last_of(person)):
            raise ChangedMeanwhile
        await corrected_address.correct(person, form.email.normal, request.state.staff, clock.now(), clock.real())
    except HasOne as there_is:
        return await _form(request, await person_of(request), form, 409, known=there_is.registration_id)
    except ChangedMeanwhile:
        now = await person_of(request)
        return await _form(request, now, form, 409, changed=True, last=await last_change(now))
    return redirect(f"{path_of(request, 'people', person.id)}?said=address")


async def _correctable(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in corrected_address.MAY_CORRECT or person.is_set_aside:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: Form, status: int = 200, **facts: Any) -> Response:
    await look_at(request, person)
    facts = {"seen": marks_of(person, await last_of(person))[0], "changed": False, "last": None, "known": None} | facts
    facts |= {"waits": await open_of(person, clock.now())}
    return await show(request, "desk/address.html", status, person=person, form=form, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/address", ask, who=PROVED),
    page("/desk/{event}/people/{id:int}/address", correct, who=PROVED, methods=["POST"]),
]
