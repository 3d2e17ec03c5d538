"""The Markdown that organisers write for the public page and in announcements: headings, paragraphs, lists, emphasis
and links.

Whoever writes anything else is told in which line. What is drawn is put together here from what may stand there and
nothing else, so that a text of another origin can bring neither HTML, nor a picture, nor a link that runs a script.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from events.web.forms import clean, normal_email

DEEPEST_HEADING, DEEPEST_LIST, WIDEST_INDENT = 3, 2, 8
MOST_DRAWN = 32  # texts
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
TELEPHONE = re.compile(r"\+?[0-9][0-9 ()\-]*")
NOT_HERE = {
    "blockquote_open": "a quotation, which begins with >",
    "code_inline": "code between `",
    "fence": "code between ```",
    "hr": "a line across the page",
    "html_block": "HTML, between < and >",
    "html_inline": "HTML, between < and >",
    "image": "a picture. Pictures cannot stand in the text",
}  # each by the name that the reader of Markdown gives it
LINK = "a link to “{}”. A link begins with https://, http://, mailto: or tel:, and has no user name in it"
NO_WORDS_IN_LINK, NO_WORDS_IN_HEADING = "a link without words", "a heading without words"
TOO_DEEP = "a heading with more than three #"
SKIPS = "a heading with {}, and none with {} above it"
LIST_TOO_DEEP = "a list in a list in a list. One in another is the most"
OPENS = {
    "heading_open": {
        "h1": '<h2 class="govuk-heading-m">',
        "h2": '<h3 class="govuk-heading-s">',
        "h3": '<h4 class="govuk-heading-s">',
    },
    "paragraph_open": {"p": '<p class="govuk-body">'},
    "bullet_list_open": {"ul": '<ul class="govuk-list govuk-list--bullet">'},
    "ordered_list_open": {"ol": '<ol class="govuk-list govuk-list--number">'},
    "list_item_open": {"li": "<li>"},
    "em_open": {"em": "<em>"},
    "strong_open": {"strong": "<strong>"},
}  # below the title of the page, which is its h1
CLOSES = {
    "heading_close": {"h1": "</h2>\n", "h2": "</h3>\n", "h3": "</h4>\n"},
    "paragraph_close": {"p": "</p>\n"},
    "bullet_list_close": {"ul": "</ul>\n"},
    "ordered_list_close": {"ol": "</ol>\n"},
    "list_item_close": {"li": "</li>\n"},
    "em_close": {"em": "</em>"},
    "strong_close": {"strong": "</strong>"},
    "softbreak": {"br": "<br>\n"},
    "hardbreak": {"br": "<br>\n"},
}
TAGS = OPENS | CLOSES
LISTS = {"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"}
CLASS = re.compile(r' class="govuk-[a-z -]*"')
EMPTY_LINK = ("link_open", "link_close")
_reader = MarkdownIt("commonmark", {"html": True}).disable(["code", "lheading", "reference"])
_reader.validateLink = lambda url: True  # type: ignore[method-assign]  # or one to a script would stand there as text


def lines_of(text: object) -> str:
    """As it was typed, with the indents of lists; of several empty lines one stays, and none at the ends."""
    typed = [_line(line) for line in str(text or "").splitlines()]
    kept = [line for before, line in zip(["", *typed], typed, strict=False) if line or before]
    return "\n".join(kept).rstrip()


def _line(typed: str) -> str:
    spread, said = typed.expandtabs(4), clean(typed)
    indent = min(len(spread) - len(spread.lstrip(" ")), WIDEST_INDENT)
    return " " * indent + said if said else ""


def faults(text: str) -> list[str]:
    """What cannot stand in it, by its line: “Line 3 has HTML”."""
    tokens = _reader.parse(text)
    found = [*_of_parts(tokens), *_of_headings(tokens), *_of_lists(tokens)]
    return [f"Line {line} has {what}" for line, what in sorted(set(found))]


@lru_cache(MOST_DRAWN)
def drawn(text: str) -> Markup:
    """As HTML. What cannot stand in it stands there as it was typed, or its words alone. It is kept, since one of many
    brackets takes most of a second."""
    return Markup("".join(_pieces(_reader.parse(text), [])))  # noqa: S704  # each piece is ours, or escaped


def in_email(text: str) -> Markup:
    """The same for an email, which knows no classes of ours: in what was typed each quotation mark is escaped."""
    return Markup(CLASS.sub("", drawn(text)))  # noqa: S704  # as above


@lru_cache(MOST_DRAWN)
def as_text(text: str) -> str:
    """The same for the text of an email: lists with their marks, and behind the words of a link its address."""
    said, lists, mark = list[str](), list[int](), ""
    for token in _reader.parse(text):
        if token.type in LISTS:
            lists = [*lists, int(token.type == "ordered_list_open")] if token.nesting > 0 else lists[:-1]
            mark, said = "  " * len(lists), [*said, "" if lists else "\n"]
        elif token.type == "list_item_open":
            mark = f"{'  ' * (len(lists) - 1)}{f'{lists[-1]}.' if lists[-1] else '-'} "
            lists[-1] += lists[-1] > 0
        elif token.type == "inline":
            said += [mark, "".join(_said(token.children or [], [])), "\n" if lists else "\n\n"]
            mark = "  " * len(lists)
        elif token.content:
            said += [token.content, "\n\n"]
    return "".join(said).strip()


def _said(parts: Iterable[Token], leads_to: list[str]) -> Iterator[str]:
    for part in parts:
        if part.type == "link_open":
            leads_to.append(_href(part))
        elif part.type == "link_close":
            yield f" ({leads_to.pop()})"
        else:
            yield "\n" if part.type in ("softbreak", "hardbreak") else part.content


def _pieces(tokens: Iterable[Token], closing: list[str]) -> Iterator[str]:
    """`closing`: what ends the links that are open."""
    for token in tokens:
        if token.type == "inline":
            yield from _pieces(token.children or [], closing)
        elif token.type == "link_open":
            href = _href(token)
            closing.append("</a>" if _leads_somewhere(href) else "</span>")
            yield (
                f'<a class="govuk-link" href="{escape(href)}"{_relation(href)}>' if closing[-1] == "</a>" else "<span>"
            )
        elif token.type == "link_close":
            yield closing.pop()
        elif not token.hidden:
            yield TAGS.get(token.type, {}).get(token.tag) or str(escape(token.content))


def _href(link: Token) -> str:
    return str(link.attrs.get("href", ""))


def _relation(href: str) -> str:
    return ' rel="noopener noreferrer"' if href.lower().startswith("http") else ""


def _leads_somewhere(href: str) -> bool:
    """To a website, an email address or a telephone number, and to nothing else."""
    try:
        parts = urlsplit(href)
        named, said = parts.hostname or "", unquote(parts.path)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return HOST.fullmatch(named) is not None and "@" not in parts.netloc
    if parts.scheme == "mailto":
        return not (parts.query or parts.netloc) and normal_email(said) is not None
    return parts.scheme == "tel" and href.islower() and TELEPHONE.fullmatch(said) is not None


def _of_parts(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    for token in tokens:
        line = (token.map or [0])[0] + 1
        if token.type in NOT_HERE:
            yield line, NOT_HERE[token.type]
        for part in token.children or []:
            if part.type in NOT_HERE:
                yield line, NOT_HERE[part.type]
            elif part.type == "link_open" and not _leads_somewhere(_href(part)):
                yield line, LINK.format(unquote(_href(part)))
            line += part.type in ("softbreak", "hardbreak")
        yield from ((line, NO_WORDS_IN_LINK) for _ in _empty_links(token))


def _empty_links(token: Token) -> list[Token]:
    parts = token.children or []
    return [first for first, second in itertools.pairwise(parts) if (first.type, second.type) == EMPTY_LINK]


def _of_headings(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    above = 0
    for heading, inside in itertools.pairwise(tokens):
        if heading.type != "heading_open":
            continue
        line, depth = (heading.map or [0])[0] + 1, int(heading.tag[1:])
        if depth > DEEPEST_HEADING:
            yield line, TOO_DEEP
        elif depth > above + 1:
            yield line, SKIPS.format("#" * depth, "#" * (depth - 1))
        if not inside.content:
            yield line, NO_WORDS_IN_HEADING
        above = depth


def _of_lists(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    depth = 0
    for token in tokens:
        if token.type in LISTS:
            depth += token.nesting
            if token.nesting > 0 and depth > DEEPEST_LIST:
                yield (token.map or [0])[0] + 1, LIST_TOO_DEEP
