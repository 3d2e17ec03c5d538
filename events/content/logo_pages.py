"""The logos of an event's hosts, as public pages show them. Of a draft beside another event there are none."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.page_cache import finished, public_event
from events.web.routing import ANYONE, page

from .colour_pages import FOR_GOOD
from .logo import MARK_LENGTH, logo_at

AS_IT_IS = {"content-disposition": "inline", "cross-origin-resource-policy": "same-origin"}


async def logo(request: Request) -> Response:
    event = await public_event(request.path_params["slug"])
    return await finished(lambda: _kept_for_good(event, request.path_params["mark"]), request.scope["path"])


async def _kept_for_good(event: Event, mark: str) -> Response:
    answer = await logo_answer(event, mark)
    answer.headers.update(FOR_GOOD)
    return answer


async def logo_answer(event: Event, mark: str) -> Response:
    """Raises 404 for one of another event, or of none."""
    found = await logo_at(event, mark) if len(mark) == MARK_LENGTH else None
    if found is None:
        raise HTTPException(404)
    return Response(bytes(found.picture), media_type="image/png", headers=AS_IT_IS)


routes = [page("/e/{slug}/logos/{mark}.png", logo, who=ANYONE)]
