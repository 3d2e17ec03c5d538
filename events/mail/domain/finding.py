"""What a look at one matter of DNS finds, in one line."""

from typing import NamedTuple


class Finding(NamedTuple):
    """`fine`: None where DNS did not say."""

    fine: bool | None
    words: str


def well(words: str) -> Finding:
    return Finding(True, words)


def to_do(words: str) -> Finding:
    return Finding(False, words)


NO_ANSWER = Finding(None, "DNS did not answer in time: look again later")


def tags_in(record: str) -> dict[str, str]:
    """Of DKIM and DMARC records: `name=value` with semicolons between. The first of a name counts."""
    found = dict[str, str]()
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found
