"""Settings that cannot be right are refused at once, by name, and what stands in them is not printed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from events.ground import keys, settings
from events.ground.database import Database
from events.ground.settings import Settings
from server import MODELS, main


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("sender", "nonsense", "Conference places <events@example.org>"),
        ("sender", "events@localhost", "events@example.org"),
        ("reply_to", "someone at home", ""),
        ("trusted_proxy", "garbage", "10.0.0.0/8"),
        ("desk_networks", "192.0.2.0/24, the office", "192.0.2.0/24, 2001:db8::/48"),
        ("desk_networks", " , ", ""),
        ("security_contact", "http://example.org/report", "https://example.org/report"),
        ("security_contact", "security@example.org nobody", "security@example.org, tel:+44-20-7946-0000"),
        ("security_contact", "security@example.org\nExpires: 2099-01-01T00:00:00Z", ""),
        ("base_url", "https://example.org/path", "https://example.org/"),
        ("base_url", "example.org", "http://127.0.0.1:8415"),
        ("smtp_tls", "maybe", "none"),
        ("database_url", "psycopg://muster@db.example.org/muster", "postgresql://muster@db.example.org/muster"),
        ("database_url", "mysql://muster@db.example.org/muster", "sqlite:///var/lib/muster.db"),
    ],
)
def test_each_is_looked_at(name: str, wrong: str, right: str) -> None:
    Settings.model_validate({name: right})
    with pytest.raises(ValidationError):
        Settings.model_validate({name: wrong})


def test_a_command_names_the_setting_and_not_what_stands_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PORT", "secret-word")
    settings.choose(None)
    settings._from_environment.cache_clear()
    said = CliRunner().invoke(main, ["serve"])
    settings._from_environment.cache_clear()
    assert said.exit_code == 1
    assert "MUSTER_PORT" in said.output
    assert "secret-word" not in said.output


@pytest.fixture
def from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a process reads them at its start."""
    for name in [name for name in os.environ if name.startswith("MUSTER_")]:
        monkeypatch.delenv(name)
    settings.choose(None)
    settings._from_environment.cache_clear()
    yield
    settings._from_environment.cache_clear()


@pytest.mark.parametrize("name", ["MUSTER_CREDENTIALS", "CREDENTIALS_DIRECTORY"])
def test_secrets_come_from_files_of_a_folder_and_not_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_outside: None, name: str
) -> None:
    """As `LoadCredential` of systemd or the secrets of a container lay them: one of them is the file of the keys."""
    newer, older = keys.new_key(), keys.new_key()
    (tmp_path / "MUSTER_KEY").write_text(f"{newer}\n{older}\n")
    (tmp_path / "MUSTER_SMTP_PASSWORD").write_text("of the relay\n")
    (tmp_path / "MUSTER_SMTP_USER").write_text("from a file")
    (tmp_path / "something_else").write_text("of somebody else")
    monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("MUSTER_SMTP_USER", "from the environment")
    chosen = settings.current()
    assert (chosen.smtp_password.get_secret_value(), chosen.smtp_user) == ("of the relay", "from the environment")
    ring = keys.load(chosen.key.get_secret_value(), tmp_path / "none")
    assert ring.fingerprints == keys.Keyring([newer, older]).fingerprints


def test_a_folder_of_credentials_that_is_not_there_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, from_outside: None
) -> None:
    monkeypatch.setenv("MUSTER_CREDENTIALS", str(tmp_path / "none"))
    said = CliRunner().invoke(main, ["serve"])
    assert (said.exit_code, "  - MUSTER_CREDENTIALS: Path does not point to a directory" in said.output) == (1, True)


async def test_nobody_else_on_the_machine_reads_the_database(tmp_path: Path) -> None:
    file = tmp_path / "var" / "muster.db"
    await Database(f"sqlite://{file}", MODELS).migrate()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [file.parent, *file.parent.iterdir()]}
    assert modes.pop("var") == 0o700
    assert set(modes.values()) == {0o600}
