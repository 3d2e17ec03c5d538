"""The desk's pages on which a sheet is typed up: how many ticks it has, then line after line, and what does not fit.

They work without JavaScript, by keyboard and with a scanner that types. Rules: EV-06, GU-17.
"""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.ground import clock
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import banner_of, number, path_of, show
from registrations.paper import comparing, opening, taking_lines_back, typing_up
from registrations.paper.opening import Closed
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.paper.taking_lines_back import After
from registrations.people.no_address import is_made_up
from registrations.people.registration import Registration
from registrations.phones.door import Door
from registrations.tickets.ticket import Ticket

from .sheet_pages import sheet_of
from .typing_forms import TO_COME, BeginForm, LineForm, TotalForm, WalkInLineForm

TYPIST = STAFF(May.ORGANISE)
SAID = {"back": "Taken back", "counted": "Counted anew", "open": "Open again: lines can be typed"}
AFTER = {
    After.HAD_A_PLACE.value: "They had a place before this line, and keep it.",
    After.DECIDED.value: "Somebody has decided on them since, and that was not undone.",
}


async def shown(request: Request) -> Response:
    """The question for the total; once it is answered, the field for the lines. Those of walk-ins have a page."""
    sheet = await sheet_of(request)
    if sheet.begun_at is None:
        return await _beginning(request, sheet, await _begin_form(request))
    if sheet.kind is SheetKind.WALK_IN:
        return redirect(f"{typing_path(request, sheet)}?{request.url.query}")
    block = request.query_params.get("block", "")
    return await _typing(request, sheet, LineForm(data={"block": block[:20]}))


async def begin(request: Request) -> Response:
    sheet, form = await sheet_of(request), await read(request, BeginForm)
    form.door.choices = await _doors(request)
    if not form.validate():
        return await _beginning(request, sheet, form, 422)
    door = await Door.get(id=int(form.door.data), event_id=sheet.event_id)
    await typing_up.begin(sheet, door, form.ticks.number, request.state.staff, clock.now(), clock.real())
    return redirect(typing_path(request, sheet))


async def type_line(request: Request) -> Response:
    sheet, form, event = await sheet_of(request), await read(request, LineForm), request.state.event
    at, real = clock.now(), clock.real()
    if sheet.begun_at is None:
        return redirect(typing_path(request, sheet))
    found = await typing_up.find(sheet, event, form.typed.data or "")
    block = form.block.until(event.day, at)
    if not form.errors and isinstance(found, str):
        form.typed.errors = [found]
    elif not form.errors and form.block.data and block is None:
        form.block.errors = [TO_COME]
    if form.errors or isinstance(found, str):
        return await _typing(request, sheet, form, 422)
    block = block or await typing_up.time_of_door(sheet, event, at)
    try:
        typed = await typing_up.tick(sheet, event, found, block, request.state.staff, at, real)
    except Closed:
        return await _typing(request, await sheet_of(request), form, 409)
    said = {"line": typed.tick.id} | ({"before": 1} if typed.before else {})
    return redirect(f"{typing_path(request, sheet)}?{urlencode(said | block_of(form))}")


async def take_back(request: Request) -> Response:
    """What is left of who was on a line of walk-ins is said beside it, with the way to their page."""
    sheet, tick_id, by = await sheet_of(request), request.path_params["id"], request.state.staff
    if sheet.kind is not SheetKind.WALK_IN:
        await typing_up.take_back(sheet, tick_id, by, clock.now(), clock.real())
        return redirect(f"{typing_path(request, sheet)}?said=back")
    after = await taking_lines_back.take_back(sheet, tick_id, by, clock.now(), clock.real())
    return redirect(f"{typing_path(request, sheet)}?{urlencode({'said': after.value, 'line': tick_id})}")


async def open_again(request: Request) -> Response:
    sheet = await sheet_of(request)
    await opening.open_again(sheet, request.state.staff, clock.now())
    return redirect(f"{_path(request, sheet)}?said=open")


