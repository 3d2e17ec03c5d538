"""The mark of an earlier sign-in that a browser keeps: it opens nothing, and tells the owner's browser from others."""

import hashlib
import hmac
import secrets

from events.ground import keys

from .staff import Staff


def remember(staff: Staff) -> str:
    """Makes the mark that a browser keeps after a sign-in. The next sign-in from it raises no alert and has tries of
    its own.

    The mark opens nothing. A new password makes all browsers strange again.
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
