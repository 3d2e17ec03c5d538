"""The desk's pages of the processor register: who besides the hosts receives personal data, as a list and on paper.

Leads of every host change it. What it says stands in the public privacy notice, but for contracts and hosts of emails.

Rules: DP-12.
"""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events import processor_register
from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.event import Event, EventState
from events.ground import clock
from events.ground.settings import current
from events.processor import SERVICES, THE_VENUE, Processor, Service, is_same_host, parts_of, processors_of
from events.processor_register import Facts
from events.web.forms import Choice, Form, Text
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show

from .case_pages import HERE, seen_in

LEAD = STAFF(May.LEAD)
REPLACES = "Someone else has changed this entry since you opened the page. Save again to replace theirs with yours"
OPTIONS = [(service.value, words) for service, words in SERVICES.items()]
NO_NAME = "Enter its name"
VENUE_NAMED = "Leave the name of the venue empty: it is kept sealed with the event, and anyone can read this"
OTHER_HOST = "Emails go through {}. Enter that host"
SAID = {"added": "Added to the register.", "changed": "Changed.", "removed": "Removed from the register."}
BOTH = ["GET", "POST"]


class Fact(Text):
    """May be empty as long as it is not known. Once people can ask, they have to be told it."""

    def pre_validate(self, form: Any) -> None:
        if self.data or form.needs(self.name):
            super().pre_validate(form)


class ProcessorForm(Form):
    service = Choice("Service", OPTIONS, missing="Select the service")
    name = Fact("Name", missing=NO_NAME, hint="Leave it empty for the venue, whose name is kept sealed with the event")
    does = Fact("What it does", missing="Enter what it does", longest=300, hint="Like: runs the server of this service")
    receives = Fact("What personal data it receives", missing="Enter what personal data it receives", longest=300)
    region = Fact("Country or region", missing="Enter where it keeps the data", hint="Where it keeps the data")
    kept = Fact("Until when it keeps the data", missing="Enter until when it keeps the data", longest=300)
    contract = Fact(
        "Reference of the contract",
        missing="Enter the reference of the contract",
        hint="Never public, and not sealed: no names",
    )
    smtp_host = Fact("Host that emails go through", missing="Enter the host", longest=253, spellcheck=False)
    log_kept = Fact("Until when it keeps its log of emails", missing="Enter until when it keeps its log", longest=300)
    is_open = False  # whether people can ask for places

    def needs(self, name: str) -> bool:
        """Whether this has to be entered now."""
        service = self.service.data
        if name == "name":
            return bool(service != Service.VENUE)
        return self.is_open and service in set(Service) and name in parts_of(Service(service))

    def validate_name(self, field: Text) -> None:
        if field.data and self.service.data == Service.VENUE:
            raise StopValidation(VENUE_NAMED)

    def validate_smtp_host(self, field: Text) -> None:
        if self.needs("smtp_host") and not is_same_host(field.data or "", current().smtp_host):
            raise StopValidation(OTHER_HOST.format(current().smtp_host))

    @property
    def facts(self) -> Facts:
        """Only what is asked of its service."""
        service = Service(self.service.data)
        said = {name: self[name].data or "" for name in parts_of(service)}
        return Facts(service, THE_VENUE if service is Service.VENUE else self.name.data or "", **said)


def form_for(event: Event, posted: FormData | None = None, stands: Mapping[str, str] | None = None) -> ProcessorForm:
    form = ProcessorForm(posted, data=stands)
    form.is_open = event.state is EventState.OPEN
    return form


async def register(request: Request) -> Response:
    return await _listed(request, "desk/processors.html", said=banner_of(request, SAID))


async def on_paper(request: Request) -> Response:
    """For the data protection officers: all of the register, with the contracts."""
    return await _listed(request, "desk/processors_sheet.html", now=clock.now())


async def _listed(request: Request, template: str, **facts: Any) -> Response:
    event = request.state.event
    facts |= {"processors": await processors_of(event.id), "missing": await processor_register.missing(event)}
    return await show(request, template, smtp_host=current().smtp_host, **facts)


async def add(request: Request) -> Response:
    event = request.state.event
    if request.method == "GET":
        return await _asked(request, form_for(event))
    form = form_for(event, await answers(request))
    if not form.validate():
        return await _asked(request, form, 422)
    await processor_register.add(event, form.facts, by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, HERE, 'processors')}?said=added")


async def change(request: Request) -> Response:
    processor, event = await _found(request), request.state.event
    if request.method == "GET":
        return await _asked(request, form_for(event, stands=_as_typed(processor)), processor=processor)
    posted = await answers(request)
    form = form_for(event, posted)
    if not form.validate():
        return await _asked(request, form, 422, processor=processor, seen=seen_in(posted))
    by, at = request.state.staff, clock.now()
    if not await processor_register.change(processor, form.facts, seen_in(posted), by=by, at=at):
        form.service.errors = [REPLACES]
        return await _asked(request, form, 409, processor=await _found(request))
    return redirect(f"{path_of(request, HERE, 'processors')}?said=changed")


def _as_typed(processor: Processor) -> dict[str, str]:
    typed = {name: str(getattr(processor, name)) for name in Facts._fields}
    return typed | ({"name": ""} if processor.service is Service.VENUE else {})


async def remove(request: Request) -> Response:
    processor, seen = await _found(request), seen_in(await answers(request))
    await processor_register.remove(processor, seen, by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, HERE, 'processors')}?said=removed")


async def _asked(request: Request, form: ProcessorForm, status: int = 200, **facts: Any) -> Response:
    return await show(request, "desk/processor.html", status, form=form, smtp_host=current().smtp_host, **facts)


async def _found(request: Request) -> Processor:
    return await Processor.get(id=request.path_params["id"], event=request.state.event)


routes = [
    page("/desk/{event}/data-protection/processors", register, who=ORGANISER),
    page("/desk/{event}/data-protection/processors/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/processors/add", add, who=LEAD, methods=BOTH),
    page("/desk/{event}/data-protection/processors/{id:int}", change, who=LEAD, methods=BOTH),
    page("/desk/{event}/data-protection/processors/{id:int}/remove", remove, who=LEAD, methods=["POST"]),
]
