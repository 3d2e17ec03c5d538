"""What runs beside the pages: without one of these names would stay, or the audit log would not be sealed."""

from typing import Any

import pytest
from click.testing import CliRunner

import server
from events.audit import audit_seal
from events.ground import live, logs, presence
from events.ground.database import Database
from events.mail import mailer
from events.web import rendering, serving
from events.web.middleware import HEADERS
from registrations.privacy import retention


def test_a_live_server_takes_every_turn() -> None:
    turns = [getattr(turn, "func", turn) for turn in server.turns(Database("sqlite://:memory:", server.MODELS))]
    assert turns == [live.listen, presence.hold, mailer.run, audit_seal.run, retention.run]


def test_a_rehearsal_listens_on_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(serving, "listen", lambda app, host, port: heard.append(host))
    monkeypatch.setattr(serving, "is_taken", lambda host, port: False)
    monkeypatch.setattr(logs, "set_up", lambda **how: None)
    monkeypatch.setattr(rendering.BANNER, "facts", rendering.BANNER.facts)
    result = CliRunner().invoke(server.main, ["rehearse", "--port", "8499"])
    assert (result.exit_code, heard) == (0, ["127.0.0.1"])


def test_the_content_policy_lets_nothing_in_from_elsewhere() -> None:
    """Whole: a line that is loosened or taken out is a change that somebody has decided."""
    assert HEADERS["content-security-policy"].split("; ") == [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
    ]  # fmt: skip
    assert HEADERS["cross-origin-resource-policy"] == "same-origin"
