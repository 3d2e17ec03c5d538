"""The desk's pages beside the preview of a list: people who are known already, and the rows that cannot be used, as a
file. Rules: DP-16."""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.routing import page
from registrations.desk.desk_pages import number, show
from registrations.desk.people_list import A_PAGE, Found
from registrations.exports.export import Format
from registrations.exports.files import CONTENT_TYPES, Cell, as_csv
from registrations.importing import previewing

from .import_pages import AGAIN, own_import

FILE = {"content-type": CONTENT_TYPES[Format.CSV], "content-disposition": 'attachment; filename="rows-not-used.csv"'}


async def known(request: Request) -> Response:
    begun, state, wanted = await own_import(request), request.state, max(1, number(request.query_params.get("page")))
    part = slice((wanted - 1) * A_PAGE, wanted * A_PAGE)
    people, total = await previewing.read_known(state.event, begun, part, state.staff, clock.now(), clock.real())
    return await show(request, "desk/importing/known.html", found=Found(people, total, wanted))


async def unusable(request: Request) -> Response:
    """Their own rows, in no cell of which a spreadsheet reads a formula."""
    headings, rows = previewing.unusable(await own_import(request), clock.real())
    lines: list[list[Cell]] = [[int(row), *cells] for row, *cells in rows]
    return Response(as_csv([headings, *lines]), headers=FILE)


routes = [
    page("/desk/{event}/people/import/{public_id}/known", known, who=AGAIN),
    page("/desk/{event}/people/import/{public_id}/unusable", unusable, who=AGAIN),
]
