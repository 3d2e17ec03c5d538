"""A cancelled request comes back. The page asks where to; once no place is left, it says so and offers the rest."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import answers, page, redirect
from registrations.deciding import restoring, two_approvals, vetting
from registrations.deciding.two_approvals import NeedsAnother
from registrations.deciding.vetting import Decision, Result
from registrations.desk import decision_banner
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
    except NeedsAnother:
        return await _first(request, person, at)
    except EventFull:
        form = _form(request, full=True)
        form.to.errors = [FULL]
        return await _question(request, person, form, 409)
    return redirect(f"{path_of(request, 'people', person.id)}?said=restore")


async def _first(request: Request, person: Registration, at: datetime) -> Response:
    """Their approval is the first of two, if nothing has changed in this moment; the page of the person says so."""
    given = await two_approvals.give_first(await person_of(request), request.state.staff, at)
    results = {person.id: Result.FIRST if given else Result.DECIDED}
    said = decision_banner.in_query(Decision.APPROVE, results, request.state.event, request.state.staff)
    return redirect(f"{path_of(request, 'people', person.id)}?{urlencode(said)}")


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
    facts |= {"of_two": (await two_approvals.standing(request.state.event, [person])).get(person.id)}
    return await show(request, "desk/restore.html", status, **facts)


routes = [
    page("/desk/{event}/people/{id:int}/restore", ask, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/restore", restore, who=ORGANISER, methods=["POST"]),
]
