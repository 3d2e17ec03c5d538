"""The page behind the link to a copy: it asks first, opens it once, and shows it for a few minutes, as a page and JSON.

Rules: DP-08, EM-05. A used, an expired and a foreign link are answered with the same page.
"""

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from events.event import event_with
from events.ground import clock
from events.web.cookies import Cookie
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.people.registration import of_address
from registrations.privacy.cases import whose

from . import copies
from .copies import VISIT
from .copy_of_data import Copy
from .gathering import gather
from .rights_requests import ByLink

SECONDS = int(VISIT.total_seconds())
VISITING = Cookie("muster-copy", "shows you the copy of your data that you have just opened", "10 minutes")
FILE_NAME = "what-we-hold.json"


class OpenForm(Form):
    open = Choice(
        "Do you want to open the copy now?",
        [("yes", "Yes, open it now"), ("no", "No, not now")],
        missing="Select whether you want to open the copy now",
    )


@dataclass(frozen=True)
class WithLink:
    """Whoever holds a link that can still open its copy. Puts `rights` and `event` into the state."""

    name: str = "link:copy"

    async def turned_away(self, request: Request) -> Response | None:
        found = await copies.behind(request.path_params["token"], clock.now())
        if found is None:
            visiting = await copies.visited(request.path_params["token"], VISITING.read(request), clock.now())
            return gone(request) if visiting is None else redirect(_path(request, "/shown"))
        request.state.rights, request.state.event = found, await event_with(found.event_id)
        return None


@dataclass(frozen=True)
class Visitor:
    """Whoever opened the copy with this browser a few minutes ago. Puts the same into the state."""

    name: str = "link:copy opened"

    async def turned_away(self, request: Request) -> Response | None:
        found = await copies.visited(request.path_params["token"], VISITING.read(request), clock.now())
        if found is None:
            return gone(request)
        request.state.rights, request.state.event = found, await event_with(found.event_id)
        return None


async def ask(request: Request) -> Response:
    return _question(request, OpenForm())


async def open_it(request: Request) -> Response:
    form, rights = await read(request, OpenForm), request.state.rights
    if form.errors:
        return _question(request, form, 422)
    if form.open.data == "no":
        return redirect(f"{_path(request)}?not-now")
    theirs = await of_address(request.state.event, await whose.reader_of(rights) or "")
    visit = await copies.open_once(rights, ByLink(theirs.id) if theirs else None, clock.now())
    if visit is None:  # somebody else has pressed in this moment
        del request.state.event
        return gone(request)
    to = redirect(_path(request, "/shown"))
    VISITING.set(to, visit, SECONDS)
    return to


async def shown(request: Request) -> Response:
    copy, ends = await _gathered(request), request.state.rights.copy_opened_at + VISIT
    return render(request, "privacy/copy_shown.html", copy=copy, ends=ends, file=_path(request, "/file"))


async def as_file(request: Request) -> Response:
    text = json.dumps((await _gathered(request)).as_json(), ensure_ascii=False, indent=2)
    disposition = f'attachment; filename="{FILE_NAME}"'
    return Response(text, headers={"content-type": "application/json", "content-disposition": disposition})


async def _gathered(request: Request) -> Copy:
    return await gather(request.state.event, await whose.reader_of(request.state.rights) or "", clock.now())


def gone(request: Request) -> Response:
    """Names no event: a link that was never ours has none."""
    return render(request, "privacy/copy_gone.html", 410)


def _question(request: Request, form: OpenForm, status: int = 200) -> Response:
    facts = {"until": request.state.rights.copy_sent_at + copies.LASTS, "not_now": "not-now" in request.query_params}
    return render(request, "privacy/copy.html", status, form=form, **facts)


def _path(request: Request, rest: str = "") -> str:
    return f"/copy/{request.path_params['token']}{rest}"


LINK, VISITOR = WithLink(), Visitor()
routes = [
    page("/copy/{token}", ask, who=LINK),
    page("/copy/{token}", open_it, who=LINK, methods=["POST"]),
    page("/copy/{token}/shown", shown, who=VISITOR),
    page("/copy/{token}/file", as_file, who=VISITOR),
]
