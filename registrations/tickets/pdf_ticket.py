"""The ticket on paper: one A4 page as a PDF, which folds to the size of a badge holder."""

from collections.abc import Sequence
from typing import Any

from events.event import Event
from events.ground import wording
from events.web.fonts import GAP, drawable
from events.web.pdf import pdf
from registrations.codes import qr
from registrations.people.choices import Choices
from registrations.people.person import Person

from .ticket import Ticket, code_of
from .ticket_email import doors_words, entrance_words, marked

TEMPLATE = "booking/ticket.typ"
FILE_NAME = "ticket.pdf"
AT_THE_DOOR = [
    f"Show the code or say your reference. {wording.ONLY_DOOR_STAFF_SCAN}",
    "Staff check your name against your work ID.",
]
NOTES = [
    "Do not share the address or this page. The ticket is for you alone.",
    "To wear it, fold the lower half behind, then the right half behind. It is then A6, the size of many badge holders,"
    " with the code on its front and this half inside.",
]
HAS_GAPS = f"{GAP} stands for characters that cannot be printed here. Your ticket page on the web shows them."
Rows = list[tuple[str, str]]


async def pdf_ticket(facts: dict[str, Any]) -> bytes:
    """From what `facts_of` says. The same bytes for the same facts."""
    return await pdf(TEMPLATE, facts)


def facts_of(
    event: Event, person: Person, chosen: Choices, ticket: Ticket, workshops: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """All that it is drawn from: no link, no address of the guest, and the venue only once it is released. `workshops`:
    of each that they take part in when, and which and where."""
    reference = ticket.reference
    drawn = {"event": drawable(event.title), "shown_name": drawable(chosen.badge_name(person))}
    their_workshops = _rows(*((f"Workshop, {hours}", marked(event, words)) for hours, words in workshops))
    rows = {"times": _times(event) + their_workshops, "place": _place(event, person, chosen)}
    texts = [*drawn.values(), *(text for named in rows.values() for _, text in named)]
    return {
        **drawn,
        **rows,
        "title": f"Your place on {event.day_words}",
        "heading": "Your ticket",
        "band": event.colour,
        "day": event.day_words,
        "code": qr.svg(code_of(event, ticket.n), ""),
        "code_says": f"Ticket code, reference {reference}",
        "reference": reference,
        "photo_mark": chosen.photo_mark,
        "at_the_door": AT_THE_DOOR,
        "notes": [*NOTES, HAS_GAPS] if any(GAP in text for text in texts) else NOTES,
    }


def _times(event: Event) -> Rows:
    doors_open = doors_words(event)
    return _rows(
        ("Date", event.day_words),
        ("Time", marked(event, event.hours_words)),
        ("Doors open", marked(event, doors_open)),
        ("Hosts", event.host_names),
    )


def _place(event: Event, person: Person, chosen: Choices) -> Rows:
    badge = chosen.badge_name(person)
    return _rows(
        ("Name", person.full_name),
        ("Name on the badge", badge if badge != person.full_name else ""),
        ("Event", event.title),
        ("Address", marked(event, event.venue_for_guests) or wording.VENUE_LATER),
        ("Bring", f"Your work ID, and this page or your reference. {marked(event, event.bring)}"),
        ("Support", marked(event, event.wellbeing)),
        ("Access", marked(event, event.access_facts)),
        ("Entrance", entrance_words(event, chosen)),
    )


def _rows(*named: tuple[str, str]) -> Rows:
    return [(label, drawn) for label, text in named if (drawn := drawable(text))]
