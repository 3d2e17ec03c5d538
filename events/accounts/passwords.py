"""Passwords: how they are kept, how one is checked, and which are too easy to guess."""

import re
import unicodedata
from collections.abc import Iterable

import anyio
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import Type, hash_secret_raw

SHORTEST, LONGEST = 12, 200
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's least: 19 MiB, about 50 ms
HASHING = anyio.CapacityLimiter(1)  # one at a time: the loop stays free, and the memory small
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


async def hashed(password: str) -> str:
    return await to_thread.run_sync(HASHER.hash, password, limiter=HASHING)


async def right(stored: str, given: str) -> bool:
    """Whether the password is right. Takes as long without an account, so that nobody learns by waiting who has one."""

    def work() -> bool:
        try:
            return HASHER.verify(stored or NOBODYS, given) and bool(stored)
        except (VerifyMismatchError, InvalidHashError):
            return False

    return await to_thread.run_sync(work, limiter=HASHING)


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

    return await to_thread.run_sync(work, limiter=HASHING)


def _guesses(password: str, known: list[str]) -> float:
    """How many guesses it takes, as a power of ten. Full stops and spaces between guessable words add nothing."""
    from zxcvbn import zxcvbn  # 12 MB of word lists, wanted on the day a password is set

    squeezed = "".join(character for character in password if character.isalnum())
    tried = [text[:LOOKED_AT] for text in (password, squeezed) if len(text) >= 8]
    return min(float(zxcvbn(text, user_inputs=list(known))["guesses_log10"]) for text in tried)
