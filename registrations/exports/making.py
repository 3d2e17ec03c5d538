"""The turn that makes the files that were asked for, part by part, and takes away those that nobody fetched in time.

Whoever makes one holds a lease, so that another goes on where a server was killed. Rules: SE-13.
"""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from anyio import to_thread

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, data_keys
from events.ground.database import query, run_tx
from events.ground.outage import kind_of
from events.ground.repeating import repeat_woken
from events.web.rendering import when
from registrations.people.directory import unseen

from . import email_rows, files, rows
from .columns import REPORTS
from .export import FILE_LASTS, FILE_SEALED_AS, Export, ExportKind, ExportPart
from .exporting import TOPIC
from .needs_rows import summed

LEASE = timedelta(minutes=2)
REST = timedelta(seconds=20)  # after a fault, before the next try
MOST_TRIES = 3
EVERY_SECONDS = 30.0
PART_BYTES = 192 * 1024
RIGHT_AWAY = 1000  # people: whoever asks for no more waits for the file itself, and no other request does
FAILED = "an export failed"  # for the log
CLAIM = """UPDATE export SET leased_until = ?, tries = tries + 1 WHERE id IN (
    SELECT id FROM export WHERE made_at IS NULL AND failed_at IS NULL AND (leased_until IS NULL OR leased_until < ?)
    {one} ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, tries"""
GOES_ON = """UPDATE export SET done = ?, leased_until = ? WHERE id = ? AND tries = ? AND made_at IS NULL
    AND failed_at IS NULL RETURNING id"""
LET_GO = "UPDATE export SET leased_until = ? WHERE id = ? AND tries = ? AND made_at IS NULL RETURNING id"
MADE = """UPDATE export SET made_at = ?, rows = ?, done = total, leased_until = NULL, people = '[]'
    WHERE id = ? AND tries = ? AND made_at IS NULL AND failed_at IS NULL RETURNING id"""
GAVE_UP = "UPDATE export SET failed_at = ?, people = '[]' WHERE id = ? AND tries = ? AND made_at IS NULL RETURNING id"
DELETED_SINCE = (
    "SELECT 1 AS one FROM registration WHERE event_id = ? AND version >= ? AND person_sealed IS NULL LIMIT 1"
)
log = structlog.get_logger()


class Lost(Exception):
    """Somebody else makes it now, or somebody's data were deleted while it was made: what was read counts no more."""


async def make_right_away(export: Export, at: datetime, real: datetime) -> None:
    """A file of few people, for whoever has just asked for it."""
    if export.total <= RIGHT_AWAY:
        await turn(at, real, export.id)


async def turn(at: datetime, real: datetime, only: int = 0) -> int:
    """Makes all that wait, one after the other, or one alone. Returns how many were made."""
    await _drop_old(real)
    made = 0
    while claimed := await _claim(real, only):
        made += await _try(*claimed, at, real)
    return made


@run_tx
async def _drop_old(real: datetime) -> None:
    await ExportPart.filter(made_at__lte=real - FILE_LASTS).delete()


@run_tx
async def _claim(real: datetime, only: int) -> tuple[Export, int] | None:
    one, values = ("AND id = ?", [only]) if only else ("", [])
    found = await query(CLAIM.format(one=one), [real + LEASE, real, *values])
    return (await Export.get(id=found[0]["id"]), int(found[0]["tries"])) if found else None


async def _try(export: Export, tries: int, at: datetime, real: datetime) -> int:
    try:
        if tries > MOST_TRIES:
            await _give_up(export, tries, at, real)
            return 0
        await _make(export, tries, at, real)
    except Lost:
        await _let_go(export, tries, None)
        return 0
    except Exception as error:
        log.error(FAILED, export=export.id, error=kind_of(error))
        await _let_go(export, tries, real + REST)
        return 0
    return 1


@run_tx
async def _let_go(export: Export, tries: int, until: datetime | None) -> None:
    """Whoever tries next waits until then."""
    await query(LET_GO, [until, export.id, tries])


