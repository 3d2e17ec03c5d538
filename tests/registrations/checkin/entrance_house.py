"""A house with an entrance, and a room whose door asks whether somebody was counted there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.checkin.scan import Admission, Sent
from registrations.phones import finding, room_changes
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of
from tests.people import a_door, a_room
from tests.registrations.checkin.settling import says
from tests.registrations.offline import NINE


@dataclass
class House:
    """An entrance, and a room whose door asks for it; a steward's phone at each."""

    event: Event
    entrance: Door
    room: Door
    lead: Device

    async def phone(self, door: Door) -> Device:
        """As the server knows it at its next request."""
        known = await DoorPass.filter(door_id=door.id, role=PassRole.STEWARD).order_by("id")
        return await finding.device_of(known[0], clock.real())

    async def sid(self) -> Device:
        return await self.phone(self.entrance)

    async def rita(self) -> Device:
        return await self.phone(self.room)

    async def at_room(self, ticket: Ticket, at: datetime = NINE, **more: Any) -> dict[str, Any]:
        return await says((await scan_of(ticket))._replace(**more), await self.rita(), at)

    async def at_entrance(self, ticket: Ticket, at: datetime = NINE, **more: Any) -> dict[str, Any]:
        return await says((await scan_of(ticket))._replace(**more), await self.sid(), at)


async def a_house(event: Event, omar: Staff) -> House:
    """The room asks."""
    entrance, room = await a_door(event), await a_room(event)
    await a_phone_at(entrance), await a_phone_at(room, "Workshop A 1")
    lead = await a_phone_at(entrance, "Lee's phone", PassRole.DOOR_LEAD)
    await room_changes.set_needs_entrance(room, needs=True, by=omar, at=NINE)
    return House(event, entrance, await Door.get(id=room.id), lead)


async def stays() -> dict[int, tuple[datetime, datetime | None]]:
    """By door: in since when, and until when."""
    return {row.door_id: (row.admitted_at, row.left_at) for row in await Admission.all().order_by("door_id")}


def alone(scan: Sent, tap: str = "", shown: str = "ok") -> Sent:
    """As a phone without network would send it, which said this, and whose steward pressed that."""
    return scan._replace(offline=True, shown=shown, tap=tap)
