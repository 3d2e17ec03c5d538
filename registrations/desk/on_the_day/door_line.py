"""What doors ask of organisers, in one line above every page of the desk: a roll call that runs, alarms, conflicts, who
waits for a lead."""

import json
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import NamedTuple

from events.event import Event
from events.ground import clock
from events.web.rendering import templates
from registrations.checkin import conflicts, with_lead
from registrations.desk.live_part import Part
from registrations.phones import alarm
from registrations.phones.door import topic
from registrations.roll_call import calling
from registrations.roll_call.roll_call import RollCall

AT_MOST_EVERY = 1.0  # seconds, however much happens at the doors
AT_LEAST_EVERY = 20.0  # who waits for a lead is counted anew as time passes


class Asked(NamedTuple):
    """Numbers alone: a page of the desk may stand open where others see it."""

    alarms: int  # that nobody has acknowledged
    conflicts: int
    loud: int  # of these
    with_lead: int
    roll_call: RollCall | None = None


async def asked(event_id: int, at: datetime) -> Asked:
    alarms = alarm.told_as_one(await alarm.recent(event_id, at - alarm.SHOWN_FOR))
    counted = await conflicts.counted(event_id)
    unseen = sum(not raised.seen_by for raised in alarms)
    waiting, running = await with_lead.waiting(event_id, at), await calling.running(event_id, at)
    return Asked(unseen, counted.open, counted.loud, waiting, running)


def part(event: Event) -> Part:
    """The same for everybody who runs this event."""

    async def draw() -> str:
        facts = {"event": event, "asked": await asked(event.id, clock.now())}
        return templates().get_template("desk/on_the_day/door_line.html").render(facts).strip()

    return Part(("door line", event.id), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


async def as_doors(drawings: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """Each drawing that differs from the last one, named so that the page tells it from its counts."""
    last = None
    async for drawn in drawings:
        if drawn.startswith("data:") and drawn != last:
            last = drawn
            yield f"data: {json.dumps({'doors': json.loads(drawn.removeprefix('data:'))['html']})}\n\n"
