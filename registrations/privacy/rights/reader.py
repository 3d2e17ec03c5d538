"""Whoever reads an address now, and what is theirs: all that came under it, or under one that they had before, while
they read it."""

from datetime import datetime
from typing import NamedTuple

from events.event import Event
from events.ground import clock
from registrations.people import former_address, objection
from registrations.people.former_address import Moves
from registrations.people.objection import Objection
from registrations.people.registration import Registration
from registrations.privacy.cases import whose
from registrations.privacy.cases.complaint import Complaint

from .rights_request import RightsRequest


class Reader(NamedTuple):
    """The address in its normal form; all moves at the event, as they stood."""

    event: Event
    email: str
    moves: Moves

    def read(self, address: str, at: datetime) -> bool:
        """Whether they read this address at that moment of the event."""
        return self.moves.reads(self.email, address, at)

    def typed(self, address: str, real: datetime) -> bool:
        """The same of a moment of the machine."""
        return self.read(address, real + clock.moved())

    async def requests(self) -> list[Registration]:
        """For a place, ended ones too, oldest first."""
        return await former_address.requests_of(self.event, self.email, self.moves)

    async def complaints(self) -> list[Complaint]:
        """The database cannot look for their addresses: each is opened."""
        return whose.of_reader(await Complaint.filter(event_id=self.event.id).order_by("id"), self.moves, self.email)

    async def objections(self) -> list[Objection]:
        """Only a tag says of which address each is: those that they have or had are tried."""
        found = list[Objection]()
        for address in sorted(self.moves.addresses_of(self.email)):
            of_it = await objection.of(self.event.id, address)
            found += [row for row in of_it if self.read(address, row.made_at)]
        return found

    async def rights(self) -> list[RightsRequest]:
        """As complaints."""
        found = await RightsRequest.filter(event_id=self.event.id).order_by("id")
        return whose.of_reader(found, self.moves, self.email)


async def reader_of(event: Event, email: str) -> Reader:
    return Reader(event, email, await former_address.moves_at(event.id))