@run_tx
async def _goes_on(export: Export, tries: int, read: int) -> bool:
    """Says how far it is, and holds the lease for longer. False where somebody else has it."""
    return bool(await query(GOES_ON, [min(read, export.total), clock.real() + LEASE, export.id, tries]))


async def _make(export: Export, tries: int, at: datetime, real: datetime) -> None:
    event, by = await Event.get(id=export.event_id), await Staff.get(id=export.asked_by_id)
    since = await _seen(event)

    async def progress(read: int) -> None:
        if not await _goes_on(export, tries, read):
            raise Lost

    lines = await _lines(event, export, progress)
    mark = await _mark(event, export, by)
    titles = {column.code: column.title for column in REPORTS[export.kind].columns}
    codes = [code for code in export.columns if code in titles]
    cells = [[line.get(code, "") for code in codes] for line in lines]
    content = await to_thread.run_sync(
        files.made, export.format, mark, [titles[code] for code in codes], cells, export.asked_at
    )
    await _store(event, export, tries, content, len(lines), since, by, at, real)


async def _seen(event: Event) -> int:
    """A request that is changed after this has this version or a higher one."""
    [row] = await query(f"SELECT {unseen()} AS seen", [event.id])
    return int(row["seen"])


async def _lines(event: Event, export: Export, progress: rows.Progress) -> Sequence[rows.Line]:
    if export.kind is ExportKind.EMAILS:
        return await email_rows.of_event(event, progress)
    if export.kind is ExportKind.PEOPLE:
        return await rows.of_people(event, export.people, progress)
    lines = await rows.of_event(event, export.kind, progress)
    return summed(lines, named="name" in export.columns) if export.kind is ExportKind.CATERING else lines


async def _mark(event: Event, export: Export, by: Staff) -> str:
    """The first row: who, when, what for, until when; and the entry of the audit log with the head that stood then."""
    entry = await AuditEntry.filter(action=Action.EXPORTED, subject=f"export:{export.id}").first()
    there = f"{when(export.asked_at)} {clock.local(export.asked_at):%Z}"
    log_says = f" Audit log: entry {entry.id}, head {entry.written_after}." if entry else ""
    purpose = (export.purpose or "").rstrip(".")
    whom = f" {export.filtered}." if export.filtered else ""
    return (
        f"{REPORTS[export.kind].name} of {event.title}.{whom} Taken by {by.full_name}, {there}, for: {purpose}."
        f" Destroy by {export.destroy_words}.{log_says}"
    )


@run_tx
async def _store(
    event: Event, export: Export, tries: int, content: bytes, number: int, since: int, by: Staff,
    at: datetime, real: datetime,
) -> None:  # fmt: skip
    """Raises Lost where somebody else has made it, or data were deleted since they were read."""
    if not await query(MADE, [real, number, export.id, tries]) or await query(DELETED_SINCE, [event.id, since]):
        raise Lost
    pieces = [content[first : first + PART_BYTES] for first in range(0, len(content), PART_BYTES)]
    for n, piece in enumerate(pieces):
        text = base64.b64encode(piece).decode()
        sealed = data_keys.seal(event.data_key, FILE_SEALED_AS, f"{export.id}|{n}", text)
        await ExportPart.create(event_id=event.id, export_id=export.id, n=n, made_at=real, content_sealed=sealed)
    sha256 = hashlib.sha256(content).hexdigest()
    await audit.record(Action.EXPORT_MADE, export, by=by, at=at, rows=number, bytes=len(content), sha256=sha256)


@run_tx
async def _give_up(export: Export, tries: int, at: datetime, real: datetime) -> None:
    by = await Staff.get(id=export.asked_by_id)
    if await query(GAVE_UP, [real, export.id, tries]):
        await audit.record(Action.EXPORT_FAILED, export, by=by, at=at, kind=export.kind.value)


async def run(stop: asyncio.Event) -> None:
    """Whenever somebody asks for a file, and now and then, until the server stops."""
    await repeat_woken(lambda: turn(clock.now(), clock.real()), TOPIC, EVERY_SECONDS, stop, FAILED)
