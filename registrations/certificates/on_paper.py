"""A certificate as people see it: the facts that stand on it, on the web and as one A4 page. It never says where the
event was.
"""

from typing import Any

from events.event import Event
from events.ground.settings import current
from events.web.fonts import GAP, drawable
from events.web.pdf import pdf
from registrations.people.person import NAMED
from registrations.tickets.ticket_email import marked

from . import attended
from .attended import Attended
from .certificate import CertificateTerms, Words
from .taking import Ready

TEMPLATE = "certificates/certificate.typ"
FILE_NAME = "certificate.pdf"
HEADING = "Certificate of attendance"
CHECK_PATH = "/certificate"
NOT_ACCREDITED = "This is an attendance certificate; not accredited."
ACCREDITED = "This is an attendance certificate. The event is accredited by {}, reference {}."
WITH_EXIT = "From arrival to leaving, as the entrance counted them."
WITHOUT_EXIT = "From arrival, as the entrance counted it, to the end: leaving was not counted."
WHOLE = "the whole programme"
ROUNDED = "Breaks do not count. Rounded to the nearest quarter of an hour."
HAS_GAPS = f"{GAP} stands for characters that cannot be printed here. The certificate on the web shows them."
SPECIMEN = "SPECIMEN"
SPECIMEN_NAME = "Name of the guest"


def facts_of(event: Event, ready: Ready) -> dict[str, Any]:
    """For both; `gone_on` says until when the guest finds it."""
    gone = event.day + NAMED.time
    return {
        "heading": HEADING,
        "name": ready.name,
        "event": event.title,
        "day": event.day_words,
        "hosts": f"Hosted by {event.host_names}",
        "attended": marked(event, attended.words(ready.attended.minutes)),
        "whole": _of_whole(ready.attended),
        "counted": WITH_EXIT if ready.attended.left else WITHOUT_EXIT,
        "rounded": ROUNDED,
        "outcomes": ready.words.outcomes.splitlines(),
        "statement": statement(ready.words),
        "number": ready.number,
        "check": f"{current().base_url.partition('://')[2]}{CHECK_PATH}",
        "gone_on": f"{gone:%A} {gone.day} {gone:%B %Y}",
    }


def _of_whole(time: Attended) -> str:
    return WHOLE if time.minutes == time.whole else f"of a programme of {attended.words(time.whole)}"


def statement(words: Words) -> str:
    """Never more than organisers have entered."""
    accredited = words.accredited_by and words.accreditation
    return ACCREDITED.format(words.accredited_by, words.accreditation) if accredited else NOT_ACCREDITED


def specimen(terms: CertificateTerms) -> Ready | None:
    """What organisers look at before they release it. None where what was written cannot be read."""
    time = attended.whole(terms.hours)
    return Ready(SPECIMEN, SPECIMEN_NAME, terms.words, Attended(time, time)) if terms.words else None


async def certificate_pdf(facts: dict[str, Any]) -> bytes:
    """The same bytes for the same facts."""
    drawn = {name: _drawable(said) for name, said in facts.items()}
    gaps = any(GAP in text for said in drawn.values() for text in ([said] if isinstance(said, str) else said))
    return await pdf(TEMPLATE, {**drawn, "note": HAS_GAPS if gaps else ""})


def _drawable(said: str | list[str]) -> str | list[str]:
    return drawable(said) if isinstance(said, str) else [drawable(text) for text in said]
