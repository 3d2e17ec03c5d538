"""A slot of workshops at the desk: how many have chosen what, until when they choose, how places are given out and
checked, and who is moved by hand.

Rules: EV-01.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.programme.programme import Line
from events.web.forms import Choice, Form, whole_number
from events.web.routing import answers, page, read, redirect
from registrations.desk.desk_pages import ORGANISER, VIEWER, banner_of, path_of, show
from registrations.desk.person_pages import person_of
from registrations.people.needs import KEPT
from registrations.people.registration import KNOWS_OF_A_PLACE
from registrations.privacy.retention.deletion import Deletion
from registrations.workshops import allocating, choice, choosing, joining, place
from registrations.workshops.shown import is_given_out, workshop_of

from .programme_pages import HERE, is_hidden, slot_of

ORGANISER_AGAIN = STEPPED_UP(May.ORGANISE)
IN_NONE = "0"
LOTS = "lots"  # the class of what is deleted of draws
SAID = {
    "closed": "The choice is closed: guests cannot choose any more.",
    "reopened": "The choice is open again.",
    "given-out": "The places are given out. Everybody who chose gets one email, while guests see the programme.",
    "before": "Somebody else has given out these places already. Nothing was changed.",
}


class AllocateForm(Form):
    leftover = Choice(
        "What do people get whose first and second choice are both full?",
        [("yes", "A place in the workshop with the most places left"), ("no", "None, and they take one that is left")],
        missing="Select what people get whose choices are both full",
    )


class MoveForm(Form):
    workshop = Choice("Which workshop do they take part in?", [], missing="Select a workshop")


async def workshops(request: Request) -> Response:
    _, line = await slot_of(request)
    event, slot_id = request.state.event, request.path_params["slot"]
    first, second = await choice.counted(event.id)
    facts: dict[str, Any] = {"line": line, "first": first, "second": second}
    facts |= {"allocation": await choice.allocation_of(slot_id), "taken": await place.taken_at(event.id)}
    facts["said"] = banner_of(request, SAID)
    return await show(request, "desk/programme/workshops.html", **facts)


async def close(request: Request) -> Response:
    await slot_of(request)
    slot_id, by = request.path_params["slot"], request.state.staff
    await choosing.close(request.state.event, slot_id, by=by, at=clock.now())
    return _done(request, "closed")


async def reopen(request: Request) -> Response:
    await slot_of(request)
    slot_id, by = request.path_params["slot"], request.state.staff
    await choosing.reopen(request.state.event, slot_id, by=by, at=clock.now())
    return _done(request, "reopened")


async def allocate(request: Request) -> Response:
    whole, line = await slot_of(request)
    form = AllocateForm() if request.method == "GET" else await read(request, AllocateForm)
    if request.method == "GET" or form.errors:
        facts: dict[str, Any] = {"form": form, "line": line, "hidden": is_hidden(whole)}
        return await show(request, "desk/programme/allocate.html", 422 if form.errors else 200, **facts)
    slot_id, by, leftover = request.path_params["slot"], request.state.staff, form.leftover.data == "yes"
    done = await allocating.allocate(request.state.event, slot_id, leftover, by=by, at=clock.now(), real=clock.real())
    return _done(request, "given-out" if done else "before")


async def check(request: Request) -> Response:
    _, line = await slot_of(request)
    allocation = await choice.allocation_of(request.path_params["slot"])
    if allocation is None or not is_given_out(allocation):
        raise HTTPException(404)
    checked = await allocating.check(allocation)
    gone = not checked.people and await Deletion.filter(event_id=request.state.event.id, kind=LOTS).exists()
    facts: dict[str, Any] = {"line": line, "allocation": allocation, "checked": checked, "gone": gone, "kept": KEPT}
    return await show(request, "desk/programme/check.html", **facts)


async def move(request: Request) -> Response:
    found, (whole, line) = await person_of(request), await slot_of(request)
    slot_id = request.path_params["slot"]
    if found.state not in KNOWS_OF_A_PLACE or not is_given_out(await choice.allocation_of(slot_id)):
        raise HTTPException(404)
    posted = await answers(request) if request.method == "POST" else None
    form = await _with_workshops(MoveForm(posted), line)
    if posted is None or not form.validate():
        now = workshop_of(line, await place.place_in(found.id, slot_id))
        facts: dict[str, Any] = {"form": form, "line": line, "person": found, "now": now, "hidden": is_hidden(whole)}
        return await show(request, "desk/programme/move.html", 422 if form.errors else 200, **facts)
    workshop_id = whole_number(form.workshop.data) or None
    await joining.move(found, slot_id, workshop_id, request.state.staff, clock.now(), clock.real())
    return redirect(f"{path_of(request, 'people', found.id)}?said=workshop")


async def _with_workshops(form: MoveForm, line: Line) -> MoveForm:
    """Also those that are full: then a sentence says so."""
    options = [(str(entry.id), entry.words.title) for entry in line.workshops]
    form.workshop.choices = [*options, (IN_NONE, "In none of these")]
    return form


def _done(request: Request, act: str) -> Response:
    return redirect(f"{path_of(request, HERE, 'slots', request.path_params['slot'], 'workshops')}?said={act}")


THERE = "/desk/{event}/programme/slots/{slot:int}/workshops"
BOTH = ["GET", "POST"]
routes = [
    page(THERE, workshops, who=VIEWER),
    page(f"{THERE}/close", close, who=ORGANISER, methods=["POST"]),
    page(f"{THERE}/reopen", reopen, who=ORGANISER, methods=["POST"]),
    page(f"{THERE}/allocate", allocate, who=ORGANISER_AGAIN, methods=BOTH),
    page(f"{THERE}/check", check, who=VIEWER),
    page("/desk/{event}/people/{id:int}/workshops/{slot:int}", move, who=ORGANISER, methods=BOTH),
]
