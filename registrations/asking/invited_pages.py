"""The page behind the link of an invitation. Opening it looks nothing up: it is the same for every code.

The code stands in the path: browsers send none of it to other sites, and our log has the route alone.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Form, Text
from events.web.rendering import render
from events.web.routing import network_of, page, read

from . import inviting
from .question_forms import CANNOT_BE_USED, NOBODY_ELSE_ASKS
from .register_pages import WITH_AN_INVITATION, kept


class CodeForm(Form):
    code = Text(
        "Your invitation code",
        missing="Enter your invitation code",
        longest=60,
        hint="Like 7KQM-2XRB-9TDW-HC4P",
        spellcheck=False,
    )


async def show(request: Request) -> Response:
    return render(request, "asking/invited.html")


async def begin(request: Request) -> Response:
    """Keeps the code as the first of their answers."""
    event, code = request.state.event, request.path_params["code"]
    found = await inviting.look_up(event, code, network_of(request), clock.now(), clock.real())
    if found is None:
        wrong = NOBODY_ELSE_ASKS if event.by_invitation else CANNOT_BE_USED
        return render(request, "asking/invited.html", 422, wrong=wrong)
    return await kept(request, {"invitation": found})


async def enter(request: Request) -> Response:
    """Somebody types the code. The page of its link does the rest."""
    if request.method == "GET":
        return render(request, "asking/invitation_code.html", form=CodeForm())
    form, event = await read(request, CodeForm), request.state.event
    typed = form.code.data or ""
    if not form.errors:
        found = await inviting.look_up(event, typed, network_of(request), clock.now(), clock.real())
        if found is not None:
            return await kept(request, {"invitation": found})
        form.code.errors = [NOBODY_ELSE_ASKS]
    return render(request, "asking/invitation_code.html", 422, form=form)


routes = [
    page("/e/{slug}/invited", enter, who=WITH_AN_INVITATION, methods=["GET", "POST"]),
    page("/e/{slug}/invited/{code}", show, who=WITH_AN_INVITATION),
    page("/e/{slug}/invited/{code}", begin, who=WITH_AN_INVITATION, methods=["POST"]),
]
