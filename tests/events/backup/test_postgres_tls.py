"""Backup, restore and drill of a PostgreSQL on another machine: by TLS alone, and with nobody whom we cannot verify.

The network is this machine, taken for another one. Rules: SE-16.
"""

import io
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from click.testing import CliRunner

from events.audit import audit_seal
from events.audit.action import Action
from events.backup import backing_up, backup_folder, drill, postgres_programs, restoring, sealed_file
from events.backup.contents import Contents
from events.event import Event
from events.ground import clock, live, network, settings
from events.ground.database import Database, query
from events.ground.network import UNTRUSTED
from events.ground.settings import Settings
from server import main
from tests.conftest import SETTINGS
from tests.events.backup.conftest import SAFE
from tests.people import MONDAY, an_event, recorded
from tests.smtp_sink import self_signed
from tests.tls_postgres import TlsServer, programs_with_tls, tls_server

PROGRAMS = programs_with_tls()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="no PostgreSQL with TLS is installed here")


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    assert PROGRAMS is not None
    with tls_server(PROGRAMS) as started:
        yield started


@pytest.fixture(autouse=True)
def taken_for_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (network, postgres_programs):
        monkeypatch.setattr(room, "is_this_machine", lambda host: False)


@pytest.fixture
async def house(server: TlsServer) -> AsyncIterator[Database]:
    """Of an event, with an entry in its audit log."""
    name = f"h{token_hex(6)}"
    await server.runs(f"CREATE DATABASE {name}")
    database = server.database(name)
    await database.migrate()
    async with database.opened():
        await recorded(Action.EVENT_OPENED, await an_event(slug="launch"), by=None, at=MONDAY)
        await audit_seal.seal_all()
    yield database
    await server.runs(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def chosen(house: Database, server: TlsServer, tmp_path: Path) -> Settings:
    ours = {"backup_folder": tmp_path / "backups", "backup_recipients": str(SAFE.to_public())}
    ours |= {"backup_programs": server.programs, "database_url": house.url, "database_ca": server.ca}
    return SETTINGS.model_copy(update=ours)


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    (tmp_path / "identity.txt").write_text(f"{SAFE}\n")
    return tmp_path / "identity.txt"


async def test_a_backup_is_made_drilled_and_restored_by_tls(
    house: Database, chosen: Settings, identity: Path, server: TlsServer
) -> None:
    """The server takes no connection without: its own rule says so, and what it says of ours."""
    async with house.opened():
        [how] = await query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        made = await backing_up.back_up(house, chosen, clock.real())
    assert (how["ssl"], how["version"][:5]) == (True, "TLSv1")
    drilled = await drill.drill(house, made.file, identity, MONDAY, clock.real(), programs=server.programs)
    assert (drilled.restored.contents, drilled.restored.faults, drilled.lost) == (made.contents, [], 0)
    await server.runs("CREATE DATABASE empty_place TEMPLATE template0")
    place = server.database("empty_place")
    await restoring.restore(place, made.file, identity, MONDAY, clock.real(), programs=server.programs)
    async with place.opened():
        assert (await Event.get()).slug == "launch"
    await server.runs("DROP DATABASE empty_place WITH (FORCE)")


def said_by(server: TlsServer, database: Database) -> tuple[bool, str]:
    """Whether pg_dump reaches it, as we start it, and its words."""
    pg_dump = server.programs / "pg_dump"
    with postgres_programs.started(database, pg_dump, "--schema-only", stdout=subprocess.DEVNULL) as dump:
        _, said = dump.communicate()
    return dump.returncode == 0, said.decode()


def test_pg_dump_speaks_to_nobody_whose_certificate_it_cannot_verify(server: TlsServer, tmp_path: Path) -> None:
    _, other = self_signed(tmp_path)
    assert said_by(server, server.database("postgres")) == (True, "")
    reached, said = said_by(server, server.database("postgres", ca=other))
    assert (reached, "certificate verify failed" in said) == (False, True), said
    reached, said = said_by(server, server.database("postgres", host="localhost"))
    assert (reached, "does not match host name" in said) == (False, True), said


@pytest.mark.parametrize("words", [["backup"], ["backup", "drill", "FILE"], ["restore", "FILE", "--with-faults"]])
def test_a_server_that_cannot_be_verified_is_named_at_the_terminal(
    server: TlsServer, tmp_path: Path, identity: Path, words: list[str]
) -> None:
    _, other = self_signed(tmp_path)
    url = server.database("postgres").url
    ours = {"backup_folder": tmp_path / "backups", "backup_recipients": str(SAFE.to_public()), "database_url": url}
    settings.choose(SETTINGS.model_copy(update=ours | {"database_ca": other, "backup_programs": server.programs}))
    live.start_anew()
    if len(words) > 1:
        file = a_backup_of_postgres(tmp_path)
        words = [*(str(file) if word == "FILE" else word for word in words), "--identity", str(identity)]
    said = CliRunner().invoke(main, words)
    assert (said.exit_code, said.output) == (1, f"Error: The database cannot be trusted: {UNTRUSTED}.\n")


def a_backup_of_postgres(folder: Path) -> Path:
    """Whole, of our key, with nothing in it: it is not opened further than that."""
    contents = Contents("PostgreSQL", clock.real(), [], {}, "0")
    with backup_folder.new_file(folder, contents.taken_at) as (file, out):
        sealed_file.write(out, contents, io.BytesIO(), [SAFE.to_public()])
    return file
