"""The programme at the desk: sessions, slots and workshops are listed, added, changed and taken out, and shown to some.

Rules: EV-01, SG-14.
"""

from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.programme import changing
from events.programme.programme import Entry, Line, ShownTo, Whole, programme_of
from events.web.forms import whole_number
from events.web.routing import answers, page, read, redirect
from registrations.desk.desk_pages import ORGANISER, VIEWER, banner_of, path_of, show
from registrations.workshops import place, roster
from registrations.workshops.choice import counted

from .programme_forms import SessionForm, ShownForm, TimesForm, WordsForm, WorkshopForm, typed_times, typed_words

HERE = "programme"
BOTH = ["GET", "POST"]
W = TypeVar("W", bound=WordsForm)
SAYS_WHERE = "This says where the event is, and the public page may show it. Only the room may say it"
SAID = {
    "added": "Added to the programme.",
    "changed": "Changed.",
    "taken-out": "Taken out of the programme.",
    "shown": "Saved who sees the programme.",
}


async def programme(request: Request) -> Response:
    said = banner_of(request, SAID)
    event, whole = request.state.event, await programme_of(request.state.event)
    taken, given_out = await place.taken_at(event.id), await roster.slots_given_out(event.id)
    facts: dict[str, Any] = {"whole": whole, "taken": taken, "given_out": given_out, "said": said}
    return await show(request, "desk/programme/programme.html", **facts)


async def preview(request: Request) -> Response:
    """As the public page and a guest's ticket page would show it now, whoever sees it."""
    whole = await programme_of(request.state.event)
    return await show(request, "desk/programme/preview.html", whole=whole)


async def shown_to(request: Request) -> Response:
    form = ShownForm() if request.method == "GET" else await read(request, ShownForm)
    whole = await programme_of(request.state.event)
    telling = changing.telling(request.state.event, whole)
    if telling and not form.errors and form.shown_to.data in {ShownTo.GUESTS, ShownTo.EVERYBODY}:
        form.shown_to.errors = [telling]
    if request.method == "GET" or form.errors:
        facts: dict[str, Any] = {"form": form, "whole": whole}
        return await show(request, "desk/programme/shown_to.html", 422 if form.errors else 200, **facts)
    chosen = ShownTo(form.shown_to.data)
    await changing.show_to(request.state.event, chosen, by=request.state.staff, at=clock.now())
    return _done(request, "shown")


async def add_session(request: Request) -> Response:
    whole = await programme_of(request.state.event)
    if request.method == "GET":
        return await _asked(request, SessionForm(), "Add a session")
    form = await _read(request, SessionForm)
    if not _fits(form, whole):
        return await _asked(request, form, "Add a session", 422)
    by, at = request.state.staff, clock.now()
    await changing.add_session(request.state.event, form.words, form.times, by=by, at=at)
    return _done(request, "added")


async def add_slot(request: Request) -> Response:
    whole = await programme_of(request.state.event)
    if request.method == "GET":
        return await _asked(request, TimesForm(), "Add a slot for workshops", is_slot=True)
    form = await read(request, TimesForm)
    if not _fits(form, whole):
        return await _asked(request, form, "Add a slot for workshops", 422, is_slot=True)
    await changing.add_slot(request.state.event, form.times, by=request.state.staff, at=clock.now())
    return _done(request, "added")


async def change_slot(request: Request) -> Response:
    whole, line, heading = *await slot_of(request), "Change the time of this slot"
    if request.method == "GET":
        return await _asked(request, TimesForm(data=typed_times(line.starts, line.ends)), heading, is_slot=True)
    form = await read(request, TimesForm)
    if not _fits(form, whole, line):
        return await _asked(request, form, heading, 422, is_slot=True)
    slot_id, by = request.path_params["slot"], request.state.staff
    await changing.change_slot(request.state.event, slot_id, form.times, by=by, at=clock.now(), real=clock.real())
    return _done(request, "changed")


async def take_out_slot(request: Request) -> Response:
    _, line = await slot_of(request)
    if request.method == "GET":
        return await show(request, "desk/programme/take_out.html", line=line, entry=None)
    slot_id, by = request.path_params["slot"], request.state.staff
    await changing.take_out_slot(request.state.event, slot_id, by=by, at=clock.now())
    return _done(request, "taken-out")


async def add_workshop(request: Request) -> Response:
    _, line = await slot_of(request)
    heading = f"Add a workshop, {line.hours}"
    if request.method == "GET":
        return await _asked(request, WorkshopForm(), heading)
    form = await _read(request, WorkshopForm)
    if not _has_a_room(form, line):
        return await _asked(request, form, heading, 422)
    slot_id, by, capacity = request.path_params["slot"], request.state.staff, form.capacity.number
    await changing.add_workshop(request.state.event, slot_id, form.words, capacity, by=by, at=clock.now())
    return _done(request, "added")


async def change(request: Request) -> Response:
    whole, line, entry = await _entry(request)
    return await (_change_workshop(request, line, entry) if line.slot else _change_session(request, whole, line, entry))


