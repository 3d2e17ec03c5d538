"""What the desk's pages of all cases share: finding one, recording that it is read, closing it."""

from typing import Any, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.routing import answers, redirect
from registrations.desk.desk_pages import number, path_of
from registrations.privacy.cases import casework
from registrations.privacy.cases.acts import acts_on
from registrations.privacy.cases.case import Case

HERE = "data-protection"
PROVED = STEPPED_UP(May.ORGANISE)  # for what reaches whoever asks
C = TypeVar("C", bound=Case)


async def found(request: Request, kind: type[C]) -> C:
    """For pages that show nothing of what was written."""
    return await kind.get(id=request.path_params["id"], event=request.state.event)


async def read_by_staff(request: Request, kind: type[C]) -> C:
    """Records that it is read: each page that shows what was written goes through here."""
    case, state = await found(request, kind), request.state
    how: dict[str, Any] = {"by": state.staff, "at": clock.now(), "real": clock.real()}
    await reading.looked_at(case, state.event, action=case.ACTS.read, **how)
    return case


async def facts_of(request: Request, case: Case) -> dict[str, Any]:
    """What its page and its sheet of paper show, whatever kind it is."""
    return {"case": case, "here": path_to(request, case), "acts": await acts_on(case), "now": clock.now()}


def path_to(request: Request, case: Case) -> str:
    return path_of(request, HERE, f"{case.NAME}s", case.id)


def seen_in(posted: FormData) -> int:
    """The version on the page from which this was posted."""
    return number(str(posted.get("seen")))


async def close(request: Request, kind: type[Case]) -> Response:
    case, posted = await found(request, kind), await answers(request)
    await casework.close(case, seen_in(posted), request.state.staff, clock.now())
    return redirect(f"{path_of(request, HERE)}?said={case.NAME}")
