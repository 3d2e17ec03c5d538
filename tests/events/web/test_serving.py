"""The server as we start it: with our own TLS it takes nothing that a stolen key opens later."""

import ssl
from typing import Any

import pytest
import uvicorn

from events.web import serving


async def nothing(*said: Any) -> None:
    """An app that does nothing."""


def test_every_cipher_has_a_key_of_its_own_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **told: taken.update(told))
    serving.listen(nothing, "127.0.0.1", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("TLSv1")
    assert weak(context), "the control: what uvicorn takes by itself"
    context.set_ciphers(taken["ssl_ciphers"])
    assert weak(context) == set()
    assert any(name.startswith("ECDHE-") for name in names(context)), "for those without TLS 1.3"
    assert [name for name in names(context) if "GCM" not in name and "CHACHA20" not in name] == [], "1.2 at least"


def weak(context: ssl.SSLContext) -> set[str]:
    """Those of TLS 1.2 and before whose key is not a fresh one of both sides."""
    return {name for name in names(context) if not name.startswith(("ECDHE-", "TLS_"))}


def names(context: ssl.SSLContext) -> set[str]:
    return {cipher["name"] for cipher in context.get_ciphers()}
