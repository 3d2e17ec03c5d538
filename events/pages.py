"""What all pages share: who may use a route, reading forms, rendering, redirects, cookies and error pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import structlog
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import URL, FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from . import audit, clock, holders, signing_in, wording
from .audit import Action
from .event import Event
from .forms import Form
from .logs import place_of
from .refusal import Refused
from .settings import current
from .staff import Role, RoleName

Work = Callable[[Request], Awaitable[Response]]
F = TypeVar("F", bound=Form)
LONGEST_WORD, HIGHEST_ID = 60, 2**31 - 1  # in braces of a path: a slug, a column of PostgreSQL
TEMPLATES = Path(__file__).parent.parent / "templates"
log = structlog.get_logger()


class Who(Protocol):
    """Who may use a route. Every route has one; it answers in the route's stead when the caller may not."""

    @property
    def name(self) -> str: ...

    async def turned_away(self, request: Request) -> Response | None:
        """None lets the caller in, having put what it found into request.state."""
        ...


@dataclass(frozen=True)
class Anyone:
    name: str = "anyone"

    async def turned_away(self, request: Request) -> Response | None:
        return None


ANYONE = Anyone()


@dataclass(frozen=True)
class Staffed:
    """Signed in with both factors; where the path names an event, with this role for it or a higher one.

    Puts `staff`, `session` and, with an event in the path, `event` and `role` into request.state.
    """

    role: RoleName | None
    stepped_up: bool = False
    is_use: bool = True  # of the session; what a page asks for by itself is none, and keeps nobody signed in

    @property
    def name(self) -> str:
        return f"staff:{self.role or 'any'}{' stepped up' if self.stepped_up else ''}"

    async def turned_away(self, request: Request) -> Response | None:
        real = clock.real()
        session = await signing_in.find_session(SESSION.read(request), real, is_use=self.is_use)
        if session is None:
            if request.method != "GET" and await holders.is_one(request.cookies, route_name(request), clock.now()):
                raise HTTPException(403)
            return redirect(f"/staff/sign-in?next={_own_path(request)}")
        if signing_in.needs_second_factor(session):
            return redirect("/staff/code")
        request.state.staff, request.state.session = session.staff, session
        if "event" in request.path_params and (answer := await self._without_role(request)):
            return answer
        if self.stepped_up and not signing_in.is_stepped_up(session, real):
            return redirect(f"/staff/step-up?next={_own_path(request)}")
        return None

    async def _without_role(self, request: Request) -> Response | None:
        event = await Event.get_or_none(slug=request.path_params["event"])
        role = await Role.get_or_none(staff=request.state.staff, event=event) if event else None
        if event is None or role is None:
            raise HTTPException(404)
        if self.role is not None and not role.covers(self.role):
            await audit.record(
                Action.FORBIDDEN, by=request.state.staff, at=clock.now(), event_id=event.id, route=route_name(request)
            )
            raise HTTPException(403)
        request.state.event, request.state.role = event, role
        return None


def STAFF(role: RoleName | None = None) -> Staffed:
    return Staffed(role)


def STEPPED_UP(role: RoleName | None = None) -> Staffed:
    """As STAFF, and having proved it with a password or code in the last ten minutes."""
    return Staffed(role, stepped_up=True)


class Number(IntegerConvertor):
    """{id:int} in a path. More digits than any id has are nobody's: int() raises at thousands of them."""

    regex = "[0-9]{1,12}"


register_url_convertor("int", Number())


class Page(Route):
    """A route that says who may use it."""

    who: Who


def page(path: str, work: Work, *, who: Who, methods: Sequence[str] = ("GET",)) -> Page:
    async def guarded(request: Request) -> Response:
        if request.method == "HEAD":  # is a GET: a page that takes "not GET" for a form would act without any guard
            request = Request({**request.scope, "method": "GET"}, request.receive)
        if any(_is_nobodys(one) for one in request.path_params.values()):
            raise HTTPException(404)
        answer = await who.turned_away(request)
        return answer if answer is not None else await work(request)

    made = Page(path, guarded, methods=list(methods), name=f"{work.__module__}.{work.__name__}")
    made.who = who
    return made


def _is_nobodys(word: str | int) -> bool:
    """What can stand in no address of ours. A database would raise at it, each in its own way."""
    return word > HIGHEST_ID if isinstance(word, int) else len(word) > LONGEST_WORD or not word.isprintable()


def route_name(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "name", "") or ""


