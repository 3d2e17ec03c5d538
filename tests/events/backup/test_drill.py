"""The drill restores a backup for real, says what a restore would lose, and leaves nothing behind.

Rules: SE-16.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from events.audit import audit_seal
from events.audit.action import Action
from events.backup import backing_up, backup_folder, drill
from events.backup.contents import counted_now
from events.ground import clock, presence
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
        before = await counted_now(house, REAL)
    later = REAL + timedelta(hours=5)
    drilled = await drill.drill(house, made, identity, MONDAY, later, programs=chosen.backup_programs)
    assert (drilled.file, drilled.age, drilled.lost) == (made, timedelta(hours=5), 3)
    assert (drilled.restored.contents.rows["event"], drilled.restored.faults) == (1, [])
    assert 0 < drilled.seconds < 120
    async with house.opened():
        assert await counted_now(house, REAL) == before
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
async def test_what_others_drill_on_the_same_server_is_left_to_them(
    house: Database, chosen: Settings, identity: Path, made: Path, shelf: Shelf
) -> None:
    await shelf.runs("CREATE ROLE other_hosts LOGIN")
    await shelf.runs("CREATE DATABASE muster_drill_1555300000_01234567 OWNER other_hosts")
    await drill.drill(house, made, identity, MONDAY, REAL, programs=chosen.backup_programs)
    assert await left_over(house) == ["muster_drill_1555300000_01234567"]
    await shelf.runs("DROP DATABASE muster_drill_1555300000_01234567")
    await shelf.runs("DROP ROLE other_hosts")


@pytest.fixture
def killed(house: Database) -> list[Path]:
    """The files that a drill and a restore have left that were killed."""
    if house.file is None:
        return []
    folder, restoring = house.file.with_name(f".{house.file.name}.drill"), f".{house.file.name}.restoring"
    folder.mkdir()
    left = [folder / "muster.db", house.file.with_name(restoring), house.file.with_name(f"{restoring}-wal")]
    for path in left:
        path.write_bytes(b"of people who were deleted since")
    return left


async def test_the_server_clears_with_the_daily_backup_what_was_killed(
    house: Database, chosen: Settings, killed: list[Path], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lock that a restore needs: so none is under way."""
    assert chosen.backup_folder is not None
    backup_folder.make(chosen.backup_folder)
    if not killed:
        await shelf.runs(f"CREATE DATABASE muster_drill_{REAL.timestamp() - 90_000:.0f}_01234567")
    monkeypatch.setattr(presence, "mine", lambda: 7)
    async with house.opened():
        await backing_up._look(house, chosen)
    assert ([path for path in killed if path.exists()], await left_over(house)) == ([], [])
    assert len(backup_folder.all_in(chosen.backup_folder)) == 1


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_what_is_under_way_is_not_cleared(house: Database, chosen: Settings, killed: list[Path]) -> None:
    assert chosen.backup_folder is not None
    backup_folder.make(chosen.backup_folder)
    with backup_folder.held(killed[0].parent), capture_logs() as logged:
        async with house.opened():
            await backing_up._look(house, chosen)
    assert [path for path in killed if not path.exists()] == [], "another process drills, and this one is no server"
    assert [line["log_level"] for line in logged] == ["info"]


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
