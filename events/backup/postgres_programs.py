"""PostgreSQL's programs, pg_dump and pg_restore: where they are, whether they are new enough, what they are told."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from events.ground.database import Database
from events.ground.network import is_this_machine
from events.ground.refusal import Refused

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
DEBIANS = Path("/usr/lib/postgresql")  # each version of the programs has its folder there
SYSTEMS_AUTHORITIES_FROM = 16  # before, libpq did not know where a system keeps them
MISSING = (
    "{0} is not there. Install PostgreSQL's programs for its version {1} (on Debian: apt-get install "
    "postgresql-client-{1}), or set MUSTER_BACKUP_PROGRAMS to their folder."
)
TOO_OLD = (
    "{0} is of version {2}, which is too old: install version {1} or newer, and set MUSTER_BACKUP_PROGRAMS to its "
    "folder if it is not found by itself."
)
NO_AUTHORITY = (
    "{0} of version {1} does not know which authorities this system trusts: set MUSTER_DATABASE_CA to the file of who "
    "signed the database's certificate, or install version 16 or newer."
)


@dataclass(frozen=True)
class Program:
    path: Path
    version: int  # the first number alone

    def started(self, database: Database, *words: str, **pipes: Any) -> subprocess.Popen[bytes]:
        """It gets only these words and what is in MUSTER_DATABASE_URL: no list of processes shows the password."""
        told = environment(database, self)
        return subprocess.Popen([self.path, *words], env=told, stderr=subprocess.PIPE, **pipes)  # noqa: S603


def find(name: str, folder: Path | None, least: int) -> Program:
    """That of this version, the server's, if there is one, else the next newer. Raises Refused with what to install."""
    found = sorted(_found(name, folder), key=lambda program: program.version)
    fitting = [program for program in found if program.version >= least]
    if fitting:
        return fitting[0]
    if not found:
        raise Refused(MISSING.format(name, least))
    raise Refused(TOO_OLD.format(name, least, found[-1].version))


def _found(name: str, folder: Path | None) -> Iterator[Program]:
    """In the folder of the setting alone; else where the system looks, and where Debian keeps each version."""
    first = shutil.which(name)
    places = [Path(first)] if first else []
    paths = [folder / name] if folder is not None else [*places, *sorted(DEBIANS.glob(f"*/bin/{name}"))]
    for path in paths:
        if (version := _version(path)) is not None:
            yield Program(path, version)


def _version(path: Path) -> Any:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=15, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = VERSION.search(said.stdout)
    return int(found[1]) if found else None


def environment(database: Database, program: Program) -> dict[str, str]:
    """As asyncpg does it: a server on another machine only with a certificate that was verified."""
    told = {f"PG{name.upper()}": value for name, value in place(database).items() if value is not None}
    host = told.get("PGHOST")
    if host is not None and not host.startswith("/") and not is_this_machine(host):
        if database.ca is None and program.version < SYSTEMS_AUTHORITIES_FROM:
            raise Refused(NO_AUTHORITY.format(program.path.name, program.version))
        told |= {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(database.ca or "system")}
        told |= {"PGGSSENCMODE": "disable"}  # libpq would prefer it to TLS, and verify no certificate then
    return told | {"PATH": os.defpath, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "15"}


def place(database: Database) -> dict[str, str | None]:
    """What the setting says of where it is: host, port, user, password, database."""
    said = database.config()["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "database")
    return {name: str(said[name]) if said.get(name) is not None else None for name in names}


def first_words(said: bytes) -> str:
    """The first line of an error. Those below it may quote a row."""
    return said.decode(errors="replace").strip().partition("\n")[0][:300] or "it did not say why"
