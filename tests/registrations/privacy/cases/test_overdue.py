"""Of all that is overdue each lead gets one email a week: how much of what kind, and not whose.

Rules: DP-08, DP-09, DP-10.
"""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Role, Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from registrations.privacy import overdue
from registrations.privacy.cases import casework, complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.overdue_emails import WRITERS
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, audit_of, queued
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA, a_complaint
from tests.registrations.privacy.cases.incidents import HAPPENED, an_incident
from tests.registrations.privacy.rights.asking import ON_THE_TELEPHONE, a_rights_request

LATE = clock.at_venue(date(2019, 5, 13), 9, 0)  # a Monday: all that came on 8 April is overdue


async def seven_overdue(event: Event, lena: Staff, omar: Staff) -> list[Complaint]:
    made = [await a_complaint(event) for _ in range(4)]
    for _ in range(2):
        await a_rights_request(event, omar)
    await an_incident(event, lena)
    await Message.all().delete()
    return made


async def test_each_lead_gets_one_a_week_however_much_is_overdue(
    event: Event, lena: Staff, marcus: Staff, omar: Staff
) -> None:
    made = await seven_overdue(event, lena, omar)
    hours = [LATE + timedelta(hours=hours) for hours in range(-1, 24 * 14)]
    sent = [moment for moment in hours if await overdue.remind(moment)]
    assert sent == [LATE, LATE + timedelta(days=7)]
    assert await queued() == [("overdue_alert", lead.id) for _ in range(2) for lead in (lena, marcus)]
    assert [act for act, _, _ in await audit_of(made[0])][1:] == ["reminded the leads of a complaint"] * 2


async def test_nothing_is_sent_before_something_is_overdue_and_from_the_day_on_which_it_is(
    event: Event, lena: Staff
) -> None:
    """They are put back in the night to 27 October 2019; this one is due on the 25th."""
    await a_complaint(event, clock.at_venue(date(2019, 9, 26), 12, 0))
    await Message.all().delete()
    days = [date(2019, 10, 20) + timedelta(days=days) for days in range(15)]
    moments = [clock.at_venue(day, hour, minute) for day in days for hour, minute in ((8, 59), (9, 0))]
    sent = [moment for moment in moments if await overdue.remind(moment)]
    assert [clock.local(moment).isoformat() for moment in sent] == [
        "2019-10-26T09:00:00+01:00",
        "2019-10-28T09:00:00+00:00",
    ]


async def test_of_several_servers_one_reminds(event: Event, lena: Staff, omar: Staff) -> None:
    made = await seven_overdue(event, lena, omar)
    assert sum(await asyncio.gather(*(overdue.remind(LATE) for _ in range(6)))) == 1
    assert await queued() == [("overdue_alert", lena.id)]
    assert len(await audit_of(made[0])) == 2


async def test_of_two_events_each_has_its_own(event: Event, lena: Staff, omar: Staff) -> None:
    await a_complaint(event)
    [values] = await Event.filter(id=event.id).values()
    other = await Event.create(**values | {"id": event.id + 1, "slug": "another"})
    await Role.create(staff=lena, event=other, name="lead")
    await a_complaint(other)
    await Message.all().delete()
    assert await overdue.remind(LATE) == 2
    assert await queued() == [("overdue_alert", lena.id)] * 2


async def email_at(moment: datetime) -> tuple[str, str] | None:
    clock.move_to(moment)
    email = await written(WRITERS["overdue_alert"], await Message.get(template="overdue_alert"))
    if email is None:
        return None
    assert_it_reads_well(email)
    return str(email["Subject"]), folded(text_of(email))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_it_says_how_much_there_is_when_it_is_sent_and_names_nobody(
    event: Event, lena: Staff, omar: Staff
) -> None:
    made = await seven_overdue(event, lena, omar)
    assert await overdue.remind(LATE) == 1
    said = await email_at(LATE)
    assert said is not None
    assert said[0] == "7 overdue under Data protection"
    listed = "4 complaints about data protection 2 rights requests 1 incident that nobody"
    assert listed in said[1]
    secret = [DONE_TO_ADA, HAPPENED, ON_THE_TELEPHONE, *(complaint.reference for complaint in made)]
    assert [text for text in (*secret, *(complaint.email or "" for complaint in made)) if text in said[1]] == []
    for complaint in made[1:]:
        await complaints.note_outcome(complaint, Outcome.UPHELD, "So it was.", 0, omar, LATE)
        await casework.close(await Complaint.get(id=complaint.id), 1, omar, LATE)
    said = await email_at(LATE)
    assert said is not None
    assert "1 complaint about data protection 2 rights requests" in said[1]
    assert await email_at(MONDAY + timedelta(days=2)) is None, "nothing is overdue then"
    await Role.filter(staff=lena).delete()
    assert await email_at(LATE) is None, "she leads it no more"
