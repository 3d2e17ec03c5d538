"""Guests looked up by name over HTTP, for phones. JSON; what was typed is in the body alone, and is not stored."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.routing import page
from registrations.checkin.looking_up import name_lookup
from registrations.checkin.looking_up.name_lookup import Typed
from registrations.checkin.scan import read_initials

from .guards import PAIRED, json_answer, read_json

STATUS = {"slow": 429, "role": 403}


async def look_up(request: Request) -> Response:
    body, device = await read_json(request), request.state.device
    surname, first = body.get("surname"), body.get("first")
    if not isinstance(surname, str) or not isinstance(first, str):
        return json_answer({"error": "malformed", "sentence": "Send the names as text."}, 422)
    typed = Typed(surname, first, read_initials(body.get("initials")))
    return _looked_up(await name_lookup.look_up(typed, device, clock.now(), clock.real()))


async def choose(request: Request) -> Response:
    body = await read_json(request)
    row, initials = body.get("row"), read_initials(body.get("initials"))
    if not isinstance(row, str):
        return json_answer({"error": "malformed", "sentence": "Send the row as text."}, 422)
    return _looked_up(await name_lookup.choose(row, initials, request.state.device, clock.now(), clock.real()))


def _looked_up(answer: dict[str, Any]) -> Response:
    return json_answer(answer, STATUS.get(answer.get("error", ""), 200))


routes = [
    page("/door/api/names", look_up, who=PAIRED, methods=["POST"]),
    page("/door/api/names/choose", choose, who=PAIRED, methods=["POST"]),
]
