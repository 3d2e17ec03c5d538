"""The board: who is in, as numbers that change by themselves, and what a door is alarmed about. Nobody's name."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, Staffed
from events.accounts.staff import May, Role, Staff
from events.event import Event, event_with
from events.ground import clock
from events.web.rendering import event_stream, render, templates
from events.web.routing import page, redirect
from registrations.checkin import conflicts, headcount, with_lead
from registrations.paper import release
from registrations.phones import alarm, guest_list
from registrations.phones.alarm import Kind
from registrations.phones.door import topic
from registrations.privacy.retention import report
from registrations.roll_call import calling, totals

from . import desk_counts
from .live_part import Part, Watcher, changes
from .on_the_day import arrivals_chart

VIEWER, WATCHER = STAFF(May.LOOK), Staffed(May.LOOK, is_use=False)
AT_MOST_EVERY = 1.0  # seconds, however many come in
AT_LEAST_EVERY = 15.0  # the last five minutes pass even when nobody comes
ALARMS = {
    Kind.UNKNOWN_CODES: "three codes or more in ten minutes were no tickets of this event. Call the door.",
    Kind.REFERENCES: "more wrong references than people mistype. Call the door.",
    Kind.NAMES: "40 look-ups by name in a day on one phone. Ask who holds it, or revoke it.",
    Kind.PINS: "five wrong PINs were typed on one phone, which takes none for 15 minutes. Ask who tried, or revoke it.",
    Kind.HELP: "a steward asks for help. Go there, or call the door.",
    Kind.HELP_TAKEN_BACK: "the call for help was taken back, as pressed by mistake. Call the door if you doubt it.",
    Kind.TWO_PAGES: "one phone's pass is used by two pages at once. If nobody opened it twice, revoke that phone.",
}


def span(seconds: float) -> str:
    """40 s, 5 min, 3 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h" if seconds < 1e7 else "long"


async def board(request: Request) -> Response:
    return render(request, "desk/board.html", **await numbers(request.state.event, request.state.role))


async def numbers(event: Event, role: Role) -> dict[str, Any]:
    """The numbers, and whether this role may open the page that settles conflicts."""
    at = clock.now()
    real = clock.real()
    counts = await headcount.counts(event.id, at, real)
    alarms = alarm.told_as_one(await alarm.recent(event.id, at - alarm.SHOWN_FOR))
    seen = [raised for raised in alarms if raised.seen_by]
    staff = {member.actor: member.full_name for member in await Staff.filter(roles__event_id=event.id)} if seen else {}
    names = {door.id: door.name for door in counts.doors}
    return {
        "event": event,
        "counts": counts,
        "came": await report.came_on(event) if counts.stayed else None,
        "alarms": [raised for raised in alarms if not raised.seen_by],
        "seen": [(raised, staff.get(raised.seen_by, "Someone")) for raised in seen],
        "door_names": names,
        "arrivals": None if counts.stayed else await arrivals_chart.chart(event, at),
        "callers": await alarm.callers(alarms),
        "ALARMS": ALARMS,
        "span": span,
        "phones": await headcount.phones(event.id, real),
        "conflicts": await conflicts.counted(event.id),
        "called": await called(event.id, at),
        "walk_ins": (await desk_counts.counts(event.id)).walk_ins,
        "releases": await release.counted(event.id),
        "with_lead": await with_lead.waiting(event.id, at),
        "may_settle": role.may(May.ORGANISE),
        "running_out": guest_list.running_out(event),
        "closed_by": await closed_by(event),
        "as_at": f"{clock.local(at):%H:%M:%S}",
    }


async def called(event_id: int, at: datetime) -> totals.Shown | None:
    """The roll call that runs now, as numbers."""
    running = await calling.running(event_id, at)
    return (await totals.shown([running], at))[0] if running is not None else None


async def closed_by(event: Event) -> str:
    """The name of the organiser who closed the door; '' while it is open."""
    if not event.doors_closed_by:
        return ""
    staff = await Staff.get_or_none(id=int(event.doors_closed_by.removeprefix("staff:")))
    return staff.full_name if staff else "somebody whose account is deleted"


async def acknowledge(request: Request) -> Response:
    """Silences an alarm that somebody deals with. Pressed twice, the first press counts."""
    event = request.state.event
    await alarm.acknowledge(event.id, request.path_params["id"], request.state.staff, clock.now())
    return redirect(f"/desk/{event.slug}/board")


async def board_live(request: Request) -> Response:
    state = request.state
    return event_stream(changes(part(state.event, state.role), Watcher(state.session.id, state.role.id)))


def part(event: Event, role: Role) -> Part:
    """The numbers, drawn once for all who may settle conflicts and once for all who may not."""

    async def draw() -> str:
        return (
            templates().get_template("desk/board_numbers.html").render(await numbers(await event_with(event.id), role))
        )

    key = ("board", event.id, role.may(May.ORGANISE))
    return Part(key, topic(event.id), draw, AT_MOST_EVERY, AT_LEAST_EVERY)


routes = [
    page("/desk/{event}/board", board, who=VIEWER),
    page("/desk/{event}/board/live", board_live, who=WATCHER),
    page("/desk/{event}/board/alarms/{id:int}", acknowledge, who=STAFF(May.ORGANISE), methods=["POST"]),
]
