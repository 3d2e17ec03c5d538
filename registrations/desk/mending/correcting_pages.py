"""Organisers correct what a person told us, and note how a guest wants to be seen, on one page: they are telephoned.

A form that was opened before somebody else changed it saves nothing.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import Detail
from events.ground import clock
from events.web.routing import answers, page, redirect
from registrations.booking import corrected_details
from registrations.booking.corrected_details import NAMES, WORDS, Seen, marks_at_desk
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.desk.desk_forms import DetailsForm, GuestDetailsForm, NameForm
from registrations.desk.desk_pages import path_of, show
from registrations.desk.person_history import last_change
from registrations.desk.person_pages import ACTS, look_at, person_of
from registrations.people import choices
from registrations.people.choices import Switch
from registrations.people.registration import KNOWS_OF_A_PLACE, OrganisationKind, Registration, State

from .address_pages import PROVED


async def ask(request: Request) -> Response:
    person = await _correctable(request)
    chosen = person.choices
    stands = {name: getattr(person, name) for name in WORDS} | {"kind": person.kind.value}
    stands |= {"photos": "yes" if chosen.in_photos else "no", "switches": [*chosen.switches]}
    return await _form(request, person, _shown_to(request, _form_of(person)(data=stands)))


def _shown_to(request: Request, form: NameForm) -> NameForm:
    """Without what this role may not read of them."""
    if isinstance(form, GuestDetailsForm):
        hidden = _hidden_from(request)
        form.switches.choices = [choice for choice in form.switches.choices if choice[0] not in hidden]
        form.switches.data = [value for value in form.switches.data or () if value not in hidden]
    return form


def _hidden_from(request: Request) -> frozenset[Switch]:
    return frozenset() if request.state.role.sees(Detail.ENTRANCE) else frozenset({Switch.OTHER_ENTRANCE})


def _form_of(person: Registration) -> type[NameForm]:
    """What can be corrected of them. Wishes that cannot be read are theirs to choose anew."""
    if person.state is State.REQUESTED:
        return NameForm
    has_wishes = person.state in KNOWS_OF_A_PLACE and person.choices is not choices.UNREADABLE
    return GuestDetailsForm if has_wishes else DetailsForm


async def correct(request: Request) -> Response:
    person, posted = await _correctable(request), await answers(request)
    form = _shown_to(request, _form_of(person)(posted))
    if not form.validate():
        return await _form(request, person, form, 422, seen=str(posted.get("seen")))
    try:
        if posted.get("seen") not in marks_at_desk(person):
            raise ChangedMeanwhile
        is_changed = await _save(request, person, form)
    except ChangedMeanwhile:
        return await _changed(request, form)
    return redirect(path_of(request, "people", person.id) + ("?said=details" if is_changed else ""))


async def _save(request: Request, person: Registration, form: NameForm) -> bool:
    said, all_typed = form.data, isinstance(form, DetailsForm)
    typed = {name: said[name] or "" for name in (WORDS if all_typed else NAMES)}
    kind = OrganisationKind(said["kind"]) if all_typed else None
    wishes = None
    if isinstance(form, GuestDetailsForm):
        stays = person.choices.switches & _hidden_from(request)
        wishes = Seen(said["photos"] == "yes", stays.union(Switch(value) for value in said["switches"]))
    by, at = request.state.staff, clock.now()
    return await corrected_details.correct_details(person, typed, kind, wishes, by, at, clock.real())


async def _changed(request: Request, form: NameForm) -> Response:
    """What was typed stays; saved once more, it replaces what is shown beside it."""
    person = await person_of(request)
    return await _form(request, person, form, 409, changed=True, last=await last_change(person))


async def _correctable(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in ACTS["details"]:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: NameForm, status: int = 200, **facts: Any) -> Response:
    await look_at(request, person)
    facts = {"seen": marks_at_desk(person)[0], "changed": False, "last": None} | facts
    stands = ", ".join(text for name in WORDS if (text := getattr(person, name)))
    facts["is_over"] = request.state.event.is_over(clock.now())
    return await show(request, "desk/details.html", status, person=person, form=form, stands=stands, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/details", ask, who=PROVED),
    page("/desk/{event}/people/{id:int}/details", correct, who=PROVED, methods=["POST"]),
]
