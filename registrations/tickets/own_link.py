"""Who opens the link of one of our emails: the guard of all pages that stand behind one."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import tokens
from events.ground.database import find_row
from events.ground.tokens import Match, Purpose
from registrations.people import typed_addresses
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.registration import MANAGED, Registration, State

from .ticket import Ticket

YES_NO = [("yes", "Yes"), ("no", "No")]


@dataclass(frozen=True)
class _Link:
    purpose: Purpose

    @property
    def name(self) -> str:
        return f"link:{self.purpose}"


@dataclass(frozen=True)
class OwnLink(_Link):
    """Whoever holds a link of one purpose; for anybody else, and once the link has died, there is nothing here.

    Puts `registration`, `ticket` (None without one) and `event` into the state.
    """

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        found = await find_row(Registration, "public_id = ?", [public_id]) if public_id else None
        link = tokens.match(self.purpose, token, found.generation) if found else Match.NONE
        if found is None or link is not Match.CURRENT:
            raise HTTPException(404)
        ticket = await find_row(Ticket, "registration_id = ? AND revoked_at IS NULL", [found.id])
        if not self.opens(found, ticket):
            raise HTTPException(404)  # before anything is put into the state: the page is the same as for nothing
        request.state.registration, request.state.ticket = found, ticket
        request.state.event = found.event = await Event.get(id=found.event_id)
        return None

    def opens(self, registration: Registration, ticket: Ticket | None) -> bool:
        if self.purpose is Purpose.TICKET:
            return registration.state is State.APPROVED and ticket is not None
        return registration.state in MANAGED


@dataclass(frozen=True)
class TypedLink(_Link):
    """Whoever holds the link that went to an address which somebody typed, also of a question that is over: its page
    says so. Puts the row, as `called`, and `event` into the state."""

    kind: type[AddressChange | Colleague | HandOver]
    called: str

    async def turned_away(self, request: Request) -> Response | None:
        token = request.path_params["token"]
        public_id = tokens.public_id_of(token)
        if public_id is None or tokens.match(self.purpose, token, 0) is not Match.CURRENT:
            raise HTTPException(404)
        row = await typed_addresses.of_link(self.kind, public_id)
        if row is None:
            raise HTTPException(404)
        setattr(request.state, self.called, row)
        request.state.event = row.registration.event
        return None
