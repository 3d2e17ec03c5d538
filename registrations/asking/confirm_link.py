"""Who opens the link of an email that asks whether they asked: the guard of the pages that stand behind it."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import tokens
from events.ground.tokens import Match, Purpose
from registrations.people.link_answers import LinkAnswers


@dataclass(frozen=True)
class Confirming:
    """Whoever holds such a link, however old: it has a page that helps. Puts `link` and `event` into the state."""

    name: str = "link:confirm"

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        if public_id is None or tokens.match(Purpose.CONFIRM, token, 0) is not Match.CURRENT:
            raise HTTPException(404)
        links = LinkAnswers.get_or_none(public_id=public_id).select_related("registration", "registration__event")
        if (found := await links) is None:
            raise HTTPException(404)
        request.state.link, request.state.event = found, found.registration.event
        return None


CONFIRM = Confirming()
