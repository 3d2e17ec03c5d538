"""The desk's page on which a sheet of walk-ins is typed up: a person and the number of their release, line after line.

Whoever types gives places, so they have proved who they are; what was typed stays where they have to do it again.
Rules: EV-06, SG-06.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP, to_step_up
from events.accounts.staff import May
from events.ground import clock
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import show
from registrations.desk.person_pages import look_at
from registrations.paper import release as releases
from registrations.paper import typing_up, walk_in_lines
from registrations.paper.opening import Closed
from registrations.paper.release import Release
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.paper.typing_up import Block
from registrations.paper.walk_in_lines import BelongsTo, UsedMeanwhile, Written
from registrations.people.person import folded
from registrations.people.registration import Registration, with_events
from registrations.tickets.ticket import Ticket

from .sheet_pages import sheet_of
from .typing_forms import TO_COME, WalkInLineForm
from .typing_pages import block_of, typing_facts, typing_path

BELONGS = (
    "This address belongs to {name}; you typed {typed}. Nobody was entered: correct it, or say who is on this line"
)
ON_A_LINE = (
    "This address is {name}'s, on line {line}. {typed} is not counted yet: correct the address, or say who is on this"
    " line"
)
LINE_OF_ANOTHER = "Line {} was typed already, for {}. {} is not counted yet: look at the number of the line"
TYPIST, AGAIN = STAFF(May.ORGANISE), STEPPED_UP(May.ORGANISE)


async def shown(request: Request) -> Response:
    """The fields of the first line that nobody has typed."""
    sheet = await sheet_of(request)
    if not _is_typed_here(sheet):
        return redirect(request.url.path.removesuffix("/walk-ins"))
    block = request.query_params.get("block", "")[:20]
    form = WalkInLineForm(data={"line": str(await walk_in_lines.next_line(sheet)), "block": block})
    return await _typing(request, sheet, form)


async def type_line(request: Request) -> Response:
    sheet, form, event = await sheet_of(request), await read(request, WalkInLineForm), request.state.event
    at = clock.now()
    if not _is_typed_here(sheet):
        return redirect(request.url.path.removesuffix("/walk-ins"))
    block, release = form.block.until(event.day, at), await _release(request, sheet, form)
    if form.block.data and not form.block.errors and block is None:
        form.block.errors = [TO_COME]
    if form.errors:
        return await _typing(request, sheet, form, 422)
    if to_step_up(request) is not None:
        return await _typing(request, sheet, form, 403, must_prove=True)
    written = Written(form.line.number, form.asked, release, form.whose.says("same"), form.whose.says("other"))
    block = block or await typing_up.time_of_door(sheet, event, at)
    return await _enter(request, sheet, form, written, block, at)


async def _enter(
    request: Request, sheet: Sheet, form: WalkInLineForm, written: Written, block: Block, at: datetime
) -> Response:
    event, by = request.state.event, request.state.staff
    try:
        typed = await walk_in_lines.enter(sheet, event, written, block, by, at, clock.real())
    except UsedMeanwhile:
        await _release(request, sheet, form)
        return await _typing(request, sheet, form, 409)
    except Closed:
        return await _typing(request, await sheet_of(request), form, 409)
    except BelongsTo as other:
        return await _asks_whose(request, sheet, form, other)
    if typed.before and (name := await _other_name(typed.tick, written)):
        form.line.errors = [LINE_OF_ANOTHER.format(typed.tick.line, name, written.asked.full_name)]
        return await _typing(request, sheet, form, 409)
    said = {"line": typed.tick.id} | ({"before": 1} if typed.before else {})
    return redirect(f"{typing_path(request, sheet)}?{urlencode(said | block_of(form))}")


async def _asks_whose(request: Request, sheet: Sheet, form: WalkInLineForm, other: BelongsTo) -> Response:
    """Nothing was entered. That the organiser read whose address it is is recorded."""
    known, typed = other.registration, form.full_name.data or ""
    await look_at(request, known)
    form.whose.asks(known.id, known.full_name, typed)
    words = ON_A_LINE if other.line else BELONGS
    form.email.errors = [words.format(name=known.full_name, typed=typed, line=other.line)]
    return await _typing(request, sheet, form, 409)


async def _other_name(tick: Tick, written: Written) -> str:
    """Of somebody else who was typed on this line before; '' where it is the same person, or another line."""
    ticket = await Ticket.get(id=tick.ticket_id)
    person = await Registration.get(id=ticket.registration_id)
    is_other = folded(person.full_name) != folded(written.asked.full_name) and person.id != written.same_as
    return person.full_name if tick.line == written.line and is_other else ""


async def _release(request: Request, sheet: Sheet, form: WalkInLineForm) -> Release | None:
    """That of the number, with its fault at the field if it does not count. None where there is said to be none."""
    if not form.line.errors and form.line.number > sheet.lines:
        form.line.errors = [typing_up.NO_SUCH_LINE.format(form.line.number)]
    if form.without.data or form.release.errors:
        return None
    found = await walk_in_lines.find_release(request.state.event, sheet, form.line.number, form.release.data or "")
    if isinstance(found, str):
        form.release.errors = [found]
        return None
    return found


def _is_typed_here(sheet: Sheet) -> bool:
    return sheet.kind is SheetKind.WALK_IN and sheet.begun_at is not None


async def _typing(
    request: Request, sheet: Sheet, form: WalkInLineForm, status: int = 200, *, must_prove: bool = False
) -> Response:
    above = await typing_facts(request, sheet, status)
    theirs = await with_events([line.registration_id for line in above["latest"]])
    facts: dict[str, Any] = {
        **above,
        "names": {id_: person.full_name for id_, person in theirs.items()},
        "releases": await releases.counted(sheet.event_id),
        "must_prove": must_prove,
    }
    return await show(request, "desk/paper/typing_walk_ins.html", status, form=form, **facts)


HERE = "/desk/{event}/doors/paper/{sheet:int}/walk-ins"
routes = [
    page(HERE, shown, who=AGAIN),
    page(HERE, type_line, who=TYPIST, methods=["POST"]),
]
