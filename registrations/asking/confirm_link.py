"""Who opens the link of an email that asks whether they asked: the guard of the pages that stand behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import tokens
from events.ground.batching import read_together
from events.ground.database import filled, find_all_joined, places
from events.ground.tokens import Match, Purpose
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration

BEHIND_A_LINK = {"link": LinkAnswers, "registration": Registration, "event": Event}
BY_PUBLIC_IDS = """FROM link_answers link JOIN registration ON registration.id = link.registration_id
    JOIN event ON event.id = registration.event_id WHERE link.public_id IN ({ids})"""
MOST_TOGETHER = 50  # links that one statement looks for


@dataclass(frozen=True)
class Confirming:
    """Whoever holds such a link, however old: it has a page that helps. Puts `link` and `event` into the state."""

    name: str = "link:confirm"

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        if public_id is None or tokens.match(Purpose.CONFIRM, token, 0) is not Match.CURRENT:
            raise HTTPException(404)
        [link] = await _find_together([public_id])
        if link is None:
            raise HTTPException(404)
        request.state.link, request.state.event = link, link.registration.event
        return None


async def _find_all(public_ids: Sequence[str]) -> list[LinkAnswers | None]:
    wanted = filled(public_ids)
    rows = await find_all_joined(BEHIND_A_LINK, BY_PUBLIC_IDS.format(ids=places(len(wanted))), wanted)
    for row in rows:
        row["link"].registration, row["registration"].event = row["registration"], row["event"]
    found = {row["link"].public_id: row["link"] for row in rows}
    return [found.get(public_id) for public_id in public_ids]


_find_together = read_together(_find_all, MOST_TOGETHER)

CONFIRM = Confirming()
