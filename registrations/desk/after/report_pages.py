"""The desk's page of the closing report for the hosts: it is made once, and stays as it was, as a page and as a PDF.

Rules: EV-12, EV-13.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.audit.audit import Machine
from events.event import Event
from events.ground import clock
from events.web import pdf
from events.web.fonts import drawable
from events.web.rendering import when
from events.web.routing import page, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.reporting import making
from registrations.reporting.closing_report import ClosingReport

from .report_words import Report, report_of

PDF, FILE_NAME = "desk/after/report.typ", "closing-report.pdf"
SAID = {"made": "The report is made."}


async def shown(request: Request) -> Response:
    event, at = request.state.event, clock.now()
    made = await making.of(event)
    said = banner_of(request, SAID) if made else ""
    facts: dict[str, Any] = {"is_over": event.is_over(at), "made": made, "said": said}
    if made is not None:
        facts |= {"report": report_of(event, made), "by": _by(made)}
    return await show(request, "desk/after/report.html", **facts)


async def make(request: Request) -> Response:
    await making.make(request.state.event, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'after', 'report')}?said=made")


async def on_paper(request: Request) -> Response:
    event = request.state.event
    made = await making.of(event)
    if made is None:
        return redirect(path_of(request, "after", "report"))
    content = await pdf.pdf(PDF, _facts(event, made, report_of(event, made)))
    headers = {"content-type": pdf.CONTENT_TYPE, "content-disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, headers=headers)


def _facts(event: Event, made: ClosingReport, report: Report) -> dict[str, Any]:
    return {
        "title": "Closing report",
        "of_event": drawable(f"{event.title}, {event.day_words}"),
        "hosts": drawable(event.host_names),
        "made": drawable(f"Made {when(made.made_at)} by {_by(made)}."),
        "notes": [drawable(note) for note in report.notes],
        "tables": [
            {
                "title": table.title,
                "columns": list(table.columns),
                "rows": [list(map(drawable, row)) for row in table.rows],
                "shares": table.shares or [],
            }
            for table in report.tables
        ],
    }


def _by(made: ClosingReport) -> str:
    """No name of an organiser either: the report leaves the desk."""
    return "the server" if made.made_by == Machine.actor else "an organiser"


routes = [
    page("/desk/{event}/after/report", shown, who=ORGANISER),
    page("/desk/{event}/after/report", make, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/after/report/pdf", on_paper, who=ORGANISER),
]
