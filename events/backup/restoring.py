"""Restores a backup into an empty place, once its file, its database and its audit log have been looked at."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from events import readiness
from events.accounts.roles import role_check
from events.accounts.staff import Session
from events.audit import audit, audit_seal
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import data_keys
from events.ground.database import Database, migration_names, query, run_tx
from events.ground.refusal import Refused

from . import erased_list, sealed_file
from .contents import POSTGRES, Contents, counted_now, kind_in
from .erased_list import Entry, Listed
from .postgres_dump import PostgresPlace
from .sqlite_place import SqlitePlace

NUMBERED = """SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = c.relname || '_numbered' AND c.relnamespace = current_schema()::regnamespace"""
Deletion = Callable[[datetime, datetime], Awaitable[int]]  # at, real; how many rows went
DELETIONS: list[Deletion] = []  # each deletes whatever is over by then; the server's composition names them
Eraser = Callable[[Sequence[Entry], datetime], Awaitable[int]]  # what the list says, at; how many it erased again
ERASERS: list[Eraser] = []  # named there too
Loss = Callable[[Sequence[Entry]], Awaitable[list[str]]]  # what the list says; lines that say what will be deleted
LOSSES: list[Loss] = []  # of what cannot be opened, and so is deleted; named there too
MayLose = Callable[[list[str]], bool]  # whether whoever restores agrees, having read these lines
NOT_AGREED = "Nothing was restored, and nothing was deleted."
OTHER_KIND = "This backup is of {0}: set MUSTER_DATABASE_URL to an empty place of {0}."
NEWER = "A newer Muster made this backup (it knows {}): install that one, or a newer one."
NOT_ALL = "What was restored is not what was backed up: {}."
FAULTS = (
    "{}\nThe audit log in this backup is not whole. Nothing was restored. Take an older backup, or add --with-faults."
)
NO_LIST = (
    "There is no list of what was erased at {}. Without it whoever was erased since this backup comes back with it."
)
NO_DATA_KEY = (
    "The data key that the people of {0} are sealed by is not in {1}. Something was erased or withdrawn in the last "
    "days, and without that key not all of it can be found in this backup. Nothing was restored. Put the key there, "
    "and restore again. If it was destroyed or is lost for good, add --with-faults."
)
ERASED_FAULTS = "{}\nNothing was restored. Name the right list with --erased, or add --with-faults."


@dataclass(frozen=True)
class Restored:
    contents: Contents  # as they were backed up
    faults: list[str]  # of the audit log
    missing: list[str]  # keys without which the server does not start
    deleted: int  # entries about what was deleted or ended, since it was due
    erased: int = 0  # requests that were erased again, since they had been erased after the backup
    list_faults: list[str] = field(default_factory=list)  # of the list that says so


async def restore(
    database: Database,
    file: Path,
    identity: Path,
    at: datetime,
    real: datetime,
    *,
    programs: Path | None = None,
    erased: Path | None = None,
    with_faults: bool = False,
    may_lose: MayLose = bool,
) -> Restored:
    """Into the place of this database, which is not open. Raises Refused, and then leaves the place as it was.

    `erased`: the list of what was erased since, if it does not lie beside the file. `may_lose` is asked only with
    faults, where something is to be deleted that nobody can open here.
    """
    looked = await asyncio.to_thread(sealed_file.check, file, identity)
    contents = looked.contents
    _refuse_what_does_not_fit(contents, database)
    listed = await asyncio.to_thread(_listed, erased or file.with_name(erased_list.NAME))
    if listed.faults and not with_faults:
        raise Refused(ERASED_FAULTS.format("\n".join(listed.faults)))
    place = SqlitePlace(database, database.file) if database.file else PostgresPlace(database, programs)
    async with place.filled(partial(sealed_file.read, file, identity, known=looked)) as filled:
        return await _looked_over(filled, contents, listed, at, real, may_lose if with_faults else None)


def _listed(file: Path) -> Listed:
    return erased_list.read(file) if file.is_file() else Listed([], [NO_LIST.format(file)])


def _refuse_what_does_not_fit(contents: Contents, database: Database) -> None:
    if contents.kind != kind_in(database):
        raise Refused(OTHER_KIND.format(contents.kind))
    if newer := sorted(set(contents.schema) - {f"{app} {name}" for app, name in migration_names(database.models)}):
        raise Refused(NEWER.format(", ".join(newer)))


async def _looked_over(
    database: Database, contents: Contents, listed: Listed, at: datetime, real: datetime, may_lose: MayLose | None
) -> Restored:
    """`may_lose` is None without `--with-faults`."""
    async with database.opened():
        _compare(contents, await counted_now(database, real))
    await database.migrate()
    async with database.opened():
        faults = await role_check.all_faults()
        if faults and may_lose is None:
            raise Refused(FAULTS.format("\n".join(faults)))
        if listed.entries and may_lose is None:
            await _refuse_without_data_keys()
        lost = [line for loss in LOSSES for line in await loss(listed.entries)]
        if lost and may_lose and not may_lose(lost):
            raise Refused(NOT_AGREED)
        if contents.kind == POSTGRES:
            await _number_anew()
        erased = sum([await erase(listed.entries, at) for erase in ERASERS])
        deleted = await _delete_what_is_over(at, real)
        await _note(contents, at)
        if not faults:
            await audit_seal.seal_all()
        return Restored(contents, faults, await readiness.unknown_keys(), deleted, erased, listed.faults)


async def _refuse_without_data_keys() -> None:
    """What does not open is not known to be of whoever was erased, and would be back with the key."""
    kept = data_keys.kept()
    for event in await Event.exclude(data_key="").order_by("id"):
        if not kept.has(event.data_key):
            raise Refused(NO_DATA_KEY.format(event.slug, kept.file(event.slug)))


def _compare(contents: Contents, now: Contents) -> None:
    wrong = [table for table in contents.rows | now.rows if contents.rows.get(table) != now.rows.get(table)]
    if wrong or (contents.head, contents.schema) != (now.head, now.schema):
        raise Refused(NOT_ALL.format(", ".join(sorted(wrong)) or "its audit log has another head"))


@run_tx
async def _number_anew() -> None:
    """On PostgreSQL a row's version is the number of a transaction (events/migrations/_building.py), and another server
    may be far behind with its own: until it has caught up each row would pass for a new one, at every look."""
    for row in await query(NUMBERED):
        await query(f"UPDATE {row['name']} SET version = version")  # noqa: S608


async def _delete_what_is_over(at: datetime, real: datetime) -> int:
    """Until nothing more goes. How many entries were left that say so."""
    before = await _newest_entry()
    while sum([await delete(at, real) for delete in DELETIONS]):
        pass
    return await AuditEntry.filter(id__gt=before).count()


async def _newest_entry() -> int:
    """Its number: entries are deleted too, but their numbers only grow."""
    newest = await AuditEntry.all().order_by("-id").first()
    return newest.id if newest else 0


@run_tx
async def _note(contents: Contents, at: datetime) -> None:
    """Ends all sessions too: some of them may have been ended since."""
    await Session.all().delete()
    taken_at = contents.taken_at.isoformat(timespec="seconds")
    await audit.record(Action.RESTORED, by=None, at=at, taken_at=taken_at, head=contents.head)
