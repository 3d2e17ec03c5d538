"""What doors ask of organisers, in one line above every page of the desk: a roll call that runs, alarms, conflicts, who
waits for a lead, and what is left to close."""

import json
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from events.accounts.staff import May, Role
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.web.rendering import templates
from registrations.checkin import closing, conflicts, with_lead
from registrations.desk.live_part import Part, shown
from registrations.phones import alarm
from registrations.phones.alarm import Alarm
from registrations.phones.door import Door, topic
from registrations.roll_call import calling
from registrations.roll_call.roll_call import RollCall

AT_MOST_EVERY = 1.0  # seconds, however much happens at the doors
AT_LEAST_EVERY = 20.0  # who waits for a lead is counted anew as time passes


STANDS = f"""SELECT conflicts.open, conflicts.loud, ({with_lead.WAITING}) AS people,
    EXISTS ({alarm.RECENT}) AS alarms,
    EXISTS (SELECT 1 FROM roll_call WHERE event_id = ? AND ended_at IS NULL) AS called,
    EXISTS (SELECT 1 FROM event WHERE id = ? AND doors_closing_at IS NOT NULL AND doors_closed_at IS NULL) AS closing,
    ({closing.AWAITED}) AS phones FROM ({conflicts.COUNT}) conflicts"""  # noqa: S608  # ours


class Asked(NamedTuple):
    """Numbers, and of the newest alarm time and door; nobody's name: a page may stand open where others see it."""

    alarms: int  # that nobody has acknowledged
    conflicts: int
    loud: int  # of these
    with_lead: int
    roll_call: RollCall | None = None
    closing: bool = False  # the phones are being closed, and the door is not closed yet
    phones: int = 0  # that have not ended
    newest: Alarm | None = None  # of the alarms that nobody has acknowledged
    newest_door: str = ""


async def asked(event_id: int, at: datetime) -> Asked:
    row = await _stands(event_id, at)
    alarms = alarm.told_as_one(await alarm.recent(event_id, at - alarm.SHOWN_FOR)) if row["alarms"] else []
    unseen = [raised for raised in alarms if not raised.seen_by]
    called = await calling.running(event_id, at) if row["called"] else None
    numbers = (len(unseen), row["open"], row["loud"] or 0, row["people"], called, bool(row["closing"]), row["phones"])
    return Asked(*numbers, *await _newest(unseen))


async def _newest(unseen: Sequence[Alarm]) -> tuple[Alarm | None, str]:
    """With the name of its door: whoever reads the line on any page goes there at once."""
    if not unseen:
        return None, ""
    door = await Door.get_or_none(id=unseen[0].door_id)
    return unseen[0], door.name if door else ""


async def _stands(event_id: int, at: datetime) -> dict[str, Any]:
    """One question for each page of the desk; more only while an alarm or a roll call is there to be read."""
    waiting = [event_id, at - with_lead.FOR, *with_lead.SETTLED]
    alarms = [event_id, *alarm.ACTIONS, at - alarm.SHOWN_FOR]
    [row] = await query(STANDS, [*waiting, *alarms, *[event_id] * 4])
    return row


def part(event: Event) -> Part:
    """The same for everybody who runs this event."""

    async def draw() -> str:
        facts = {"event": event, "asked": await asked(event.id, clock.now())}
        return templates().get_template("desk/on_the_day/door_line.html").render(facts).strip()

    return Part(("door line", event.id), topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


async def above(event: Event, role: Role) -> Markup:
    """What a page of the desk begins with, for whoever runs the event: without a script nothing else would say it."""
    return Markup(await shown(part(event)) if role.may(May.ORGANISE) else "")  # noqa: S704  # drawn by our template


async def as_doors(drawings: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """Each drawing that differs from the last one, named so that the page tells it from its counts."""
    last = None
    async for drawn in drawings:
        if drawn.startswith("data:") and drawn != last:
            last = drawn
            yield f"data: {json.dumps({'doors': json.loads(drawn.removeprefix('data:'))['html']})}\n\n"
