"""The terminal's commands for keys: the first one, a new one in its place, and what still needs the old one.

Rules: SE-16.
"""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from events.event import Event
from events.ground import data_keys, keys, settings
from events.ground.database import Database
from events.ground.keyring.ring import lines_of
from events.product import Product, load_keys
from events.rotation import dropping, others
from events.rotation.key_commands import key
from server import MODELS
from tests.conftest import SETTINGS
from tests.people import an_event, confirmed, someone

T = TypeVar("T")


class Terminal:
    """Of a machine with its keys in files."""

    def __init__(self, folder: Path) -> None:
        self.key_file, self.data_keys = folder / "deep" / "key", folder / "data-keys"
        self.product = Product(Database(f"sqlite://{folder / 'muster.db'}", MODELS))
        files = {"key": SecretStr(""), "key_file": self.key_file, "data_keys": self.data_keys}
        settings.choose(SETTINGS.model_copy(update=files))

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(key, list(words), obj=self.product)

    def does(self, work: Callable[[], Awaitable[T]]) -> T:
        load_keys()
        return self.product.run(work)


@pytest.fixture
def terminal(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(keys, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(others, "PATIENCE", 0.1)
    monkeypatch.setattr(dropping, "GRACE", 0.0)
    shutil.copyfile(sqlite_template, tmp_path / "muster.db")
    return Terminal(tmp_path)


def test_the_first_key_is_made_for_us_alone_and_no_other_takes_its_place(terminal: Terminal) -> None:
    assert terminal.types("new").exit_code == 0
    before = terminal.key_file.read_text()
    assert terminal.key_file.stat().st_mode & 0o777 == 0o600
    again = terminal.types("new")
    assert (again.exit_code, terminal.key_file.read_text()) == (1, before)
    assert "./run key rotate puts a new one in its place" in again.output


def test_a_key_in_the_settings_is_not_overruled_by_a_file(terminal: Terminal) -> None:
    settings.choose(settings.current().model_copy(update={"key": SETTINGS.key}))
    said = terminal.types("new")
    assert (said.exit_code, terminal.key_file.exists()) == (1, False)
    assert "MUSTER_KEY is set" in said.output
    steps = terminal.types("rotate")
    assert (steps.exit_code, "1. Put this behind the keys in MUSTER_KEY" in steps.output) == (1, True)


async def a_launch() -> str:
    event = await an_event(slug="launch")
    await confirmed(someone(), event)
    return event.data_key


def test_the_instance_key_is_replaced_and_the_old_one_stays_while_something_needs_it(terminal: Terminal) -> None:
    terminal.types("new")
    terminal.does(a_launch)
    old = keys.ring().fingerprints[0]
    said = terminal.types("rotate")
    assert (said.exit_code, len(lines_of(terminal.key_file))) == (0, 2), said.output
    assert "All that can be is made with the new key. Values made anew: 1." in said.output
    assert f"Put a copy of {terminal.key_file} into the safe." in said.output
    needed = terminal.types("drop")
    lines = needed.output.splitlines()
    assert (needed.exit_code, lines[0]) == (1, f"Error: Still needed: {old}")
    assert "  - Links to bookings work by it, in emails from before: 1." in lines
    assert lines[-1] == "./run key drop drops it when nothing of this is left."
    assert len(lines_of(terminal.key_file)) == 2


def test_an_events_data_key_is_replaced_and_the_old_one_goes(terminal: Terminal) -> None:
    terminal.types("new")
    old = terminal.does(a_launch)
    said = terminal.types("rotate", "launch")
    assert (said.exit_code, len(lines_of(terminal.data_keys / "launch.key"))) == (0, 1), said.output
    assert "All of launch is sealed by its new data key. Values made anew: 5." in said.output
    assert "The old key is gone from here." in said.output
    event = terminal.does(Event.get)
    assert data_keys.kept().fingerprints == [event.data_key] != [old]
    assert terminal.types("drop", "launch").output == "There is no older key.\n"
    unknown = terminal.types("rotate", "elsewhere")
    assert (unknown.exit_code, "no event with this short name" in unknown.output) == (1, True)
