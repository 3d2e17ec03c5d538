"""How we log: JSON lines when live, plain ones in rehearsal; ids and codes, never a name, address or token."""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET = re.compile(  # from the beginning of a word on: from each letter on, long words took three times as long
    r"(?<![^\s@])[^\s@]++@[^\s@]+\.[^\s@]+"  # an address
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}"  # a link, a cookie
    r"|\b(?:[a-z2-7]{26}|M1[0-9A-Z]{27}|[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3})\b"  # of a phone, of a ticket; a reference
)
LINE = json.JSONEncoder(default=repr)  # made once: json.dumps would make one for each line
SAME_AGAIN = 60.0  # seconds in which a library's line is written once
KINDS_OF_LINES = 200  # that we remember
log = structlog.get_logger()


def set_up(*, live: bool, level: int = logging.INFO, also: Sequence[Processor] = ()) -> None:
    """`also` sees each line before it is written, and changes nothing."""
    last = as_json if live else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            without_secrets,
            *also,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [
        *(handler for handler in root.handlers if not isinstance(handler, OfLibraries)),
        OfLibraries(logging.WARNING),
    ]


def as_json(logger: WrappedLogger, name: str, entry: EventDict) -> str:
    """One line. What is no JSON stands in it as Python writes it."""
    return LINE.encode(entry)


def without_secrets(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    """The last safety net, for secrets that should never have been given to a log call."""
    return {key: SECRET.sub("[removed]", value) if isinstance(value, str) else value for key, value in entry.items()}


def place_of(traceback: TracebackType | None) -> str:
    """Where it went wrong, like 'pages.py:12'. The error's own text may quote a row, and is never logged."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}" if traceback else ""


class OfLibraries(logging.Handler):
    """Writes what libraries log as one of our lines: only their first line, without values and without a traceback.

    A line that is repeated within a minute is only counted, so that nobody can fill the disk.
    """

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._said: dict[tuple[str, ...], Repeats] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.msg).strip()
        first, _, _ = text.partition("\n")
        if first.startswith("Traceback"):  # uvicorn's, of a start that failed: the last line has the error's class
            first = text.splitlines()[-1].partition(":")[0]
        kind, _, traceback = record.exc_info or (None, None, None)
        about = {"library": record.name}
        if kind:
            about |= {"error": kind.__name__, "place": place_of(traceback)}
        if (left_out := self._repeats((first, *about.values()), record.created)) is not None:
            log.log(record.levelno, first, **about, **({"left_out": left_out} if left_out else {}))

    def _repeats(self, line: tuple[str, ...], at: float) -> int | None:
        """How often the line was left out since it was last written. None when it is to be left out again."""
        before = self._said.get(line)
        if before is not None and abs(at - before.since) < SAME_AGAIN:  # a clock that is set back gags nobody
            before.more += 1
            return None
        if len(self._said) >= KINDS_OF_LINES:
            self._said.clear()
        self._said[line] = Repeats(at)
        return before.more if before else 0


@dataclass
class Repeats:
    """Of one line: when it was last written, and how often it was left out since."""

    since: float
    more: int = 0
