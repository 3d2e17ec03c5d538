"""The desk's pages of exports: which there are, what for and with which columns, how far one is, and the file, once.

Both factors are proved anew before a file is asked for, and before it is fetched. Rules: SE-13, SE-09.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import BOTH_PROVED, STAFF
from events.accounts.staff import May
from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, Several, Text
from events.web.rendering import render
from events.web.routing import answers, page, redirect
from registrations.desk import people_list
from registrations.desk.desk_pages import path_of
from registrations.desk.listing import act_forms
from registrations.desk.listing import columns as listed
from registrations.desk.listing.filter_words import filter_words, refuse_wider
from registrations.desk.on_the_day import presence
from registrations.desk.people_pages import wanted_in
from registrations.exports import exporting, making, rows
from registrations.exports.columns import REPORTS, Column, kinds_for, may_take
from registrations.exports.export import Export, ExportKind, Format, Stage
from registrations.exports.exporting import Wanted
from registrations.exports.files import CONTENT_TYPES

TAKER, AGAIN = STAFF(May.EXPORT), BOTH_PROVED(May.EXPORT)
FORMATS = [
    (Format.XLSX.value, "XLSX, for Excel and LibreOffice"),
    (Format.CSV.value, "CSV, for other programs"),
]
HERE = "exports"
OF_LIST = "The columns of the list you came from. Untick what you do not need: nobody can lose what you do not take"


class WholeList(NamedTuple):
    """All whom a filter of the people list shows, in its order. `columns`: their codes, where the list that somebody
    came from had them, and else empty."""

    ids: Sequence[int] = ()
    filtered: str = ""
    columns: Sequence[str] = ()
    without_hidden: bool = False  # whoever is known by their badge alone: the filter would say more of them


class ExportForm(Form):
    columns = Several(
        "Which columns?", [], missing="Select at least one column",
        hint="As few as you need: nobody can lose what you do not take",
    )  # fmt: skip
    purpose = Text(
        "What is it for?", missing="Enter what the file is for", longest=200,
        hint="It is written into the first row of the file, and listed under Exports. Use nobody's name",
    )  # fmt: skip
    format = Choice("Which kind of file?", FORMATS, missing="Select the kind of file")


async def overview(request: Request) -> Response:
    kinds = kinds_for(request.state.role)
    listed = await exporting.of_event(request.state.event, kinds, clock.real())
    return render(
        request, "desk/exports/exports.html", reports=[(kind, REPORTS[kind]) for kind in kinds], listed=listed
    )


async def make(request: Request) -> Response:
    kind, state = _kind(request), request.state
    columns = REPORTS[kind].columns_for(state.role)
    whole = await _list_in(request) if kind is ExportKind.PEOPLE else WholeList()
    if request.method == "GET":
        ticked = whole.columns or [column.code for column in columns if column.ticked]
        return _asked(request, kind, _form(columns, {"columns": ticked}), whole)
    form = _form(columns, {}, await answers(request))
    if not form.validate():
        return _asked(request, kind, form, whole, 422)
    at, real = clock.now(), clock.real()
    wanted = Wanted(
        kind, Format(form.format.data or ""), form.columns.data, form.purpose.data or "", whole.ids, whole.filtered
    )
    export = await exporting.ask(state.event, wanted, state.staff, at, real)
    await making.make_right_away(export, at, real)
    return redirect(path_of(request, HERE, "files", export.public_id))


async def _list_in(request: Request) -> WholeList:
    """The people list that this address asks for: by what it is filtered, whom it shows, and with which columns."""
    state = request.state
    shown = await presence.shown_to(state.role, state.event, clock.now())
    wanted = wanted_in(request, shown)
    refuse_wider(request.query_params, wanted)
    offered = listed.offered(state.role, presence=shown is not None, workshops=True)
    ids = await people_list.everybody(state.event, wanted)
    if tells_more := bool(wanted.text or wanted.organisation or wanted.workshop):
        ids = await rows.without_hidden(state.event.id, ids)
    named = request.query_params.get("columns", "")
    codes = ["name", *(column.value for column in listed.chosen(named, offered))] if named else ()
    ticked = act_forms.ticked_in(request.query_params.getlist("person"))
    return WholeList(*act_forms.of_ticked(ids, filter_words(wanted), ticked), codes, tells_more)


async def shown(request: Request) -> Response:
    return await _shown(request, await _mine(request), clock.real())


async def _shown(request: Request, export: Export, real: datetime, status: int = 200) -> Response:
    stage = await exporting.stage_of(export, real)
    ends = export.ends_at + clock.moved() if export.ends_at else None
    facts: dict[str, Any] = {"export": export, "report": REPORTS[export.kind], "stage": stage, "stages": Stage}
    return render(request, "desk/exports/export.html", status, ends=ends, **facts)


async def fetch(request: Request) -> Response:
    export, at, real = await _mine(request), clock.now(), clock.real()
    try:
        content = await exporting.fetch(export, request.state.staff, at, real)
    except Refused:  # most often it was fetched already: its page says what became of it
        now = await _mine(request)
        if await exporting.stage_of(now, real) is Stage.READY:
            raise
        return await _shown(request, now, real, 409)
    disposition = f'attachment; filename="{export.file_name}"'
    return Response(content, headers={"content-type": CONTENT_TYPES[export.format], "content-disposition": disposition})


def _form(columns: list[Column], filled: Mapping[str, Any], posted: FormData | None = None) -> ExportForm:
    """With the columns that this role may take."""
    form = ExportForm()
    form.columns.choices = [(column.code, column.title) for column in columns]
    form.process(posted, data=filled)
    return form


def _asked(request: Request, kind: ExportKind, form: ExportForm, whole: WholeList, status: int = 200) -> Response:
    if whole.columns:
        form.columns.hint = OF_LIST
    return render(request, "desk/exports/make.html", status, form=form, report=REPORTS[kind], whole=whole)


def _kind(request: Request) -> ExportKind:
    """Raises 404 for a file that is none, or that this role may not take."""
    named = request.path_params["kind"]
    if named not in set(ExportKind) or not may_take(request.state.role, ExportKind(named)):
        raise HTTPException(404)
    return ExportKind(named)


async def _mine(request: Request) -> Export:
    """Of nobody else, and only as long as the role may take such a file."""
    state = request.state
    export = await Export.get(
        event_id=state.event.id, public_id=request.path_params["public_id"], asked_by_id=state.staff.id
    )
    if not may_take(state.role, export.kind):
        raise HTTPException(404)
    return export


routes = [
    page("/desk/{event}/exports", overview, who=TAKER),
    page("/desk/{event}/exports/make/{kind}", make, who=AGAIN, methods=["GET", "POST"]),
    page("/desk/{event}/exports/files/{public_id}", shown, who=TAKER),
    page("/desk/{event}/exports/files/{public_id}", fetch, who=AGAIN, methods=["POST"]),
]
