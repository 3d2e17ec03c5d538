"""At the terminal: a key pair, a backup, the drill and a restore, and a sentence for whatever stands in their way.

Rules: SE-16.
"""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyrage import x25519

from events.accounts.staff import RoleName
from events.audit import audit_seal
from events.audit.action import Action
from events.backup import backup_folder, erased_list, sealed_file
from events.event import Event
from events.ground import clock, live, settings
from events.ground.database import Database
from events.product import Product
from registrations.asking import drafting
from registrations.people.registration import Registration
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from server import MODELS, main
from tests.conftest import SETTINGS
from tests.people import MONDAY, Person, a_member_of_staff, an_event, recorded, requested
from tests.registrations.privacy.rights.asking import a_rights_request

ERASED_AGAIN = "Requests for a place that were erased after that, and are erased again: {}."


async def asks(person: Person) -> None:
    await requested(person, await Event.get())


async def types_something(person: Person) -> None:
    await drafting.keep(await Event.get(), None, "", {"email": person.email}, clock.real())


async def is_erased(person: Person) -> None:
    event = await Event.get()
    by = await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)
    asked = await a_rights_request(event, by, Right.ERASURE, person.email)
    await erasing.erase(asked, by, clock.now(), clock.real())


class Terminal:
    """A person at the machine's terminal, who sets what the last command asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "var" / "muster.db"

    def sets(self, **ours: object) -> None:
        settings.choose(settings.current().model_copy(update=ours))

    def types(self, *words: str, answer: str = "") -> Result:
        live.start_anew()  # each is a process of its own
        return CliRunner().invoke(main, list(words), input=answer)

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


def test_a_backup_is_made_drilled_and_restored(ready: Terminal) -> None:
    made = ready.types("backup")
    [file] = ready.backups
    assert (made.exit_code, made.output.startswith(f"{file}: ")) == (0, True)
    drilled = ready.types("backup", "drill", "--identity", str(ready.folder / "identity.txt"))
    assert drilled.exit_code == 0
    assert f"{file} can be restored: it took " in drilled.output
    assert "A restore now would lose what was done since: 0 acts, by the audit log." in drilled.output
    shutil.move(ready.file.parent, ready.folder / "broken")
    restored = ready.types("restore", str(file), "--identity", str(ready.folder / "identity.txt"))
    assert restored.exit_code == 0
    assert re.search(r"Restored as of \w+day \d+ \w+ \d{4}, \d\d:\d\d: \d+ rows in \d+ tables\.", restored.output)
    assert re.search(r"The audit log is whole\. Its head then: 1-[0-9a-f]{20}", restored.output)
    assert ERASED_AGAIN.format(0) in restored.output
    assert "Everybody signs in anew." in restored.output
    live.start_anew()
    assert Product(Database(f"sqlite://{ready.file}", MODELS)).run(Event.get).slug == "launch"


def test_what_was_erased_since_is_erased_again_and_without_the_list_nothing_is_restored(
    ready: Terminal, ada: Person
) -> None:
    live.start_anew()
    Product(Database(f"sqlite://{ready.file}", MODELS)).run(lambda: asks(ada))
    ready.types("backup")
    live.start_anew()
    Product(Database(f"sqlite://{ready.file}", MODELS)).run(lambda: is_erased(ada))
    [file], listed, identity = ready.backups, ready.folder / "backups" / erased_list.NAME, ready.folder / "identity.txt"
    drilled = ready.types("backup", "drill", "--identity", str(identity))
    assert (drilled.exit_code, ERASED_AGAIN.format(1) in drilled.output) == (0, True)
    shutil.move(ready.file.parent, ready.folder / "broken")
    elsewhere = shutil.move(listed, ready.folder / "on-a-stick.txt")
    refused = ready.types("restore", str(file), "--identity", str(identity))
    assert (refused.exit_code, f"no list of what was erased at {listed}." in refused.output) == (1, True)
    assert not ready.file.exists()
    restored = ready.types("restore", str(file), "--identity", str(identity), "--erased", str(elsewhere))
    assert (restored.exit_code, ERASED_AGAIN.format(1) in restored.output) == (0, True)
    live.start_anew()
    assert Product(Database(f"sqlite://{ready.file}", MODELS)).run(Registration.get).email == ""


@pytest.mark.parametrize(("answer", "is_there"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_without_a_data_key_it_says_what_is_lost_and_asks_before_it_is(
    ready: Terminal, ada: Person, answer: str, is_there: bool
) -> None:
    for act in (types_something, asks):
        live.start_anew()
        Product(Database(f"sqlite://{ready.file}", MODELS)).run(lambda act=act: act(ada))  # type: ignore[misc]
    ready.types("backup")
    live.start_anew()
    Product(Database(f"sqlite://{ready.file}", MODELS)).run(lambda: is_erased(ada))
    shutil.move(ready.file.parent, ready.folder / "broken")
    (ready.folder / "no-keys").mkdir(mode=0o700)
    ready.sets(data_keys=ready.folder / "no-keys")
    words = ("restore", str(ready.backups[0]), "--identity", str(ready.folder / "identity.txt"), "--with-faults")
    said = ready.types(*words, answer=answer)
    assert "launch: answers that somebody is still typing: 1." in said.output
    assert (said.exit_code == 0, ready.file.exists()) == (is_there, is_there)
    assert ("Nothing was restored, and nothing was deleted." in said.output) is not is_there


def test_a_drill_without_the_list_ends_with_one(ready: Terminal) -> None:
    ready.types("backup")
    (ready.folder / "backups" / erased_list.NAME).unlink()
    said = ready.types("backup", "drill", "--identity", str(ready.folder / "identity.txt"))
    assert (said.exit_code, "There is no list of what was erased" in said.output) == (1, True)


def test_a_restore_over_a_database_is_refused_and_says_what_to_do(ready: Terminal) -> None:
    ready.types("backup")
    before = ready.file.read_bytes()
    refused = ready.types("restore", str(ready.backups[0]), "--identity", str(ready.folder / "identity.txt"))
    assert (refused.exit_code, "stop the server and move muster.db" in refused.output) == (1, True)
    assert ready.file.read_bytes() == before


def test_the_wrong_identity_is_told_by_the_file_that_was_given(ready: Terminal) -> None:
    ready.types("backup")
    wrong = ready.folder / "wrong.txt"
    wrong.write_text(f"{x25519.Identity.generate()}\n")
    for words in (("backup", "drill"), ("restore", str(ready.backups[0]))):
        said = ready.types(*words, "--identity", str(wrong))
        assert (said.exit_code, said.output) == (1, f"Error: {sealed_file.WRONG_IDENTITY.format(wrong)}\n")


def test_a_drill_of_a_damaged_audit_log_ends_with_one(ready: Terminal) -> None:
    with sqlite3.connect(ready.file) as thief:
        thief.execute("DROP TRIGGER audit_entry_no_update")
        thief.execute("UPDATE audit_entry SET actor = 'staff:9' WHERE id = 1")
    thief.close()
    ready.types("backup")
    said = ready.types("backup", "drill", "--identity", str(ready.folder / "identity.txt"))
    assert (said.exit_code, "Entry 1 was changed (seal 1)." in said.output) == (1, True)


def test_a_folder_that_cannot_be_written_is_told(ready: Terminal) -> None:
    (ready.folder / "backups").write_text("a file")
    said = ready.types("backup")
    assert (said.exit_code, said.output) == (1, "Error: This cannot be done here (File exists).\n")


@pytest.mark.parametrize("words", [("restore", "nowhere.age"), ("backup", "drill", "nowhere.age")])
def test_a_file_that_is_not_there_is_named(ready: Terminal, words: tuple[str, ...]) -> None:
    said = ready.types(*words, "--identity", str(ready.folder / "identity.txt"))
    assert (said.exit_code, "'nowhere.age' does not exist" in said.output) == (2, True)
