"""What became of an email, in plain words for an organiser, and what a mail system means by its answer."""

import re

from .outbox import EPOCH, Message, MessageState

NO_SUCH_ADDRESS = "The address does not exist"
REASONS = {
    "unwritten": "We could not write this email: the fault is ours",
    "5.1.0": "Their mail system refused our email",
    "5.1.3": "The address cannot be right",
    "5.1.7": "Their mail system refused our email",  # it is about the sender's address, and so is the next
    "5.1.8": "Their mail system refused our email",
    "5.2.1": "Their mailbox accepts no email",
    "5.2.2": "Their mailbox accepts no more email",
    "4.2.2": "Their mailbox accepts no more email",
    "5.4.1": NO_SUCH_ADDRESS,  # as Microsoft 365 says it
    "5.4.4": NO_SUCH_ADDRESS,  # there is no such domain
    "5.4.310": NO_SUCH_ADDRESS,
    "5.6.7": "The address has letters that the email relay cannot write",
    "5.1.": NO_SUCH_ADDRESS,
    "5.4.": "Their mail system could not be reached",
    "4.4.": "Their mail system could not be reached",
    "5.7.": "Their mail system refused our email",
    "550": NO_SUCH_ADDRESS,
    "551": NO_SUCH_ADDRESS,
    "552": "Their mailbox accepts no more email",
    "553": NO_SUCH_ADDRESS,
    "4": "Their mail system asked us to wait",
    "5": "Their mail system refused our email",
    "": "Their mail system does not answer",
}  # by the status (RFC 3463), else the code (RFC 5321): the whole of it, else its beginning; the first that fits
TAKES_NONE = {NO_SUCH_ADDRESS, REASONS["5.1.3"], REASONS["5.2.1"], REASONS["5.2.2"]}
STATUS = re.compile(r"(?<![\w.])([245]\.[0-7]\.\d{1,3})(?!\w|\.\d)")
VAGUE = re.compile(r"[45]\.[05]\.0")
MEANT = {
    r"quota|mailbox (is )?full|storage": "2.2",
    r"spam|block|black|polic|reputation|dmarc|spf|dkim|relay|authenti|virus|denied|prohibit|banned|spoof": "7.1",
    r"disabled|inactive|suspended|deactivated": "2.1",
    r"unknown|no such|not exist|not found|n[o']t have an|invalid (recipient|mailbox|address|user)|unrouteable"
    r"|no mailbox|mailbox unavailable": "1.1",
}  # in words of mail systems that give no status, or only 5.0.0 or 5.5.0; the first that fits


def reason(message: Message) -> str:
    """Why it did not go out at its last try, or did not arrive."""
    return meaning(message.reply_status or str(message.reply_code or ""))


def meaning(said: str) -> str:
    """Of a status, or of a code."""
    whole = next((words for known, words in REASONS.items() if known == said), None)
    return whole or next(words for begins, words in REASONS.items() if _begins(said, begins))


def _begins(said: str, begins: str) -> bool:
    return said.startswith(begins) and (begins.endswith(".") or begins.count(".") < 2)


def takes_none(status: str) -> bool:
    """Whether the status says of the address itself that no email goes there, today or tomorrow."""
    return status.startswith("5.") and meaning(status) in TAKES_NONE


def status_in(words: str, kind: str = "") -> str:
    """The status in a mail system's answer, or what its words mean; '' where they mean nothing to us.

    `kind`: 4 or 5 where that is known.
    """
    found = [status for status in STATUS.findall(words) if status.startswith(kind or ("4", "5"))]
    clear = next((status for status in found if not VAGUE.fullmatch(status)), "")
    if clear or not kind:
        return clear
    meant = (f"{kind}.{means}" for words_of, means in MEANT.items() if re.search(words_of, words, re.I))
    return next(meant, found[0] if found else "")


def in_words(message: Message) -> str:
    """What became of it."""
    match message.state:
        case MessageState.SENT:
            return f"Delayed on its way. {reason(message)}. It is tried again" if message.reply_status else "Sent"
        case MessageState.DROPPED:
            return "Not sent, since it was no longer true"
        case MessageState.FAILED:
            return f"{reason(message)}. Telephone this person"
        case MessageState.TELEPHONED:
            return f"{reason(message)}. They were told by telephone"
    tried = message.reply_code or message.reply_status or (message.tries and message.next_try_at > EPOCH)
    return f"Delayed. {reason(message)}. We try again" if tried else "Waiting to be sent"
