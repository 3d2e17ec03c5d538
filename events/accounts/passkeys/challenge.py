"""What a passkey has to sign: made for one session and one purpose, good for five minutes, and once.

It is not stored, so that opening a page changes nothing and any process of ours knows it again. That it was used is.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from events.accounts.staff import Session
from events.ground import keys, limits
from events.ground.limits import Limit

GOOD_FOR = timedelta(minutes=5)
USES = Limit("uses of what a passkey has signed", 1, GOOD_FOR)
NONCE, MOMENT = 16, 8  # bytes; a MAC stands behind them


class Purpose(StrEnum):
    """What was signed to add a passkey proves nothing, and the other way round."""

    ADD = "add"
    PROVE = "prove"


def make(session: Session, purpose: Purpose, real: datetime) -> bytes:
    """Each call another."""
    said = secrets.token_bytes(NONCE) + int(real.timestamp()).to_bytes(MOMENT, "big")
    return said + _mac(keys.ring().sub_key("passkey challenges"), said, session, purpose)


async def spend(challenge: bytes, session: Session, purpose: Purpose, real: datetime) -> bool:
    """True for the first who brings it, in its session and its time."""
    said, mac = challenge[: NONCE + MOMENT], challenge[NONCE + MOMENT :]
    ours = keys.ring().sub_keys("passkey challenges")
    if not any(hmac.compare_digest(mac, _mac(key, said, session, purpose)) for key in ours):
        return False
    age = int(real.timestamp()) - int.from_bytes(said[NONCE:], "big")
    return 0 <= age < GOOD_FOR.total_seconds() and await limits.count(USES, said.hex(), real)


def _mac(key: bytes, said: bytes, session: Session, purpose: Purpose) -> bytes:
    whose = f"{purpose}|{session.id}|{session.created_at}|".encode()
    return hmac.new(key, whose + said, hashlib.sha256).digest()
