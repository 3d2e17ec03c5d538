"""What many are shown alike but for some words: it is drawn once, with marks in place of these, and cut there."""

import re
import secrets
from collections.abc import Iterable, Mapping

DIGITS = 16  # of a mark: nobody can type it beforehand, and no filter of letters changes it


class Gaps:
    """One for each thing that is drawn. Nothing else may be done with the marks than to put them out."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._mark = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        self._numbered = re.compile(f"{self._mark}-([0-9]+)-")

    def marks(self, there: Mapping[str, bool]) -> dict[str, str]:
        """By name. Of what is not there nothing, so that it may be asked whether there is any."""
        return {name: f"{self._mark}-{n}-" if there[name] else "" for n, name in enumerate(self._names)}

    def is_in(self, text: str) -> bool:
        return self._mark in text

    def cut(self, text: str) -> list[str]:
        """What stands between the marks; at each second place the name of what belongs there."""
        parts = self._numbered.split(text)
        return [self._names[int(part)] if place % 2 else part for place, part in enumerate(parts)]
