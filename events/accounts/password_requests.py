"""Requests for a password link by somebody who is not signed in: how often a network may ask, and who waits.

The answer comes before any account is looked for, so it is the same for every address. One worker then takes all that
wait, at a moment within a second that nobody outside knows. Nothing is kept of an address without an account.
"""

import asyncio
import secrets
from collections import deque
from datetime import datetime, timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

from events.audit import audit
from events.audit.action import Action
from events.ground import clock, limits, live, repeating, source, wording
from events.ground.database import run_tx
from events.ground.limits import Limit, Tried
from events.ground.refusal import Refused

from . import known_browser, password_links
from .sign_in_tries import Caller

FROM_NETWORK = Limit(
    "password emails asked for by one network", 30, timedelta(minutes=15), by_network=True, tried=Tried.RESET
)
FROM_BROWSER = Limit("password emails asked for by one browser that signed in before", 6, timedelta(minutes=15))
ENTRIES = FROM_NETWORK._replace(
    what="entries of too many password emails asked for by one network", tries=1, tried=None
)
MOST_WAITING = 200  # in a process; the worker takes them all within a second or two
MOST_WITH_KNOWN = 2 * MOST_WAITING  # browsers that signed in before go on so far
TOPIC, EVERY = "password requests", 5.0  # seconds, where nobody wakes the worker
SPREAD = 1.0  # seconds
KEPT = timedelta(hours=1)  # that a request is tried again for
AGAIN = 10  # seconds after which somebody may ask again, where too many wait
TOO_OFTEN = "Too many links for a new password were asked for from your network. Try again in {minutes}."
TOO_MANY_WAIT = "Too many people are asking for a new password at this moment. Try again in ten seconds."


class PasswordRequest(NamedTuple):
    email: str  # in its normal form
    caller: Caller
    at: datetime
    real: datetime


_waiting: WeakKeyDictionary[live.Hub, deque[PasswordRequest]] = WeakKeyDictionary()


def waiting() -> deque[PasswordRequest]:
    """Those of this process that the worker has not taken yet, in the order of asking."""
    return _waiting.setdefault(live.hub(), deque())


async def put(email: str, caller: Caller, at: datetime, real: datetime) -> None:
    """Counts the request, and leaves it to the worker. Raises Refused, with the seconds to wait, where this network
    asks too often (429) or too many wait (503). A browser that signed in before has tries of its own, so that those
    beside it keep nobody out; whose it is, nobody asks yet."""
    network = caller.network
    browser = known_browser.counted_as(caller.known)
    is_known = known_browser.is_ours(caller.known, real) and await limits.count(FROM_BROWSER, browser, real)
    if len(waiting()) >= (MOST_WITH_KNOWN if is_known else MOST_WAITING):
        raise Refused(TOO_MANY_WAIT, 503, AGAIN)
    if not is_known and not await limits.count(FROM_NETWORK, network, real):
        await _note_refused(network, at, real)
        seconds = await limits.wait(FROM_NETWORK, network, real)
        minutes = wording.counted(max(1, -(-seconds // 60)), "minute", "minutes")
        raise Refused(TOO_OFTEN.format(minutes=minutes), 429, seconds)
    waiting().append(PasswordRequest(email, caller, at, real))
    live.publish(TOPIC)


async def run(stop: asyncio.Event) -> None:
    """The turn of the one worker. At the stop nobody is left waiting."""
    await repeating.repeat_woken(_turn, TOPIC, EVERY, stop, "password requests failed")
    await work_off()


async def _turn() -> None:
    if waiting():
        await asyncio.sleep(SPREAD * secrets.randbelow(1000) / 1000)
        await work_off()


async def work_off() -> None:
    """Takes all that wait. One that fails waits again, for an hour at most. Raises what went wrong last."""
    failed: Exception | None = None
    for _ in range(len(waiting())):
        request = waiting().popleft()
        source.note(request.caller.network)
        try:
            await password_links.ask(*request)
        except Exception as error:  # of the database, which may be away
            failed = error
            if clock.real() - request.real < KEPT:
                waiting().append(request)
    if failed is not None:
        raise failed


@run_tx
async def _note_refused(network: str, at: datetime, real: datetime) -> None:
    """One entry for a network and quarter of an hour: one for each request would be theirs to fill."""
    if await limits.count(ENTRIES, network, real):
        await audit.record(Action.PASSWORD_RESET_REFUSED, by=None, at=at)
