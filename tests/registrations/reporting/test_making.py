"""The closing report: who is counted as what, that it is made once, and that it outlives all whom it counts.

Rules: EV-12, EV-13, DP-07.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from registrations.checkin.scan import Admission
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import Door
from registrations.privacy.retention import deleting
from registrations.reporting import figures, making
from registrations.reporting.closing_report import ClosingReport
from registrations.tickets.ticket import Ticket
from tests.people import THE_DAY

from .hosted import THE_NEXT_DAY, close_door, come_in, in_state, tickets

pytestmark = pytest.mark.usefixtures("the_day")


async def hosted(event: Event, door: Door) -> None:
    """41 asked: 29 held a place at nine, of whom 21 came; 5 were not offered one, 7 wait."""
    charity, police = await tickets(event, 14), await tickets(event, 10, OrganisationKind.POLICE)
    health, housing = (
        await tickets(event, 3, OrganisationKind.HEALTH),
        await tickets(event, 2, OrganisationKind.HOUSING),
    )
    await come_in(door, charity[:11] + police[:5] + health + housing)
    await in_state(event, State.NOT_OFFERED, 5)
    await in_state(event, State.WAITING, 7)


async def test_ev13_the_report_says_who_asked_came_and_did_not(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await hosted(event, door)
    await close_door(event)
    made = await making.make(event, omar, THE_NEXT_DAY)
    people = made.figures["people"]
    assert {code: number for code, number in people.items() if number is not None} == {
        "asked": 41, "came": 21, "absent": 20, "no show": 8, "without": 12, "declined": 5
    }  # fmt: skip
    assert figures.rate(made.figures) == 28
    assert [line for line in made.figures["kinds"] if line[1] is not None] == [
        ["charity", 26, 11],
        ["police", 10, None],  # with it one could tell that of no other kind anybody stayed away
    ]
    assert made.figures["decided"] == {"median": 5 * 3600, "longest": 5 * 3600}


async def test_a_place_that_was_given_up_before_the_doors_opened_is_no_no_show(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await hosted(event, door)
    gone = await tickets(event, 6)
    late = await tickets(event, 6)
    await Ticket.filter(id__in=[ticket.id for ticket in gone]).update(revoked_at=THE_DAY - timedelta(minutes=1))
    await Registration.filter(id__in=[ticket.registration_id for ticket in gone]).update(state=State.CANCELLED)
    await Ticket.filter(id__in=[ticket.id for ticket in late]).update(issued_at=THE_DAY + timedelta(hours=1))
    await come_in(door, late)
    await close_door(event)
    people = (await making.make(event, omar, THE_NEXT_DAY)).figures["people"]
    counted = {code: people[code] for code in ("asked", "came", "absent", "in time", "later", "ended", "no show")}
    assert counted == {"asked": 53, "came": 27, "absent": 26, "in time": 21, "later": 6, "ended": 6, "no show": 8}
    assert figures.rate({"people": people}) == 23


async def test_ev12_it_is_not_made_before_the_day_is_over_and_the_door_is_closed(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    with pytest.raises(Refused) as early:
        await making.make(event, omar, THE_DAY)
    assert early.value.sentence == making.NOT_OVER
    with pytest.raises(Refused) as open_door:
        await making.make(event, omar, THE_NEXT_DAY)
    assert open_door.value.sentence == making.DOOR_OPEN
    assert await ClosingReport.all().count() == 0
    await close_door(event)
    await making.make(event, omar, THE_NEXT_DAY)


async def test_two_who_make_it_at_once_make_one_and_a_day_later_it_says_the_same(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await hosted(event, door)
    await close_door(event)
    first, second = await asyncio.gather(*(making.make(event, omar, THE_NEXT_DAY) for _ in range(2)))
    assert first.id == second.id
    await tickets(event, 9)  # whom a second reading would count
    later = await making.make(event, omar, THE_NEXT_DAY + timedelta(days=1))
    assert (later.id, later.figures) == (first.id, first.figures)
    assert await AuditEntry.filter(action=Action.CLOSING_REPORT_MADE).count() == 1


async def test_dp07_the_report_outlives_everybody_whom_it_counts(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await hosted(event, door)
    await close_door(event)
    made = await making.make(event, omar, THE_NEXT_DAY)
    long_past = THE_DAY + timedelta(days=120)
    clock.move_to(long_past)
    await deleting.turn(long_past, clock.real())
    assert await Registration.filter(event_id=event.id, person_sealed__isnull=False).count() == 0
    assert await Admission.all().count() == 0
    still = await making.of(event)
    assert still is not None
    assert still.figures == made.figures


async def test_dp07_where_nobody_made_it_the_server_does_before_anything_it_counts_is_deleted(
    database: Database, event: Event, door: Door
) -> None:
    await hosted(event, door)
    await deleting.turn(THE_DAY + timedelta(days=6), clock.real())
    assert await making.of(event) is None
    await deleting.turn(THE_DAY + timedelta(days=7), clock.real())
    made = await making.of(event)
    assert made is not None
    assert (made.made_by, made.figures["closed"], made.figures["people"]["asked"]) == ("system", False, 41)


async def test_the_server_makes_none_for_a_rehearsal_whose_clock_may_go_back(
    database: Database, event: Event, door: Door
) -> None:
    await hosted(event, door)
    await Event.filter(id=event.id).update(rehearsal=True)
    assert await making.make_due(THE_DAY + timedelta(days=7)) == 0
    await Event.filter(id=event.id).update(rehearsal=False)
    assert await making.make_due(THE_DAY + timedelta(days=7)) == 1, "the control"


async def test_areas_are_those_of_known_organisations(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await KnownOrganisation.create(
        event=event, domain="guests.example.org", kind="charity", treatment=Treatment.PARTNER, area="Watford"
    )
    await tickets(event, 6)
    await close_door(event)
    made = await making.make(event, omar, THE_NEXT_DAY)
    assert made.figures["areas"] == [["Watford", None, None], ["not known", None, None]]
