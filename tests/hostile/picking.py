"""A machine that opens every link and presses every button, and sends each form with each single choice in it but Yes.

What it types into a field that is empty is one word, the same for all. Whatever it changes it notes, with how.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.browser import BASE
from tests.hostile.gateway import everything, path_of_route, rows_touched
from tests.hostile.machines import Found, Posted

WORD = "x"
IN_LABEL = re.compile("^Type \u201c(.+?)\u201d")
TEXTS = ("text", "email", "tel", "search", "number", "")
Choice = tuple[str, str]  # a name and its value
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Form(Posted):
    stands: list[Choice] = field(default_factory=list)  # as the page fills it in
    empty: dict[str, str] = field(default_factory=dict)  # what somebody could type into, with the word in its label
    choices: list[Choice] = field(default_factory=list)  # radios, boxes and buttons, by whatever name

    def tries(self, reads: bool) -> Iterator[tuple[str, list[Choice]]]:
        """What is chosen, and all that is sent: as it stands, and with each single choice; each again with a word in
        what is empty, which for whoever reads is the one in its label."""
        nothing = [(name, "") for name in self.empty]
        typed = [(name, word if reads else WORD) for name, word in self.empty.items()]
        for choice in [[], *([choice] for choice in self.choices)]:
            chose = "".join("=".join(pair) for pair in choice)
            yield chose, [*self.stands, *nothing, *choice]
            if typed:
                yield chose, [*self.stands, *typed, *choice]


class Forms(Found[Form]):
    """A choice whose label begins with Yes is left to people."""

    def __init__(self, html: str) -> None:
        self._ids: dict[str, tuple[Form, Choice]] = {}
        self._words: dict[str, str] = {}
        self._label = self._area = ""
        super().__init__(html, Form)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag == "label":
            self._label = dict(attrs).get("for") or ""

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        if self._area:
            self.forms[-1].stands.append((self._area, data))
            self.forms[-1].empty.pop(self._area)
            return
        form, choice = self._ids.get(self._label, (None, ("", "")))
        if form is not None and data.strip().startswith("Yes"):
            form.choices.remove(choice)
        if (asked := IN_LABEL.search(data)) and self.forms:
            self._words[self._label] = asked[1]
        self._label = ""

    def note(self, form: Form, tag: str, said: dict[str, str]) -> None:
        choice, kind = (said["name"], said.get("value", "on")), said.get("type", "")
        if tag == "button" or (kind in ("radio", "checkbox") and "checked" not in said):
            form.choices.append(choice)
            self._ids[said.get("id", "")] = form, choice
        elif tag == "input" and (kind not in TEXTS or said.get("value")):
            form.stands.append(choice)
        else:
            self._area = said["name"] if tag == "textarea" else ""
            form.empty[said["name"]] = self._words.get(said.get("id", ""), "")


class Change(NamedTuple):
    route: str
    chose: str  # like photos=no; empty for a form as it stands
    what: frozenset[str]  # columns of rows that were there, and tables with new rows or fewer


class Picker:
    """Opens every page that it comes to; sends the forms whose path begins so. A person `reads` what a label asks them
    to type; no machine does."""

    def __init__(self, client: httpx2.AsyncClient, under: tuple[str, ...], *, reads: bool = False) -> None:
        self.client, self.under, self.reads = client, under, reads
        self.opened: set[str] = set()
        self.sent: set[str] = set()  # routes
        self.changes: list[Change] = []
        self._tried: set[tuple[str, tuple[Choice, ...]]] = set()

    async def follow(self, links: Iterable[str]) -> None:
        waiting = list(links)
        while waiting:
            link = urljoin(BASE, waiting.pop(0)).partition("#")[0]
            if link not in self.opened and link.startswith(f"{BASE}/"):
                self.opened.add(link)
                waiting += await self._read(link)

    async def _read(self, link: str) -> list[str]:
        """What the page leads to, and what its forms do."""
        answer = await self.client.get(link)
        led_to = [answer.headers["location"]] if "location" in answer.headers else []
        if "text/html" not in answer.headers.get("content-type", ""):
            return led_to
        found = Forms(answer.text)
        led_to += [urljoin(link, address) for address in found.links]
        for form in found.forms:
            to = urljoin(link, form.action)
            if urlsplit(to).path.startswith(self.under):
                for chose, tried in form.tries(self.reads):
                    led_to += await self._send(form.method, to, chose, tried)
        return led_to

    async def _send(self, method: str, to: str, chose: str, tried: list[Choice]) -> list[str]:
        if (to, tuple(tried)) in self._tried:
            return []
        self._tried.add((to, tuple(tried)))
        before, touched = await everything(), await rows_touched()
        data: dict[str, list[str]] = {}
        for name, value in tried:
            data.setdefault(name, []).append(value)
        answer = await self.client.request(method, to, data=data)
        route = path_of_route(urlsplit(to).path) or to
        self.sent.add(route)
        if await rows_touched() != touched:
            what = _changed(before, await everything())
            self.changes += [Change(route, chose, what)] if what else []
        return [urljoin(to, answer.headers["location"])] if "location" in answer.headers else []


def _changed(before: Rows, after: Rows) -> frozenset[str]:
    return frozenset(what for table in before for what in _changed_in(table, before[table], after[table]))


def _changed_in(table: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    was, now = ({row.get("id", next(iter(row.values()))): row for row in rows} for rows in (before, after))
    if was.keys() - now.keys():
        yield f"fewer in {table}"
    for row in (now[id_] for id_ in now.keys() - was.keys()):
        yield f"{table}: {row['template']}" if table == "message" else f"new in {table}"
    for id_ in was.keys() & now.keys():
        yield from (f"{table}.{column}" for column, value in now[id_].items() if was[id_].get(column) != value)
