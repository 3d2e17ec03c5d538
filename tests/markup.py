"""What HTML checkers found on our pages once, looked for again in each page that a test is given."""

import re
from collections import Counter
from html.parser import HTMLParser

NATIVE = {
    "ul": "list", "ol": "list", "li": "listitem", "nav": "navigation", "main": "main", "header": "banner",
    "footer": "contentinfo", "button": "button", "table": "table", "tr": "row", "td": "cell", "section": "region",
    "form": "form", "thead": "rowgroup", "tbody": "rowgroup", "aside": "complementary",
}  # fmt: skip
SAID_BY_TH = {"columnheader", "rowheader"}
MANY = {"radio", "checkbox", "submit"}  # of these several may have one name
TICKED = {"radio", "checkbox", "hidden"}
UNNAMED = {"div", "span", "p", "pre", "code", "strong", "em", "dl", "dt", "dd"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
UNBROKEN = {"telephone", "support__number"}  # classes whose text stays on one line
LONG_NUMBER = re.compile(r"tel:.{4}")  # 999 cannot break
SUMMARY, LED_TO = re.compile(r"govuk-error-summary__list\">(.*?)</ul>", re.S), re.compile(r'href="#([^"]+)"')
VOID = {"meta", "link", "br", "hr", "img", "input", "base", "wbr", "path", "use", "circle", "rect"}


class Markup(HTMLParser):
    """Reads a page once; `faults` says what is wrong, one sentence each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults = [] if html.startswith("<!DOCTYPE html>") else ["no doctype in capitals"]
        self.ids: Counter[str] = Counter()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.controls: Counter[str] = Counter()  # names in the form that is open
        self.headless: list[bool] = []  # of each open section, whether it still lacks a heading
        self.feed(html)
        self.faults += [f"id {name} stands {times} times" for name, times in self.ids.items() if times > 1]
        self.faults += [f"<{tag}> is not closed" for tag in self.open]
        led = [name for errors in SUMMARY.findall(html) for name in LED_TO.findall(errors) if name in self.ids]
        if led != sorted(led, key=list(self.ids).index):
            self.faults.append("errors in another order than their fields")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags[tag] += 1
        if len(known) < len(attrs):
            self.faults.append(f"<{tag}> says the same twice")
        if known.get("id"):
            self.ids[str(known["id"])] += 1
        if tag in ("button", "input") and "type" not in known:
            self.faults.append(f"<{tag}> without a type")
        if tag == "img" and "alt" not in known:
            self.faults.append("a picture without words")
        if "role" in known and (known["role"] == NATIVE.get(tag) or (tag == "th" and known["role"] in SAID_BY_TH)):
            self.faults.append(f"<{tag}> says its own role")
        if tag == "a" and LONG_NUMBER.match(str(known.get("href"))) and not UNBROKEN & classes_of(known):
            self.faults.append("a telephone number that may break")
        if tag == "input" and known.get("type") in TICKED and "autocomplete" in known:
            self.faults.append("autocomplete where nothing is typed")
        if "aria-label" in known and tag in UNNAMED and "role" not in known:
            self.faults.append(f"<{tag}> has a name, and no role")
        self._look_at_form(tag, known)
        self._look_at_section(tag, known)
        if tag not in VOID:
            self.open.append(tag)

    def _look_at_section(self, tag: str, known: dict[str, str | None]) -> None:
        """A section is a part of the page with a heading of its own, or with a name."""
        if tag == "section":
            self.headless.append("aria-label" not in known and "aria-labelledby" not in known)
        elif tag in HEADINGS:
            self.headless = [False] * len(self.headless)

    def _look_at_form(self, tag: str, known: dict[str, str | None]) -> None:
        """Two fields of one name in a form: only one is sent, or both, and nobody knows which."""
        if tag == "form":
            self.controls.clear()
        if tag in ("input", "select", "textarea") and "form" in self.open and known.get("type") not in MANY:
            self.controls[str(known.get("name"))] += 1
            if known.get("name") and self.controls[str(known["name"])] == 2:
                self.faults.append(f"two fields are named {known['name']}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag == "section" and self.headless and self.headless.pop():
            self.faults.append("a section without a heading")
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.faults.append(f"<{tag}/> closes itself")


def classes_of(known: dict[str, str | None]) -> set[str]:
    return set(str(known.get("class") or "").split())


def unbroken_in(css: str) -> set[str]:
    """The classes that a style sheet keeps on one line."""
    rules = re.findall(r"([^{}]+)\{[^{}]*white-space: nowrap[^{}]*\}", css)
    return {name for rule in rules for name in re.findall(r"\.([\w-]+)", rule)}
