"""Whether a text says where an event is: no announcement may before the venue is released, and no programme at all.

Rules: EM-16, SG-01.
"""

import re
from html import unescape
from urllib.parse import unquote_plus

from events.content import markdown
from events.event import Event
from events.programme import changing
from registrations.people.person import folded

LONGEST_PLAIN = 4  # letters: a shorter word of a name is found in too many others
PLAIN = {"building", "centre", "church", "civic", "college", "community", "council", "hotel", "house", "school"}
POSTCODE = re.compile(r"\b[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}\b")


def names_venue(event: Event, *texts: str) -> bool:
    """Whether one of these says it while guests are not to know."""
    return not event.venue_released_at and says_where(event, *texts)


def says_where(event: Event, *texts: str) -> bool:
    """Whether in one of these there stands a word of the venue's name, its street with a number, or its postcode."""
    name, *rest = [_plain(part) for part in re.split(r"[,\n]", event.venue)]
    told = [word for word in name.split() if len(word) > LONGEST_PLAIN and word not in PLAIN]
    told += [part for part in rest if re.search(r"[0-9]", part) and not part.isdigit()]
    codes = [_closed(code) for code in POSTCODE.findall(_plain(event.venue))]
    said = [_plain(read) for text in texts for read in (text, _as_read(text), markdown.as_text(text))]
    return any(part in text for part in told for text in said) or any(
        code in _closed(text) for code in codes for text in said
    )


def _as_read(text: str) -> str:
    """Without the marks of Markdown, and with what HTML and links write otherwise as it is read."""
    return unquote_plus(unescape(re.sub(r"[*_\\]", "", text)))


def _plain(text: str) -> str:
    """Letters and digits, however people put commas, full stops, dashes and apostrophes."""
    return " ".join(re.sub(r"[^\w]+", " ", folded(text.replace(".", " "))).split())


def _closed(text: str) -> str:
    return text.replace(" ", "")


changing.SAYS_WHERE.append(says_where)
