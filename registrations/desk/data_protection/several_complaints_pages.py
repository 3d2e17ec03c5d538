"""Complaints that nobody has shown to be theirs are closed together, as after a flood: ticked, then asked about once.

Rules: DP-09. Nothing that was written stands on these pages, so nothing is read.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form, whole_number
from events.web.routing import page, read, redirect
from registrations.desk.desk_forms import Ticked
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.tickets.own_link import YES_NO

from .case_pages import HERE
from .complaint_desk_pages import OutcomeForm


class TickedForm(Form):
    complaint = Ticked(missing="Select one complaint or more")


class SeveralForm(OutcomeForm):
    close = Choice("Do you want to close them?", YES_NO, missing="Select yes to close them")


async def ask(request: Request) -> Response:
    ticked = await read(request, TickedForm)
    if ticked.errors:
        return redirect(f"{path_of(request, HERE)}?said=none_ticked")
    return await _asked(request, ticked, SeveralForm())


async def _asked(request: Request, ticked: TickedForm, form: SeveralForm, status: int = 200) -> Response:
    of_event = Complaint.filter(event=request.state.event, id__in=ticked.complaint.data)
    found = await of_event.filter(closed_at=None, confirmed_at=None, outcome=None).order_by("received_at", "id")
    shown = [(complaint, ticked.complaint.shown[complaint.id]) for complaint in found]
    return await show(request, "desk/complaints_several.html", status, shown=shown, form=form)


async def close(request: Request) -> Response:
    ticked, form = await read(request, TickedForm), await read(request, SeveralForm)
    if ticked.errors:
        return redirect(f"{path_of(request, HERE)}?said=none_ticked")
    if form.errors:
        return await _asked(request, ticked, form, 422)
    if form.close.data == "no":
        return redirect(path_of(request, HERE))
    seen = {id_: whole_number(version) or 0 for id_, version in ticked.complaint.shown.items()}
    outcome, finding = Outcome(form.outcome.data), form.finding.data or ""
    done = await complaints.close_unconfirmed(
        request.state.event, seen, outcome, finding, request.state.staff, clock.now()
    )
    return redirect(f"{path_of(request, HERE)}?said={'complaints' if done == len(seen) else 'some'}")


BELOW = "/desk/{event}/data-protection/complaints/several"
routes = [
    page(BELOW, ask, who=ORGANISER, methods=["POST"]),
    page(f"{BELOW}/close", close, who=ORGANISER, methods=["POST"]),
]
