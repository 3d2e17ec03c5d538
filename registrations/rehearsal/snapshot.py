"""The rehearsal's past, lived through once: its database and two keys, for each version of the code and each moment.

Every rehearsal that begins then is a copy. It holds nobody but the invented, since it is made before anybody comes.
"""

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from events.ground import clock, data_keys, keys, settings
from events.ground.database import Database, forget_traces

from . import rehearsing

Models = Mapping[str, Sequence[str]]
FOLDERS = ("events", "registrations")
DECIDES = {".py", ".toml", ".csv"}  # what becomes of the invented
DATABASE, KEY, DATA_KEYS = "muster.db", "key", "data-keys"


def place_of(root: Path, at: datetime) -> Path:
    """Where the snapshot of this code for this moment lies, or would."""
    moment = hashlib.sha256(at.isoformat().encode()).hexdigest()[:8]
    return root / "var" / "rehearsal-snapshots" / f"{_version(root)}-{moment}"


def _version(root: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in _files(root):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(root: Path) -> Iterator[Path]:
    yield root / "requirements.lock"
    for folder in FOLDERS:
        yield from sorted(path for path in (root / folder).rglob("*") if path.suffix in DECIDES)


def make(place: Path, models: Models, at: datetime) -> None:
    """Lives through it, which leaves the process with keys, settings and a clock of its own, and with 30 MB that it
    does not need again: `begin_anew` is for afterwards. Removes the snapshots of other versions."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = Path(tempfile.mkdtemp(dir=place.parent, prefix=f"{_code_of(place)}-making-"))
    settings.choose(rehearsing.settings_for(settings.current().port, 1, making))
    making.mkdir(mode=0o700)  # which the line above has emptied
    keys.write_new(making / KEY)
    keys.install(keys.load("", making / KEY))
    data_keys.install(data_keys.DataKeys(making / DATA_KEYS))
    clock.move_to(at)
    asyncio.run(_live(Database(f"sqlite://{making / DATABASE}", models), at))
    for other in place.parent.iterdir():
        if _code_of(other) != _code_of(place):
            shutil.rmtree(other, ignore_errors=True)
    with suppress(OSError):  # another process was quicker
        making.rename(place)
    shutil.rmtree(making, ignore_errors=True)


def _code_of(place: Path) -> str:
    return place.name.partition("-")[0]


async def _live(database: Database, at: datetime) -> None:
    await database.migrate()
    async with database.opened():
        await rehearsing.fill(at)
        await forget_traces()


def begin_anew() -> None:
    """The same command in the same process, without the memory that the making took."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def copy(place: Path, folder: Path) -> None:
    """Its database into this folder, and its keys into this process, which keeps them as long as it lives."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(place / DATABASE, folder / DATABASE)
    keys.install(keys.load("", place / KEY))
    kept = data_keys.DataKeys(place / DATA_KEYS)
    kept.read()
    kept.folder = None
    data_keys.install(kept)
