"""A cancelled request comes back. The page asks where to; once no place is left, it says so and offers the rest."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import answers, page, redirect
from registrations.deciding import restoring, vetting
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_pages import look_at, person_of
from registrations.people.registration import Registration, State
from registrations.tickets.ticketing import EventFull

PLACE, WAITING, QUEUE = State.APPROVED.value, State.WAITING.value, State.CONFIRMED.value
CHOICES = [
    (PLACE, "With a place: they are sent a new ticket"),
    (WAITING, "On the waiting list: they are sent an email that says so"),
    (QUEUE, "In the queue, to be decided: they are sent an email that we have their request"),
]
FULL = "There is no place left, so nothing was restored. Choose where else they go, or raise the number of places first"


class RestoreForm(Form):
    to = Choice("Where do they go?", CHOICES, missing="Select where they go")


async def ask(request: Request) -> Response:
    person = await _restorable(request)
    return await _question(request, person, _form(request))


async def restore(request: Request) -> Response:
    person, form = await person_of(request), RestoreForm(await answers(request))
    if not form.validate():
        return await _question(request, await _restorable(request), form, 422)
    at = clock.now()
    due = vetting.email_due(at, clock.real(), undoable=False)
    try:
        await restoring.restore(person, State(form.to.data), request.state.staff, at, due)
    except EventFull:
        form = _form(request, full=True)
        form.to.errors = [FULL]
        return await _question(request, person, form, 409)
    return redirect(f"{path_of(request, 'people', person.id)}?said=restore")


def _form(request: Request, *, full: bool = False) -> RestoreForm:
    """Without a place to choose where none is left."""
    form = RestoreForm()
    if full or request.state.event.is_full:
        form.to.choices = [choice for choice in CHOICES if choice[0] != PLACE]
    return form


async def _restorable(request: Request) -> Registration:
    person = await person_of(request)
    if not restoring.may_be_restored(person):
        raise HTTPException(404)
    return person


async def _question(request: Request, person: Registration, form: Form, status: int = 200) -> Response:
    await look_at(request, person)
    facts: dict[str, Any] = {"person": person, "form": form, "is_full": request.state.event.is_full}
    return await show(request, "desk/restore.html", status, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/restore", ask, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/restore", restore, who=ORGANISER, methods=["POST"]),
]
