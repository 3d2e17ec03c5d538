"""Reads what came back: whether a mail system says that an email failed or is delayed, and with which status.

By RFC 3464 first; then by `flufl.bounce`, which knows many systems that keep to no standard. Of the message nothing but
that is kept. It may be huge, cut off, nested a thousand times or made to be slow: only its beginning is looked at.
"""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from typing import Any, NamedTuple

from flufl.bounce import all_failures

from .. import delivery

MOST = 128 * 1024  # bytes that are looked at: the report stands before the email that is sent back with it
MOST_PARTS = 50
MOST_OF_TEXT, LONGEST_LINE = 32 * 1024, 300  # of what is looked through for the words of odd systems
DELIVERY_STATUS = re.compile(rb"^(content-type:\s*)message/(?=(global-)?delivery-status)", re.I | re.M)
MAIL_SYSTEM = re.compile(
    r"mailer-?daemon|postmaster|mdaemon|mail (delivery|system|administrator)|delivery (sub)?system"
    r"|system administrator",
    re.I,
)
BY_ITSELF = re.compile(
    r"\s*(automatic reply|auto(matic)?[ -]?(reply|response|antwort)|auto:|out of (the )?office)", re.I
)
logging.getLogger("flufl.bounce").disabled = True  # its lines may hold what it reads


class Kind(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    NOTHING = "nothing"  # an automatic reply, a receipt, or word that it arrived
    UNKNOWN = "not understood"


class Report(NamedTuple):
    kind: Kind
    status: str = ""  # RFC 3463: of FAILED mostly 5.x.x, or 4.x.x once a mail system has given up trying


NOTHING, UNKNOWN = Report(Kind.NOTHING), Report(Kind.UNKNOWN)
KNOWN_ACTIONS = {
    "fail": Kind.FAILED,
    "error": Kind.FAILED,  # OpenSMTPD's
    "delay": Kind.DELAYED,
    "deliver": Kind.NOTHING,
    "relay": Kind.NOTHING,
    "expand": Kind.NOTHING,
}


def read(raw: bytes) -> Report:
    """Never raises: what makes Python's own parser fail is UNKNOWN. It would also take a delivery status apart, and
    lose what is not written as it should be: so that is given to it as text."""
    try:
        return _read(message_from_bytes(DELIVERY_STATUS.sub(rb"\1text/", raw[:MOST])))
    except Exception:  # of any kind, as RecursionError; its words may hold an address
        return UNKNOWN


def head_of(raw: bytes) -> str:
    """The message's own header, which holds the address that it was sent to."""
    head = re.split(rb"\r?\n\r?\n", raw[:MOST_OF_TEXT], maxsplit=1)[0]
    return head.decode("ascii", "replace")


def _read(message: "Message[str, str]") -> Report:
    said = [report for part in _parts(message) for report in _by_standard(part)]
    if said:
        return next((report for kind in Kind for report in said if report.kind is kind), NOTHING)
    head = {name.lower(): str(value) for name, value in message.items()}
    is_report = message.get_content_type() == "multipart/report"  # of another kind: a receipt, a complaint
    if is_report or BY_ITSELF.match(head.get("subject", "")) or not _is_from_a_mail_system(head):
        return NOTHING
    return _by_experience(message)


def _parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Not those of the email that is sent back, which may be a report itself."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            parts: Any = part.get_payload()
            waiting = [*parts, *waiting]


def _by_standard(part: "Message[str, str]") -> Iterator[Report]:
    """For each recipient that a delivery status tells of. We send each email to one."""
    if not part.get_content_type().endswith("delivery-status"):
        return
    raw: Any = part.get_payload(decode=True)
    text = raw.decode("ascii", "replace").replace("\r\n", "\n")
    for block in re.split(r"\n[ \t]*\n", text)[:MOST_PARTS]:
        unfolded = re.sub(r"\n[ \t]+", " ", block)
        lines = (line.partition(":") for line in unfolded.split("\n"))
        fields = {name.strip().lower(): value.strip()[: 4 * LONGEST_LINE] for name, _, value in lines}
        if report := _of_recipient(fields):
            yield report


def _of_recipient(fields: dict[str, str]) -> Report | None:
    """None of the first block, which is about the message."""
    action, given = fields.get("action", "").lower(), fields.get("status", "")[:12]
    kind = next((kind for begins, kind in KNOWN_ACTIONS.items() if action.startswith(begins)), None)
    if kind is None and not action:
        kind = {"5": Kind.FAILED, "4": Kind.DELAYED, "2": Kind.NOTHING}.get(given[:1])
    if kind is None:
        return None
    if kind is Kind.NOTHING:
        return NOTHING
    group = "4" if kind is Kind.DELAYED or given.startswith("4") else "5"
    diagnostic = fields.get("diagnostic-code", "")
    return Report(kind, delivery.status_in(f"{given} {diagnostic}", group) or f"{group}.0.0")


def _is_from_a_mail_system(head: dict[str, str]) -> bool:
    marked = {"x-failed-recipients", "x-ms-exchange-message-is-ndr"} & head.keys()
    return bool(marked or MAIL_SYSTEM.search(head.get("from", "")[:LONGEST_LINE]))


def _by_experience(message: "Message[str, str]") -> Report:
    """By what its lines are like. Some of the patterns take long over long lines, so these are cut."""
    lines = message.as_bytes()[:MOST_OF_TEXT].split(b"\n")
    short = message_from_bytes(b"\n".join(line[:LONGEST_LINE] for line in lines))
    delayed, failed = all_failures(short)
    words = "".join(str(part.get_payload()) for part in _parts(short) if part.get_content_maintype() == "text")
    words = words.partition("\n---")[0]  # below it stands our own email
    if failed:
        return Report(Kind.FAILED, delivery.status_in(words, "5") or "5.0.0")
    return Report(Kind.DELAYED, delivery.status_in(words, "4") or "4.0.0") if delayed else UNKNOWN
