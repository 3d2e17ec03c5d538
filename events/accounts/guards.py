"""Guards of the organisers' pages: signed in, in which role for the event, and proved again where it matters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import clock
from events.web.cookies import Cookie
from events.web.routing import redirect, route_name

from . import forbidden, foreign_passes, sign_in
from .staff import May, Role

log = structlog.get_logger()
SESSION = Cookie("muster-session", "keeps an organiser signed in", "12 hours, or 30 minutes without use")


@dataclass
class AboveDesk:
    """What an event asks of this role now, as HTML above every page of its desk; nothing until the product says."""

    line: Callable[[Event, Role], Awaitable[str]] | None = None


ABOVE_DESK = AboveDesk()


@dataclass(frozen=True)
class Staffed:
    """Signed in with both factors; where the path names an event, with a role for it that may do this.

    Puts `staff`, `session` and, with an event in the path, `event`, `role` and `doors_ask` into request.state.
    """

    may: May | None
    stepped_up: bool = False
    both: bool = False  # password and code proved together, for the gravest acts
    is_use: bool = True  # of the session; what a page asks for by itself is none, and keeps nobody signed in

    @property
    def name(self) -> str:
        return f"staff:{self.may or 'any'}{' stepped up' if self.stepped_up else ''}{' with both' if self.both else ''}"

    async def turned_away(self, request: Request) -> Response | None:
        real = clock.real()
        slug = request.path_params.get("event", "")
        found = await sign_in.find_signed_in(SESSION.read(request), slug, real, is_use=self.is_use)
        if found is None:
            if request.method != "GET" and await foreign_passes.record_try(
                request.cookies, route_name(request), clock.now()
            ):
                raise HTTPException(403)
            return redirect(f"/staff/sign-in?next={_own_path(request)}")
        session = found.session
        if sign_in.needs_second_factor(session):
            return redirect("/staff/code")
        request.state.staff, request.state.session = session.staff, session
        if "event" in request.path_params:
            await self._see_role(request, found.event, found.role)
        if self.both and not sign_in.has_proved_both(session, real):
            return redirect(f"/staff/step-up?both&next={_own_path(request)}")
        return to_step_up(request) if self.stepped_up else None

    async def _see_role(self, request: Request, event: Event | None, role: Role | None) -> None:
        if event is None or role is None or not _is_ours(role):
            raise HTTPException(404)
        if self.may is not None and not role.may(self.may):
            await forbidden.note(route_name(request), event.id, request.state.staff, clock.now())
            raise HTTPException(403)
        request.state.event, request.state.role = event, role
        if self.is_use and ABOVE_DESK.line is not None:
            request.state.doors_ask = await ABOVE_DESK.line(event, role)


def _is_ours(role: Role) -> bool:
    """A role that somebody wrote or changed in the database without the key opens nothing."""
    if not role.is_ours:
        log.error("role not ours", role=role.id)
    return role.is_ours


def STAFF(may: May | None = None) -> Staffed:
    return Staffed(may)


def STEPPED_UP(may: May | None = None) -> Staffed:
    """As STAFF, and having proved it with a password or code in the last ten minutes."""
    return Staffed(may, stepped_up=True)


def to_step_up(request: Request) -> Response | None:
    """Where to prove it again, or None for somebody who just has. For pages where only some posts need it."""
    if sign_in.is_stepped_up(request.state.session, clock.real()):
        return None
    return redirect(f"/staff/step-up?next={_own_path(request)}")


def BOTH_PROVED(may: May | None = None) -> Staffed:
    """As STAFF, and having proved it with password and code together in the last ten minutes."""
    return Staffed(may, both=True)


def _own_path(request: Request) -> str:
    """Where to come back to: this page, or for a form the page that shows it."""
    here = request.url if request.method == "GET" else URL(request.headers.get("referer", ""))
    try:
        ours = here.netloc == request.url.netloc
    except ValueError:  # "http://[", as Referer or Host
        return "/desk"
    return quote(here.path + (f"?{here.query}" if here.query else ""), safe="/") if ours else "/desk"
