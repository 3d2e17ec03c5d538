"""Finds what stands in the way of serving: assets, database, migrations, keys."""

import shutil
import signal
import time
from pathlib import Path
from typing import NamedTuple

import structlog
from tortoise import Tortoise

from events.ground.database import Database, query, take_a_write
from events.ground.outage import kind_of

from .audit import key_use
from .event import Event
from .ground import data_keys, keys

TEMPLATES = Path(__file__).parent.parent / "templates"
ASSETS = (
    "static/vendor/govuk-frontend.min.css",
    "static/vendor/govuk-frontend.min.js",
    "static/vendor/zxing/share.js",
    "static/vendor/zxing/reader/index.js",
    "static/vendor/zxing/reader/zxing_reader.wasm",
    "fonts/NotoSans.ttf",
    "fonts/NotoSans_Bold.ttf",
)
LEAST_ROOM = 16 << 20  # bytes on the database's disk
WRITES_EVERY = 10.0  # seconds
log = structlog.get_logger()
_wrote_at: float | None = None


class Line(NamedTuple):
    """`fine`: None where we did not look."""

    part: str
    fine: bool | None
    words: str

    def __str__(self) -> str:
        return f"{ {True: 'OK', False: 'TO DO', None: 'NOT CHECKED'}[self.fine]:<12}{self.part}: {self.words}"


async def missing_now(database: Database) -> list[str]:
    """What stands in the way, by the names of the parts: database, migrations, assets, key."""
    missing = [f"assets: {asset}" for asset in missing_assets()]
    try:
        missing += disk_shortage(database)
        await _write_now_and_then()
        missing += [f"migrations: {key.name} is not applied" for key in await database.pending()]
        missing += await unknown_keys()
    except Exception as error:  # whatever the driver raises, the database is what is missing
        missing.append(f"database: {kind_of(error)}")
    return missing


def disk_shortage(database: Database) -> list[str]:
    """Checks for real: a small write may still fit into an existing file long after larger ones do not."""
    if database.file is None or not database.file.parent.is_dir():
        return []
    free = shutil.disk_usage(database.file.parent).free
    return [] if free >= LEAST_ROOM else [f"disk: {free / (1 << 20):.0f} MB free"]


async def _write_now_and_then() -> None:
    """Writes for real, but seldom, since anybody may ask for the page."""
    global _wrote_at
    if _wrote_at is None or time.monotonic() - _wrote_at >= WRITES_EVERY:
        _wrote_at = None
        await take_a_write()
        _wrote_at = time.monotonic()
    else:
        await query("SELECT 1")


def missing_assets() -> list[str]:
    return [f"{name} (run ./run once)" for name in ASSETS if not (TEMPLATES / name).is_file()]


async def ask_each_table() -> None:
    """Raises what the driver does where a table or column is not there: an unreleased version made the database."""
    for model in (model for app in (Tortoise.apps or {}).values() for model in app.values()):
        table = model._meta.db_table
        columns = ", ".join(f'"{table}"."{column}"' for column in model._meta.fields_db_projection.values())
        await query(f'SELECT {columns} FROM "{table}" WHERE false')  # noqa: S608  # our own names


async def unknown_keys() -> list[str]:
    """Events whose tickets, or whose people, are of a key that this process was not given."""
    known, kept = keys.ring().fingerprints, data_keys.kept()
    strange = await Event.exclude(key_fingerprint__in=[*known, ""]).values_list("slug", flat=True)
    missing = [f"key: the tickets of {slug} come from a key that is not here" for slug in strange]
    if (newest := await key_use.newest()) and newest not in known:
        missing.append(f"key: what is kept is sealed by {newest}, which is not here")
    elif known[0] != newest and known[0] in [use.fingerprint for use in await key_use.uses()]:
        missing.append(f"key: what is kept is sealed by {newest}, which has to stand in front of {known[0]}")
    for slug, wanted in await Event.all().values_list("slug", "data_key"):
        if wanted and not kept.has(wanted):  # none once it is destroyed
            missing.append(f"data key: the people of {slug} are sealed by {wanted}, which is not in {kept.file(slug)}")
    return missing + await half_replaced()


async def half_replaced() -> list[str]:
    """Keys that are being replaced, or whose replacing was interrupted: nobody serves until it has ended."""
    events = dict(await Event.exclude(data_key="").values_list("id", "slug"))
    commands = {key_use.INSTANCE: "rotate"} | {id_: f"rotate {slug}" for id_, slug in events.items()}
    begun = {commands[use.event_id] for use in await key_use.unfinished() if use.event_id in commands}
    return [f"key: a new one is half in place. ./run key {command} goes on with it" for command in sorted(begun)]


async def end_if_half_replaced() -> None:
    """For a server that began to work in the moment in which a key began to be replaced."""
    if said := await half_replaced():
        log.error("the server ends", why=said)
        signal.raise_signal(signal.SIGTERM)
