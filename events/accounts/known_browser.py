"""What a browser keeps of an earlier sign-in: it opens nothing, and tells an owner's browser from a stranger's."""

import hashlib
import hmac
import secrets

from events.ground import keys

from .staff import Staff


def remember(staff: Staff) -> str:
    """What a browser keeps after a sign-in, so that the next one from it is no news and has tries of its own.

    It opens nothing. A new password makes all browsers strange again.
    """
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{_browser_mac(keys.ring().sub_key('known browser'), nonce, staff)}"


def knows(staff: Staff, known: str) -> bool:
    nonce, _, mac = known.partition(".")
    ours = keys.ring().sub_keys("known browser")
    return any(hmac.compare_digest(mac.encode(), _browser_mac(key, nonce, staff).encode()) for key in ours)


def _browser_mac(key: bytes, nonce: str, staff: Staff) -> str:
    said = f"{nonce}|{staff.public_id}|{staff.password_hash}".encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:32]
