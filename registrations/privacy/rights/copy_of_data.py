"""What a copy of somebody's data is made of: sections, their rows, and facts. As a page and as JSON it is the same."""

from datetime import datetime
from typing import Any, NamedTuple

from events.ground import clock

Value = str | datetime | None
Row = dict[str, Value]  # what a fact is called, and the fact; None: there is none


class Section(NamedTuple):
    """All that one of our tables holds of somebody."""

    table: str
    title: str
    rows: list[Row]
    words: str = ""  # what has to be known to read it

    @property
    def shown(self) -> list[Row]:
        """The rows without facts that there are not."""
        return [{name: value for name, value in row.items() if value not in (None, "")} for row in self.rows]


class Copy(NamedTuple):
    """Of what is held about one address at one event."""

    event: str
    hosts: str
    email: str
    made_at: datetime
    sections: list[Section]

    @property
    def filled(self) -> list[Section]:
        return [section for section in self.sections if section.rows or section.words]

    @property
    def empty(self) -> list[str]:
        """Titles of what there is nothing of."""
        return [section.title for section in self.sections if section not in self.filled]

    def as_json(self) -> dict[str, Any]:
        """Moments by the clock at the venue, as ISO 8601 writes them."""
        return {
            "event": self.event,
            "held by": self.hosts,
            "about": self.email,
            "made at": _written(self.made_at),
            "sections": [
                {"title": section.title, "to know": section.words, "rows": [_texts(row) for row in section.shown]}
                for section in self.filled
            ],
            "nothing held": self.empty,
        }


def _texts(row: Row) -> dict[str, str]:
    return {name: _written(value) for name, value in row.items()}


def _written(value: Value) -> str:
    return clock.local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value or ""
