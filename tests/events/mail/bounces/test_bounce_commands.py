"""The command at the end of an email server's pipe: 0 for what is read, 75 for whatever is wrong here.

Rules: EM-12.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner, Result

from events.accounts.staff import Staff
from events.event import Event
from events.ground import data_keys, keys, settings
from events.ground.database import Database, query
from events.mail.bounces import bounce_commands, return_path, returned
from events.mail.bounces.bounce_commands import NOT_READY, TRY_AGAIN
from events.mail.bounces.report import MOST
from events.mail.bounces.returned import Outcome
from events.mail.outbox import Message
from registrations.deciding import vetting
from server import ROOT, main
from tests.conftest import SETTINGS
from tests.events.mail.bounces.returning import sample
from tests.people import MONDAY, Person, confirmed


@pytest.fixture
async def sent(event: Event, ada: Person, omar: Staff) -> Message:
    await vetting.approve(await confirmed(ada, event), omar, MONDAY)
    await query("UPDATE message SET state = 'sent', tries = 1, done_at = queued_at")
    return await Message.get()


async def test_an_email_server_hands_over_a_report_and_what_is_none(database: Database, sent: Message) -> None:
    """As a process, with nothing but these settings: first a reply, then one that is huge, to the end of the pipe."""
    ours = {
        "MUSTER_DATABASE_URL": database.url,
        "MUSTER_KEY": SETTINGS.key.get_secret_value(),
        "MUSTER_DATA_KEYS": str(SETTINGS.data_keys),
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
    }
    await query("UPDATE event SET data_key = ''")  # which the tests keep in memory
    command = [sys.executable, "-P", "-m", "server", "bounce"]
    address = f"bounces+{return_path.mark(sent.id)}@example.org"
    huge = sample("postfix_unknown", to="postmaster@example.org") + b"x" * 20_000_000
    for raw, words, state in ((sample("not_vacation_gmail", sent.id), [], "sent"), (huge, [address], "failed")):
        with subprocess.Popen([*command, *words], env=ours, stdin=PIPE, stderr=PIPE) as server:  # noqa: ASYNC220, S603
            assert server.stdin
            assert server.stderr
            server.stdin.write(raw)  # raises BrokenPipeError if nobody reads to its end
            server.stdin.close()
            said = server.stderr.read()
        assert (server.returncode, said, (await Message.get()).state.value) == (0, b"", state)


@pytest.fixture
def chosen(sqlite_template: Path, tmp_path: Path) -> settings.Settings:
    """A database of our own, in which there is nothing yet."""
    shutil.copyfile(sqlite_template, tmp_path / "muster.db")
    keys.install(None)
    data_keys.install(None)
    return SETTINGS.model_copy(update={"database_url": f"sqlite://{tmp_path}/muster.db"})


def piped(raw: bytes, chosen: settings.Settings) -> Result:
    settings.choose(chosen)
    return CliRunner().invoke(main, ["bounce"], input=raw)


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"\xff\xfe\x00" * 100, b"x" * (MOST * 3)])
def test_what_is_not_ours_is_let_go(chosen: settings.Settings, raw: bytes) -> None:
    """Refused, it would go round for days."""
    done = piped(raw, chosen)
    assert (done.exit_code, done.output) == (0, "")


def test_without_a_database_the_message_waits_and_none_is_made(chosen: settings.Settings, tmp_path: Path) -> None:
    (tmp_path / "muster.db").unlink()
    done = piped(astray(), chosen)
    assert (done.exit_code, done.output) == (TRY_AGAIN, f"Error: {NOT_READY}\n")
    assert list(tmp_path.iterdir()) == []


def test_under_an_older_database_it_waits(chosen: settings.Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "muster.db")) as database, database:
        table = "SELECT name FROM sqlite_master WHERE name LIKE '%migration%'"
        (name,) = database.execute(table).fetchone()
        assert database.execute(f"DELETE FROM {name} WHERE id = (SELECT max(id) FROM {name})").rowcount == 1  # noqa: S608
    done = piped(astray(), chosen)
    assert (done.exit_code, done.output) == (TRY_AGAIN, f"Error: {NOT_READY}\n")


def test_what_went_wrong_is_told_without_what_came_back(
    chosen: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(raw: bytes, *_others: object) -> Outcome:
        raise ValueError(raw.decode())

    monkeypatch.setattr(returned, "take", fails)
    done = piped(astray(), chosen)
    assert (done.exit_code, "(ValueError)" in done.output, "ada@" in done.output) == (TRY_AGAIN, True, False)


def test_a_damaged_database_lets_the_message_wait(chosen: settings.Settings, tmp_path: Path) -> None:
    (tmp_path / "muster.db").write_bytes(b"no database" * 1000)
    done = piped(astray(), chosen)
    assert (done.exit_code, "could not be taken in now" in done.output) == (TRY_AGAIN, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "short"},
        {"database_url": "postgresql://nobody@127.0.0.1:1/none"},
    ],
    ids=["no key", "a key that is none", "no server"],
)
def test_whatever_is_set_wrong_the_message_waits(chosen: settings.Settings, wrong: dict[str, str]) -> None:
    changed = {name: type(getattr(chosen, name))(value) for name, value in wrong.items()}
    done = piped(astray(), chosen.model_copy(update=changed | {"key_file": Path("/nowhere/key")}))
    assert (done.exit_code, done.output[:7]) == (TRY_AGAIN, "Error: ")
    assert [words for words in ("ada@wardens", "Traceback") if words in done.output] == []


def test_a_setting_that_cannot_be_right_lets_it_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found before the command begins. Any other command ends with 1."""
    settings.choose(None)
    settings._from_environment.cache_clear()
    monkeypatch.setenv("MUSTER_SMTP_TLS", "perhaps")
    statuses = {word: CliRunner().invoke(main, [word], input=b"").exit_code for word in ("bounce", "doctor")}
    settings._from_environment.cache_clear()
    assert statuses == {"bounce": TRY_AGAIN, "doctor": 1}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_under_another_key_than_the_databases_it_waits(database: Database, event: Event) -> None:
    """All would be strangers' then, and be let go."""
    keys.install(keys.Keyring([keys.new_key()]))
    with pytest.raises(bounce_commands.Later, match="come from a key that is not here"):
        await bounce_commands._take_in(b"", "")


def test_what_the_toolbox_lacks_lets_it_wait_too(tmp_path: Path) -> None:
    """No Python, for one. Any other command ends with 2."""
    shutil.copyfile(ROOT / "run", tmp_path / "run")
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    ended = {
        word: subprocess.run(["/bin/sh", tmp_path / "run", word], capture_output=True, env={"PATH": str(tmp_path)})  # noqa: S603
        for word in ("bounce", "doctor")
    }
    assert {word: done.returncode for word, done in ended.items()} == {"bounce": TRY_AGAIN, "doctor": 2}
    assert b"Muster needs Python" in ended["bounce"].stderr


def astray() -> bytes:
    """Without a mark of ours: to make one takes a key."""
    return b"To: bounces+aaaaaaaaaaaaaaaaaaaaaaaa@example.org\n\nada@wardens.example.org: 550 5.1.1 no such user\n"
