"""A process that works on bulk acts and kills itself (kill -9) in its second part: `inside` the transaction, when all
is written and nothing committed, or right `after` it. `python -m tests.registrations.bulk.dying URL WHERE`"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

from events.ground import clock, data_keys, keys, live, settings
from events.ground.database import Database
from registrations.bulk import working
from server import MODELS
from tests.conftest import SETTINGS
from tests.keys import OneKeyForAll
from tests.people import MONDAY


def in_the_second(name: str) -> None:
    """Lets the second call of this part of the work do its part, and then the process is no more."""
    work: Callable[..., Awaitable[object]] = getattr(working, name)
    calls = []

    async def then_dies(*given: object) -> object:
        done = await work(*given)
        calls.append(done)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(working, name, then_dies)


async def work(url: str) -> None:
    live.start_anew()
    async with Database(url, MODELS).opened():
        await working.turn(MONDAY, clock.real())


if __name__ == "__main__":
    settings.choose(SETTINGS)
    keys.install(keys.Keyring([SETTINGS.key.get_secret_value()]))
    data_keys.install(OneKeyForAll())
    clock.move_to(MONDAY)
    in_the_second({"inside": "_note", "after": "_part"}[sys.argv[2]])
    asyncio.run(work(sys.argv[1]))
