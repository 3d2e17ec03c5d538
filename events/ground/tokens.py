"""Links: a random public id and a MAC over purpose, id and generation. The database keeps only id and generation."""

import base64
import hashlib
import hmac
import re
import secrets
from enum import StrEnum

from . import keys

ID_LENGTH = 16
SHAPE = re.compile(r"[a-z2-7]{42}")
REMEMBERED = 50  # so many generations back a link is still recognised as an old one of ours


class Purpose(StrEnum):
    """What a link is for. A link of one purpose never opens a page of another."""

    CONFIRM = "confirm"
    TICKET = "ticket"
    MANAGE = "manage"
    OFFER = "offer"  # of one place, to be taken or not
    NEW_ADDRESS = "new-address"  # read there: yes, it is mine
    KEEP_ADDRESS = "keep-address"  # read at the present one: it stays
    COLLEAGUE = "colleague"  # read by somebody whom a guest named: whether they want a place
    TAKE_OVER = "take-over"  # of a place that a colleague hands over: yes or no
    FEEDBACK = "feedback"  # after the event; its id is in no row of a person
    COPY = "copy"  # of what we hold about somebody
    STAFF_INVITE = "staff invite"
    STAFF_RESET = "staff reset"


class Match(StrEnum):
    CURRENT = "current"
    OLD = "old"  # ours once; a newer email has replaced it
    NONE = "none"


def new_public_id() -> str:
    """80 random bits as 16 letters and digits."""
    return _base32(secrets.token_bytes(10))


def make(purpose: Purpose, public_id: str, generation: int) -> str:
    """The 42 characters that stand in the link."""
    return public_id + _mac(keys.ring().sub_key("links"), purpose, public_id, generation)


def public_id_of(token: str) -> str | None:
    """The public id that the link claims; believe it only after `match`. None if it has not our shape."""
    return token[:ID_LENGTH] if SHAPE.fullmatch(token) else None


def match(purpose: Purpose, token: str, generation: int) -> Match:
    """Compares the link with those of this generation and of earlier ones, under every key of ours."""
    public_id = public_id_of(token)
    if public_id is None:
        return Match.NONE
    for key in keys.ring().sub_keys("links"):
        for age, candidate in enumerate(range(generation, max(-1, generation - REMEMBERED - 1), -1)):
            if hmac.compare_digest(token[ID_LENGTH:], _mac(key, purpose, public_id, candidate)):
                return Match.OLD if age else Match.CURRENT
    return Match.NONE


def _mac(key: bytes, purpose: Purpose, public_id: str, generation: int) -> str:
    said = f"{purpose}|{public_id}|{generation}".encode()
    return _base32(hmac.new(key, said, hashlib.sha256).digest()[:16])


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
