"""The templates of emails' text, made from those of their HTML: each sentence of an email stands once."""

import re
from collections.abc import Callable
from contextlib import suppress

from jinja2 import Environment, FileSystemLoader, TemplateNotFound

OTHERS = re.compile(r'({% (?:extends|include|from) "\w+(?:/\w+)?)\.html"')
PICTURE = re.compile(r"<p[^>]*><img[^>]*></p>")
BREAK = re.compile(r"(?<!\n)<br>")  # at the beginning of a line one stands there already
ENDS = re.compile(r"</(?:p|ul)>")
TAGS = re.compile(r"</?(?:p|ul|li|strong|br)\b[^>]*>")
EMPTY_LINES = re.compile(r"\n{3,}")


class WithTexts(FileSystemLoader):
    """Finds x.txt, or else makes it from x.html."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        with suppress(TemplateNotFound):
            return super().get_source(environment, template)
        html, file, is_fresh = super().get_source(environment, template.removesuffix(".txt") + ".html")
        return text_template(html), file, is_fresh


def text_template(html: str) -> str:
    """A paragraph is followed by an empty line, or more of them: base.txt leaves one."""
    text = BREAK.sub("\n", PICTURE.sub("", OTHERS.sub(r'\1.txt"', html)))
    return TAGS.sub("", ENDS.sub("\n\n", text))


def paragraphs(text: str) -> str:
    """With one empty line between them, and none around them."""
    return EMPTY_LINES.sub("\n\n", text).strip("\n")
