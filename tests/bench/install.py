"""From a clone to the first page: seconds, size on the disk, packages and memory, as on a fresh machine."""

import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server import ROOT
from tests.walks.rehearsal import free_port

WITHIN = 300.0


def measure() -> None:
    """Prints one table. Needs git, and the package index unless pip's own cache has it all."""
    folder = Path(tempfile.mkdtemp(prefix="muster-fresh-"))
    try:
        began = time.monotonic()
        git = shutil.which("git") or "git"
        subprocess.run([git, "clone", "-q", str(ROOT), str(folder / "muster")], check=True)  # noqa: S603
        with running(folder / "muster") as pid:
            seconds = time.monotonic() - began
            lines = {
                "git clone and ./run to the first page": f"{seconds:.1f} s",
                "again, to the first page": f"{again(folder / 'muster'):.1f} s",
                "memory of the rehearsal": f"{memory(pid):.0f} MB",
            }
        lines["on the disk, with its .venv"] = f"{size(folder / 'muster'):.0f} MB"
        lines["Python packages"] = str(packages(folder / "muster"))
        click.echo("\n".join(f"{name:44}{value:>12}" for name, value in lines.items()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(clone: Path) -> Iterator[int]:
    """The rehearsal of this clone, from ./run to its first page; the process's id."""
    port = free_port()
    command = ["./run", "rehearse", "--port", str(port)]
    process = subprocess.Popen(command, cwd=clone, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        until = time.monotonic() + WITHIN
        while not answers(port):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("the clone did not come up")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def again(clone: Path) -> float:
    began = time.monotonic()
    with running(clone):
        return time.monotonic() - began


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def memory(pid: int) -> float:
    """Megabytes that the process has in memory now; ./run has handed over to it by then."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def size(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def packages(clone: Path) -> int:
    [site] = (clone / ".venv" / "lib").glob("python*/site-packages")
    return len(list(site.glob("*.dist-info")))
