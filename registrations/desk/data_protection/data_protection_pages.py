"""The desk's pages of data protection: complaints and incidents in a list, a complaint to close, and one on paper.

Rules: DP-09.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.audit.action import Action
from events.ground import clock
from events.web.forms import Choice, Form, Paragraphs
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import ORGANISER, number, path_of, show
from registrations.privacy.cases import complaints
from registrations.privacy.cases.acts import acts_on
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.cases.complaint_emails import acknowledgements
from registrations.privacy.cases.incident import Incident

HERE = "data-protection"
SHOWN = 200  # of the open ones, and of the closed ones
OUTCOMES = [(outcome.value, outcome.value[:1].upper() + outcome.value[1:]) for outcome in Outcome]
REPLACES = "Someone else has noted an outcome since you opened the page. Save again to replace theirs with yours"
SAID = {
    "outcome": "The outcome is noted.",
    "acknowledged": "Noted.",
    "closed": "The complaint is closed.",
    "incident": "The incident is closed.",
}


class OutcomeForm(Form):
    outcome = Choice("Outcome", OUTCOMES, missing="Select the outcome")
    finding = Paragraphs(
        "What you found, and what you told them",
        missing="Enter what you found, and what you told them",
        longest=5000,
        rows=6,
        hint="Kept sealed with the complaint. This sends nothing",
    )


async def overview(request: Request) -> Response:
    of_event = Complaint.filter(event=request.state.event)
    still_open = await of_event.filter(closed_at=None).order_by("received_at", "id").limit(SHOWN)
    closed = await of_event.filter(closed_at__not_isnull=True).order_by("-closed_at", "-id").limit(SHOWN)
    incidents = await Incident.filter(event=request.state.event).order_by("-aware_at", "-id").limit(SHOWN)
    facts: dict[str, Any] = {"still_open": still_open, "closed": closed, "incidents": incidents, "now": clock.now()}
    said = SAID.get(request.query_params.get("said", ""), "")
    acknowledged = await acknowledgements(still_open)
    return await show(request, "desk/data_protection.html", acknowledged=acknowledged, said=said, **facts)


async def complaint(request: Request) -> Response:
    found = await _read(request)
    form = OutcomeForm(data={"outcome": found.outcome and found.outcome.value, "finding": found.finding})
    return await _shown(request, found, form, said=SAID.get(request.query_params.get("said", ""), ""))


async def on_paper(request: Request) -> Response:
    """For the data protection officer: all of it on one sheet."""
    found = await _read(request)
    return await show(request, "desk/complaint_sheet.html", **await _facts(found))


async def note_outcome(request: Request) -> Response:
    found, posted = await _found(request), await answers(request)
    form = OutcomeForm(posted)
    if not form.validate():
        return await _shown(request, await _read(request), form, 422)
    outcome, finding, seen = Outcome(form.outcome.data), form.finding.data or "", number(str(posted.get("seen")))
    if not await complaints.note_outcome(found, outcome, finding, seen, request.state.staff, clock.now()):
        form.finding.errors = [REPLACES]
        return await _shown(request, await _read(request), form, 409)
    return redirect(f"{_path(request, found)}?said=outcome")


async def acknowledge(request: Request) -> Response:
    found = await _found(request)
    await complaints.acknowledge(found, request.state.staff, clock.now())
    return redirect(f"{_path(request, found)}?said=acknowledged")


async def close(request: Request) -> Response:
    found, seen = await _found(request), number(str((await answers(request)).get("seen")))
    await complaints.close(found, seen, request.state.staff, clock.now())
    return redirect(f"{path_of(request, HERE)}?said=closed")


async def _found(request: Request) -> Complaint:
    return await Complaint.get(id=request.path_params["id"], event=request.state.event)


async def _read(request: Request) -> Complaint:
    """Records that it is read: each page that shows what was written goes through here."""
    found, state = await _found(request), request.state
    how: dict[str, Any] = {"by": state.staff, "at": clock.now(), "real": clock.real()}
    await reading.looked_at(found, state.event, action=Action.COMPLAINT_READ, **how)
    return found


async def _shown(request: Request, found: Complaint, form: OutcomeForm, status: int = 200, said: str = "") -> Response:
    facts = await _facts(found)
    return await show(request, "desk/complaint.html", status, form=form, said=said, **facts)


async def _facts(found: Complaint) -> dict[str, Any]:
    acknowledged = (await acknowledgements([found]))[found.id]
    return {"complaint": found, "acknowledged": acknowledged, "acts": await acts_on(found), "now": clock.now()}


def _path(request: Request, found: Complaint) -> str:
    return path_of(request, HERE, "complaints", found.id)


routes = [
    page("/desk/{event}/data-protection", overview, who=ORGANISER),
    page("/desk/{event}/data-protection/complaints/{id:int}", complaint, who=ORGANISER),
    page("/desk/{event}/data-protection/complaints/{id:int}/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/complaints/{id:int}/outcome", note_outcome, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/complaints/{id:int}/reached", acknowledge, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/complaints/{id:int}/close", close, who=ORGANISER, methods=["POST"]),
]
