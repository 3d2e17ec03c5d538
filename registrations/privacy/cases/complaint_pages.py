"""The form on which anybody complains about data protection, without an account, and the page that says what follows.

Rules: DP-09, GU-07.
"""

from email.utils import parseaddr

from starlette.requests import Request
from starlette.responses import Response

from events.event import public_event_of
from events.ground import clock
from events.ground.settings import current
from events.page_cache import public_page
from events.web.forms import Form, FullName, Paragraphs, WorkEmail
from events.web.rendering import render
from events.web.routing import ANYONE, network_of, page, read, redirect

from . import complaints
from .complaints import Written


class ComplaintForm(Form):
    full_name = FullName()
    email = WorkEmail("Email address", missing="Enter your email address", hint="We answer you at this address")
    account = Paragraphs(
        "What happened",
        missing="Enter what happened",
        longest=5000,
        rows=8,
        hint="What we did with information about you, or did not do, and when. Write as little about other people as"
        " you can",
    )


async def ask(request: Request) -> Response:
    """The same whatever the event's state, since a complaint can come at any time."""
    request.state.event = await public_event_of(request.path_params["slug"])
    return render(request, "privacy/complaint.html", form=ComplaintForm(), back="/privacy")


async def take(request: Request) -> Response:
    event = request.state.event = await public_event_of(request.path_params["slug"])
    form = await read(request, ComplaintForm)
    if form.errors:
        return render(request, "privacy/complaint.html", 422, form=form, back="/privacy")
    written = Written(form.full_name.data or "", form.email.normal, form.account.data or "")
    await complaints.make(event, written, network_of(request), clock.now(), clock.real())
    return redirect(f"/e/{event.slug}/complaint/sent")


async def taken(request: Request) -> Response:
    """Says nothing of who complained or of what: it can be kept, and opened again by anybody."""
    request.state.event = await public_event_of(request.path_params["slug"])
    return render(request, "privacy/complaint_sent.html", sender=parseaddr(current().sender)[1])


routes = [
    public_page("/e/{slug}/complaint", ask),
    page("/e/{slug}/complaint", take, who=ANYONE, methods=["POST"]),
    public_page("/e/{slug}/complaint/sent", taken),
]
