"""A backup is made while the server works: one moment of the database, for whoever has the secret key.

Rules: SE-16.
"""

import asyncio
import base64
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.audit.audit_seal import head, seal_all
from events.backup import backing_up, erased_list, restoring, sealed_file
from events.backup.contents import Contents
from events.event import Event
from events.ground import clock, keys
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.conftest import SETTINGS
from tests.hostile.searching import Search
from tests.keys import KEY
from tests.people import MONDAY, an_event
from tests.waiting import WITHIN

SLUG = "a-launch-that-nobody-else-has"
ACTS = int(os.environ.get("MUSTER_TEST_ACTS", "500"))
NOW = clock.real().replace(microsecond=0)


@run_tx
async def take_one_place(event: Event, number: int) -> None:
    """An act as they are: the row that is moved, and the entry that says so."""
    await query("UPDATE event SET taken = taken + 1 WHERE id = ?", [event.id])
    await audit.record(Action.APPROVED, event, by=None, at=MONDAY, number=number)


@asynccontextmanager
async def acting(event: Event, answered: dict[int, datetime]) -> AsyncIterator[None]:
    """Acts by eight hands, each noted by the time at which it was answered: ACTS of them before, and more until the
    end of the block and after it."""
    numbers, enough, over = count(), asyncio.Event(), asyncio.Event()

    async def acts() -> None:
        for number in numbers:
            await take_one_place(event, number)
            answered[number] = clock.real()
            if len(answered) >= ACTS:
                enough.set()
            if over.is_set():
                return

    hands = [asyncio.create_task(acts()) for _ in range(8)]
    await enough.wait()
    yield
    over.set()
    await asyncio.gather(*hands)


async def test_every_act_answered_before_its_moment_is_in_it_and_no_half_one(
    house: Database, empty: Database, chosen: Settings, identity: Path
) -> None:
    answered: dict[int, datetime] = {}
    async with house.opened():
        async with acting(await an_event(), answered):
            made = await backing_up.back_up(house, chosen, clock.real())
        await seal_all()
    await restoring.restore(empty, made.file, identity, MONDAY, clock.real(), programs=chosen.backup_programs)
    async with empty.opened():
        inside = {entry.details["number"] for entry in await AuditEntry.filter(action=Action.APPROVED)}
        assert (await Event.get()).taken == len(inside), "each act is in it as a whole"
    before = {number for number, at in answered.items() if at <= made.contents.taken_at}
    assert before - inside == set()
    assert ACTS <= len(before) <= len(inside) < len(answered), "the control: acts came before it and after it"


async def test_it_says_what_is_in_it_and_keeps_that_to_itself(
    house: Database, chosen: Settings, identity: Path
) -> None:
    async with house.opened():
        await take_one_place(await an_event(slug=SLUG), 1)
        await seal_all()
        newest = str(await head())
        made = await backing_up.back_up(house, chosen, NOW)
    contents = sealed_file.check(made.file, identity).contents
    assert contents == made.contents
    assert (contents.kind, contents.head) == ("SQLite" if house.file else "PostgreSQL", newest)
    assert contents.schema == ["events 0001_initial", "registrations 0001_initial"]
    assert (contents.taken_at, contents.rows["event"], contents.rows["audit_entry"]) == (NOW, 1, 1)
    assert SLUG.encode() not in made.file.read_bytes()
    assert SLUG.encode() in await plain(made.file, identity) or not house.file, "the control"


async def plain(file: Path, identity: Path) -> bytes:
    taken = bytearray()

    class Held:
        def write(self, piece: bytes) -> None:
            taken.extend(piece)

    sealed_file.read(file, identity, Held())
    return bytes(taken)


async def test_neither_an_instance_key_nor_a_data_key_is_in_it(
    house: Database, chosen: Settings, identity: Path
) -> None:
    """In whatever spelling; PostgreSQL's copy is compressed, so it is unpacked first."""
    async with house.opened():
        await an_event(slug=SLUG)
        made = await backing_up.back_up(house, chosen, NOW)
    held = await plain(made.file, identity)
    if chosen.backup_programs is not None:
        unpack = [str(chosen.backup_programs / "pg_restore"), "--file=-"]
        held = subprocess.run(unpack, input=held, capture_output=True, check=True).stdout  # noqa: S603, ASYNC221
    search = Search((), {*keys.ring().keys, base64.urlsafe_b64decode(KEY)})
    assert (len(held) > 10_000, SLUG.encode() in held) == (True, True), "the control: it is all of it"
    assert search.found(held) == set()
    assert len(search.found(held + SETTINGS.key.get_secret_value().encode() + KEY.encode())) == 2, "the control"


async def test_the_folder_holds_nothing_but_the_sealed_file_and_the_list_of_what_was_erased(
    house: Database, chosen: Settings
) -> None:
    assert chosen.backup_folder is not None
    async with house.opened():
        made = await backing_up.back_up(house, chosen, NOW)
    listed = chosen.backup_folder / erased_list.NAME
    assert set(chosen.backup_folder.iterdir()) == {made.file, listed}
    modes = [path.stat().st_mode & 0o777 for path in (chosen.backup_folder, made.file, listed)]
    assert (modes, listed.read_text()) == ([0o700, 0o600, 0o600], "")


@pytest.mark.parametrize(("missing", "named"), [("backup_folder", "FOLDER"), ("backup_recipients", "RECIPIENTS")])
async def test_without_a_folder_or_a_recipient_nothing_is_written(
    house: Database, chosen: Settings, missing: str, named: str
) -> None:
    empty = {"backup_folder": None, "backup_recipients": ""}[missing]
    async with house.opened():
        with pytest.raises(Refused, match=f"set MUSTER_BACKUP_{named}"):
            await backing_up.back_up(house, chosen.model_copy(update={missing: empty}), NOW)
    assert chosen.backup_folder is not None
    assert not chosen.backup_folder.exists()


async def test_an_empty_database_is_not_backed_up(empty: Database, chosen: Settings) -> None:
    if empty.file is not None:
        with pytest.raises(Refused, match="nothing to back up yet"):
            await backing_up.back_up(empty, chosen, NOW)
        assert not empty.file.exists()
        return
    async with empty.opened():
        with pytest.raises(Refused, match="nothing to back up yet"):
            await backing_up.back_up(empty, chosen, NOW)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_nobody_who_writes_waits_for_a_copy_that_is_read(house: Database, chosen: Settings) -> None:
    """Not while the copy is taken either: it reads, and in a journal who reads stops nobody who writes."""
    async with house.opened():
        await an_event()
        reader = sqlite3.connect(f"file:{house.file}?mode=ro", uri=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchall()
        async with asyncio.timeout(WITHIN):
            await an_event()
        reader.close()
        made = await backing_up.back_up(house, chosen, NOW)
    assert made.contents.rows["event"] == 2


def test_contents_come_back_from_their_line() -> None:
    contents = Contents("SQLite", NOW, ["events 0001_initial"], {"event": 1}, "0")
    assert Contents.read(contents.line().encode()) == contents


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_a_table_of_an_odd_name_stops_no_backup(house: Database, chosen: Settings) -> None:
    """Whoever can write to the database can make one; no more than its name is taken from it."""
    odd = ["it's", 'a "quoted" one', "x'; --", "a'||(SELECT 1)||'b"]
    async with house.opened():
        for name in odd:
            quoted = name.replace('"', '""')
            await query(f'CREATE TABLE "{quoted}" (id INTEGER)')
        made = await backing_up.back_up(house, chosen, NOW)
    assert {name: made.contents.rows.get(name) for name in odd} == dict.fromkeys(odd, 0)
