"""The desk's page of what is deleted and when, the deletion report on paper, and what leads say of copies of the key.

Rules: DP-07.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.audit import audit_seal
from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.privacy.retention import key_copies, report
from registrations.privacy.retention.key_copy import Answer

from .case_pages import HERE

LEAD = STAFF(May.LEAD)
COPIES = "What became of your copies of the data key?"
ANSWERS = [(Answer.DESTROYED.value, "They are destroyed"), (Answer.NEVER_HAD_ONE.value, "I never had one")]
SAID = {"copies": "Your answer is noted."}


class CopiesForm(Form):
    answer = Choice(COPIES, ANSWERS, missing="Select what became of your copies")


async def overview(request: Request) -> Response:
    """Of rows, and of days: nobody's name."""
    given = await report.answer_of(request.state.event, request.state.staff)
    form = CopiesForm(data={"answer": given.answer and given.answer.value} if given else {})
    return await _shown(request, form, said=banner_of(request, SAID))


async def answer(request: Request) -> Response:
    form = await read(request, CopiesForm)
    if form.errors:
        return await _shown(request, form, 422)
    state = request.state
    await key_copies.answer(state.event, Answer(form.answer.data), state.staff, clock.now())
    return redirect(f"{path_of(request, HERE, 'deletion')}?said=copies#copies")


async def on_paper(request: Request) -> Response:
    facts = await _facts(request)
    return await show(request, "desk/deletion_sheet.html", head=await audit_seal.head(), **facts)


async def _shown(request: Request, form: CopiesForm, status: int = 200, said: str = "") -> Response:
    return await show(request, "desk/deletion.html", status, form=form, said=said, **await _facts(request))


async def _facts(request: Request) -> dict[str, Any]:
    event, at = request.state.event, clock.now()
    return {
        "lines": await report.lines(event),
        "backups": await report.backups(),
        "came": await report.who_came(event),
        "destroyed_at": await report.destroyed_at(event),
        "leads_said": await report.what_leads_said(event),
        "may_answer": request.state.role.may(May.LEAD),
        "now": at,
        "today": clock.local(at).date(),
    }


routes = [
    page("/desk/{event}/data-protection/deletion", overview, who=ORGANISER),
    page("/desk/{event}/data-protection/deletion/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/deletion/copies", answer, who=LEAD, methods=["POST"]),
]
