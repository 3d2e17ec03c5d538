"""Makes one email from a template and facts: text and HTML of the same words, inline pictures, headers that start no
loop."""

import re
from collections.abc import Awaitable, Callable, Mapping
from email.headerregistry import Address
from email.message import MIMEPart
from email.policy import SMTP, EmailPolicy
from functools import lru_cache
from typing import Any, NamedTuple

from events.ground import clock, keys
from events.ground.settings import current
from events.web.forms import clean, normal_email

from .bounces.return_path import address_in, envelope_sender
from .outbox import Message
from .words import ENCODED, words_of
from .words import TEMPLATES as TEMPLATES
from .words import subject_of as subject_of


class Email(NamedTuple):
    """One email as a relay is given it: all of it ASCII, whatever the relay can take."""

    sender: str  # of the envelope: where it comes back to
    to: str
    raw: bytes


Writer = Callable[[Message], Awaitable[Email | None]]  # when its turn comes; None: no longer true, so not sent
LINKS_BEGIN = re.compile(r"(?<=\w)\.(?=\w\w)|://|@")
OF_ONE_PERSON = {"To", "Date", "Message-ID"}  # headers; all others are the same in many emails
READ, KINDS = lru_cache(maxsize=64)(SMTP.header_store_parse), lru_cache(SMTP.header_max_count)
FOLDED = lru_cache(maxsize=64)(SMTP.clone(cte_type="7bit", max_line_length=76).fold_binary)


class OnceForMany(EmailPolicy):
    """Reads and folds once what many emails say alike, which is half of the work of writing one."""

    def header_max_count(self, name: str) -> int | None:
        return KINDS(name)

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return super().header_store_parse(name, value) if name in OF_ONE_PERSON else READ(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return super().fold_binary(name, value) if name in OF_ONE_PERSON else FOLDED(name, value)


# what no relay has to wrap or to convert
ASCII = OnceForMany(linesep="\r\n", cte_type="7bit", max_line_length=76)
ALTERNATIVE, RELATED = "=_alternative", "=_related"  # fixed ones: nothing quoted-printable or base64 can hold them


class NotAnAddress(ValueError):
    """No email can ever reach this address. The error's text does not hold it."""


def write(
    message: Message,
    *,
    to: str,
    facts: Mapping[str, Any],
    name: str = "",
    images: Mapping[str, bytes] | None = None,
) -> Email:
    """The email of this message: the same facts give the same bytes. A picture is `cid:{{ cid.its_name }}`.

    `name` goes beside the address, as spam filters expect; only for people who have confirmed it.
    """
    sender, recipient = current().sender, _one_address(to)
    cids = {name: f"{name}@{own_domain()}" for name in images or {}}
    template = message.template
    words = words_of(template, facts, cids)
    email = MIMEPart(ASCII)
    email["From"] = sender
    email["To"] = Address(harmless(name).replace(ENCODED, "= ?"), addr_spec=recipient)
    email["Reply-To"] = current().reply_to or sender
    email["Subject"] = words.subject
    email["Date"] = clock.local(message.queued_at)
    email["Message-ID"] = message_id(message)
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # never All, which also suppresses bounces
    email["MIME-Version"] = "1.0"
    email.make_alternative(ALTERNATIVE)
    email.attach(_part("plain", words.plain))
    email.attach(_with_pictures(_part("html", words.html), images or {}, cids))
    return Email(envelope_sender(message.id), recipient, email.as_bytes())


def message_id(message: Message) -> str:
    """The same for each try, so that a repeat is recognised. It is on our own domain and reveals no count."""
    return f"<{keys.keyed_hash('message id', str(message.id))}@{own_domain()}>"


def own_domain() -> str:
    return address_in(current().sender).rpartition("@")[2]


def harmless(text: str) -> str:
    """What a guest typed, on one line, and without anything that an email program turns into a link."""
    return LINKS_BEGIN.sub(r"\g<0> ", clean(text))


def _one_address(to: str) -> str:
    """Exactly one address, whatever the text holds: no second recipient and no header can hide in it."""
    normal = normal_email(to)
    if normal is None:  # what email programs would decode is refused there, too
        raise NotAnAddress("this is no address that an email can be sent to")
    return normal


def _part(kind: str, encoded: bytes) -> MIMEPart:
    part = MIMEPart(ASCII)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(encoded.decode("ascii"))
    return part


def _with_pictures(html: MIMEPart, images: Mapping[str, bytes], cids: Mapping[str, str]) -> MIMEPart:
    if images:
        html.make_related(RELATED)
    for name, png in images.items():
        html.add_related(png, "image", "png", filename=f"{name}.png", disposition="inline", cid=f"<{cids[name]}>")
    return html
