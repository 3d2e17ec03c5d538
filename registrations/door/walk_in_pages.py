"""Places that a door lead asks for, over HTTP, for the lead's phone. JSON; what was typed is in the body alone.

Rules: SG-06.
"""

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web import forms
from events.web.routing import page
from registrations.checkin.walking_in import starting
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import REASONS, Reason
from registrations.phones.heartbeat import read_report

from .guards import PAIRED, json_answer, read_json

STATUS = {"slow": 429, "role": 403, "closed": 403}


class WalkInForm(forms.Form):
    full_name = forms.FullName(missing="Enter their full name")
    organisation = forms.Text("Organisation", missing="Enter their organisation", longest=120)
    email = forms.WorkEmail(missing="Enter their work email address")
    reason = forms.Choice("Why", [(name, name) for name in REASONS], missing="Select why they have no place")


async def start(request: Request) -> Response:
    """A steward is refused whatever was posted. A lead hears which field to mend, and the phone keeps nothing."""
    body = await read_json(request)
    device = request.state.device.on_page(read_report(body).page)
    form = WalkInForm(FormData([(name, text) for name, text in body.items() if isinstance(text, str)]))
    form.validate()
    if form.errors and device.leads:
        wrong = [{"field": field.name, "sentence": str(field.errors[0])} for field in form if field.errors]
        return json_answer({"error": "malformed", "sentence": wrong[0]["sentence"], "wrong": wrong}, 422)
    answer = await starting.start(_asked(form), device, clock.now(), clock.real())
    return json_answer(answer, STATUS.get(answer.get("error", ""), 200))


def _asked(form: Any) -> Asked:
    reason = REASONS.get(form.reason.data or "", Reason.LOST)
    return Asked(form.full_name.data or "", form.organisation.data or "", form.email.normal, reason)


async def listed(request: Request) -> Response:
    return json_answer({"walk_ins": await starting.of_phone(request.state.device, clock.now())})


routes = [
    page("/door/api/walk-ins", listed, who=PAIRED),
    page("/door/api/walk-ins", start, who=PAIRED, methods=["POST"]),
]