async def count_anew(request: Request) -> Response:
    sheet, form = await sheet_of(request), await read(request, TotalForm)
    if form.errors:
        return await _comparison(request, sheet, form, 422)
    await typing_up.count_anew(sheet, form.ticks.number, request.state.staff, clock.now())
    return redirect(f"{_path(request, sheet, 'compared')}?said=counted")


async def compared(request: Request) -> Response:
    sheet = await sheet_of(request)
    return await _comparison(request, sheet, TotalForm(data={"ticks": str(sheet.ticks or 0)}))


async def finish(request: Request) -> Response:
    sheet = await sheet_of(request)
    typed = await comparing.number_typed(sheet)
    await typing_up.finish(sheet, typed, request.state.staff, clock.now())
    return redirect(_path(request, sheet, "compared"))


async def _beginning(request: Request, sheet: Sheet, form: BeginForm, status: int = 200) -> Response:
    return await show(request, "desk/paper/begin.html", status, sheet=sheet, form=form)


async def _typing(request: Request, sheet: Sheet, form: LineForm, status: int = 200) -> Response:
    facts = await typing_facts(request, sheet, status)
    return await show(request, "desk/paper/typing.html", status, form=form, **facts)


async def typing_facts(request: Request, sheet: Sheet, status: int) -> dict[str, Any]:
    """What stands above the fields, and below them."""
    return {
        "sheet": sheet,
        "door": await Door.get(id=sheet.door_id),
        "typed": await comparing.number_typed(sheet),
        "latest": await comparing.latest(sheet),
        "entered_nothing": status == 409 and sheet.is_closed,
        "before": "before" in request.query_params,
        "said": banner_of(request, SAID),
        "after": banner_of(request, AFTER),
        **(await _last(request, sheet) if status == 200 else {}),
    }


async def _last(request: Request, sheet: Sheet) -> dict[str, Any]:
    """The line that was just typed, with the name that stands on the sheet: so a wrong line is seen at once."""
    tick = await Tick.get_or_none(id=number(request.query_params.get("line")), sheet_id=sheet.id)
    if tick is None:
        return {}
    ticket = await Ticket.get(id=tick.ticket_id)
    person = await Registration.get(id=ticket.registration_id)
    [line] = await comparing.of_tick(sheet, tick.id)
    return {"last": line, "name": person.full_name, "no_address": is_made_up(person.email)}


async def _comparison(request: Request, sheet: Sheet, form: TotalForm, status: int = 200) -> Response:
    facts = {"sheet": sheet, "form": form, "said": banner_of(request, SAID)}
    found = await comparing.compared(sheet)
    return await show(request, "desk/paper/compared.html", status, found=found, **facts)


async def _begin_form(request: Request) -> BeginForm:
    return BeginForm.of(await _doors(request))


async def _doors(request: Request) -> list[tuple[str, str]]:
    doors = await Door.filter(event_id=request.state.event.id).order_by("id")
    return [(str(door.id), door.name) for door in doors]


def block_of(form: LineForm | WalkInLineForm) -> dict[str, str]:
    return {"block": form.block.data} if form.block.data else {}


def typing_path(request: Request, sheet: Sheet) -> str:
    """Where its lines are typed."""
    return _path(request, sheet, *(["walk-ins"] if sheet.kind is SheetKind.WALK_IN else []))


def _path(request: Request, sheet: Sheet, *parts: object) -> str:
    return path_of(request, "doors", "paper", sheet.number, *parts)


HERE = "/desk/{event}/doors/paper/{sheet:int}"
routes = [
    page(HERE, shown, who=TYPIST),
    page(HERE, type_line, who=TYPIST, methods=["POST"]),
    page(f"{HERE}/begin", begin, who=TYPIST, methods=["POST"]),
    page(f"{HERE}/lines/{{id:int}}/back", take_back, who=TYPIST, methods=["POST"]),
    page(f"{HERE}/open", open_again, who=TYPIST, methods=["POST"]),
    page(f"{HERE}/compared", compared, who=TYPIST),
    page(f"{HERE}/compared", finish, who=TYPIST, methods=["POST"]),
    page(f"{HERE}/ticks", count_anew, who=TYPIST, methods=["POST"]),
]
