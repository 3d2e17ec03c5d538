"""Rooms and entrances with a limit, and tickets to fill them with."""

from events.event import Event
from registrations.phones.door import Door
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.people import a_door, someone


async def holds(door: Door, limit: int) -> Door:
    await Door.filter(event_id=door.event_id, presence=door.presence).update(capacity=limit)
    return door


async def another_door_of(room: Door, name: str = "Workshop A, back door") -> Door:
    door = await a_door(await Event.get(id=room.event_id), name)
    await Door.filter(id=door.id).update(presence=room.presence, capacity=room.capacity)
    return await Door.get(id=door.id)


async def tickets_for(event: Event, number: int) -> list[Ticket]:
    return [await a_ticket(someone(), event) for _ in range(number)]
