"""The desk's page on which the door is closed: how far each phone is, what is missing, and phones that are written off.

Rules: EV-12.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP, Staffed
from events.accounts.staff import May
from events.event import Event, event_with
from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form
from events.web.rendering import event_stream, render, templates
from events.web.routing import answers, page, read, redirect
from registrations.checkin import closing, headcount, quarantine
from registrations.checkin.closing import Phone, PhoneState
from registrations.desk import desk_counts
from registrations.desk.board_pages import closed_by
from registrations.desk.desk_pages import path_of
from registrations.desk.live_part import Part, Watcher, changes
from registrations.phones import pairing
from registrations.phones.door import DoorPass, WrittenOff, topic
from registrations.privacy.cases import incidents
from registrations.roll_call import calling, door_closing
from registrations.roll_call.door_closing import DrillRuns
from registrations.roll_call.roll_call import RollKind

ORGANISER, WATCHER = STAFF(May.ORGANISE), Staffed(May.ORGANISE, is_use=False)
PROVED = STEPPED_UP(May.ORGANISE)  # every phone of the event ends by it
AT_MOST_EVERY, AT_LEAST_EVERY = 1.0, 15.0  # seconds, as the board: a phone goes silent without any news
NOT_YET = "The door is not closed: something has come in meanwhile. See what is missing."
OPEN_AGAIN = "The door is not closed: it is open again. Start closing the phones first."
WHY_NOT = {"begun": NOT_YET, "reopened": OPEN_AGAIN}
SAID = {
    "begun": "The phones are being closed. The door is not closed yet: below stands what is left.",
    "closed": "The door is closed.",
    "reopened": "The door is open again.",
}
REASONS = [
    (WrittenOff.LOST.value, "It is lost or stolen"),
    (WrittenOff.BROKEN.value, "It is broken"),
    (WrittenOff.LEFT.value, "It has left the building"),
    (WrittenOff.OTHER_HOST.value, "The other host has it"),
]
WHY = {
    WrittenOff.LOST: "lost or stolen",
    WrittenOff.BROKEN: "broken",
    WrittenOff.LEFT: "left the building",
    WrittenOff.OTHER_HOST: "the other host has it",
}


class WriteOffForm(Form):
    why = Choice("Why does nobody wait for it?", REASONS, missing="Select why nobody waits for it")


async def shown(request: Request) -> Response:
    said, facts = request.query_params.get("said", ""), await _facts(request.state.event)
    state = "closed" if facts["event"].doors_closed_at else "begun" if facts["event"].doors_closing_at else "reopened"
    refused = WHY_NOT.get(state, "") if said == "missing" else ""
    return _page(request, facts, said=SAID[state] if said == state else "", refused=refused)


def _page(request: Request, facts: dict[str, Any], status: int = 200, *, said: str = "", refused: str = "") -> Response:
    return render(request, "desk/closing/close.html", status, said=said, refused=refused, **facts)


async def _facts(event: Event) -> dict[str, Any]:
    at, real = clock.now(), clock.real()
    phones = await closing.phones(event.id, at, real)
    return {
        "event": event,
        "phones": [(phone, state_words(phone)) for phone in phones],
        "missing": await closing.missing(event.id),
        "quarantined": len(await quarantine.waiting(event.id)),
        "walk_ins": (await desk_counts.counts(event.id)).walk_ins,
        "called": await calling.running(event.id, at),
        "inside": await _inside(event),
        "closed_by": await closed_by(event),
        "may_reopen": not event.is_over(at),
        "as_at": f"{clock.local(at):%H:%M:%S}",
    }


async def _inside(event: Event) -> int:
    """How many are counted as inside; nobody once the day is over."""
    counts = await headcount.counts(event.id, clock.now(), clock.real())
    return 0 if counts.stayed else counts.inside


def state_words(phone: Phone) -> str:
    """Closed; Last contact 4 s ago, 3 to send then; Not seen since 17:05. Nobody knows what a phone scanned since."""
    seen = clock.time_words(phone.seen_at) if phone.seen_at else "it was paired"
    to_send = f"{phone.to_send or 'nothing'} to send"
    match phone.state:
        case PhoneState.SILENT:
            return f"Not seen since {seen}" + (f", {to_send} then" if phone.to_send else "")
        case PhoneState.TO_SEND | PhoneState.IN_CONTACT:
            return f"Last contact {max(0, phone.silent)} s ago, {to_send} then"
        case PhoneState.ERASED:
            return "Closed"
        case PhoneState.WRITTEN_OFF:
            return f"Written off: {WHY[phone.why]}" if phone.why else "Written off"
    return f"Ended, {to_send}" if phone.to_send else "Ended"


async def live(request: Request) -> Response:
    state = request.state
    return event_stream(changes(part(state.event), Watcher(state.session.id, state.role.id)))


def part(event: Event) -> Part:
    """How far the closing is, which is the same for all who may close."""

    async def draw() -> str:
        facts = await _facts(await event_with(event.id))
        return templates().get_template("desk/closing/state.html").render(facts)

    return Part(("closing", event.id), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


async def begin(request: Request) -> Response:
    """While people are inside and during a drill it asks first; while a real roll call runs it says how that ends."""
    event, at, real, posted = request.state.event, clock.now(), clock.real(), await answers(request)
    ends_drill, leaves_inside = "drill" in posted, "inside" in posted
    if not leaves_inside and (inside := await _inside(event)) and not await _is_called(event):
        return render(request, "desk/closing/inside.html", 409, inside=inside)
    try:
        await door_closing.begin_closing(event, request.state.staff, at, real, ends_drill=ends_drill)
    except DrillRuns:
        return render(request, "desk/closing/drill.html", 409, leaves_inside=leaves_inside)
    except Refused as no:
        return _page(request, await _facts(event), no.status, refused=no.sentence)
    return redirect(f"{path_of(request, 'doors', 'close')}?said=begun")


async def _is_called(event: Event) -> bool:
    """A real roll call runs, during which no phone is closed whatever is answered."""
    running = await calling.running(event.id, clock.now())
    return running is not None and running.kind is RollKind.REAL


async def finish(request: Request) -> Response:
    closed = await closing.close(request.state.event, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors', 'close')}?said={'closed' if closed else 'missing'}")


async def reopen(request: Request) -> Response:
    await closing.reopen(request.state.event, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors', 'close')}?said=reopened")


async def write_off(request: Request) -> Response:
    device = await DoorPass.get(id=request.path_params["id"], event=request.state.event)
    if request.method == "GET":
        return render(request, "desk/closing/write_off.html", device=device, form=WriteOffForm())
    form = await read(request, WriteOffForm)
    if form.errors:
        return render(request, "desk/closing/write_off.html", 422, device=device, form=form)
    why = WrittenOff(form.why.data)
    by, at, real = request.state.staff, clock.now(), clock.real()
    if why is WrittenOff.LOST:
        await incidents.write_off_lost(device, by, at, real)
    else:
        await pairing.write_off(device, why, by, at, real)
    return redirect(path_of(request, "doors", "close"))


routes = [
    page("/desk/{event}/doors/close", shown, who=ORGANISER),
    page("/desk/{event}/doors/close/live", live, who=WATCHER),
    page("/desk/{event}/doors/close", begin, who=PROVED, methods=["POST"]),
    page("/desk/{event}/doors/close/finish", finish, who=PROVED, methods=["POST"]),
    page("/desk/{event}/doors/close/reopen", reopen, who=PROVED, methods=["POST"]),
    page("/desk/{event}/phones/{id:int}/write-off", write_off, who=ORGANISER, methods=["GET", "POST"]),
]
