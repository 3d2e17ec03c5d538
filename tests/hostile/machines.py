"""Machines that read email before people do: they open every link, follow what they find and send every form."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx2
from tortoise.models import Model

from events.mail.outbox import Message
from registrations.all_emails import writers
from tests.browser import BASE
from tests.mail_reading import html_of, links_of, written
from tests.tables import models

FIRST, LAST = 0, -1  # of the radios
WORD = "x"  # what it types where a form is empty and it was told to type


@dataclass
class Posted:
    """A form of a page: where it goes, and how."""

    action: str
    method: str


@dataclass
class Form(Posted):
    """As it stands on its page; `choices` are the radios of which none is chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


F = TypeVar("F", bound=Posted)


class Found(HTMLParser, Generic[F]):
    """The links and forms of one page, with what `note` makes of a field of theirs."""

    def __init__(self, html: str, kind: type[F]) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[F] = []
        self.kind = kind
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "form":
            self.forms.append(self.kind(said.get("action", ""), said.get("method", "get").upper()))
        elif tag in ("input", "select", "button", "textarea") and self.forms and said.get("name"):
            self.note(self.forms[-1], tag, said)

    def note(self, form: F, tag: str, said: dict[str, str]) -> None:
        raise NotImplementedError


class Standing(Found[Form]):
    """Forms as a machine sends them that reads no label."""

    def note(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name = said["name"]
        if said.get("type") in ("radio", "checkbox") and "checked" not in said:
            form.choices.setdefault(name, []).append(said.get("value", "on"))
        else:
            form.fields[name] = said.get("value", "")


class Gateway:
    """Opens all it can reach on our own host; sends each form as it stands, or with a choice made."""

    def __init__(self, client: httpx2.AsyncClient, *, chooses: int | None = None, sends: bool = True) -> None:
        self.client, self.chooses, self.sends = client, chooses, sends
        self.seen: dict[str, httpx2.Response] = {}
        self.sent: list[tuple[str, int]] = []

    async def follow(self, links: Iterable[str]) -> None:
        waiting = [link for link in links if self._is_new(link)]
        while waiting:
            link = waiting.pop(0)
            if not self._is_new(link):
                continue
            waiting += [further async for further in self._open(link)]

    def _is_new(self, link: str) -> bool:
        parts = urlsplit(urljoin(BASE, link))
        return f"{parts.scheme}://{parts.netloc}" == BASE and self._key(link) not in self.seen

    def _key(self, link: str) -> str:
        return urljoin(BASE, link).split("#")[0]

    async def _open(self, link: str) -> AsyncIterator[str]:
        """Yields what the page leads to."""
        for method in ("HEAD", "OPTIONS"):
            await self.client.request(method, self._key(link))
        answer = self.seen[self._key(link)] = await self.client.get(self._key(link))
        if "location" in answer.headers:
            yield urljoin(link, answer.headers["location"])
        if "text/html" not in answer.headers.get("content-type", ""):
            return
        found = Standing(answer.text, Form)
        for address in found.links:
            yield urljoin(self._key(link), address)
        for form in found.forms if self.sends else []:
            yield await self._send(link, form)

    async def _send(self, link: str, form: Form) -> str:
        made = {} if self.chooses is None else {name: values[self.chooses] for name, values in form.choices.items()}
        data = form.fields | made
        to = urljoin(self._key(link), form.action)
        answer = await self.client.request(form.method, to, data=data)
        self.sent.append((urlsplit(to).path, answer.status_code))
        return urljoin(to, answer.headers.get("location", to))


async def emails() -> list[EmailMessage]:
    """All that waits in the outbox, as it would be sent now."""
    waiting = await Message.filter(state="queued")
    return [email for message in waiting if (email := await written(writers()[message.template], message))]


def links_in(emails: Iterable[EmailMessage]) -> Iterator[str]:
    for email in emails:
        yield from (href for href, _ in links_of(html_of(email)))


async def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    return {model._meta.db_table: await _rows(model) for model in models()}


async def _rows(model: type[Model]) -> list[dict[str, Any]]:
    return await model.all().order_by("id").values()
