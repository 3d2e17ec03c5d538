"""Makes a backup while the server works: by a command, and once a day by a turn of the server."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from pyrage import x25519

from events.ground import clock, presence
from events.ground.database import Database
from events.ground.outage import kind_of
from events.ground.refusal import Refused
from events.ground.repeating import repeat
from events.ground.settings import Settings

from . import backup_folder, drill, erased_list, postgres_dump, sealed_file, sqlite_copy
from .backup_folder import Backup
from .contents import Contents
from .sealed_file import Copy
from .sqlite_place import SqlitePlace

DAILY, STALE = timedelta(days=1), timedelta(hours=36)
EVERY_SECONDS = 600.0  # so often the turn looks whether a day is over
NONE_SET_UP = "none are made: set MUSTER_BACKUP_FOLDER and MUSTER_BACKUP_RECIPIENTS (README, Backups)"
DATED_AHEAD = (
    "{} of them are dated in the future, up to {}: put this machine's clock right. If it is, they were made while it "
    "was wrong: delete them yourself"
)
NONE_YET = "there is none yet: ./run backup makes the first, and the running server one a day"
NOT_MADE = "no backup made"  # for the log
NOT_PRUNED = "the list of what was erased cannot be written"  # the same
log = structlog.get_logger()


class Made(NamedTuple):
    file: Path
    size: int  # bytes
    contents: Contents
    deleted: int  # backups that were too old


async def back_up(database: Database, chosen: Settings, real: datetime) -> Made:
    """Makes one now, and the folder if need be. Raises Refused with what is missing. The database is open, unless it is
    SQLite."""
    folder, recipients = told(chosen)
    backup_folder.make(folder)
    with backup_folder.held(folder):
        return await _made(database, chosen.backup_programs, folder, recipients, real)


def told(chosen: Settings) -> tuple[Path, list[x25519.Recipient]]:
    """Where to and for whom. Raises Refused where a setting is missing."""
    if chosen.backup_folder is None:
        raise Refused(backup_folder.NO_FOLDER)
    return chosen.backup_folder, sealed_file.recipients_of(chosen.backup_recipients)


async def _made(
    database: Database, programs: Path | None, folder: Path, recipients: list[x25519.Recipient], real: datetime
) -> Made:
    """Deletes old ones before too: a disk that they have filled would take no new one, and so keep them for ever."""
    backup_folder.clear_unfinished(folder)
    deleted = backup_folder.delete_old(folder, real)
    file = database.file
    taken = sqlite_copy.taken(file, real) if file else postgres_dump.taken(database, programs, real)
    async with taken as (contents, copy):
        made, size = await asyncio.to_thread(_write, folder, contents, copy, recipients)
    return Made(made, size, contents, deleted + _delete_old(folder, real))


def _delete_old(folder: Path, real: datetime) -> int:
    """How many backups. The list of what was erased loses what none of those that are left can bring back."""
    deleted = backup_folder.delete_old(folder, real)
    try:
        erased_list.prune(folder, real)
    except OSError as error:
        log.error(NOT_PRUNED, why=error.strerror or kind_of(error))
    return deleted


def _write(folder: Path, contents: Contents, copy: Copy, recipients: list[x25519.Recipient]) -> tuple[Path, int]:
    with backup_folder.new_file(folder, contents.taken_at) as (file, out):
        sealed_file.write(out, contents, copy, recipients)
        return file, out.tell()


async def look_for_programs(database: Database, chosen: Settings) -> None:
    """Of PostgreSQL, for the open database. Raises Refused when one is missing, or pg_dump says no to this server."""
    program = await postgres_dump.found("pg_dump", chosen.backup_programs)
    await postgres_dump.found("pg_restore", chosen.backup_programs)
    await asyncio.to_thread(postgres_dump.try_dump, database, program)


async def run(database: Database, chosen: Settings, stop: asyncio.Event) -> None:
    """Where a folder is set, makes a backup a day until the server stops."""
    if chosen.backup_folder is not None:
        await repeat(lambda: _look(database, chosen), EVERY_SECONDS, stop, NOT_MADE)


async def _look(database: Database, chosen: Settings) -> None:
    """Says in the log what is missing for a backup. Anything else that fails is raised."""
    try:
        made = await turn(database, chosen, clock.real())
    except backup_folder.Busy:
        log.debug("another process makes the backup")
    except Refused as refused:
        log.error(NOT_MADE, why=refused.sentence)
    except OSError as error:
        log.error(NOT_MADE, why=error.strerror or kind_of(error))
    else:
        if made is not None:
            await _clear_left(database, clock.real())


async def _clear_left(database: Database, real: datetime) -> None:
    """Once a day, of drills and restores that were killed. The lock that the server holds is that of restores too."""
    try:
        await drill.clear_left(database, real)
        if database.file is not None and presence.mine():
            await asyncio.to_thread(SqlitePlace(database, database.file).clear)
    except Exception as error:
        log.warning("what a drill or a restore has left is still there", error=kind_of(error))


async def turn(database: Database, chosen: Settings, real: datetime) -> Made | None:
    """Makes one if the newest is a day old, and deletes those that are too old."""
    folder, recipients = told(chosen)
    with backup_folder.held(folder):
        newest = backup_folder.newest(folder, real)
        if newest is not None and real - newest.taken_at < DAILY:
            _delete_old(folder, real)
            return None
        made = await _made(database, chosen.backup_programs, folder, recipients, real)
    log.info("backup made", bytes=made.size, rows=made.contents.total, deleted=made.deleted)
    return made


def standing(chosen: Settings, real: datetime) -> tuple[bool, str]:
    """Whether all is well with the backups, and in words how old the newest is or what is missing."""
    if chosen.backup_folder is None:
        return False, NONE_SET_UP
    try:
        sealed_file.recipients_of(chosen.backup_recipients)
        fault = backup_folder.fault(chosen.backup_folder)
        backups = backup_folder.all_in(chosen.backup_folder)
    except Refused as refused:
        return False, refused.sentence
    except OSError as error:
        return False, f"MUSTER_BACKUP_FOLDER cannot be read ({type(error).__name__})"
    if fault or not backups:
        return False, fault or NONE_YET
    return _age_of(backups, real)


def _age_of(backups: list[Backup], real: datetime) -> tuple[bool, str]:
    ahead = [backup for backup in backups if backup_folder.is_ahead(backup, real)]
    if ahead:
        return False, DATED_AHEAD.format(len(ahead), ahead[-1].file.name)
    age = real - backups[-1].taken_at
    if age >= STALE:
        return False, f"the newest is {age_words(age)} old: look for '{NOT_MADE}' in the log, or run ./run backup"
    return True, f"the newest is {age_words(age)} old ({len(backups)} kept)"


def age_words(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    for number, unit in ((minutes // 1440, "day"), (minutes // 60, "hour")):
        if number > 1 or (unit == "hour" and number):
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
