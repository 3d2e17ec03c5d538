"""The page behind the link of an invitation. Opening it looks nothing up: it is the same for every code.

The code stands in the path: browsers send none of it to other sites, and our log has the route alone.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.rendering import render
from events.web.routing import network_of, page

from . import inviting
from .question_forms import CANNOT_BE_USED
from .register_pages import WHILE_OPEN, kept


async def show(request: Request) -> Response:
    return render(request, "asking/invited.html")


async def begin(request: Request) -> Response:
    """Keeps the code as the first of their answers."""
    event, code = request.state.event, request.path_params["code"]
    found = await inviting.look_up(event, code, network_of(request), clock.now(), clock.real())
    if found is None:
        return render(request, "asking/invited.html", 422, wrong=CANNOT_BE_USED)
    return await kept(request, {"invitation": found})


routes = [
    page("/e/{slug}/invited/{code}", show, who=WHILE_OPEN),
    page("/e/{slug}/invited/{code}", begin, who=WHILE_OPEN, methods=["POST"]),
]
