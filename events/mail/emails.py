"""Makes one email from a template and facts: text and HTML of the same words, inline pictures, headers that start no
loop.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from events.ground import clock, keys, wording
from events.ground.settings import current
from events.web.forms import clean, normal_email

from .outbox import Message

Writer = Callable[[Message], Awaitable[EmailMessage | None]]  # None: no longer true, so nothing is sent
TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"
CTE = "quoted-printable"
SAME_IN_EACH = {
    "auto-submitted",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "mime-version",
    "x-auto-response-suppress",
}
ENCODED = "=?"  # begins an encoded word, which Python's headers decode, line ends and all, and write out as lines
LINKS_BEGIN = re.compile(r"(?<=\w)\.(?=\w\w)|://|@")


class Headers(HeaderRegistry):
    """Parses the fixed headers once: half the time of writing an email went into parsing them. Makes one class for each
    name of a header, where Python's registry makes one for each header of each email."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._kinds.get(name.lower()) or self._kinds.setdefault(name.lower(), super().__getitem__(name))

    def __call__(self, name: str, value: Any) -> Any:
        if name.lower() in SAME_IN_EACH and type(value) is str:
            return _read_once(name, value)
        return super().__call__(name, value)


@lru_cache(maxsize=256)
def _read_once(name: str, value: str) -> Any:
    return HeaderRegistry()(name, value)


# The same bytes whatever a relay can do, in lines of 76 as quoted-printable wants them (RFC 2045).
PLAIN = SMTP.clone(cte_type="7bit", max_line_length=76, header_factory=Headers())


class NotAnAddress(ValueError):
    """No email can ever reach this address. The error's text does not hold it."""


def write(
    message: Message, *, to: str, facts: Mapping[str, Any], name: str = "", images: Mapping[str, bytes] | None = None
) -> EmailMessage:
    """The email of this row, the same bytes each time the facts are the same. A picture is `cid:{{ cid.its_name }}`.

    `name` is put beside the address, as filters expect of honest senders; only for people who are known by it.
    """
    domain = own_domain()
    cids = {name: f"{name}@{domain}" for name in images or {}}
    subject = clean(_render(f"{message.template}/subject.txt", facts)).replace(ENCODED, "= ?")
    known = {**facts, "subject": subject, "cid": cids}
    email = EmailMessage(policy=PLAIN)
    email["From"] = _fixed("From", current().sender)
    email["To"] = _one_address(to, name)
    email["Reply-To"] = _fixed("Reply-To", current().reply_to or current().sender)
    email["Subject"] = subject
    email["Date"] = clock.local(message.queued_at)
    email["Message-ID"] = message_id(message)
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # never All, which also suppresses bounces
    email.set_content(_render(f"{message.template}/body.txt", known), cte=CTE)
    email.add_alternative(_render(f"{message.template}/body.html", known), subtype="html", cte=CTE)
    email.set_boundary("=_alternative")  # a fixed one: nothing we encode can hold it, and a repeat is the same bytes
    if images:
        _put_inside(cast(EmailMessage, list(email.iter_parts())[1]), images, cids)
    return email


def message_id(message: Message) -> str:
    """The same for each try, so that a repeat is recognised. It is on our own domain and reveals no count."""
    return f"<{keys.keyed_hash('message id', str(message.id))}@{own_domain()}>"


def own_domain() -> str:
    return parseaddr(current().sender)[1].rpartition("@")[2]


def harmless(text: str) -> str:
    """What a guest typed, on one line, and without anything that an email program turns into a link."""
    return LINKS_BEGIN.sub(r"\g<0> ", clean(text))


@lru_cache(maxsize=16)
def _fixed(name: str, value: str) -> Any:
    """A header that is the same in every email: parsing an address takes a quarter of a millisecond."""
    return PLAIN.header_factory(name, value)


def _one_address(to: str, name: str) -> Address:
    """Exactly one address, whatever both texts hold: no second recipient and no header can hide in it."""
    normal = normal_email(to)
    if normal is None:  # what email programs would decode is refused there, too
        raise NotAnAddress("this is no address that an email can be sent to")
    return Address(harmless(name).replace(ENCODED, "= ?"), addr_spec=normal)


def _put_inside(html: EmailMessage, images: Mapping[str, bytes], cids: Mapping[str, str]) -> None:
    for name, png in images.items():
        cid = f"<{cids[name]}>"
        html.add_related(png, "image", "png", cid=cid, filename=f"{name}.png", disposition="inline")
    html.set_boundary("=_related")


def _render(template: str, facts: Mapping[str, Any]) -> str:
    return _templates().get_template(template).render(facts)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """Raises an error for a fact that a template names and nobody gave: an email with a gap is never sent."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["wording"] = wording
    return made
