"""The desk's page on which organisers say whose a rights request is, where nobody can tell by its day.

Rules: DP-08.
"""

from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import show
from registrations.privacy.cases import whose
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import RightsRequest

from .case_pages import PROVED, found, path_to, read_by_staff, seen_in


class WhoseForm(Form):
    reader = Choice("From which address did they write to you?", [], missing="Select the address from which they wrote")

    def __init__(self, *posted: Any, addresses: Collection[str]) -> None:
        super().__init__(*posted)
        self.reader.choices = [(address, address) for address in addresses]


async def ask(request: Request) -> Response:
    case = await read_by_staff(request, RightsRequest)
    return await _shown(request, case, WhoseForm(addresses=await whose.perhaps(case)))


async def say(request: Request) -> Response:
    case, posted = await found(request, RightsRequest), await answers(request)
    form = WhoseForm(posted, addresses=await whose.perhaps(case))
    if not form.validate():
        return await _shown(request, await read_by_staff(request, RightsRequest), form, 422, seen=seen_in(posted))
    await rights_requests.say_whose(case, form.reader.data, seen_in(posted), request.state.staff, clock.now())
    return redirect(f"{path_to(request, case)}?said=whose")


async def _shown(request: Request, case: RightsRequest, form: WhoseForm, status: int = 200, **seen: int) -> Response:
    facts: dict[str, Any] = {"case": case, "here": path_to(request, case), "form": form, **seen}
    return await show(request, "desk/rights_whose.html", status, **facts)


routes = [
    page("/desk/{event}/data-protection/requests/{id:int}/whose", ask, who=PROVED),
    page("/desk/{event}/data-protection/requests/{id:int}/whose", say, who=PROVED, methods=["POST"]),
]