@dataclass(frozen=True)
class Cookie:
    """One of our cookies; each is on the cookies page because it is made here."""

    short_name: str
    purpose: str  # what it does, in words
    lasts: str  # how long, in words

    def __post_init__(self) -> None:
        COOKIES[self.short_name] = self

    @property
    def name(self) -> str:
        return f"__Host-{self.short_name}" if current().secure else self.short_name

    def read(self, request: Request) -> str:
        return request.cookies.get(self.name, "")

    def set(self, response: Response, value: str, max_age: int) -> None:
        """Seconds of the machine's clock."""
        response.set_cookie(
            self.name, value, max_age=max_age, path="/", secure=current().secure, httponly=True, samesite="lax"
        )

    def delete(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=current().secure, httponly=True, samesite="lax")


COOKIES: dict[str, Cookie] = {}
SESSION = Cookie("muster-session", "keeps an organiser signed in", "12 hours, or 30 minutes without use")


@dataclass
class Banner:
    """What stands above every page of a rehearsal; empty in the live product."""

    facts: Callable[[], Mapping[str, Any]] | None = None


BANNER = Banner()


@lru_cache(maxsize=1)
def templates() -> Environment:
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    loader = ChoiceLoader([FileSystemLoader(TEMPLATES), macros])
    made = Environment(
        loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"wording": wording, "day_words": clock.day_words, "time_words": clock.time_words, "zip": zip}
    made.filters |= {"when": when}
    return made


def when(moment: datetime) -> str:
    """8 April 2019, 09:12 at the venue."""
    there = clock.local(moment)
    return f"{there.day} {there:%B %Y}, {there:%H:%M}"


def render(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    shared = {
        "request": request,
        "path": request.scope["path"],
        "staff": getattr(request.state, "staff", None),
        "session": getattr(request.state, "session", None),
        "role": getattr(request.state, "role", None),
        "event": getattr(request.state, "event", None),
        "today": clock.local(clock.now()).date(),
        "banner": BANNER.facts() if BANNER.facts else None,
    }
    return HTMLResponse(templates().get_template(template).render(shared | facts), status)


def redirect(path: str) -> RedirectResponse:
    """303: the browser asks for this path with GET."""
    return RedirectResponse(path, 303)


async def answers(request: Request) -> FormData:
    """The fields of a posted form: at most a hundred, 20,000 characters each, no files kept, no half characters.

    Whoever sends a form may name any charset for it: some decode nothing, some make text that no database takes.
    """
    try:
        posted = await request.form(max_files=1, max_fields=100, max_part_size=20_000)
    except ValueError:  # of the charset
        raise HTTPException(400) from None
    return FormData([(_whole(name), _whole(value)) for name, value in posted.multi_items()])


def _whole(answer: str | UploadFile) -> Any:
    return answer.encode(errors="ignore").decode() if isinstance(answer, str) else answer


async def read(request: Request, form: type[F], **facts: Any) -> F:
    """The form as posted, checked: look at its `errors` before anything else."""
    filled = form(await answers(request), **facts)
    filled.validate()
    return filled


def network_of(request: Request) -> str:
    """Where the request comes from: the peer, or what a proxy of ours says of it. For limits, never for a log.

    Of what stands in X-Forwarded-For only the last entry is our proxy's own; whoever asks can write the others. One
    household or office has a whole /64 of IPv6, so all of it counts as one.
    """
    peer = request.client.host if request.client else ""
    trusted = current().trusted_proxy
    if trusted and peer and _within(peer, trusted):
        said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")[-1].strip()
        return _network(said or peer)
    return _network(peer)


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


def _within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


def _own_path(request: Request) -> str:
    """Where to come back to: this page, or for a form the page that it stands on."""
    here = request.url if request.method == "GET" else URL(request.headers.get("referer", ""))
    try:
        ours = here.netloc == request.url.netloc
    except ValueError:  # "http://[", as Referer or Host
        return "/desk"
    return quote(here.path + (f"?{here.query}" if here.query else ""), safe="/") if ours else "/desk"


async def not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    known = {403: "errors/forbidden.html", 404: "errors/not_found.html", 405: "errors/not_found.html"}
    answer = render(request, known.get(status, "errors/bad_request.html"), status, **wording.error_words(status))
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


async def refused(request: Request, error: Exception) -> Response:
    said = error if isinstance(error, Refused) else Refused("")
    return render(request, "errors/refused.html", said.status, sentence=said.sentence)


async def hung_up(request: Request, error: Exception) -> Response:
    """Whoever was sending is gone: nobody hears this, and nothing of ours failed."""
    return Response(status_code=400)


async def failed(request: Request, error: Exception) -> Response:
    """Says nothing of what went wrong; the log has the kind of error and where, never its text (it may hold data)."""
    place = place_of(error.__traceback__)
    log.error("failed", route=route_name(request), error=type(error).__name__, place=place)
    return render(request, "errors/problem.html", 500)
