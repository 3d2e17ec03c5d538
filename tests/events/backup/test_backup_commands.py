"""At the terminal: a key pair, a backup, and a sentence for whatever stands in their way.

Rules: SE-16.
"""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from events.audit import audit_seal
from events.audit.audit import Action
from events.backup import backup_folder, sealed_file
from events.ground import live, settings
from events.ground.database import Database
from events.product import Product
from server import MODELS, main
from tests.conftest import SETTINGS
from tests.people import MONDAY, an_event, recorded


class Terminal:
    """A person at the machine's terminal, who sets what the last command asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "var" / "muster.db"

    def sets(self, **ours: object) -> None:
        settings.choose(settings.current().model_copy(update=ours))

    def types(self, *words: str) -> Result:
        live.start_anew()  # each is a process of its own
        return CliRunner().invoke(main, list(words))

    @property
    def backups(self) -> list[Path]:
        return [backup.file for backup in backup_folder.all_in(self.folder / "backups")]


@pytest.fixture
def terminal(sqlite_template: Path, tmp_path: Path) -> Terminal:
    here = Terminal(tmp_path)
    here.file.parent.mkdir()
    shutil.copyfile(sqlite_template, here.file)
    settings.choose(SETTINGS.model_copy(update={"database_url": f"sqlite://{here.file}"}))

    async def something_happens() -> None:
        await recorded(Action.EVENT_OPENED, await an_event(slug="launch"), by=None, at=MONDAY)
        await audit_seal.seal_all()

    Product(Database(f"sqlite://{here.file}", MODELS)).run(something_happens)
    return here


@pytest.fixture
def ready(terminal: Terminal) -> Terminal:
    """A pair is made, and all is set."""
    made = terminal.types("backup", "key", str(terminal.folder / "identity.txt"))
    terminal.sets(backup_folder=terminal.folder / "backups", backup_recipients=made.stdout.strip())
    return terminal


def test_what_is_missing_is_said_one_after_the_other(terminal: Terminal) -> None:
    said = terminal.types("backup")
    assert (said.exit_code, said.output) == (1, f"Error: {backup_folder.NO_FOLDER}\n")
    terminal.sets(backup_folder=terminal.folder / "backups")
    said = terminal.types("backup")
    assert (said.exit_code, said.output) == (1, f"Error: {sealed_file.NO_RECIPIENT}\n")
    assert terminal.backups == []


def test_a_key_pair_is_made_once_and_its_secret_half_is_shown_to_nobody(terminal: Terminal) -> None:
    file = terminal.folder / "identity.txt"
    made = terminal.types("backup", "key", str(file))
    [identity] = sealed_file.identities_of(file)
    assert (made.exit_code, made.stdout) == (0, f"{identity.to_public()}\n")
    assert "AGE-SECRET-KEY" not in made.output
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text()
    again = terminal.types("backup", "key", str(file))
    assert (again.exit_code, again.output) == (1, f"Error: {file} is there already.\n")
    assert file.read_text() == before


def test_a_backup_is_made(ready: Terminal) -> None:
    made = ready.types("backup")
    [file] = ready.backups
    assert (made.exit_code, made.output.startswith(f"{file}: ")) == (0, True)


def test_a_folder_that_cannot_be_written_is_told(ready: Terminal) -> None:
    (ready.folder / "backups").write_text("a file")
    said = ready.types("backup")
    assert (said.exit_code, said.output) == (1, "Error: This cannot be done here (File exists).\n")
