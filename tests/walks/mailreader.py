"""Who reads the rehearsal's mailbox: by the text of its pages, with no browser that draws them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.request import urlopen

from tests.walks.people import PATIENCE, until
from tests.walks.phone import code_in
from tests.walks.rehearsal import Rehearsed

# What is changed of a booking is gathered for ten minutes, which no walk waits for.
WAITING = "SELECT id FROM message WHERE state = 'queued' AND next_try_at < datetime('now', '+2 minutes')"
TICKETS = """SELECT r.public_id, t.id FROM ticket t JOIN registration r ON r.id = t.registration_id
    WHERE t.revoked_at IS NULL"""
TICKET = re.compile("/ticket/(.{16})")  # a link begins with the public id
ROW = re.compile(r'<a class="govuk-link" href="(/rehearsal/mailbox/\d+)">([^<]*)</a>')


@dataclass
class Mailreader:
    """Opens one mail after the other, as its recipient would."""

    rehearsal: Rehearsed
    email: str = ""  # the address of the page of the open one

    def opens_newest(self, address: str, subject: str) -> None:
        """The newest mail to this address whose subject begins so; waits for it."""
        until(lambda: not self.rehearsal.rows(WAITING), "an empty outbox", 4 * PATIENCE)

        def found() -> bool:
            [(self.email, newest), *_] = self.listed(address) or [("", "")]
            return bool(self.email) and newest.startswith(subject)

        until(found, f"an email to {address}: {subject}")

    def listed(self, words: str) -> list[tuple[str, str]]:
        """Page and subject of the mails that have these words, the newest first."""
        rows = ROW.findall(self.got(f"{self.rehearsal.mailbox}?find={words}"))
        return [(f"{self.rehearsal.base}{path}", unescape(subject)) for path, subject in rows]

    def got(self, address: str) -> str:
        return str(self.fetched(address).decode())

    def fetched(self, address: str) -> bytes:
        with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310
            return bytes(answer.read())

    @property
    def text(self) -> str:
        """Of the open mail."""
        [found] = re.findall(r'<pre class="email__text"[^>]*>(.*?)</pre>', self.got(self.email), re.DOTALL)
        return unescape(found)

    def link(self, part: str) -> str:
        """The link in the open mail whose path has this part."""
        return next(str(link) for link in re.findall(r"https?://\S+", self.text) if f"/{part}/" in link)

    def every_link(self, address: str) -> list[str]:
        """All that stands in the mails to this address as something to press, the newest mail first."""
        pictures = [self.got(f"{email}/picture") for email, _ in self.listed(address)]
        return [unescape(link) for html in pictures for link in re.findall(r'href="(http[^"]+)"', html)]

    def picture(self) -> bytes:
        """The QR of the open mail, as it came: a PNG by its content id."""
        sources = re.findall(r'<img[^>]* src="([^"]+)"', self.got(f"{self.email}/picture"))
        return self.fetched(f"{self.rehearsal.base}{unescape(sources[0])}")


def tickets(rehearsal: Rehearsed, least: int) -> Iterator[tuple[str, str]]:
    """Name and code of at least so many people of the rehearsal, read out of the mails that brought their tickets."""
    until(lambda: not rehearsal.rows(WAITING), "an empty outbox", 4 * PATIENCE)
    mail = Mailreader(rehearsal)
    emails = mail.listed("Your%20place")
    assert len(emails) > least
    for mail.email in last_to_come_first(rehearsal, [email for email, _ in emails]):
        if "They tell you how to arrive" in mail.text:
            continue  # by another entrance: the lead meets them
        name = re.search(r"Dear (.+?)[,\n]", mail.text)
        if name and "<img" in mail.got(f"{mail.email}/picture"):
            yield name[1], code_in(mail.picture())


def last_to_come_first(rehearsal: Rehearsed, emails: list[str]) -> list[str]:
    """An email for each ticket that stands, the newest ticket first: invented guests come by themselves in the order of
    theirs, and whoever is to be scanned must not have come."""
    ids = {row["public_id"]: row["id"] for row in rehearsal.rows(TICKETS)}
    newest = dict[int, str]()
    for email in reversed(emails):
        if (link := TICKET.search(Mailreader(rehearsal, email).text)) and link[1] in ids:
            newest[ids[link[1]]] = email
    return [newest[id_] for id_ in sorted(newest, reverse=True)]
