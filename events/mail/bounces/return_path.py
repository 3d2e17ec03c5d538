"""The return path of each email: where mail systems write to when they cannot deliver, marked with which email it was.

Its mark is 24 letters and digits: the number of the outbox message, masked, and a MAC over it. It holds no address,
reveals no count, and is the same for each try, so that a gateway which first puts off whom it does not know knows it
again.
"""

import base64
import hashlib
import hmac
import re
from email.utils import parseaddr
from functools import lru_cache

from events.ground import keys
from events.ground.settings import current

PURPOSE = "return path"
MAC_BYTES, ID_BYTES = 10, 5
MARK = re.compile(r"\+([a-z2-7]{24})@", re.I)  # mail systems change the case of a local part, though they should not


def envelope_sender(message_id: int) -> str:
    """What the relay is told that the outbox message with this number comes from."""
    chosen = current()
    if not chosen.bounces:
        return address_in(chosen.sender)
    mailbox, _, domain = chosen.bounces.rpartition("@")
    return f"{mailbox}+{mark(message_id)}@{domain}"


def mark(message_id: int) -> str:
    key, number = keys.ring().sub_key(PURPOSE), message_id.to_bytes(ID_BYTES)
    mac = _mac(key, number)
    return base64.b32encode(mac + _masked(key, mac, number)).decode().lower()


def message_of(found: str) -> int | None:
    """The number of the outbox message that has this mark under any of our keys; None of what we did not make."""
    raw = base64.b32decode(found.upper())
    mac, masked = raw[:MAC_BYTES], raw[MAC_BYTES:]
    for key in keys.ring().sub_keys(PURPOSE):
        number = _masked(key, mac, masked)
        if hmac.compare_digest(mac, _mac(key, number)):
            return int.from_bytes(number)
    return None


def message_in(text: str) -> int | None:
    """The message whose return path stands in the text first."""
    ours = (message_of(found) for found in MARK.findall(text))
    return next((number for number in ours if number is not None), None)


@lru_cache(maxsize=16)
def address_in(sender: str) -> str:
    return parseaddr(sender)[1]


def _mac(key: bytes, number: bytes) -> bytes:
    return hmac.new(key, b"mac" + number, hashlib.sha256).digest()[:MAC_BYTES]


def _masked(key: bytes, mac: bytes, number: bytes) -> bytes:
    """Masks a number that has this MAC, and takes the mask off again."""
    mask = hmac.new(key, b"mask" + mac, hashlib.sha256).digest()
    return bytes(there ^ over for there, over in zip(number, mask, strict=False))
