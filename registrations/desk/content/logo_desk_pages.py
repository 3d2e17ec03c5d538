"""The desk's page of the hosts' logos: put one there, replace it, take it away.

Its words are read by anybody, so they may not say where the event is. Rules: SG-01.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.content import logos
from events.content.logo import logos_of
from events.content.logo_pages import logo_answer
from events.content.picture import MOST_BYTES, TOO_LARGE, drawn_anew
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.programme.changing import says_where
from events.web.forms import Choice, Form, Text
from events.web.routing import page, redirect
from events.web.uploads import TooLarge, uploaded, with_room
from registrations.desk.desk_pages import ORGANISER, VIEWER, path_of, show

HERE = "/desk/{event}/event/logos"
CHOOSE_FILE = "Select a picture"
TELLS_WHERE = "These words say where the event is, and anyone can read them. Say what the logo shows"
SAID = {"put": "The logo is on the public page.", "taken-away": "The logo is taken away."}


class LogoForm(Form):
    """Made with a choice among the hosts of an event."""

    host: Choice
    alt: Text


def logo_form(event: Event) -> type[LogoForm]:
    hosts = [(host["name"], host["name"]) for host in event.hosts]
    fields: dict[str, Any] = {
        "host": Choice("Host", hosts, missing="Select whose logo it is"),
        "alt": Text(
            "Words for people who cannot see it (optional)", longest=200,
            hint="What the logo says. Leave it empty for the name of the host",
        ),
    }  # fmt: skip
    return type("LogoFormOfHosts", (LogoForm,), fields)


async def logos_page(request: Request) -> Response:
    return await _page(request, logo_form(request.state.event)())


async def put(request: Request) -> Response:
    try:
        content, posted = await uploaded(request, MOST_BYTES, TOO_LARGE)
    except TooLarge as refused:
        form = logo_form(request.state.event)(refused.posted)
        form.validate()
        return await _page(request, form, refused.sentence, refused.status)
    form = logo_form(request.state.event)(posted)
    form.validate()
    if says_where(request.state.event, _beside_the_host(form)):
        form.alt.errors = [TELLS_WHERE]
    if form.errors or not content:
        return await _page(request, form, "" if content else CHOOSE_FILE, 422)
    try:
        picture = await drawn_anew(content)
    except Refused as refused:
        return await _page(request, form, refused.sentence, refused.status)
    by, at = request.state.staff, clock.now()
    await logos.put(request.state.event, form.host.data, picture, form.alt.data or "", by=by, at=at)
    return redirect(f"{path_of(request, 'event', 'logos')}?said=put")


def _beside_the_host(form: LogoForm) -> str:
    """The words without the host's name, which anybody knows: it may be that of a house, too."""
    return re.sub(re.escape(str(form.host.data or "")), " ", form.alt.data or "", flags=re.I)


async def take_away(request: Request) -> Response:
    await logos.take_away(request.state.event, request.path_params["id"], by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, 'event', 'logos')}?said=taken-away")


async def picture(request: Request) -> Response:
    """At the desk, also of a draft."""
    return await logo_answer(request.state.event, request.path_params["mark"])


async def _page(request: Request, form: LogoForm, wrong: str = "", status: int = 200) -> Response:
    facts: dict[str, Any] = {"form": form, "wrong": wrong, "logos": await logos_of(request.state.event)}
    facts["said"] = SAID.get(request.query_params.get("said", ""), "") if status == 200 else ""
    return await show(request, "desk/content/logos.html", status, **facts)


routes = [
    page(HERE, logos_page, who=ORGANISER),
    with_room(page(HERE, put, who=ORGANISER, methods=["POST"])),
    page(HERE + "/{id:int}/take-away", take_away, who=ORGANISER, methods=["POST"]),
    page(HERE + "/{mark}.png", picture, who=VIEWER),
]
