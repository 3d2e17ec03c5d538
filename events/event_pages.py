"""Public pages: the event, support, and what we say about privacy, cookies and accessibility."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from events.ground import keeping
from events.ground.personal import NOTICE, NOTICE_BY_BASIS
from events.ground.settings import current
from events.programme.programme import public_programme
from events.web import accessibility as testing
from events.web.cookies import COOKIES
from events.web.rendering import render
from events.web.routing import ANYONE, page

from .content import markdown
from .content.logo import logos_of
from .event import Event, EventState, public_event_of
from .ground import clock
from .page_cache import public_page
from .processor import processors_of

SEEN_BY_SEARCH = {"x-robots-tag": "all", "cache-control": "no-cache"}
SECURITY_TXT_LASTS = timedelta(days=180)
DOOR_STORAGE = (
    (
        "IndexedDB",
        "keeps scans, so that none is lost without a network, and a sealed guest list that only a ticket opens",
        "scans until they are sent, the list for twelve hours at most, the rest until the phone is signed out",
    ),
    (
        "Service worker and Cache",
        "keeps the door's pages and their files, so that they open without a network",
        "until there is a newer version or the phone is signed out",
    ),
)  # storage beside cookies: its name, what it does, how long it lasts


class Stage(StrEnum):
    """What the event's page says about asking for a place."""

    DRAFT = "draft"
    OPEN = "open"
    FULL = "full"
    INVITED = "invited"  # it is open to those with an invitation
    CLOSED = "closed"
    OVER = "over"


def stage_of(event: Event, at: datetime) -> Stage:
    if event.is_over(at):
        return Stage.OVER
    if event.is_open(at):
        if event.by_invitation:
            return Stage.INVITED
        return Stage.FULL if event.is_full else Stage.OPEN
    return Stage.DRAFT if event.state is EventState.DRAFT else Stage.CLOSED


async def shown_events(at: datetime) -> list[Event]:
    """Events still to come, the next one first. If there are none, the last event there was. No drafts, but where there
    is nothing but one: that one says that registration has not opened."""
    events = await Event.all().order_by("day", "id")
    if len(events) > 1:
        events = [event for event in events if event.state is not EventState.DRAFT]
    return [event for event in events if not event.is_over(at)] or events[-1:]


async def home(request: Request) -> Response:
    """The event, where there is one; a list, where there are several."""
    events = await shown_events(clock.now())
    if len(events) == 1:
        return await _event_page(request, events[0])
    answer = render(request, "events/events.html", events=events)
    answer.headers.update(SEEN_BY_SEARCH)
    return answer


async def show_event(request: Request) -> Response:
    return await _event_page(request, await public_event_of(request.path_params["slug"]))


async def support(request: Request) -> Response:
    return await _about_events(request, "events/support.html")


async def privacy(request: Request) -> Response:
    processors = {event.id: await processors_of(event.id) for event in await shown_events(clock.now())}
    facts = {"notice": NOTICE, "bases": NOTICE_BY_BASIS, "times": keeping.NOTICE, "processors": processors}
    return await _about_events(request, "events/privacy.html", **facts)


async def cookies(request: Request) -> Response:
    facts = {"cookies": COOKIES.values(), "storage": DOOR_STORAGE}
    return await _about_events(request, "events/cookies.html", **facts)


async def accessibility(request: Request) -> Response:
    facts = {"prepared": testing.in_words(testing.PREPARED), "reviewed": testing.in_words(testing.REVIEWED)}
    return await _about_events(request, "events/accessibility.html", tools=testing.TOOLS, **facts)


async def robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nAllow: /$\nAllow: /e/\nDisallow: /e/*/\nDisallow: /\n")


async def security(request: Request) -> Response:
    """RFC 9116: whom to tell of a fault. Whoever asks on one day gets the same."""
    contacts = current().security_contacts
    if not contacts:
        raise HTTPException(404)
    until = (clock.real() + SECURITY_TXT_LASTS).date()
    lines = (
        *(f"Contact: {contact}" for contact in contacts),
        f"Expires: {until.isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {current().base_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


async def _event_page(request: Request, event: Event) -> Response:
    answer = await drawn_page(request, event)
    answer.headers.update(SEEN_BY_SEARCH)
    return answer


async def drawn_page(request: Request, event: Event, logos_at: str = "") -> Response:
    """The public page of this event, as it is now. `logos_at`: where its logos are, if not at its public address."""
    request.state.event = event
    programme = await public_programme(event)
    facts: dict[str, Any] = {"programme": programme, "text": markdown.drawn(event.public_text)}
    facts |= {"logos": await logos_of(event), "logos_at": logos_at or f"/e/{event.slug}/logos"}
    return render(request, "events/event.html", stage=stage_of(event, clock.now()), **facts)


async def _about_events(request: Request, template: str, **facts: Any) -> Response:
    events = await shown_events(clock.now())
    if len(events) == 1:
        request.state.event = events[0]
    return render(request, template, events=events, **facts)


routes = [
    public_page("/", home),
    public_page("/e/{slug}", show_event),
    public_page("/support", support),
    public_page("/privacy", privacy),
    public_page("/cookies", cookies),
    public_page("/accessibility", accessibility),
    page("/robots.txt", robots, who=ANYONE),
    page("/.well-known/security.txt", security, who=ANYONE),
]
