"""The words of emails: rendered from templates, and written as quoted-printable.

What many emails of an event say alike is rendered once, with placeholders wherever each says something of its own. It
is kept for as long as emails go out, and by all that it says: so nothing kept is ever old, and none of it is about a
person.
"""

import json
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import escape

from events.ground import wording
from events.web import placeholders
from events.web.forms import clean

TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"
ENCODED = "=?"  # begins an encoded word, which email programs decode, line ends and all, and write out as lines


class Alike:
    """Facts that many emails say alike, of an event and never of a person. Those who say the same are equal."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = dict(facts)
        self._said = json.dumps(self.facts)

    def __hash__(self) -> int:
        return hash(self._said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike) and other._said == self._said


class Words(NamedTuple):
    """Of one email. The bodies are quoted-printable in UTF-8."""

    subject: str
    plain: bytes
    html: bytes


class Kept(NamedTuple):
    """The same of many, with placeholders."""

    subject: str
    plain: placeholders.Template
    html: placeholders.Template


def words_of(template: str, facts: Mapping[str, Any], cids: Mapping[str, str]) -> Words:
    """What an email says with these facts. A picture is `cid:{{ cid.its_name }}`."""
    subject = subject_of(template, facts)
    known = {**facts, "subject": subject, "cid": cids}
    return Words(subject, *(_encoded(_render(f"{template}/body.{end}", known)) for end in ("txt", "html")))


def words_beside(template: str, alike: Alike, own: Mapping[str, str], cids: Mapping[str, str]) -> Words:
    """The same of an email that says `own` beside what others say as well. Templates may show what is own, and ask
    whether there is any; they do nothing else with it, and no subject names it."""
    there = tuple((name, bool(text)) for name, text in own.items())
    kept = _kept(template, alike, there, tuple(cids.items()))
    escaped = {name: escape(text) for name, text in own.items()}
    return Words(kept.subject, _encoded(kept.plain.fill(own)), _encoded(kept.html.fill(escaped)))


def subject_of(template: str, facts: Mapping[str, Any]) -> str:
    """On one line. What email programs would decode stands apart."""
    return clean(_render(f"{template}/subject.txt", facts)).replace(ENCODED, "= ?")


@lru_cache(maxsize=64)
def _kept(template: str, alike: Alike, there: Sequence[tuple[str, bool]], cids: Sequence[tuple[str, str]]) -> Kept:
    drawn = placeholders.Placeholders(dict(there))
    subject = subject_of(template, alike.facts)
    known = {**alike.facts, **drawn.words, "subject": subject, "cid": dict(cids)}
    return Kept(subject, *(drawn.cut(_render(f"{template}/body.{end}", known)) for end in ("txt", "html")))


forget = _kept.cache_clear


def _encoded(words: str) -> bytes:
    lines = words.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return b2a_qp(lines.encode(), istext=True)


def _render(template: str, facts: Mapping[str, Any]) -> str:
    return _template(template).render(facts)


@lru_cache(maxsize=64)
def _template(name: str) -> Template:
    """Looked for and compiled once in a process."""
    return _templates().get_template(name)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """Raises an error for a fact that a template names and nobody gave: an email that lacks one is never sent."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals["wording"] = wording
    made.filters["unbroken"] = _unbroken
    return made


def _unbroken(number: str) -> str:
    """A telephone number that stays on one line: email programs leave no other way that all of them know."""
    return number.replace(" ", "\u00a0")
