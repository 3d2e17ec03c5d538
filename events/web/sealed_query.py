"""What a query string holds sealed: proxies and browsers keep addresses of pages, and people write their own."""

import base64
import binascii

from events.ground import keys
from events.ground.keys import CannotOpen


def sealed(purpose: str, text: str, *whose: int) -> str:
    """Bound to these ids, such as the event and who reads: for others it opens as nothing."""
    return base64.urlsafe_b64encode(keys.seal(purpose, f"{_bound(whose)} {text}")).decode().rstrip("=")


def opened(purpose: str, text: str, *whose: int) -> str:
    """The text that was sealed. Empty if we did not seal it, or for others."""
    try:
        whole = keys.open_sealed(purpose, base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, CannotOpen, ValueError):
        return ""
    bound, _, found = whole.partition(" ")
    return found if bound == _bound(whose) else ""


def _bound(whose: tuple[int, ...]) -> str:
    return "-".join(map(str, whose))
