"""Makes one email from a template and facts: text and HTML of the same words, inline pictures, headers that start no
loop.

We write its bytes ourselves: Python's email package takes ten times as long. Only what is rare and hard, a header that
is long or not plain ASCII, is left to it.
"""

import re
from base64 import encodebytes
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.headerregistry import Address, HeaderRegistry
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from events.ground import clock, keys
from events.ground.settings import current
from events.web.forms import clean, normal_email

from .bounces.return_path import address_in, envelope_sender
from .outbox import Message
from .words import ENCODED, Alike, words_beside, words_of
from .words import TEMPLATES as TEMPLATES
from .words import subject_of as subject_of


class Email(NamedTuple):
    """One email as a relay is given it: all of it ASCII, whatever the relay can take."""

    sender: str  # of the envelope: where it comes back to
    to: str
    raw: bytes


Compose = Callable[[], Awaitable[Email | None]]  # written when its turn comes; None: no longer true, so not sent
Writer = Callable[[Sequence[Message]], Awaitable[Sequence[Compose]]]  # reads for several at once; one for each
LINKS_BEGIN = re.compile(r"(?<=\w)\.(?=\w\w)|://|@")
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # needs no quotes before an address (RFC 5322)
LONGEST_LINE = 76  # of quoted-printable (RFC 2045), and of headers that are not folded
FOLDS = SMTP.clone(cte_type="7bit", max_line_length=LONGEST_LINE)

ALTERNATIVE, RELATED = "=_alternative", "=_related"  # fixed ones: nothing we encode can hold them
HEAD = """From:{sender}
To:{to}
Reply-To:{reply_to}
Subject:{subject}
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: OOF, AutoReply
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_alternative"

"""  # of X-Auto-Response-Suppress never All, which also suppresses bounces


class NotAnAddress(ValueError):
    """No email can ever reach this address. The error's text does not hold it."""


def each(write: Callable[[Message], Awaitable[Email | None]]) -> Writer:
    """A writer that reads for one message at a time."""

    async def writer(messages: Sequence[Message]) -> Sequence[Compose]:
        return [partial(write, message) for message in messages]

    return writer


def write(
    message: Message,
    *,
    to: str,
    facts: Mapping[str, Any],
    alike: Alike | None = None,
    name: str = "",
    images: Mapping[str, bytes] | None = None,
) -> Email:
    """The email of this message: the same facts give the same bytes. A picture is `cid:{{ cid.its_name }}`.

    `name` goes beside the address, as spam filters expect; only for people who have confirmed it. `alike`: what many
    emails say alike; then `facts` are only what this one says beside, each of them text.
    """
    sender, recipient = current().sender, _one_address(to)
    cids = {name: f"{name}@{own_domain()}" for name in images or {}}
    template = message.template
    words = words_of(template, facts, cids) if alike is None else words_beside(template, alike, facts, cids)
    head = HEAD.format(
        sender=_fixed("From", sender),
        to=_named(recipient, harmless(name).replace(ENCODED, "= ?")),
        reply_to=_fixed("Reply-To", current().reply_to or sender),
        subject=_fixed("Subject", words.subject),
        date=format_datetime(clock.local(message.queued_at)),
        message_id=message_id(message),
    )
    html = _part("html", words.html)
    html = _with_pictures(html, images, cids) if images else html
    raw = head.replace("\n", "\r\n").encode() + _joined(ALTERNATIVE, _part("plain", words.plain), html)
    return Email(envelope_sender(message.id), recipient, raw)


def message_id(message: Message) -> str:
    """The same for each try, so that a repeat is recognised. It is on our own domain and reveals no count."""
    return f"<{keys.keyed_hash('message id', str(message.id))}@{own_domain()}>"


def own_domain() -> str:
    return address_in(current().sender).rpartition("@")[2]


def harmless(text: str) -> str:
    """What a guest typed, on one line, and without anything that an email program turns into a link."""
    return LINKS_BEGIN.sub(r"\g<0> ", clean(text))


@lru_cache(maxsize=64)
def _fixed(name: str, value: str) -> str:
    """The value of a header that is the same in many emails."""
    return _folded(name, value)


def _folded(name: str, value: Any) -> str:
    """What stands behind the colon, from the blank or line end on."""
    header = str(HeaderRegistry()(name, value).fold(policy=FOLDS))
    return header.removeprefix(f"{name}:").rstrip("\r\n").replace("\r\n", "\n")


def _one_address(to: str) -> str:
    """Exactly one address, whatever the text holds: no second recipient and no header can hide in it."""
    normal = normal_email(to)
    if normal is None:  # what email programs would decode is refused there, too
        raise NotAnAddress("this is no address that an email can be sent to")
    return normal


def _named(address: str, name: str) -> str:
    short = len(f"To: {name} <{address}>") <= LONGEST_LINE
    if short and PLAIN_NAME.fullmatch(name):
        return f" {name} <{address}>" if name else f" {address}"
    return _folded("To", Address(name, addr_spec=address))


def _part(kind: str, encoded: bytes) -> bytes:
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + encoded


def _with_pictures(html: bytes, images: Mapping[str, bytes], cids: Mapping[str, str]) -> bytes:
    pictures = [_picture(name, png, cids[name]) for name, png in images.items()]
    return f'Content-Type: multipart/related; boundary="{RELATED}"\r\n\r\n'.encode() + _joined(RELATED, html, *pictures)


def _picture(name: str, png: bytes, cid: str) -> bytes:
    head = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: inline; filename="{name}.png"\r\nContent-ID: <{cid}>\r\n\r\n'
    )
    return head.encode() + encodebytes(png).replace(b"\n", b"\r\n")


def _joined(boundary: str, *parts: bytes) -> bytes:
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
