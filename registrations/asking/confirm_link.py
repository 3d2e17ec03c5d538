"""Who opens the link of an email that asks whether they asked: the guard of the pages that stand behind it."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import tokens
from events.ground.database import find_joined
from events.ground.tokens import Match, Purpose
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration

BEHIND_A_LINK = {"link": LinkAnswers, "registration": Registration, "event": Event}
BY_PUBLIC_ID = """FROM link_answers link JOIN registration ON registration.id = link.registration_id
    JOIN event ON event.id = registration.event_id WHERE link.public_id = ?"""


@dataclass(frozen=True)
class Confirming:
    """Whoever holds such a link, however old: it has a page that helps. Puts `link` and `event` into the state."""

    name: str = "link:confirm"

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        if public_id is None or tokens.match(Purpose.CONFIRM, token, 0) is not Match.CURRENT:
            raise HTTPException(404)
        found = await find_joined(BEHIND_A_LINK, BY_PUBLIC_ID, [public_id])
        if not found:
            raise HTTPException(404)
        found["link"].registration, found["registration"].event = found["registration"], found["event"]
        request.state.link, request.state.event = found["link"], found["event"]
        return None


CONFIRM = Confirming()
