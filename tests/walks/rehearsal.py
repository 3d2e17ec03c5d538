"""One real rehearsal for the walks: the product as a person starts it, in a process of its own, with its four links."""

import os
import re
import select
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from events.mail.outbox import EPOCH
from server import ROOT

MONDAY = "2019-04-08T09:00"  # as the rehearsal says it
FAR_OFF = "2100-01-01 00:00:00+00:00"
STARTS_WITHIN = 180.0  # seconds, on a machine that is busy with other things


@dataclass(frozen=True)
class Rehearsed:
    """Where a running rehearsal answers."""

    base: str
    desk: str  # one-time
    door: str  # one-time
    mailbox: str
    began: str = MONDAY
    moved: list[str] = field(default_factory=list)  # to where somebody moved its clock since

    @property
    def file(self) -> Path:
        return ROOT / "var" / f"rehearsal-{self.base.rpartition(':')[2]}" / "muster.db"

    def passes_the_time_to_undo(self) -> None:
        """Emails that wait so that a decision can be undone are due, as they would be half a minute later."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database, database:
            database.execute("UPDATE message SET next_try_at = ? WHERE state = 'queued' AND tries = 0", (str(EPOCH),))

    def proves_themselves(self) -> None:
        """Whoever is signed in has proved themselves, however long ago the walks began: nobody has a password here."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database, database:
            database.execute("UPDATE session SET stepped_up_at = ?", (FAR_OFF,))

    def newest_account_has_proved_nothing(self) -> None:
        """As ten minutes later, for whoever was invited last."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database, database:
            newest = "staff_id = (SELECT max(id) FROM staff)"
            database.execute(f"UPDATE session SET stepped_up_at = NULL, both_proved_at = NULL WHERE {newest}")  # noqa: S608

    def proves_both(self) -> None:
        """And with password and code together."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database, database:
            database.execute("UPDATE session SET stepped_up_at = ?, both_proved_at = ?", (FAR_OFF, FAR_OFF))

    def goes_back(self) -> None:
        """Its clock, to where the walks began."""
        if self.moved:
            asked = Request(f"{self.base}/rehearsal/clock", urlencode({"moment": self.began}).encode())  # noqa: S310
            asked.add_header("sec-fetch-site", "same-origin")
            urlopen(asked, timeout=STARTS_WITHIN).close()  # noqa: S310
            self.moved.clear()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Read from this rehearsal's SQLite file."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


@contextmanager
def rehearsed(at: str = MONDAY) -> Iterator[Rehearsed]:
    """Starts `rehearse` on a free port, reads the links it prints, and ends it as Ctrl-C would."""
    command = [sys.executable, "-m", "tests.walks.hurrying", "rehearse", "--port", str(free_port()), "--at", at]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        yield replace(_links(_printed(process)), began=at)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def _printed(process: subprocess.Popen[bytes]) -> str:
    """What it has said by the time it is ready; fails with it if it ends or takes too long."""
    said, until = "", time.monotonic() + STARTS_WITHIN
    stream = process.stdout
    assert stream is not None
    while "Mailbox" not in said:
        assert time.monotonic() < until, f"not ready in time; it said:\n{said}"
        assert process.poll() is None, f"it ended; it said:\n{said}"
        if select.select([stream], [], [], 0.2)[0]:
            said += os.read(stream.fileno(), 65_536).decode()
    return said


def _links(said: str) -> Rehearsed:
    public, desk, door, mailbox = re.findall(r"http://\S+", said)[:4]
    return Rehearsed(public.rstrip("/"), desk, door, mailbox)
