"""Places, guests, who came, no-shows and who was thanked: each page that says a figure says the same, and they add up.

Of who is inside see test_who_is_inside. Rules: EV-13.
"""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import headcount, whereabouts
from registrations.checkin.whereabouts import Presence
from registrations.desk import desk_counts
from registrations.desk.overview import standing
from registrations.desk.people_list import Wanted, everybody
from registrations.exports import rows
from registrations.exports.export import ExportKind
from registrations.feedback.box import FeedbackBox
from registrations.people import directory
from registrations.people.registration import Registration, State
from registrations.phones.door import Door
from registrations.reporting import figures, reading
from registrations.telling import mailings, timed_emails
from registrations.telling.mailing import GUESTS, THANKS, Mailing, Recipients
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import a_door
from tests.registrations.reporting.hosted import THE_NEXT_DAY, close_door, come_in, in_state, tickets

GUESTS_HERE, CAME, COMPANIONS, OFFERED, RECHECKED, WAITING, DECLINED = 20, 13, 2, 3, 1, 6, 5
HELD = OFFERED + RECHECKED


async def lived_through(event: Event) -> Door:
    """The day before all of it: with somebody in each state, and the counter as decisions leave it."""
    guests = await tickets(event, GUESTS_HERE)
    first, *others = [ticket.registration_id for ticket in guests]
    await Registration.filter(id__in=others[:COMPANIONS]).update(comes_with_id=first)
    await in_state(event, State.OFFERED, OFFERED)
    await in_state(event, State.RECHECKING, RECHECKED)
    await in_state(event, State.WAITING, WAITING)
    await in_state(event, State.NOT_OFFERED, DECLINED)
    await Event.filter(id=event.id).update(taken=GUESTS_HERE - COMPANIONS + HELD)
    door = await a_door(event)
    await come_in(door, guests[:CAME])
    return door


class Said(NamedTuple):
    """Of one figure, by who says it."""

    by: dict[str, int]

    @property
    def all(self) -> set[int]:
        return set(self.by.values())


async def guests_said(event: Event, at: datetime) -> Said:
    people = await directory.of(event.id)
    return Said({
        "the desk": (await desk_counts.counts(event.id)).approved,
        "the board": (await headcount.counts(event.id, at, at)).expected,
        "kinds of the overview": sum(kind.guests for kind in standing.kinds(people)),
        "the people list": len(await everybody(event, Wanted(state=State.APPROVED))),
        "emails to guests": await mailings.how_many(event, Recipients(GUESTS)),
    })  # fmt: skip


async def came_said(event: Event, at: datetime) -> Said:
    async def read(_: int) -> None: ...

    report = [asked.outcome for asked in await reading.requests(event, {})]
    file = await rows.of_event(event, ExportKind.ATTENDANCE, read)
    there = await whereabouts.everybody(event)
    return Said({
        "the board": (await headcount.counts(event.id, at, at)).people,
        "the overview": (await whereabouts.of(event)).came,
        "the people list": len(there[Presence.IN]) + len(there[Presence.LEFT]),
        "the report": report.count(figures.Outcome.CAME) + report.count(figures.Outcome.LATER),
        "the attendance file": sum(line["came"] == "Yes" for line in file),
        "whom thanks would reach": await mailings.how_many(event, THANKS.recipients),
    })  # fmt: skip


async def test_guests_and_who_came_are_the_same_everywhere(event: Event) -> None:
    await lived_through(event)
    event = await Event.get(id=event.id)
    at = THE_NEXT_DAY
    assert (await guests_said(event, at)).all == {GUESTS_HERE}
    assert (await came_said(event, at)).all == {CAME}


async def test_places_given_out_are_the_guests_who_take_one_and_the_places_held(event: Event) -> None:
    await lived_through(event)
    counts = await desk_counts.counts(event.id)
    assert (counts.come_along, counts.held) == (COMPANIONS, HELD)
    assert (await Event.get(id=event.id)).taken == counts.approved - counts.come_along + counts.held


async def test_the_report_counts_nobody_as_a_no_show_who_had_no_place(event: Event) -> None:
    await lived_through(event)
    report = figures.figures(
        await reading.requests(event, {}), ["charity"], [], await reading.other_counts(event, THE_NEXT_DAY)
    )
    people = report["people"]
    no_shows = GUESTS_HERE - CAME + RECHECKED
    assert (people["came"], people["no show"]) == (CAME, no_shows)
    assert people["without"] == OFFERED + WAITING + DECLINED
    assert people["asked"] == people["came"] + people["no show"] + people["without"]
    here = await everybody(event, Wanted(state=State.APPROVED, presence=Presence.NOT_YET))
    assert len(here) == no_shows - RECHECKED, "whose place is checked again has no ticket now"


async def test_as_many_are_thanked_and_asked_as_came(event: Event) -> None:
    await lived_through(event)
    clock.move_to(THE_NEXT_DAY + timedelta(hours=2))
    await timed_emails.turn(clock.now(), clock.real())
    thanks, box = await Mailing.get(template=THANKS.template), await FeedbackBox.get(event_id=event.id)
    assert {thanks.number, box.asked} == (await came_said(event, clock.now())).all == {CAME}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_pages_say_these_figures_in_words(database: Database, event: Event, omar: Staff) -> None:
    await lived_through(event)
    await close_door(event)
    clock.move_to(THE_NEXT_DAY + timedelta(hours=2))
    async with browsing(database, omar) as client:
        overview = words((await client.get(desk(event, "overview"))).text)
        await client.post(desk(event, "after", "report"))
        report = words((await client.get(desk(event, "after", "report"))).text)
    taken = GUESTS_HERE - COMPANIONS + HELD
    assert re.findall(r"(\d+) of \d+ given out", overview)[-1] == str(taken)
    assert f"{GUESTS_HERE} guests with a ticket, {COMPANIONS} of them companions who take no place" in overview
    assert f"{HELD} places are held" in overview
    assert f"{CAME} of {GUESTS_HERE} guests came." in overview
    assert f"no-shows {GUESTS_HERE - CAME + RECHECKED} Had no place" in report
    assert "Did not come 2" not in report
