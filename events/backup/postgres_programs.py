"""PostgreSQL's programs, pg_dump and pg_restore: where they are, what they are told, and how they end."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from events.ground.database import Database
from events.ground.network import is_this_machine
from events.ground.refusal import Refused

Running = subprocess.Popen[bytes]
DEBIANS = Path("/usr/lib/postgresql")  # each version of the programs has its folder there
MISSING = (
    "{0} is not there. Install PostgreSQL's programs for its version {1} (on Debian: apt-get install "
    "postgresql-client-{1}), or set MUSTER_BACKUP_PROGRAMS to their folder."
)
FAILED = "{} failed: {}"
TOO_OLD = ". Install newer ones, and set MUSTER_BACKUP_PROGRAMS to their folder if they are not found by themselves"


def find(name: str, folder: Path | None, server: int) -> Path:
    """In the folder of the setting; else that of the server's version where Debian keeps it, else where the system
    looks. Raises Refused with what to install. Whether it is new enough it says itself."""
    first = shutil.which(name)
    places = [folder / name] if folder else [DEBIANS / str(server) / "bin" / name, *([Path(first)] if first else [])]
    for place in places:
        if place.is_file():
            return place
    raise Refused(MISSING.format(name, server))


@contextmanager
def started(database: Database, program: Path, *words: str, **pipes: Any) -> Iterator[Running]:
    """It gets only these words and what is in MUSTER_DATABASE_URL: no list of processes shows the password. At the end
    it is killed: it would wait to be read for ever, or take what it has for all."""
    process = subprocess.Popen([program, *words], env=environment(database), stderr=subprocess.PIPE, **pipes)  # noqa: S603
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            process.communicate()


def end_well(process: Running, name: str) -> None:
    """Waits for it, and raises Refused with its words if it has failed."""
    _, said = process.communicate()
    if process.returncode != 0:
        why = first_words(said)
        raise Refused(FAILED.format(name, why) + (TOO_OLD if "version" in why else ""))


def environment(database: Database) -> dict[str, str]:
    """What the setting says of where it is. As asyncpg does it: a server on another machine only with a certificate
    that was verified. Before version 16 libpq knows no authorities of the system, and refuses."""
    said = database.config()["connections"]["default"]["credentials"]
    names = [name for name in ("host", "port", "user", "password", "database") if said.get(name) is not None]
    told = {f"PG{name.upper()}": str(said[name]) for name in names}
    host = told.get("PGHOST", "/")
    if not host.startswith("/") and not is_this_machine(host):
        told |= {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(database.ca or "system")}
        told |= {"PGGSSENCMODE": "disable"}  # libpq would prefer it to TLS, and verify no certificate then
    return told | {"PATH": os.defpath, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "15"}


def first_words(said: bytes) -> str:
    """The first line of an error. Those below it may quote a row."""
    return said.decode(errors="replace").strip().partition("\n")[0][:300] or "it did not say why"
