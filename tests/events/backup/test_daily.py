"""The running server makes a backup a day, by one process, and says how they stand.

Rules: DP-07.
"""

import asyncio
import errno
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from events.backup import backing_up, backup_folder, erased_list, sealed_file
from events.backup.backing_up import Made
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.conftest import SETTINGS
from tests.events.backup.conftest import SAFE
from tests.waiting import WITHIN

NOW = clock.real().replace(microsecond=0)


def a_backup(folder: Path, at: datetime) -> None:
    backup_folder.make(folder)
    with backup_folder.new_file(folder, at):
        pass


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


async def test_of_two_servers_one_makes_the_daily_one(house: Database, chosen: Settings) -> None:
    folder = chosen.backup_folder
    assert folder is not None
    backup_folder.make(folder)
    async with house.opened():
        said = await asyncio.gather(*(backing_up.turn(house, chosen, NOW) for _ in range(4)), return_exceptions=True)
        assert await backing_up.turn(house, chosen, NOW + timedelta(minutes=1)) is None
    assert [type(answer) for answer in said if not isinstance(answer, backup_folder.Busy)] == [Made]
    assert len(backup_folder.all_in(folder)) == 1


async def test_one_made_while_the_clock_was_wrong_keeps_no_other_from_being_made(
    house: Database, chosen: Settings
) -> None:
    assert chosen.backup_folder is not None
    a_backup(chosen.backup_folder, NOW + timedelta(days=4000))
    async with house.opened():
        assert await backing_up.turn(house, chosen, NOW) is not None
    fine, words = backing_up.standing(chosen, NOW)
    assert (fine, words.partition(",")[0]) == (False, "1 of them are dated in the future")


async def test_old_ones_that_fill_the_disk_go_before_a_new_one_is_written(
    house: Database, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = chosen.backup_folder
    assert folder is not None
    for days in (2, 3, 31):
        a_backup(folder, NOW - timedelta(days=days))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sealed_file, "write", full)
    async with house.opened():
        with capture_logs() as logged:
            await backing_up._look(house, chosen)
    assert [(line["event"], line["why"]) for line in logged] == [("no backup made", "No space left on device")]
    assert [NOW - backup.taken_at for backup in backup_folder.all_in(folder)] == [timedelta(days=3), timedelta(days=2)]
    assert len(list(folder.iterdir())) == 2, "and nothing half is left"


async def test_a_list_that_cannot_be_written_stops_no_backup(house: Database, chosen: Settings) -> None:
    folder = chosen.backup_folder
    assert folder is not None
    (folder / erased_list.NAME).mkdir(parents=True)
    async with house.opened():
        with capture_logs() as logged:
            await backing_up._look(house, chosen)
    assert len(backup_folder.all_in(folder)) == 1
    assert [line["why"] for line in logged if line["event"] == backing_up.NOT_PRUNED] == ["Is a directory"]


async def test_a_folder_whose_disk_is_away_is_made_by_no_server(house: Database, chosen: Settings) -> None:
    folder = chosen.backup_folder
    assert folder is not None
    async with house.opened():
        with capture_logs() as logged:
            await backing_up._look(house, chosen)
    assert ([line["why"] for line in logged], folder.exists()) == ([backup_folder.NOT_THERE.format(folder)], False)


async def test_while_the_server_runs_the_turn_works_by_itself(
    house: Database, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, made = asyncio.Event(), asyncio.Event()
    take_turn = backing_up.turn

    async def noted(database: Database, told: Settings, real: datetime) -> None:
        if await take_turn(database, told, real):
            made.set()

    monkeypatch.setattr(backing_up, "turn", noted)
    assert chosen.backup_folder is not None
    backup_folder.make(chosen.backup_folder)
    async with house.opened():
        running = asyncio.create_task(backing_up.run(house, chosen, stop))
        await asyncio.wait_for(made.wait(), 60)
        assert not running.done()
        stop.set()
        await asyncio.wait_for(running, WITHIN)
        await asyncio.wait_for(backing_up.run(house, SETTINGS, asyncio.Event()), WITHIN)
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
        await asyncio.wait_for(backing_up.run(house, chosen, stop), WITHIN)
    assert logged == [
        {"event": "no backup made", "why": "set it", "log_level": "error"},
        {"event": "no backup made", "why": "No space left on device", "log_level": "error"},
    ]


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
    assert backing_up.standing(chosen, NOW) == (False, backup_folder.NOT_THERE.format(folder))
    backup_folder.make(folder)
    assert backing_up.standing(chosen, NOW) == (False, backing_up.NONE_YET)
    a_backup(folder, NOW - timedelta(hours=36))
    stale, words = backing_up.standing(chosen, NOW)
    assert (stale, words.partition(":")[0]) == (False, "the newest is 36 hours old")
    a_backup(folder, NOW - timedelta(hours=35))
    assert backing_up.standing(chosen, NOW) == (True, "the newest is 35 hours old (2 kept)")
    folder.chmod(0o777)
    assert backing_up.standing(chosen, NOW) == (False, backup_folder.OTHERS.format(folder))
    unsealed = chosen.model_copy(update={"backup_recipients": ""})
    assert backing_up.standing(unsealed, NOW) == (False, sealed_file.NO_RECIPIENT)
