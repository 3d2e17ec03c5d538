"""What all processes of one run need alike, made by the first of them that asks for it.

It lies in a folder of theirs: pytest's workers, and the servers that the walks start, inherit its name.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache

from events.mail import words
from events.web import rendering

NAME = "MUSTER_TESTS_MADE_ONCE"
MIGRATED = "migrated.db"
MEMORY = Path("/dev/shm")


def begin() -> Callable[[], None]:
    """For whoever starts the run; returns what to call when it is over. Within another run it is that one's folder."""
    if NAME in os.environ:
        return lambda: None
    folder = tempfile.mkdtemp(prefix="muster-run-", dir=MEMORY if MEMORY.is_dir() else None)
    os.environ[NAME] = folder

    def end() -> None:
        del os.environ[NAME]
        shutil.rmtree(folder, ignore_errors=True)

    return end


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A file or folder. Whoever comes meanwhile waits for it; what was not finished is made anew."""
    folder = Path(os.environ[NAME])
    made = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            making = Path(tempfile.mkdtemp(dir=folder)) / name
            make(making)
            making.rename(made)
    return made


def copy_migrated(file: Path) -> None:
    """To where a server will look for its database; where there is none to copy, it will migrate an empty one."""
    if NAME in os.environ and (made := Path(os.environ[NAME]) / MIGRATED).exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(made, file)


def compile_templates_once() -> None:
    """Jinja takes 20 ms for each of two hundred templates, and every process would compile them for itself.

    For one run: what is compiled depends on more than the text, so it outlives none.
    """
    for environment in (rendering.templates(), words._templates()):
        compiled_once(environment)


def compiled_once(environment: Environment) -> Environment:
    if NAME in os.environ:
        environment.bytecode_cache = FileSystemBytecodeCache(os.environ[NAME])
    return environment
