"""A mailer in a process of its own, to be killed. It imports no more than it needs: many are started."""

import asyncio
from datetime import datetime

from events.ground import clock, data_keys, keys, presence, settings
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail import mailer
from registrations.tickets.request_emails import WRITERS
from server import MODELS
from tests.keys import OneKeyForAll


def mails(url: str, chosen: Settings, at: datetime) -> None:
    """What the child does until it is killed: the mailer as the server runs it."""

    async def work() -> None:
        settings.choose(chosen)
        keys.install(keys.Keyring([chosen.key.get_secret_value()]))
        data_keys.install(OneKeyForAll())
        clock.move_to(at)  # by the machine's own clock the day has long passed, and no email goes out
        stop = asyncio.Event()
        async with (database := Database(url, MODELS)).opened():
            await asyncio.gather(presence.hold(database, stop), mailer.run(WRITERS, settings.current(), stop))

    asyncio.run(work())
