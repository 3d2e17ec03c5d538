"""Routes and what comes in by them: who may use one, forms as posted, where a request comes from, and redirects."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote_plus

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from events.ground import source
from events.ground.refusal import Refused
from events.ground.settings import current

from .forms import Form

Work = Callable[[Request], Awaitable[Response]]
F = TypeVar("F", bound=Form)
FORWARDED = b"x-forwarded-for"
AS_BROWSERS_SEND_IT = "application/x-www-form-urlencoded"
MOST_FIELDS = 100
LONGEST_FIELD = 64 * 1024  # as it is sent, where one character may be twelve: as much as comes in at all
LONGEST_WORD, HIGHEST_ID = 60, 2**31 - 1  # in braces of a path: a slug, a column of PostgreSQL
OF_STAFF = ("/desk", "/staff")  # pages of people who work for an event, which hosts can keep to their own networks
ELSEWHERE = "The hosts keep the desk to their own networks. Open it at work, or by your employer's VPN."


class Who(Protocol):
    """Who may use a route. Every route has one. It answers in the route's place when the caller may not."""

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


class Number(IntegerConvertor):
    """{id:int} in a path. A number with more digits than any id is not found: int() raises at thousands of digits."""

    regex = "[0-9]{1,12}"


register_url_convertor("int", Number())


class Page(Route):
    """A route that says who may use it."""

    who: Who


def page(path: str, work: Work, *, who: Who, methods: Sequence[str] = ("GET",)) -> Page:
    is_of_staff = path.startswith(OF_STAFF)

    async def guarded(request: Request) -> Response:
        if request.method == "HEAD":  # is a GET: a page that takes "not GET" for a form would act without any guard
            request = Request({**request.scope, "method": "GET"}, request.receive)
        if any(_is_nobodys(param) for param in request.path_params.values()):
            raise HTTPException(404)
        source.note(network_of(request))
        if is_of_staff and not may_come_from(request, current().desk_networks):
            raise Refused(ELSEWHERE, 403)
        answer = await who.turned_away(request)
        return answer if answer is not None else await work(request)

    made = Page(path, guarded, methods=list(methods), name=f"{work.__module__}.{work.__name__}")
    made.who, made.app = who, _app(guarded)
    return made


def _app(work: Work) -> ASGIApp:
    """Starlette's own looks for errors a second time, of which the app around all routes makes pages anyway."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await work(Request(scope, receive, send))
        await answer(scope, receive, send)

    return app


def _is_nobodys(word: str | int) -> bool:
    """Values that no address of ours can hold, and at which each database would raise in its own way."""
    return word > HIGHEST_ID if isinstance(word, int) else len(word) > LONGEST_WORD or not word.isprintable()


def route_name(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "name", "") or ""


def redirect(path: str) -> RedirectResponse:
    """303: the browser asks for this path with GET."""
    return RedirectResponse(path, 303)


async def answers(request: Request, longest: int = LONGEST_FIELD) -> FormData:
    """The fields of a posted form: at most a hundred, each as long as `longest` when it is sent, no files kept, no half
    characters. How long an answer may be is said by its form, which gives it back.

    A sender may name any charset: some decode nothing, others make text that no database takes.
    """
    if request.headers.get("content-type") == AS_BROWSERS_SEND_IT:
        return FormData(_fields(await request.body(), longest))
    try:
        posted = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=longest)
    except ValueError:  # of the charset
        raise HTTPException(400) from None
    return FormData([(_whole(name), _whole(value)) for name, value in posted.multi_items()])


def _fields(body: bytes, longest: int) -> list[tuple[str, str | UploadFile]]:
    """As Starlette's parser finds them, which calls us back four times for each."""
    pairs = [pair.partition("=") for pair in body.decode("latin-1").split("&") if pair]
    if len(pairs) > MOST_FIELDS or any(len(name) + len(value) > longest for name, _, value in pairs):
        raise HTTPException(400)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _whole(answer: str | UploadFile) -> Any:
    return answer.encode(errors="ignore").decode() if isinstance(answer, str) else answer


async def read(request: Request, form: type[F], **facts: Any) -> F:
    """The form as posted, checked: look at its `errors` before anything else."""
    filled = form(await answers(request), **facts)
    filled.validate()
    return filled


def network_of(request: Request) -> str:
    """The network the request comes from. For limits, never for a log.

    A household or an office has a whole /64 of IPv6, so it counts as one network; limits count the wider ones around it
    too.
    """
    return source.network_at(_address_of(request))


def may_come_from(request: Request, networks: str) -> bool:
    """Whether it comes from one of these, which are separated by commas. From anywhere if there are none."""
    address = _address_of(request)
    known = (address, source.network_at(address))  # IPv4 may be written as IPv6
    listed = [network.strip() for network in networks.split(",") if network.strip()]
    return not listed or any(is_within(name, network) for name in known for network in listed)


def _address_of(request: Request) -> str:
    """The peer, or what our own proxy says of it. Only the last entry of X-Forwarded-For is our proxy's own; the client
    can write the others."""
    client: tuple[str, int] | None = request.scope.get("client")
    peer, trusted = client[0] if client else "", current().trusted_proxy
    if trusted and peer and is_within(peer, trusted):
        named = b",".join(value for name, value in request.scope["headers"] if name == FORWARDED)
        return named.decode("latin-1").split(",")[-1].strip() or peer
    return peer


def is_from_here(request: Request) -> bool:
    """Whether the request comes from this machine itself, and not from a proxy for somebody else."""
    peer = request.client.host if request.client else ""
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
    return not forwarded and (is_within(peer, "127.0.0.0/8") or peer == "::1")


@lru_cache(maxsize=64)
def is_within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
