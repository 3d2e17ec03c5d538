"""Pages on which somebody with a place chooses workshops, and takes a place that is left once they are given out.

Nothing is chosen beforehand. Rules: EV-01, EM-05.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.ground import clock
from events.programme.programme import Line, guests_programme
from events.web.forms import Choice, Form, whole_number
from events.web.rendering import render
from events.web.routing import answers, page, redirect
from registrations.people.registration import KNOWS_OF_A_PLACE, State
from registrations.tickets.typed_word import TypedWord
from registrations.workshops import choice, choosing, joining, place
from registrations.workshops.choice import Allocation
from registrations.workshops.shown import is_given_out, standing

from .booking_pages import MANAGE, refuse_changes

NO_SECOND = AS_NOW = "0"


class WorkshopsForm(Form):
    first = Choice("Your first choice", [], missing="Select your first choice")
    second = Choice(
        "Your second choice", [], missing="Select your second choice, or that you have none",
        hint="You have it if no place is left in the first",
    )  # fmt: skip

    def validate_second(self, field: Choice) -> None:
        if field.data and field.data == self.first.data:
            raise StopValidation(choosing.TWICE)


class JoinForm(Form):
    workshop = Choice("Which workshop do you want to take part in?", [], missing="Select a workshop")
    word = TypedWord("join", "take part in this workshop", needed=lambda form: form["workshop"].data != AS_NOW)


async def ask(request: Request) -> Response:
    line, allocation = await _open(request)
    if is_given_out(allocation):
        return await _joining(request, await _left(request, JoinForm(), line), line)
    return await _asked(request, _offered(WorkshopsForm(), line), line)


async def choose(request: Request) -> Response:
    line, allocation = await _open(request)
    posted = await answers(request)
    if is_given_out(allocation):
        return await _join(request, await _left(request, JoinForm(posted), line), line)
    form = _offered(WorkshopsForm(posted), line)
    if not form.validate():
        return await _asked(request, form, line, 422)
    registration, slot_id = request.state.registration, request.path_params["slot"]
    first, second = (whole_number(field.data) or 0 for field in (form.first, form.second))
    await choosing.choose(registration, slot_id, first, second or None, clock.now(), clock.real())
    return redirect(f"{_booking(request)}?saved=workshops")


async def _join(request: Request, form: JoinForm, line: Line) -> Response:
    if not form.validate():
        return await _joining(request, form, line, 422)
    if form.workshop.data == AS_NOW:
        return redirect(_booking(request))
    registration, slot_id, wanted = request.state.registration, request.path_params["slot"], form.workshop.data
    await joining.join(registration, slot_id, whole_number(wanted) or 0, clock.now(), clock.real())
    return redirect(f"{_booking(request)}?saved=workshops")


def _offered(form: WorkshopsForm, line: Line) -> WorkshopsForm:
    options = [(str(entry.id), entry.words.title) for entry in line.workshops]
    form.first.choices = options
    form.second.choices = [*options, (NO_SECOND, "I have no second choice")]
    return form


async def _left(request: Request, form: JoinForm, line: Line) -> JoinForm:
    """Offers the workshops in which places are left, but for the one that they have."""
    registration, slot_id = request.state.registration, request.path_params["slot"]
    mine, taken = await place.place_in(registration.id, slot_id), await place.taken_at(registration.event_id)
    options = []
    for entry in line.workshops:
        left = entry.capacity - taken.get(entry.id, 0)
        if (not entry.capacity or left > 0) and not (mine and mine.workshop_id == entry.id):
            options.append((str(entry.id), f"{entry.words.title}{_places(left) if entry.capacity else ''}"))
    stay = "Stay where I am" if mine else "None of them"
    form.workshop.choices = [*options, (AS_NOW, stay)] if options else []
    return form


def _places(left: int) -> str:
    return " (1 place left)" if left == 1 else f" ({left} places left)"


async def _open(request: Request) -> tuple[Line, Allocation | None]:
    """The slot, where this guest may choose in it now, and what holds of the choice."""
    refuse_changes(request.state.event)
    whole = await guests_programme(request.state.event)
    line = whole.slot(request.path_params["slot"]) if whole else None
    if line is None or not line.workshops or request.state.registration.state not in KNOWS_OF_A_PLACE:
        del request.state.event  # so that this, too, is the page for nothing
        raise HTTPException(404)
    return line, await choice.allocation_of(request.path_params["slot"])


async def _asked(request: Request, form: WorkshopsForm, line: Line, status: int = 200) -> Response:
    return await _shown(request, form, line, "booking/workshops.html", status)


async def _joining(request: Request, form: JoinForm, line: Line, status: int = 200) -> Response:
    return await _shown(request, form, line, "booking/workshop_joined.html", status)


async def _shown(request: Request, form: Form, line: Line, template: str, status: int) -> Response:
    slot_id, registration = request.path_params["slot"], request.state.registration
    chosen, allocation = (await choice.choices_of(registration.id)).get(slot_id), await choice.allocation_of(slot_id)
    mine = await place.place_in(registration.id, slot_id)
    facts: dict[str, Any] = {"line": line, "back": _booking(request), "mine": mine, "chosen": chosen}
    facts["now"] = standing(line, allocation, chosen, mine)
    facts["closed"] = choice.is_closed(allocation)
    facts["rooms"] = registration.state is State.APPROVED and request.state.event.venue_released_at
    return render(request, template, status, form=form, **facts)


def _booking(request: Request) -> str:
    return str(request.scope["path"]).partition("/workshops/")[0]


routes = [
    page("/manage/{token}/workshops/{slot:int}", ask, who=MANAGE),
    page("/manage/{token}/workshops/{slot:int}", choose, who=MANAGE, methods=["POST"]),
]
