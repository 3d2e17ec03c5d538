"""The terminal's commands for keys: the first one, a new one in its place, and what still needs the old one.

Rules: SE-16.
"""

import fcntl
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from pyrage.x25519 import Identity

from events.accounts.staff import RoleName
from events.audit import key_use
from events.event import Event
from events.ground import clock, data_keys, keys, settings
from events.ground.database import Database, run_tx
from events.ground.keyring.ring import lines_of
from events.product import Product, load_keys
from events.rotation.key_commands import key
from server import MODELS
from tests.conftest import SETTINGS
from tests.people import a_member_of_staff, an_event, confirmed, someone

T = TypeVar("T")
WITHOUT = "--without-backup"


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
def terminal(sqlite_template: Path, tmp_path: Path) -> Terminal:
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
    assert (steps.exit_code, "Put this in front of the keys in MUSTER_KEY" in steps.output) == (1, True)


async def a_launch() -> str:
    event = await an_event(slug="launch")
    await confirmed(someone(), event)
    await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD)
    return event.data_key


def test_the_instance_key_is_replaced_and_the_old_one_stays_while_something_needs_it(terminal: Terminal) -> None:
    terminal.types("new")
    terminal.does(a_launch)
    old = keys.ring().fingerprints[0]
    said = terminal.types("rotate", WITHOUT)
    assert (said.exit_code, len(lines_of(terminal.key_file))) == (0, 2), said.output
    assert "All that can be is made with the new key. Values made anew: 3." in said.output
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
    said = terminal.types("rotate", "launch", WITHOUT)
    assert (said.exit_code, len(lines_of(terminal.data_keys / "launch.key"))) == (0, 1), said.output
    assert "All of launch is sealed by its new data key. Values made anew: 5." in said.output
    assert "The old key is gone from here." in said.output
    event = terminal.does(Event.get)
    assert data_keys.kept().fingerprints_of("launch") == [event.data_key] != [old]
    assert terminal.types("drop", "launch").output == "There is no older key.\n"
    unknown = terminal.types("rotate", "elsewhere")
    assert (unknown.exit_code, "no event with this short name" in unknown.output) == (1, True)


@pytest.mark.parametrize("of", [[], ["launch"]])
def test_a_backup_is_made_first_which_keeps_the_old_key(terminal: Terminal, tmp_path: Path, of: list[str]) -> None:
    clock.move_to(None)
    terminal.types("new")
    terminal.does(a_launch)
    before = lines_of(terminal.key_file)
    refused = terminal.types("rotate", *of)
    assert "Or copy the database yourself, and add --without-backup." in refused.output
    assert (refused.exit_code, lines_of(terminal.key_file)) == (1, before), "nothing was begun"
    sealed_for = {"backup_recipients": str(Identity.generate().to_public()), "backup_folder": tmp_path / "backups"}
    settings.choose(settings.current().model_copy(update=sealed_for))
    said = terminal.types("rotate", *of)
    [made] = (tmp_path / "backups").glob("*.age")
    assert (said.exit_code, f"Backed up first: {made}." in said.output) == (0, True), said.output
    assert "1 backup opens with it" in terminal.types("drop", *of).output


def test_what_was_interrupted_is_gone_on_with_and_not_backed_up_again(terminal: Terminal) -> None:
    terminal.types("new")
    terminal.does(a_launch)
    keys.write_new(terminal.key_file)
    lines = lines_of(terminal.key_file)
    terminal.does(lambda: run_tx(key_use.begin)(keys.ring().fingerprints[0], None, clock.now()))
    assert terminal.types("rotate").exit_code == 0, "although no backups are set up"
    assert lines_of(terminal.key_file) == lines


@pytest.mark.parametrize("of", [[], ["launch"]])
def test_it_is_refused_while_a_server_works(terminal: Terminal, of: list[str]) -> None:
    terminal.types("new")
    terminal.does(a_launch)
    before = lines_of(terminal.key_file)
    with open(f"{terminal.product.database.file}-process", "w") as works:
        fcntl.flock(works, fcntl.LOCK_EX)
        refused = terminal.types("rotate", *of, WITHOUT)
    assert (refused.exit_code, "Stop every server first" in refused.output) == (1, True)
    assert lines_of(terminal.key_file) == before
    assert terminal.types("rotate", *of, WITHOUT).exit_code == 0
