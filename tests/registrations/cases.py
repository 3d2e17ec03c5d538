"""What the cases of the door's specification look at."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from tests.browser import browsing, words

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


async def on_the_board(database: Database, event: Event, by: Staff) -> str:
    async with browsing(database, by) as desk:
        return words((await desk.get(f"/desk/{event.slug}/board")).text)
