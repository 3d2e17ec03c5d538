"""The mark of an earlier sign-in that a browser keeps: it opens nothing, and tells the owner's browser from others."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from events.ground import keys
from events.web.forms import whole_number

from .staff import Staff

LASTS = timedelta(days=30)  # as long as the browser keeps it


def remember(staff: Staff, real: datetime) -> str:
    """Makes the mark that a browser keeps after a sign-in. The next sign-in from it raises no alert and has tries of
    its own.

    The mark opens nothing. A new password makes all browsers strange again.
    """
    nonce = f"{secrets.token_urlsafe(12)}~{_day(real)}"
    key = keys.ring().sub_key("known browser")
    return f"{nonce}.{_browser_mac(key, nonce, staff)}.{_mac(key, nonce)}"


def knows(staff: Staff, known: str) -> bool:
    nonce, mac, _ = _parts(known)
    ours = keys.ring().sub_keys("known browser")
    return any(hmac.compare_digest(mac.encode(), _browser_mac(key, nonce, staff).encode()) for key in ours)


def is_ours(known: str, real: datetime) -> bool:
    """Whether somebody has signed in with this browser of late, whoever it was and whatever their password is now. No
    account is looked for: whoever has none any more keeps no marks for longer."""
    nonce, _, mac = _parts(known)
    made = whole_number(nonce.partition("~")[2])
    ours = keys.ring().sub_keys("known browser")
    return (
        made is not None
        and _day(real) - made <= LASTS.days
        and any(hmac.compare_digest(mac.encode(), _mac(key, nonce).encode()) for key in ours)
    )


def counted_as(known: str) -> str:
    """By what the tries of such a browser are counted: the part that both marks prove. Of the others either could be
    varied while the other is proved, and each would have tries of its own."""
    return known.partition(".")[0]


def _day(real: datetime) -> int:
    return real.date().toordinal()


def _parts(known: str) -> tuple[str, str, str]:
    nonce, _, macs = known.partition(".")
    of_account, _, of_any = macs.partition(".")
    return nonce, of_account, of_any


def _browser_mac(key: bytes, nonce: str, staff: Staff) -> str:
    return _mac(key, f"{nonce}|{staff.public_id}|{staff.password_hash}")


def _mac(key: bytes, said: str) -> str:
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]
