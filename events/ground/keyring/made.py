"""What the database keeps that was made with a key: declared once, in each model as MADE, so that a new key forgets
nothing.

`events/rotation` seals and makes anew what is declared, and says of the rest why it is left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from tortoise.models import Model


@dataclass(frozen=True)
class Sealed:
    """A text, sealed by the instance key; or by the data key of the event that `event` finds, as SQL within its row."""

    purpose: str
    row: str  # to what of its row it is bound: names of columns in braces
    event: str = ""

    def bound_to(self, row: Model) -> str:
        names = {name for _, name, _, _ in Formatter().parse(self.row) if name}
        return self.row.format(**{name: getattr(row, name) for name in names})


@dataclass(frozen=True)
class Keyed:
    """A keyed hash of a text, which the row still says; None where that cannot be read. The key as for Sealed.

    `emptied`: a column that the database empties when this one changes, and that is kept while the text is the same.
    """

    purpose: str
    text: Callable[[Any], str | None]
    event: str = ""
    emptied: str = ""


@dataclass(frozen=True)
class Left:
    """Made with the instance key, and not made anew when a new one comes: for this reason."""

    why: str


Made = Sealed | Keyed | Left


def made(**columns: Made) -> Mapping[str, Made]:
    """How each column is made that a key has a part in."""
    return columns


def made_in(model: type[Model]) -> Mapping[str, Made]:
    return getattr(model, "MADE", {})
