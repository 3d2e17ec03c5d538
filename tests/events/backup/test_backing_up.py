"""A backup is made while the server works: one moment of the database, for whoever has the secret key, every day.

Rules: SE-16, DP-07.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.audit.audit_seal import head, seal_all
from events.backup import backing_up, backup_folder, restoring, sealed_file
from events.backup.contents import Contents
from events.event import Event
from events.ground import clock, keys
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.conftest import SETTINGS
from tests.events.backup.conftest import SAFE
from tests.people import MONDAY, an_event

SLUG = "a-launch-that-nobody-else-has"
ACTS = int(os.environ.get("MUSTER_TEST_ACTS", "500"))
NOW = clock.real().replace(microsecond=0)


def a_backup(folder: Path, at: datetime) -> None:
    folder.mkdir(exist_ok=True)
    with backup_folder.new_file(folder, at):
        pass


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


async def test_no_key_is_in_it(house: Database, chosen: Settings, identity: Path) -> None:
    async with house.opened():
        made = await backing_up.back_up(house, chosen, NOW)
    key = SETTINGS.key.get_secret_value()
    held = await plain(made.file, identity)
    assert len(held) > 10_000
    assert [secret for secret in (key.encode(), keys.ring().keys[0]) if secret in held] == []


async def test_the_folder_holds_nothing_but_the_sealed_file(house: Database, chosen: Settings) -> None:
    assert chosen.backup_folder is not None
    async with house.opened():
        made = await backing_up.back_up(house, chosen, NOW)
    assert list(chosen.backup_folder.iterdir()) == [made.file]
    modes = [path.stat().st_mode & 0o777 for path in (chosen.backup_folder, made.file)]
    assert modes == [0o700, 0o600]


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


async def test_the_turn_makes_one_a_day_and_deletes_those_of_a_month_ago(house: Database, chosen: Settings) -> None:
    folder, day = chosen.backup_folder, timedelta(days=1)
    assert folder is not None
    for days in range(1, 35):
        a_backup(folder, NOW - days * day)
    async with house.opened():
        looks = [NOW, NOW + day / 2, NOW + day - timedelta(seconds=1), NOW + day]
        made = [await backing_up.turn(house, chosen, at) for at in looks]
        assert [backup.deleted if backup else None for backup in made] == [5, None, None, 1]
        assert await backing_up.turn(house, chosen, NOW + day * 1.5) is None
    assert [backup.taken_at for backup in backup_folder.all_in(folder)] == [NOW + day * days for days in range(-28, 2)]


async def test_a_look_without_a_new_one_deletes_too(house: Database, chosen: Settings) -> None:
    folder = chosen.backup_folder
    assert folder is not None
    for hours in (1, 30 * 24 - 1, 30 * 24):
        a_backup(folder, NOW - timedelta(hours=hours))
    assert await backing_up.turn(house, chosen, NOW) is None
    assert len(backup_folder.all_in(folder)) == 2


async def test_while_the_server_runs_the_turn_works_by_itself(
    house: Database, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, made = asyncio.Event(), asyncio.Event()
    take_turn = backing_up.turn

    async def noted(database: Database, told: Settings, real: datetime) -> None:
        if await take_turn(database, told, real):
            made.set()

    monkeypatch.setattr(backing_up, "turn", noted)
    async with house.opened():
        running = asyncio.create_task(backing_up.run(house, chosen, stop))
        await asyncio.wait_for(made.wait(), 60)
        assert not running.done()
        stop.set()
        await asyncio.wait_for(running, 5)
        await asyncio.wait_for(backing_up.run(house, SETTINGS, asyncio.Event()), 5)
    assert chosen.backup_folder is not None
    assert len(backup_folder.all_in(chosen.backup_folder)) == 1


async def test_a_turn_that_cannot_says_why_in_the_log(
    house: Database, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, looks = asyncio.Event(), 0

    async def last_look(*_: object) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            stop.set()
        raise OSError(28, "No space left on device") if looks == 2 else Refused("set it")

    monkeypatch.setattr(backing_up, "turn", last_look)
    monkeypatch.setattr(backing_up, "EVERY_SECONDS", 0)
    with capture_logs() as logged:
        await asyncio.wait_for(backing_up.run(house, chosen, stop), 5)
    assert logged == [
        {"event": "no backup made", "why": "set it", "log_level": "error"},
        {"event": "no backup made", "error": "OSError", "log_level": "error"},
    ]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_nobody_who_writes_waits_for_a_copy_that_is_read(house: Database, chosen: Settings) -> None:
    """Not while the copy is taken either: it reads, and in a journal who reads stops nobody who writes."""
    async with house.opened():
        await an_event()
        reader = sqlite3.connect(f"file:{house.file}?mode=ro", uri=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM event").fetchall()
        async with asyncio.timeout(2):
            await an_event()
        reader.close()
        made = await backing_up.back_up(house, chosen, NOW)
    assert made.contents.rows["event"] == 2


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=30), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=90), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(hours=50), "2 days"),
    ],
)
def test_an_age_is_told_as_people_do(age: timedelta, words: str) -> None:
    assert backing_up.age_words(age) == words


def test_how_backups_stand_is_told_by_the_newest(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    chosen = SETTINGS.model_copy(update={"backup_folder": folder, "backup_recipients": str(SAFE.to_public())})
    assert backing_up.standing(SETTINGS, NOW) == (False, backing_up.NONE_SET_UP)
    assert backing_up.standing(chosen, NOW) == (False, backing_up.NONE_YET)
    a_backup(folder, NOW - timedelta(hours=36))
    stale, words = backing_up.standing(chosen, NOW)
    assert (stale, words.partition(":")[0]) == (False, "the newest is 36 hours old")
    a_backup(folder, NOW - timedelta(hours=35))
    assert backing_up.standing(chosen, NOW) == (True, "the newest is 35 hours old (2 kept)")
    unsealed = chosen.model_copy(update={"backup_recipients": ""})
    assert backing_up.standing(unsealed, NOW) == (False, sealed_file.NO_RECIPIENT)


def test_contents_come_back_from_their_line() -> None:
    contents = Contents("SQLite", NOW, ["events 0001_initial"], {"event": 1}, "0")
    assert Contents.read(contents.line().encode()) == contents