async def _change_session(request: Request, whole: Whole, line: Line, entry: Entry) -> Response:
    facts: dict[str, Any] = {"heading": "Change a session", "entry": entry}
    if request.method == "GET":
        form = SessionForm(data=typed_words(entry) | typed_times(line.starts, line.ends))
        return await _asked(request, form, **facts)
    form = await _read(request, SessionForm)
    if not _fits(form, whole, line):
        return await _asked(request, form, status=422, seen=await _seen(request), **facts)
    seen, by = await _seen(request), request.state.staff
    await changing.change_session(entry.item, form.words, form.times, seen, by=by, at=clock.now())
    return _done(request, "changed")


async def _change_workshop(request: Request, line: Line, entry: Entry) -> Response:
    facts: dict[str, Any] = {"heading": f"Change a workshop, {line.hours}", "entry": entry}
    if request.method == "GET":
        form = WorkshopForm(data=typed_words(entry) | {"capacity": str(entry.capacity)})
        return await _asked(request, form, **facts)
    form, have = await _read(request, WorkshopForm), await changing.have_a_place(entry.id)
    if _has_a_room(form, line, entry.id) and 0 < form.capacity.number < have:
        form.capacity.errors = [changing.TOO_SMALL.format(have)]
    if form.errors:
        return await _asked(request, form, status=422, seen=await _seen(request), **facts)
    seen, by = await _seen(request), request.state.staff
    capacity, at, real = form.capacity.number, clock.now(), clock.real()
    await changing.change_workshop(entry.item, form.words, capacity, seen, by=by, at=at, real=real)
    return _done(request, "changed")


async def take_out(request: Request) -> Response:
    whole, line, entry = await _entry(request)
    if request.method == "GET":
        event_id = request.state.event.id
        is_given_out = line.slot_id in await roster.slots_given_out(event_id)  # then a choice is of no use any more
        first, second = ({}, {}) if is_given_out else await counted(event_id)
        facts: dict[str, Any] = {"line": line, "entry": entry, "have": await changing.have_a_place(entry.id)}
        facts |= {"first": first.get(entry.id, 0), "second": second.get(entry.id, 0), "hidden": is_hidden(whole)}
        return await show(request, "desk/programme/take_out.html", **facts)
    await changing.take_out(entry.item, by=request.state.staff, at=clock.now(), real=clock.real())
    return _done(request, "taken-out")


async def _read(request: Request, kind: type[W]) -> W:
    """Says on the form where a text tells where the event is."""
    form = await read(request, kind)
    for field in (form.title, form.text, form.content_note):
        if not field.errors and changing.says_where(request.state.event, field.data or ""):
            field.errors = [SAYS_WHERE]
    return form


def _fits(form: SessionForm | TimesForm, whole: Whole, besides: Line | None = None) -> bool:
    """Says on the form where something else stands at that time."""
    if not form.errors and (wrong := changing.clash(whole, form.times, besides)):
        (form.ends if wrong == changing.ENDS_FIRST else form.starts).errors = [wrong]
    return not form.errors


def _has_a_room(form: WorkshopForm, line: Line, besides: int = 0) -> bool:
    """Says on the form where another workshop of the slot is in that room."""
    if not form.errors and (wrong := changing.room_clash(line, form.room.data or "", besides)):
        form.room.errors = [wrong]
    return not form.errors


async def slot_of(request: Request) -> tuple[Whole, Line]:
    whole = await programme_of(request.state.event)
    line = whole.slot(request.path_params["slot"])
    if line is None:
        raise HTTPException(404)
    return whole, line


def is_hidden(whole: Whole) -> bool:
    """Whether guests see nothing of it."""
    return whole.shown_to is ShownTo.NOBODY


async def _entry(request: Request) -> tuple[Whole, Line, Entry]:
    whole, id_ = await programme_of(request.state.event), request.path_params["id"]
    for line in whole.lines:
        for entry in line.entries:
            if entry.id == id_:
                entry.item.event = request.state.event
                return whole, line, entry
    raise HTTPException(404)


async def _seen(request: Request) -> int:
    """The version that the page showed; none that there is, where it says none."""
    seen = whole_number((await answers(request)).get("seen"))
    return -1 if seen is None else seen


async def _asked(
    request: Request,
    form: SessionForm | TimesForm | WorkshopForm,
    heading: str,
    status: int = 200,
    entry: Entry | None = None,
    is_slot: bool = False,
    **seen: int,
) -> Response:
    facts: dict[str, Any] = {"form": form, "heading": heading, "entry": entry, "is_slot": is_slot, **seen}
    return await show(request, "desk/programme/part.html", status, **facts)


def _done(request: Request, act: str) -> Response:
    return redirect(f"{path_of(request, HERE)}?said={act}")


routes = [
    page("/desk/{event}/programme", programme, who=VIEWER),
    page("/desk/{event}/programme/preview", preview, who=ORGANISER),
    page("/desk/{event}/programme/shown-to", shown_to, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/sessions/add", add_session, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/slots/add", add_slot, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/slots/{slot:int}", change_slot, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/slots/{slot:int}/take-out", take_out_slot, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/slots/{slot:int}/add", add_workshop, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/{id:int}", change, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/programme/{id:int}/take-out", take_out, who=ORGANISER, methods=BOTH),
]
