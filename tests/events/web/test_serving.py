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
    assert any(name.startswith("AES") for name in names(context)), "the control: what uvicorn takes by itself"
    context.set_ciphers(taken["ssl_ciphers"])
    older = {name for name in names(context) if not name.startswith("TLS_")}
    assert older
    assert [name for name in older if not name.startswith("ECDHE-")] == []
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def names(context: ssl.SSLContext) -> set[str]:
    return {cipher["name"] for cipher in context.get_ciphers()}
