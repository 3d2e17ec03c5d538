"""The product in real processes that start at once: forked, as its own workers are, where its modules have been read.

To read them takes most of two seconds of a processor, and nothing else of a process is saved: each has settings, files,
connections and an end of its own, and nothing that tests put in place of something.
"""

import multiprocessing
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection

import server

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["server", "pytest", "tests.hostile.mailing"])  # and never tests.conftest, which patches


class Forked:
    """What tests ask of a `subprocess.Popen`, of a process in which somebody has typed these words."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str], *, errors: bool = False) -> None:
        """`errors`: what it says on stderr is in its stdout too."""
        heard, said = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=_typed, args=([*words], {**env}, said, errors))
        self._process.start()
        self.stdout = os.fdopen(os.dup(heard.fileno()), encoding="utf-8")
        said.close()
        heard.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("what was forked", timeout or 0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        with self.stdout:
            said = self.stdout.read()
        self.wait(timeout)
        return said, None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _typed(words: list[str], env: dict[str, str], said: Connection, errors: bool) -> None:
    """In the process of its own."""
    os.environ.clear()
    os.environ.update(env)
    os.dup2(said.fileno(), 1)
    if errors:
        os.dup2(said.fileno(), 2)
    said.close()
    server.main(words, prog_name="./run")
