"""The desk's pages of incidents with personal data: open one, decide whether it is reported, close it, print it.

Rules: DP-10.
"""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import names_of
from events.ground import clock
from events.web.forms import Choice, Day, Form, Paragraphs, TimeOfDay
from events.web.routing import answers, page, read, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, show
from registrations.privacy.cases import incidents
from registrations.privacy.cases.incident import Incident, IncidentKind, ReportDecision
from registrations.privacy.cases.incident_emails import hosts_of

from . import case_pages
from .case_pages import facts_of, found, path_to, read_by_staff, seen_in

KINDS = [(kind.value, kind.value[:1].upper() + kind.value[1:]) for kind in IncidentKind]
DECISIONS = [
    (ReportDecision.REPORT.value, "Report it to the ICO"),
    (ReportDecision.DO_NOT_REPORT.value, "Do not report it"),
]
TOLD = [("yes", "Yes"), ("no", "Not yet")]
IN_THE_FUTURE = "When you became aware must not be in the future"
REPLACES = "Someone else has decided since you opened the page. Save again to replace their decision with yours"
SAID = {"opened": "The incident is open, and the leads are told.", "decided": "The decision is noted."}


class IncidentForm(Form):
    kind = Choice("What happened?", KINDS, missing="Select what happened")
    description = Paragraphs(
        "Description",
        missing="Enter what happened",
        longest=5000,
        rows=6,
        hint="What happened, whom it may affect and how, and what was done so far. Name people only where you must",
    )
    aware_day = Day("Day on which the first of you became aware of it", missing="Enter the day")
    aware_time = TimeOfDay("Time of that day", missing="Enter the time", hint="In 24 hours, like 09:00")

    @property
    def aware_at(self) -> datetime | None:
        return self.aware_time.on(self.aware_day.day) if self.aware_day.day else None


class DecisionForm(Form):
    decision = Choice("Is it reported to the ICO?", DECISIONS, missing="Select whether it is reported to the ICO")
    reason = Paragraphs(
        "Why",
        missing="Enter why",
        longest=5000,
        rows=6,
        hint="The risk to people, what followed from it, and what was done against it",
    )
    hosts_told = Choice("Does every host know of it?", TOLD, missing="Select whether every host knows of it")


async def open_one(request: Request) -> Response:
    at = clock.now()
    if request.method == "GET":
        now = clock.local(at)
        return await _asked(
            request, IncidentForm(data={"aware_day": now.date().isoformat(), "aware_time": f"{now:%H:%M}"})
        )
    form = await read(request, IncidentForm)
    if form.errors:
        return await _asked(request, form, 422)
    aware_at = form.aware_at or at
    if aware_at > at:
        form.aware_time.errors = [IN_THE_FUTURE]
        return await _asked(request, form, 422)
    kind, description = IncidentKind(form.kind.data), form.description.data or ""
    made = await incidents.open_one(request.state.event, kind, description, aware_at, request.state.staff, at)
    return redirect(path_to(request, made) + ("" if made.closed_at else "?said=opened"))


async def _asked(request: Request, form: IncidentForm, status: int = 200) -> Response:
    return await show(request, "desk/incident_open.html", status, form=form)


async def incident(request: Request) -> Response:
    case = await read_by_staff(request, Incident)
    told = ("yes" if case.hosts_told else "no") if case.decision else None
    decision = case.decision and case.decision.value
    form = DecisionForm(data={"decision": decision, "reason": case.reason, "hosts_told": told})
    return await _shown(request, case, form, said=banner_of(request, SAID))


async def on_paper(request: Request) -> Response:
    """For the data protection officers: all of it on one sheet."""
    return await _drawn(request, "desk/incident_sheet.html", await read_by_staff(request, Incident))


async def decide(request: Request) -> Response:
    case, posted = await found(request, Incident), await answers(request)
    form = DecisionForm(posted)
    if not form.validate():
        return await _shown(request, await read_by_staff(request, Incident), form, 422, seen=seen_in(posted))
    decision, reason, told = ReportDecision(form.decision.data), form.reason.data or "", form.hosts_told.data == "yes"
    by, at = request.state.staff, clock.now()
    if not await incidents.decide(case, decision, reason, told, seen_in(posted), by, at):
        form.reason.errors = [REPLACES]
        return await _shown(request, await read_by_staff(request, Incident), form, 409)
    return redirect(f"{path_to(request, case)}?said=decided")


async def close(request: Request) -> Response:
    return await case_pages.close(request, Incident)


async def _shown(
    request: Request, case: Incident, form: DecisionForm, status: int = 200, said: str = "", **seen: int
) -> Response:
    return await _drawn(request, "desk/incident.html", case, status, form=form, said=said, **seen)


async def _drawn(request: Request, template: str, case: Incident, status: int = 200, **more: object) -> Response:
    decided_by = (await names_of([case.decided_by])).get(case.decided_by, "")
    facts = {"hosts": await hosts_of(request.state.event), "decided_by": decided_by, **more}
    return await show(request, template, status, **facts, **await facts_of(request, case))


routes = [
    page("/desk/{event}/data-protection/incidents/new", open_one, who=ORGANISER, methods=["GET", "POST"]),
    page("/desk/{event}/data-protection/incidents/{id:int}", incident, who=ORGANISER),
    page("/desk/{event}/data-protection/incidents/{id:int}/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/incidents/{id:int}/decision", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/incidents/{id:int}/close", close, who=ORGANISER, methods=["POST"]),
]
