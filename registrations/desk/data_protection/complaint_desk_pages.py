"""The desk's pages of a complaint: read it, note its outcome, close it, and one page on paper.

Rules: DP-09.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form, Paragraphs
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, show
from registrations.privacy.cases import complaints, whose
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.cases.complaint_emails import acknowledgements

from . import case_pages
from .case_pages import PROVED, facts_of, found, path_to, read_by_staff, seen_in

OUTCOMES = [(outcome.value, outcome.value[:1].upper() + outcome.value[1:]) for outcome in Outcome]
REPLACES = "Someone else has noted an outcome since you opened the page. Save again to replace theirs with yours"
SAID = {"outcome": "The outcome is noted.", "acknowledged": "Noted.", "theirs": "Noted: it is theirs."}


class OutcomeForm(Form):
    outcome = Choice("Outcome", OUTCOMES, missing="Select the outcome")
    finding = Paragraphs(
        "What you found, and what you told them",
        missing="Enter what you found, and what you told them",
        longest=5000,
        rows=6,
        hint="Kept sealed with the complaint. This sends nothing",
    )


async def complaint(request: Request) -> Response:
    case = await read_by_staff(request, Complaint)
    form = OutcomeForm(data={"outcome": case.outcome and case.outcome.value, "finding": case.finding})
    return await _shown(request, case, form, said=banner_of(request, SAID))


async def on_paper(request: Request) -> Response:
    """For the data protection officer: all of it on one sheet."""
    return await _drawn(request, "desk/complaint_sheet.html", await read_by_staff(request, Complaint))


async def note_outcome(request: Request) -> Response:
    case, posted = await found(request, Complaint), await answers(request)
    form = OutcomeForm(posted)
    if not form.validate():
        return await _shown(request, await read_by_staff(request, Complaint), form, 422, seen=seen_in(posted))
    outcome, finding, seen = Outcome(form.outcome.data), form.finding.data or "", seen_in(posted)
    if not await complaints.note_outcome(case, outcome, finding, seen, request.state.staff, clock.now()):
        form.finding.errors = [REPLACES]
        return await _shown(request, await read_by_staff(request, Complaint), form, 409)
    return redirect(f"{path_to(request, case)}?said=outcome")


async def acknowledge(request: Request) -> Response:
    case = await found(request, Complaint)
    await complaints.acknowledge(case, request.state.staff, clock.now())
    return redirect(f"{path_to(request, case)}?said=acknowledged")


async def theirs(request: Request) -> Response:
    case = await found(request, Complaint)
    await complaints.confirm(case, request.state.staff, clock.now())
    return redirect(f"{path_to(request, case)}?said=theirs")


async def close(request: Request) -> Response:
    return await case_pages.close(request, Complaint)


async def _shown(
    request: Request, case: Complaint, form: OutcomeForm, status: int = 200, said: str = "", **seen: int
) -> Response:
    return await _drawn(request, "desk/complaint.html", case, status, form=form, said=said, **seen)


async def _drawn(request: Request, template: str, case: Complaint, status: int = 200, **more: object) -> Response:
    acknowledged = (await acknowledgements([case]))[case.id]
    facts = await facts_of(request, case) | {"acknowledged": acknowledged, "reader": await whose.reader_of(case)}
    facts["theirs_until"] = await whose.theirs_until(case)
    return await show(request, template, status, **facts, **more)


routes = [
    page("/desk/{event}/data-protection/complaints/{id:int}", complaint, who=ORGANISER),
    page("/desk/{event}/data-protection/complaints/{id:int}/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/complaints/{id:int}/outcome", note_outcome, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/complaints/{id:int}/reached", acknowledge, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/complaints/{id:int}/theirs", theirs, who=PROVED, methods=["POST"]),
    page("/desk/{event}/data-protection/complaints/{id:int}/close", close, who=ORGANISER, methods=["POST"]),
]
