"""For whoever has lost our email: an address to type in, and one answer for everybody."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from events.event import public_event_of
from events.event_pages import Stage, stage_of
from events.ground import clock
from events.web.forms import Form, WorkEmail
from events.web.rendering import render
from events.web.routing import network_of, page, read, redirect

from . import late, lost_links

HAVE_NO_LINKS = {Stage.DRAFT, Stage.OVER}


@dataclass(frozen=True)
class WhileLinksOpen:
    """Anybody, from when people could ask until the event is over. Puts `event` into the state."""

    name: str = "anyone while links open"

    async def turned_away(self, request: Request) -> Response | None:
        event = request.state.event = await public_event_of(request.path_params["slug"])
        return redirect(f"/e/{event.slug}") if stage_of(event, clock.now()) in HAVE_NO_LINKS else None


WHILE_LINKS_OPEN = WhileLinksOpen()


class LostForm(Form):
    email = WorkEmail(hint="The address that you asked with. We only write to addresses that have a request")


async def ask(request: Request) -> Response:
    return _asked(request, LostForm())


async def send(request: Request) -> Response:
    form = await read(request, LostForm)
    if form.errors:
        return _asked(request, form, 422)
    event, network = request.state.event, network_of(request)
    wait = await lost_links.send(event, form.email.normal, network, clock.now(), clock.real())
    return redirect(late.along(f"/e/{event.slug}/lost-link/sent", wait, clock.now()))


async def sent(request: Request) -> Response:
    return render(request, "asking/lost_link_sent.html", late=late.words(request.query_params, clock.now()))


def _asked(request: Request, form: LostForm, status: int = 200) -> Response:
    return render(request, "asking/lost_link.html", status, form=form)


routes = [
    page("/e/{slug}/lost-link", ask, who=WHILE_LINKS_OPEN),
    page("/e/{slug}/lost-link", send, who=WHILE_LINKS_OPEN, methods=["POST"]),
    page("/e/{slug}/lost-link/sent", sent, who=WHILE_LINKS_OPEN),
]
