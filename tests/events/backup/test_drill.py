"""The drill restores a backup for real, says what a restore would lose, and leaves nothing behind.

Rules: SE-16.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from events.audit import audit_seal
from events.audit.action import Action
from events.backup import backing_up, backup_folder, drill
from events.backup.contents import counted_now
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.databases import Shelf
from tests.people import MONDAY, an_event, recorded

REAL = clock.real()
ON_THE_SERVER = "SELECT datname FROM pg_database WHERE datname LIKE 'muster_drill%'"


async def left_over(house: Database) -> list[str]:
    """Of the throwaway place."""
    if house.file is not None:
        return [path.name for path in house.file.parent.iterdir() if "drill" in path.name]
    async with house.opened():
        return [row["datname"] for row in await query(ON_THE_SERVER)]


@pytest.fixture
async def made(house: Database, chosen: Settings) -> Path:
    async with house.opened():
        await recorded(Action.EVENT_OPENED, await an_event(), by=None, at=MONDAY)
        await audit_seal.seal_all()
        return (await backing_up.back_up(house, chosen, REAL)).file


async def test_it_says_how_old_the_backup_is_and_what_would_be_lost(
    house: Database, chosen: Settings, identity: Path, made: Path
) -> None:
    async with house.opened():
        for _ in range(3):
            await recorded(Action.EVENT_CHANGED, None, by=None, at=MONDAY)
        before = await counted_now(REAL)
    later = REAL + timedelta(hours=5)
    drilled = await drill.drill(house, made, identity, MONDAY, later, programs=chosen.backup_programs)
    assert (drilled.file, drilled.age, drilled.lost) == (made, timedelta(hours=5), 3)
    assert (drilled.restored.contents.rows["event"], drilled.restored.faults) == (1, [])
    assert 0 < drilled.seconds < 120
    async with house.opened():
        assert await counted_now(REAL) == before
    assert await left_over(house) == []


async def test_a_backup_that_is_no_good_leaves_nothing_either(
    house: Database, chosen: Settings, strangers: Path, made: Path
) -> None:
    with pytest.raises(Refused, match="does not open this backup"):
        await drill.drill(house, made, strangers, MONDAY, REAL, programs=chosen.backup_programs)
    assert await left_over(house) == []


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_what_a_killed_drill_left_is_cleared_and_a_second_one_waits(
    house: Database, identity: Path, made: Path
) -> None:
    assert house.file is not None
    folder = house.file.with_name(f".{house.file.name}.drill")
    folder.mkdir()
    (folder / "muster.db").write_bytes(b"half")
    with backup_folder.held(folder), pytest.raises(backup_folder.Busy):
        await drill.drill(house, made, identity, MONDAY, REAL)
    assert (folder / "muster.db").exists(), "of the other drill"
    await drill.drill(house, made, identity, MONDAY, REAL)
    assert not folder.exists()


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_a_database_that_a_killed_drill_left_is_dropped(
    house: Database, chosen: Settings, identity: Path, made: Path, shelf: Shelf
) -> None:
    at_work = f"muster_drill_{REAL.timestamp():.0f}_89abcdef"
    for name in ("muster_drill_1555300000_01234567", at_work):
        await shelf.runs(f"CREATE DATABASE {name}")
    assert len(await left_over(house)) == 2
    await drill.drill(house, made, identity, MONDAY, REAL, programs=chosen.backup_programs)
    assert await left_over(house) == [at_work]
    await shelf.runs(f"DROP DATABASE {at_work}")


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_a_user_who_may_make_no_database_is_told_so(
    house: Database, identity: Path, made: Path, shelf: Shelf
) -> None:
    await shelf.runs("CREATE ROLE drills_not LOGIN")
    weak = Database(house.url.replace("postgres:@", "drills_not:@"), house.models)
    with pytest.raises(Refused, match="CREATEDB"):
        await drill.drill(weak, made, identity, MONDAY, REAL)
    await shelf.runs("DROP ROLE drills_not")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)  # on PostgreSQL the drill asks its server for a place
async def test_where_the_live_database_is_not_here_the_loss_cannot_be_told(
    house: Database, identity: Path, made: Path, tmp_path: Path
) -> None:
    away = Database(f"sqlite://{tmp_path / 'laptop' / 'muster.db'}", house.models)
    drilled = await drill.drill(away, made, identity, MONDAY, REAL)
    assert drilled.lost is None
    assert list((tmp_path / "laptop").iterdir()) == []


def test_the_newest_is_taken(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no backup in"):
        drill.newest_of(tmp_path, REAL)
    for hours in (3, 1, 2):
        with backup_folder.new_file(tmp_path, REAL - timedelta(hours=hours)) as (file, _):
            newest = file if hours == 1 else tmp_path
            assert newest.exists() or hours == 1
    assert drill.newest_of(tmp_path, REAL) == backup_folder.all_in(tmp_path)[-1].file
