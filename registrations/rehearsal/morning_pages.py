"""The rehearsal's page for whoever plays a morning alone: each part of it in turn, and tickets to try."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.event import Event
from events.web.rendering import render
from events.web.routing import page
from registrations.codes import qr
from registrations.people.person import address_tag
from registrations.people.registration import State
from registrations.tickets.ticket import Ticket, code_of

from .rehearsal_arrivals import STAYS_AWAY
from .rehearsal_lives import approved_people
from .rehearsing import SLUG

PATH = "/rehearsal/morning"
TO_COME = 4  # who wait for the visitor to let them in


class ToTry(NamedTuple):
    """A guest whose ticket is shown, and what its code does at the door; the drawing is of the code."""

    person_id: int
    name: str
    email: str
    reference: str
    says: str
    drawing: str


async def show(request: Request) -> Response:
    event = await Event.get(slug=SLUG)
    return render(request, "rehearsal/morning.html", slug=SLUG, tickets=await to_try(event))


async def to_try(event: Event) -> list[ToTry]:
    """Some who never come by themselves, one who came first of all, and one who gave up the place."""
    tags = [address_tag(event, email) for email in approved_people()]
    all_of = Ticket.filter(event=event).order_by("id").select_related("registration")
    live = await all_of.filter(revoked_at=None, registration__address_tag__in=tags)
    gone = await all_of.exclude(revoked_at=None).filter(registration__state=State.CANCELLED).first()
    staying = [ticket for n, ticket in enumerate(live) if n % STAYS_AWAY == 0][:TO_COME]
    shown = [_shown(event, ticket, "COME IN: not here yet") for ticket in staying]
    shown += [_shown(event, ticket, "ALREADY IN, once the doors are open") for ticket in live[1:2]]
    return shown + ([_shown(event, gone, "ASK THE LEAD: gave up the place")] if gone else [])


def _shown(event: Event, ticket: Ticket, says: str) -> ToTry:
    person, code = ticket.registration, code_of(event, ticket.n)
    drawing = qr.svg(code, f"Ticket code of {person.full_name}")
    return ToTry(person.id, person.full_name, person.email, ticket.reference, says, drawing)


routes = [page(PATH, show, who=STAFF())]
