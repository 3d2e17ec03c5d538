"""What many are shown alike but for some words: drawn once with placeholders, kept, and filled with each one's."""

import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

DIGITS = 16  # of a placeholder: nobody can type it beforehand, and no filter of letters changes it


class Template(NamedTuple):
    """What was drawn: text, and at each second place the name of the word that belongs there."""

    pieces: list[str]

    def fill(self, words: Mapping[str, str]) -> str:
        """`words` as they stand in the text: escaped for HTML."""
        return "".join(words[piece] if place % 2 else piece for place, piece in enumerate(self.pieces))


class Placeholders:
    """One for each thing that is drawn. Nothing else may be done with its `words` than to put them out.

    `there`: whether there is such a word, by name. In place of one that is not stands nothing, so that a template may
    ask whether there is any.
    """

    def __init__(self, there: Mapping[str, bool]) -> None:
        mark = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        self.words = {name: f"{mark}-{n}-" if has else "" for n, (name, has) in enumerate(there.items())}
        self._names, self._numbered = list(there), re.compile(f"{mark}-([0-9]+)-")

    def cut(self, text: str) -> Template:
        parts = self._numbered.split(text)
        return Template([self._names[int(part)] if place % 2 else part for place, part in enumerate(parts)])
