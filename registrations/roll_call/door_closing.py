"""A door and a roll call: nobody closes the door while the building is being left, and whoever is still to hand over
the phone keeps the list until the roll call ends.

Rules: EV-12, SG-15. `at` is the event's time, `real` the machine's.
"""

from datetime import datetime

from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground.database import run_tx
from events.ground.refusal import Refused
from registrations.checkin import closing
from registrations.phones.door import Device, PassRole

from . import calling
from .roll_call import RollKind

ROLL_CALL_RUNS = "A roll call is running, and the phones of marshals have its list. End it first, then close the door."


class DrillRuns(Exception):
    """Whoever closes the door says first whether the drill ends by it."""


@run_tx
async def begin_closing(event: Event, by: Actor, at: datetime, real: datetime, *, ends_drill: bool = False) -> None:
    """Beginning twice does no harm. Raises Refused while a real roll call runs, and DrillRuns during a drill, unless
    it `ends_drill`."""
    held = await held_event(event.id)  # a roll call that starts at this moment comes before it or after it
    running = await calling.running(event.id, at) if held.doors_closing_at is None else None
    if running is not None and running.kind is RollKind.REAL:
        raise Refused(ROLL_CALL_RUNS)
    if running is not None:
        if not ends_drill:
            raise DrillRuns
        await calling.end(running, by, at)
    await closing.begin(event, by, at, real)


async def hands_over(device: Device, at: datetime) -> bool:
    """Whether the phone hears that the door is closing. A marshal's does not while a real roll call runs."""
    if not device.is_closing or device.role is not PassRole.MARSHAL:
        return device.is_closing
    running = await calling.running(device.event_id, at)
    return running is None or running.kind is RollKind.DRILL
