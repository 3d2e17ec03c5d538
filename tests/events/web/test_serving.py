"""The server as we start it: with our own TLS it takes nothing that a stolen key opens later."""

import ssl
from typing import Any

from events.web import serving
from events.web.connections import MOST, Crowd


async def nothing(*said: Any) -> None:
    """An app that does nothing."""


def test_every_cipher_has_a_key_of_its_own_for_each_connection() -> None:
    chosen = str(serving.server_of(nothing, Crowd(MOST)).config.ssl_ciphers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("TLSv1")
    assert weak(context), "the control: what uvicorn takes by itself"
    context.set_ciphers(chosen)
    assert weak(context) == set()
    assert any(name.startswith("ECDHE-") for name in names(context)), "for those without TLS 1.3"
    assert [name for name in names(context) if "GCM" not in name and "CHACHA20" not in name] == [], "1.2 at least"


def weak(context: ssl.SSLContext) -> set[str]:
    """Those of TLS 1.2 and before whose key is not a fresh one of both sides."""
    return {name for name in names(context) if not name.startswith(("ECDHE-", "TLS_"))}


def names(context: ssl.SSLContext) -> set[str]:
    return {cipher["name"] for cipher in context.get_ciphers()}
