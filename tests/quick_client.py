"""What the client of the tests would do anew at each request, done once."""

import asyncio
from functools import lru_cache

from httpx2 import _urlparse, _urls
from httpx2._transports import asgi


def hurry() -> None:
    """From now on no request looks for Trio in every folder of the path, or reads an address that was read before.

    Both together were a fourth of a request, whose other parts are the product's.
    """
    asgi.create_event = asyncio.Event
    _urlparse.urlparse = _urls.urlparse = lru_cache(maxsize=4096)(_urlparse.urlparse)  # type: ignore[attr-defined]
