"""Passwords: how they are kept, how one is checked, and which are too easy to guess."""

import asyncio
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar
from weakref import WeakKeyDictionary

from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import Type, hash_secret_raw

from events.ground import live
from events.ground.refusal import Refused

T = TypeVar("T")
SHORTEST, LONGEST = 12, 200
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's least: 19 MiB, about 50 ms
STRANGERS, KNOWN = 20, 100  # who may wait at once: at 50 ms each a second, and five
AGAIN = 5  # seconds after which somebody may try again, where too many wait
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$z0R5IaokpaJWaZy3+gFzzg$PfkcD+lKDmUlA5mm+msecXT7bzO8+sV2AHfsFVIKJtc"
GUESSES = 8.5  # powers of ten that a guesser who knows common passwords must need at least
LOOKED_AT = 72  # characters from which the guesses are counted; more only make it slow
CONTEXT = (
    *("stalking", "saferplaces", "safer", "places", "threerivers", "rivers", "herts", "hertfordshire", "watford"),
    *("council", "conference", "launch", "event", "muster", "isac", "advocacy", "constabulary", "helpline"),
)  # words that someone who attacks this service would try first

MISSING = "Enter a password"
TOO_SHORT = f"Password must be {SHORTEST} characters or more"
TOO_LONG = f"Password must be {LONGEST} characters or fewer"
EASY = "Choose a password that is harder to guess. Three random words are a good start."
TOO_MANY_WAIT = "Too many people are signing in at this moment. Wait a few seconds, then load this page again."


class HashingQueue:
    """One hash at a time in a process, so that the loop stays free and the memory small. Strangers wait until nobody
    else does: they may be a flood."""

    def __init__(self) -> None:
        self.is_busy = False
        self.known, self.strangers = deque[asyncio.Future[None]](), deque[asyncio.Future[None]]()

    async def run(self, work: Callable[[], T], *, is_stranger: bool) -> T:
        """Raises Refused (503) at once where too many wait already."""
        await self._wait(self.strangers if is_stranger else self.known, STRANGERS if is_stranger else KNOWN)
        try:
            return await to_thread.run_sync(work)
        finally:
            self._wake_next()

    async def _wait(self, lane: deque[asyncio.Future[None]], most: int) -> None:
        if not self.is_busy:
            self.is_busy = True
            return
        if len(lane) >= most:
            raise Refused(TOO_MANY_WAIT, 503, AGAIN)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            with suppress(ValueError):
                lane.remove(turn)
            if not turn.cancelled():  # it was ours already
                self._wake_next()
            raise

    def _wake_next(self) -> None:
        for lane in (self.known, self.strangers):
            while lane:
                turn = lane.popleft()
                if not turn.done():  # else who waited is gone
                    turn.set_result(None)
                    return
        self.is_busy = False


_queues: WeakKeyDictionary[live.Hub, HashingQueue] = WeakKeyDictionary()


def queue() -> HashingQueue:
    """That of this process."""
    return _queues.setdefault(live.hub(), HashingQueue())


async def hashed(password: str) -> str:
    return await queue().run(lambda: HASHER.hash(password), is_stranger=False)


async def right(stored: str, given: str, *, is_stranger: bool = False) -> bool:
    """Whether the password is right. Takes as long without an account, so that nobody learns by waiting who has one.

    `is_stranger`: nothing is known of the browser yet. Raises Refused (503) where too many wait.
    """

    def work() -> bool:
        try:
            return HASHER.verify(stored or NOBODYS, given) and bool(stored)
        except (VerifyMismatchError, InvalidHashError):
            return False

    return await queue().run(work, is_stranger=is_stranger)


def fault(password: str, about: Iterable[str] = ()) -> str:
    """What is wrong with a new password, in a sentence, or ''. `about` holds names of its owner, which others would
    guess."""
    if not password:
        return MISSING
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    known = [*CONTEXT, *(word for text in about for word in re.findall(r"\w{3,}", text.lower()))]
    return EASY if _guesses(unicodedata.normalize("NFKC", password), known) < GUESSES else ""


async def slow_hash(secret: bytes, salt: bytes) -> str:
    """A hash as slow as a password's, for short codes. It is the same for the same salt, so one look-up finds one of
    ten."""

    def work() -> str:
        cost = HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism
        return hash_secret_raw(secret, salt, *cost, hash_len=32, type=Type.ID).hex()

    return await queue().run(work, is_stranger=False)


def _guesses(password: str, known: list[str]) -> float:
    """How many guesses it takes, as a power of ten. Full stops and spaces between guessable words add nothing."""
    from zxcvbn import zxcvbn  # 12 MB of word lists, wanted on the day a password is set

    squeezed = "".join(character for character in password if character.isalnum())
    tried = [text[:LOOKED_AT] for text in (password, squeezed) if len(text) >= 8]
    return min(float(zxcvbn(text, user_inputs=list(known))["guesses_log10"]) for text in tried)
