"""The marshal's page of a phone: a roll call in place of the scanner. Rules: SG-15."""

from starlette.requests import Request
from starlette.responses import Response

from events.web.routing import ANYONE, page
from events.web.static_files import own_page

from . import shell
from .door_pages import PAGE_HEADERS


async def roll_call(request: Request) -> Response:
    """Open to anyone, as the scanner's page is: it has nothing of any event until the phone's pass has opened it."""
    facts = {"shell": shell.folder(), "version": shell.version(), "modules": shell.modules_of("roll-main.mjs")}
    return await own_page(request, "door/roll.html", PAGE_HEADERS, **facts)


routes = [page("/door/roll", roll_call, who=ANYONE)]
