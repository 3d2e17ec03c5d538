"""The style sheet of an event's colour. It names no event: whoever has the colour has the sheet."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.web.colour import accent_named
from events.web.routing import ANYONE, page

FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}  # another content has another path


async def style(request: Request) -> Response:
    found = accent_named(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    return Response(found.style, media_type="text/css", headers=FOR_GOOD)


routes = [page("/colour/{name}.css", style, who=ANYONE)]
