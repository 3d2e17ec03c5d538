"""The desk's page of the roll call: start one, see how far it is, end it, and those that were. Numbers, nobody's name.

Rules: SG-15.
"""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, Staffed
from events.accounts.staff import May
from events.event import Event, event_with
from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form
from events.web.rendering import date_words, event_stream, render, templates
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import banner_of, path_of
from registrations.desk.live_part import Part, Watcher, changes
from registrations.paper.sheet import ROLL_CALL_HEADER, SheetKind, destroy_by
from registrations.phones.door import topic
from registrations.roll_call import calling, list_keys, totals
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import RollKind

ORGANISER, WATCHER = STAFF(May.ORGANISE), Staffed(May.ORGANISE, is_use=False)
AT_MOST_EVERY, AT_LEAST_EVERY = 1.0, 15.0  # seconds, as the board
KINDS = [
    (RollKind.REAL.value, "The building is being left now"),
    (RollKind.DRILL.value, "It is a drill"),
]
SAID = {
    "real": "The roll call is running.",
    "drill": "The roll call is running, as a drill.",
    "card-ended": "The key card opens nothing any more, from the next list of each phone on.",
    "ended": "The roll call is over. The phones of marshals erase the list that they had opened.",
}
OVER_ALREADY = "This roll call is over already."


class StartForm(Form):
    kind = Choice("Why do you call the roll?", KINDS, missing="Select why you call the roll")


async def shown(request: Request) -> Response:
    event, said = request.state.event, banner_of(request, SAID)
    facts = await _facts(event) | {"printed": await totals.printed(event.id)}
    facts["destroy_by"] = date_words(destroy_by(event, SheetKind.ROLL_CALL))
    return render(request, "desk/roll_call/roll_call.html", said=said, **facts)


async def _facts(event: Event) -> dict[str, Any]:
    at, real = clock.now(), clock.real()
    every = await totals.history(event.id, at)
    return {
        "event": event,
        "running": next((called for called in every if called.over_at is None), None),
        "history": [called for called in every if called.over_at is not None],
        "card": await list_keys.card_of(event.id),
        "marshals": await totals.marshals(event.id, real),
        "header": ROLL_CALL_HEADER,
        "as_at": f"{clock.local(at):%H:%M:%S}",
    }


async def live(request: Request) -> Response:
    state = request.state
    return event_stream(changes(part(state.event), Watcher(state.session.id, state.role.id)))


def part(event: Event) -> Part:
    """How far it is, which is the same for all who may call the roll."""

    async def draw() -> str:
        facts = await _facts(await event_with(event.id))
        return templates().get_template("desk/roll_call/state.html").render(facts)

    return Part(("roll call", event.id), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


async def ask(request: Request) -> Response:
    """Says what a roll call does, and asks which it is. Nothing has begun."""
    return await _ask(request, StartForm(), 200)


async def _ask(request: Request, form: StartForm, status: int) -> Response:
    running = await calling.running(request.state.event.id, clock.now())
    return render(request, "desk/roll_call/start.html", status, form=form, running=running)


async def start(request: Request) -> Response:
    """Whoever starts while one is running comes to that one; a real alarm ends a drill."""
    form = await read(request, StartForm)
    if form.errors:
        return await _ask(request, form, 422)
    at = clock.now()
    pressed = Pressed(secrets.token_urlsafe(16), RollKind(form.kind.data), at)
    called = await calling.start(request.state.event, pressed, request.state.staff, at)
    return redirect(f"{path_of(request, 'roll-call')}?said={called.kind.value}")


async def ask_end(request: Request) -> Response:
    running = await calling.running(request.state.event.id, clock.now())
    return render(request, "desk/roll_call/end.html", running=running)


async def end(request: Request) -> Response:
    at = clock.now()
    running = await calling.running(request.state.event.id, at)
    if running is None or not await calling.end(running, request.state.staff, at):
        raise Refused(OVER_ALREADY)
    return redirect(f"{path_of(request, 'roll-call')}?said=ended")


routes = [
    page("/desk/{event}/roll-call", shown, who=ORGANISER),
    page("/desk/{event}/roll-call/live", live, who=WATCHER),
    page("/desk/{event}/roll-call/start", ask, who=ORGANISER),
    page("/desk/{event}/roll-call/start", start, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/roll-call/end", ask_end, who=ORGANISER),
    page("/desk/{event}/roll-call/end", end, who=ORGANISER, methods=["POST"]),
]
