"""Roll calls and ticks for tests, without a phone that speaks."""

from datetime import timedelta

from events.event import Event
from registrations.phones.door import Device, Door, PassRole
from registrations.roll_call import calling, rows, ticking
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import Mark, RollCall, RollKind
from registrations.roll_call.ticking import SentTick
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at
from tests.people import THE_DAY
from tests.registrations.roll_call.marshals import an_id

ALARM = THE_DAY + timedelta(hours=2)
LATER = ALARM + timedelta(minutes=20)


async def a_marshal(door: Door, name: str = "Marshal 1") -> Device:
    return await a_phone_at(door, name, PassRole.MARSHAL)


async def a_roll_call(event: Event, by: Device, kind: RollKind = RollKind.REAL) -> RollCall:
    return await calling.start(event, Pressed(an_id(), kind, ALARM), by, ALARM)


def a_tick(row: str, mark: Mark = Mark.SAFE, age: float = 0.0) -> SentTick:
    return SentTick(an_id(), row, mark, age, by_ticket=False)


async def was_called(ticket: Ticket, by: Device) -> None:
    """In a roll call, and was seen."""
    event = await Event.get(id=ticket.event_id)
    roll_call = await a_roll_call(event, by)
    await ticking.take(roll_call, [a_tick(rows.row_of(event, ticket.n))], [], by, LATER)
