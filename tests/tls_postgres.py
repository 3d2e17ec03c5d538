"""A PostgreSQL that speaks TLS alone, where this machine has programs that can: Debian's, not those of the wheel."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from events.backup.postgres_programs import DEBIANS
from events.ground.database import Database
from server import MODELS
from tests.smtp_sink import self_signed

NEEDED = ("initdb", "pg_config", "pg_ctl", "pg_dump", "pg_restore", "postgres")
USER = "pgserver" if os.geteuid() == 0 else None  # PostgreSQL does not run as root; the wheel makes this user
ONLY_TLS = "hostssl all all 127.0.0.1/32 trust\nhostnossl all all all reject\n"
TOLD = """ssl = on
ssl_cert_file = '{0}/relay.pem'
ssl_key_file = '{0}/relay.key'
listen_addresses = '127.0.0.1'
port = {1}
unix_socket_directories = ''
fsync = off
"""


@dataclass(frozen=True)
class TlsServer:
    """`ca` signed its certificate, which is for 127.0.0.1 alone."""

    programs: Path
    port: int
    ca: Path

    def database(self, name: str, *, ca: Path | None = None, host: str = "127.0.0.1") -> Database:
        return Database(f"postgresql://postgres@{host}:{self.port}/{name}", MODELS, ca or self.ca)

    async def runs(self, statement: str) -> None:
        context = ssl.create_default_context(cafile=self.ca)
        connection = await asyncpg.connect(self.database("postgres").url, ssl=context)
        await connection.execute(statement)
        await connection.close()


def programs_with_tls() -> Path | None:
    for folder in sorted(DEBIANS.glob("*/bin"), reverse=True):
        if all((folder / name).exists() for name in NEEDED):
            built = subprocess.run([folder / "pg_config", "--configure"], capture_output=True, text=True, check=True)  # noqa: S603
            if "openssl" in built.stdout:
                return folder
    return None


@contextmanager
def tls_server(programs: Path) -> Iterator[TlsServer]:
    folder = Path(tempfile.mkdtemp(prefix="tls"))
    _, certificate = self_signed(folder)
    data, port = folder / "data", _free_port()
    (folder / "relay.key").chmod(0o600)
    for path in (folder, *folder.iterdir()):
        if USER is not None:
            shutil.chown(path, USER)
    _run(programs / "initdb", "--auth=trust", "--username=postgres", "-D", data)
    (data / "postgresql.conf").write_text(TOLD.format(folder, port))
    (data / "pg_hba.conf").write_text(ONLY_TLS)
    _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "start")
    try:
        yield TlsServer(programs, port, certificate)
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=USER, cwd="/")  # noqa: S603


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
