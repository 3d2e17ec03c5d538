"""What is printed: lines of ours with ids and codes, and of libraries neither texts nor tracebacks."""

import asyncio
import json
import logging
from typing import Any

import pytest
import structlog

from events.ground import logs

SECRETS = {
    "an address": "ada@wardens.example.org",
    "an address in a text": "no route to <ada@wardens.example.org>",
    "an address behind another": "x@ada@wardens.example.org",
    "a pairing code before a cookie": "abcdefghijklmnopqrstuvwxyz-Zm9vYmFyYmF6cXV4-Zm9vYmFyYmF6cXV4_Zm9vYmFyYw",
    "a reference before a cookie": "HK7-4QD-Zm9vYmFyYmF6cXV4-Zm9vYmFyYmF6cXV4_Zm9vYmFyYw",
    "a link": "https://places.example.org/ticket/abcdefghijklmnopqrstuvwxyz234567abcdefghij",
    "a cookie": "Zm9vYmFyYmF6cXV4-Zm9vYmFyYmF6cXV4_Zm9vYmFyYw",
    "a pairing code": "abcdefghijklmnopqrstuvwxyz",
    "a ticket's code": "M10123456789ABCDEFGHJKMNPQRST",
    "a reference": "HK7-4QD",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_should_never_have_been_given_to_a_log_call_is_taken_out(secret: str, lines: Any) -> None:
    structlog.get_logger().info("said", what=secret, number=3)
    [line] = lines()
    assert "[removed]" in line["what"]
    assert not any(part in line["what"] for part in ("ada", "abcdef", "Zm9v", "M10", "HK7"))
    assert (line["event"], line["number"], line["level"]) == ("said", 3, "info")


@pytest.mark.parametrize(
    "plain",
    ["registrations.x.register_pages.y", "UniqueViolationError", "pages.py:112", "staff:3", "5.1.1"],
)
def test_what_helps_to_find_a_fault_is_left_in(plain: str, lines: Any) -> None:
    structlog.get_logger().info("said", what=plain)
    assert lines()[0]["what"] == plain


def test_a_library_that_warns_is_heard_without_the_values_and_the_traceback(lines: Any) -> None:
    try:
        raise ValueError("Key (email)=(ada@wardens.example.org) already exists")
    except ValueError:
        logging.getLogger("a.library").exception("failed for %s", "Ada Ashdown")
    [line] = lines()
    assert line.pop("place").startswith("test_logs.py:")
    assert line.pop("timestamp")
    assert line == {"event": "failed for %s", "level": "error", "library": "a.library", "error": "ValueError"}


def test_a_library_that_only_chats_is_not_heard(lines: Any) -> None:
    logging.getLogger("a.library").info("hello")
    logging.getLogger("a.library").warning("take care")
    assert [line["event"] for line in lines()] == ["take care"]


async def test_a_task_that_dies_unseen_is_named_and_its_error_not_quoted(lines: Any) -> None:
    async def die() -> None:
        raise ValueError("ada@wardens.example.org")

    task = asyncio.create_task(die())
    await asyncio.wait([task])
    task.__del__()  # as when nobody asks for its result any more
    [line] = lines()
    assert (line["event"], line["library"], line["error"]) == (
        "Task exception was never retrieved",
        "asyncio",
        "ValueError",
    )
    assert "ada" not in json.dumps(line)


def test_a_start_that_fails_says_which_kind_of_error_it_was(lines: Any) -> None:
    traceback = 'Traceback (most recent call last):\n  File "x.py", line 1\nevents.ground.keys.KeyMissing: for Ada\n'
    logging.getLogger("uvicorn.error").error(traceback)
    assert [line["event"] for line in lines()] == ["events.ground.keys.KeyMissing"]


def test_setting_up_twice_does_not_say_everything_twice(lines: Any) -> None:
    logs.set_up(live=True)
    logging.getLogger("a.library").warning("once")
    assert [line["event"] for line in lines()] == ["once"]


def test_what_a_library_says_again_and_again_is_written_once_a_minute_and_counted(
    lines: Any,
) -> None:
    def says(words: str, *times: int) -> None:
        for at in times:
            record = logging.LogRecord("a.library", logging.WARNING, "x.py", 1, words, (), None)
            record.created = at
            logging.getLogger("a.library").handle(record)

    says("nonsense", *range(1000, 1059))
    says("other nonsense", 1059)
    says("nonsense", 1060, 1061, 1130, 100)
    assert [(line["event"], line.get("left_out")) for line in lines()] == [
        ("nonsense", None),
        ("other nonsense", None),
        ("nonsense", 58),
        ("nonsense", 1),
        ("nonsense", None),
    ]


def test_of_a_thousand_kinds_of_lines_each_is_written(lines: Any) -> None:
    for number in range(1000):
        logging.getLogger(f"library{number}").warning("hello")
    assert len([line for line in lines() if line["event"] == "hello"]) == 1000
    [ours] = [handler for handler in logging.getLogger().handlers if isinstance(handler, logs.OfLibraries)]
    assert len(ours._said) <= logs.KINDS_OF_LINES
