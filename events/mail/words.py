"""The words of emails: rendered from templates, and written as quoted-printable."""

from binascii import b2a_qp
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined, Template, select_autoescape

from events.ground import wording
from events.web.forms import clean

from .text_templates import WithTexts, paragraphs

TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"
ENCODED = "=?"  # begins an encoded word, which email programs decode, line ends and all, and write out as lines


class Words(NamedTuple):
    """Of one email. The bodies are quoted-printable in UTF-8."""

    subject: str
    plain: bytes
    html: bytes


def words_of(template: str, facts: Mapping[str, Any], cids: Mapping[str, str]) -> Words:
    """What an email says with these facts. A picture is `cid:{{ cid.its_name }}`."""
    subject = subject_of(template, facts)
    known = {**facts, "subject": subject, "cid": cids}
    return Words(subject, *(_encoded(_render(f"{template}/body.{end}", known)) for end in ("txt", "html")))


def subject_of(template: str, facts: Mapping[str, Any]) -> str:
    """On one line. What email programs would decode stands apart."""
    return clean(_render(f"{template}/subject.txt", facts)).replace(ENCODED, "= ?")


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
        loader=WithTexts(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals["wording"] = wording
    made.filters |= {"unbroken": _unbroken, "paragraphs": paragraphs}
    return made


def _unbroken(number: str) -> str:
    """A telephone number that stays on one line: email programs leave no other way that all of them know."""
    return number.replace(" ", "\u00a0")
