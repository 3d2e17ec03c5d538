"""The desk's list of all that data protection asks for: complaints, rights requests, incidents, and the register.

Rules: DP-08, DP-09, DP-10, DP-18.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events import processor_register
from events.ground import clock
from events.mail import last_email
from events.web.routing import page
from registrations.desk.desk_pages import ORGANISER, banner_of, show
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.complaint_emails import acknowledgements
from registrations.privacy.cases.incident import Incident
from registrations.privacy.retention import report
from registrations.privacy.rights import noting
from registrations.privacy.rights.erasing import ERASED
from registrations.privacy.rights.rights_request import RightsRequest

SHOWN = 200  # of the open ones, and of the closed ones
SAID = {
    "complaints": "The complaints are closed.",
    "some": "Complaints that somebody has changed or confirmed since are left as they were. The others are closed.",
    "none_ticked": "Tick the complaints first. Nothing was done.",
    "complaint": "The complaint is closed.",
    "incident": "The incident is closed.",
    "request": "The request is closed.",
    "erased": "They are erased, and the request is closed. One last email tells them.",
}


async def overview(request: Request) -> Response:
    of_event = Complaint.filter(event=request.state.event)
    rights = RightsRequest.filter(event=request.state.event)
    still_open = await of_event.filter(closed_at=None).order_by("received_at", "id").limit(SHOWN)
    closed = await of_event.filter(closed_at__not_isnull=True).order_by("-closed_at", "-id").limit(SHOWN)
    incidents = await Incident.filter(event=request.state.event).order_by("-aware_at", "-id").limit(SHOWN)
    facts: dict[str, Any] = {"still_open": still_open, "closed": closed, "incidents": incidents, "now": clock.now()}
    facts["confirmed"] = [complaint for complaint in still_open if complaint.is_confirmed]
    facts["unconfirmed"] = [complaint for complaint in still_open if not complaint.is_confirmed]
    facts["unnoted"] = await noting.overdue(request.state.event.id, clock.now())
    facts["open_rights"] = await rights.filter(closed_at=None).order_by("received_at", "id").limit(SHOWN)
    facts["closed_rights"] = await rights.exclude(closed_at=None).order_by("-closed_at", "-id").limit(SHOWN)
    facts["last_emails"] = await last_email.standing(ERASED, [case.id for case in facts["closed_rights"]])
    said = banner_of(request, SAID)
    facts["register_lacks"] = await processor_register.missing(request.state.event)
    facts["awaits_answer"] = await report.awaits_answer(request.state.event, request.state.staff)
    acknowledged = await acknowledgements(still_open)
    return await show(request, "desk/data_protection.html", acknowledged=acknowledged, said=said, **facts)


routes = [page("/desk/{event}/data-protection", overview, who=ORGANISER)]
