"""The desk's pages of incidents with personal data: open one, decide whether it is reported, close it, print it.

Rules: DP-10.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.staff import names_of
from events.audit.action import Action
from events.ground import clock
from events.web.forms import Choice, Day, Form, Paragraphs, TimeOfDay
from events.web.routing import answers, page, read, redirect
from registrations.desk.desk_pages import ORGANISER, number, path_of, show
from registrations.privacy.cases import incidents
from registrations.privacy.cases.acts import acts_on
from registrations.privacy.cases.incident import Incident, IncidentKind, ReportDecision
from registrations.privacy.cases.incident_emails import hosts_of

from .data_protection_pages import HERE

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
    return redirect(f"{_path(request, made)}?said=opened")


async def _asked(request: Request, form: IncidentForm, status: int = 200) -> Response:
    return await show(request, "desk/incident_open.html", status, form=form)


async def incident(request: Request) -> Response:
    found = await _read(request)
    told = ("yes" if found.hosts_told else "no") if found.decision else None
    decision = found.decision and found.decision.value
    form = DecisionForm(data={"decision": decision, "reason": found.reason, "hosts_told": told})
    return await _shown(request, found, form, said=SAID.get(request.query_params.get("said", ""), ""))


async def on_paper(request: Request) -> Response:
    """For the data protection officers: all of it on one sheet."""
    return await show(request, "desk/incident_sheet.html", **await _facts(await _read(request)))


async def decide(request: Request) -> Response:
    found, posted = await _found(request), await answers(request)
    form = DecisionForm(posted)
    if not form.validate():
        return await _shown(request, await _read(request), form, 422)
    decision, told, seen = (
        ReportDecision(form.decision.data),
        form.hosts_told.data == "yes",
        number(str(posted.get("seen"))),
    )
    by, at = request.state.staff, clock.now()
    if not await incidents.decide(found, decision, form.reason.data or "", told, seen, by, at):
        form.reason.errors = [REPLACES]
        return await _shown(request, await _read(request), form, 409)
    return redirect(f"{_path(request, found)}?said=decided")


async def close(request: Request) -> Response:
    found, seen = await _found(request), number(str((await answers(request)).get("seen")))
    await incidents.close(found, seen, request.state.staff, clock.now())
    return redirect(f"{path_of(request, HERE)}?said=incident")


async def _found(request: Request) -> Incident:
    return await Incident.get(id=request.path_params["id"], event=request.state.event)


async def _read(request: Request) -> Incident:
    """Records that it is read: each page that shows the description goes through here."""
    found, state = await _found(request), request.state
    how: dict[str, Any] = {"by": state.staff, "at": clock.now(), "real": clock.real()}
    await reading.looked_at(found, state.event, action=Action.INCIDENT_READ, **how)
    return found


async def _shown(request: Request, found: Incident, form: DecisionForm, status: int = 200, said: str = "") -> Response:
    return await show(request, "desk/incident.html", status, form=form, said=said, **await _facts(found))


async def _facts(found: Incident) -> dict[str, Any]:
    await found.fetch_related("event")
    facts: dict[str, Any] = {"incident": found, "hosts": await hosts_of(found.event), "acts": await acts_on(found)}
    return facts | {"decided_by": (await names_of([found.decided_by])).get(found.decided_by, ""), "now": clock.now()}


def _path(request: Request, found: Incident) -> str:
    return path_of(request, HERE, "incidents", found.id)


routes = [
    page("/desk/{event}/data-protection/incidents/new", open_one, who=ORGANISER, methods=["GET", "POST"]),
    page("/desk/{event}/data-protection/incidents/{id:int}", incident, who=ORGANISER),
    page("/desk/{event}/data-protection/incidents/{id:int}/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/incidents/{id:int}/decision", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/data-protection/incidents/{id:int}/close", close, who=ORGANISER, methods=["POST"]),
]
