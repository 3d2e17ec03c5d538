"""An incident has 72 hours, is decided on with a reason, told to every host, and closed only then.

Rules: DP-10, SE-08.
"""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.phones.door import Device, Door, DoorPass
from registrations.privacy import overdue, reminders
from registrations.privacy.cases import casework, incidents
from registrations.privacy.cases.incident import Incident, IncidentKind, ReportDecision
from registrations.privacy.cases.incident_emails import HEADINGS, WRITERS, hosts_of
from registrations.privacy.retention import deleting
from registrations.roll_call import calling
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import RollKind
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, an_event, audit_of, queued
from tests.registrations.privacy.cases.incidents import ELSE_HAPPENED, HAPPENED, WHY, an_incident, decided
from tests.registrations.roll_call.marshals import an_id
from tests.registrations.roll_call.ticks import a_marshal

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # they say the same to both
REMINDED_AT = MONDAY + timedelta(hours=48)


@pytest.mark.parametrize(
    ("aware", "deadline"),
    [
        (clock.at_venue(date(2019, 4, 15), 10, 15), "Thursday 18 April 2019, 10:15"),
        (clock.at_venue(date(2019, 3, 29), 10, 15), "Monday 1 April 2019, 11:15"),  # an hour is left out in between
        (clock.at_venue(date(2019, 10, 25), 10, 15), "Monday 28 October 2019, 09:15"),  # an hour comes twice
    ],
)
def test_seventy_two_hours_are_counted_and_shown_by_a_clock_at_the_venue(aware: datetime, deadline: str) -> None:
    incident = Incident(aware_at=aware)
    assert f"{clock.day_words(incident.deadline)}, {clock.time_words(incident.deadline)}" == deadline


@pytest.mark.parametrize(
    ("later", "left"),
    [
        (timedelta(), "72 hours 0 minutes left"),
        (timedelta(hours=40, minutes=55), "31 hours 5 minutes left"),
        (timedelta(hours=71, minutes=59), "0 hours 1 minute left"),
        (timedelta(hours=72), "The 72 hours are over"),
        (timedelta(days=9), "The 72 hours are over"),
    ],
)
def test_the_clock_says_what_is_left(later: timedelta, left: str) -> None:
    assert Incident(aware_at=MONDAY).left(MONDAY + later) == left


async def test_it_is_kept_sealed_and_the_leads_of_both_hosts_are_told(
    event: Event, lena: Staff, marcus: Staff, omar: Staff
) -> None:
    made = await an_incident(event, omar, aware_at=MONDAY - timedelta(hours=3))
    [row] = await query("SELECT * FROM incident")
    assert (made.description, made.kind, made.opened_at) == (HAPPENED, IncidentKind.WRONG_PERSON, MONDAY)
    assert HAPPENED.encode() not in bytes(row["description_sealed"])
    assert made.deadline == MONDAY + timedelta(hours=69)
    assert await queued() == [("incident_alert", lena.id), ("incident_alert", marcus.id)]
    assert await audit_of(made) == [("opened an incident", omar.actor, MONDAY)]


async def test_a_description_opens_in_its_own_row_alone(event: Event, omar: Staff) -> None:
    first, second = await an_incident(event, omar), await an_incident(event, omar, happened=ELSE_HAPPENED)
    await Incident.filter(id=second.id).update(description_sealed=first.description_sealed)
    assert (await Incident.get(id=second.id)).description is None
    assert (await Incident.get(id=first.id)).description == HAPPENED


async def test_what_is_sent_twice_is_one_incident_also_after_it_was_closed(
    event: Event, lena: Staff, omar: Staff
) -> None:
    opened = await asyncio.gather(*(an_incident(event, by) for by in (omar, lena, omar, lena, omar)))
    made = await Incident.get()
    assert opened == [made] * 5
    assert await queued() == [("incident_alert", lena.id)]
    assert len(await audit_of(made)) == 1
    await casework.close(await decided(made, omar), 1, omar, MONDAY)
    assert await an_incident(event, omar, at=MONDAY + timedelta(days=1), aware_at=MONDAY) == made
    await an_incident(event, omar, aware_at=MONDAY - timedelta(minutes=1))
    await an_incident(await an_event(), omar)
    assert await Incident.all().count() == 3, "another time, and another event, are others"


async def test_a_phone_that_is_lost_is_revoked_and_one_incident_whoever_presses(
    event: Event, door: Door, sid: Device, lena: Staff, omar: Staff
) -> None:
    phones = [await DoorPass.get(id=sid.id) for _ in range(4)]
    await DoorPass.filter(id=sid.id).update(to_send=3)
    by = [omar, lena, omar, lena]
    real = clock.real()
    await asyncio.gather(
        *(incidents.lose_phone(phone, who, MONDAY, real) for phone, who in zip(phones, by, strict=True))
    )
    made = await Incident.get()
    assert (made.kind, made.aware_at, made.door_pass_id) == (IncidentKind.LOST_PHONE, MONDAY, sid.id)
    assert str(made.description).startswith("Main door 1, a phone at Main door, was revoked as lost or stolen.")
    assert (await DoorPass.get(id=sid.id)).revoked_at is not None
    assert await queued() == [("incident_alert", lena.id)]


@SQLITE
async def test_what_is_known_of_a_lost_phone_stands_in_its_incident(event: Event, sid: Device, omar: Staff) -> None:
    real = clock.real()
    await DoorPass.filter(id=sid.id).update(to_send=3, last_seen_at=real - timedelta(minutes=25))
    await incidents.lose_phone(await DoorPass.get(id=sid.id), omar, MONDAY, real)
    said = str((await Incident.get()).description)
    assert "last heard from it on Monday 8 April 2019 at 08:35. It said that it held 3 scans" in said
    assert "a row opens only with its ticket" in said


@SQLITE
@pytest.mark.parametrize("minutes", [-20, 60])
async def test_of_a_lost_marshals_phone_it_says_whether_a_roll_call_ran_while_it_was_paired(
    event: Event, door: Door, omar: Staff, minutes: int
) -> None:
    """One that ended twenty minutes before, or one that began an hour after it was paired, two hours ago."""
    real, marshal = clock.real(), await a_marshal(door)
    began = MONDAY - timedelta(hours=2) + timedelta(minutes=minutes)
    called = await calling.start(event, Pressed(an_id(), RollKind.DRILL, began), omar, began)
    await calling.end(called, omar, began + timedelta(minutes=10))
    await incidents.lose_phone(await DoorPass.get(id=marshal.id), omar, MONDAY, real)
    said = str((await Incident.get()).description)
    assert ("It is a marshal's" in said, "a row opens" in said) == (True, False)
    assert (incidents.CALLED[True] in said, incidents.CALLED[False] in said) == (minutes > 0, minutes < 0)


async def test_it_is_closed_with_decision_and_reason_and_once_every_host_knows(
    event: Event, omar: Staff, lena: Staff
) -> None:
    made = await an_incident(event, omar)
    with pytest.raises(Refused, match="with a decision, its reason, and once every host knows"):
        await casework.close(made, 0, omar, MONDAY)
    made = await decided(made, lena, hosts_told=False)
    with pytest.raises(Refused, match="once every host knows"):
        await casework.close(made, 1, omar, MONDAY)
    made = await decided(made, lena)
    await casework.close(made, 2, omar, MONDAY)
    now = await Incident.get()
    assert (now.closed_at, now.decision, now.reason, now.decided_by, now.decided_at) == (
        MONDAY, ReportDecision.DO_NOT_REPORT, WHY, lena.actor, MONDAY,
    )  # fmt: skip
    assert [(act, by) for act, by, _ in await audit_of(made)] == [
        ("opened an incident", omar.actor),
        ("decided whether an incident is reported", lena.actor),
        ("decided whether an incident is reported", lena.actor),
        ("closed an incident", omar.actor),
    ]


async def test_of_two_who_decide_at_once_one_is_told_and_what_is_closed_stays(
    event: Event, omar: Staff, lena: Staff
) -> None:
    made = await an_incident(event, omar)
    both = [(ReportDecision.REPORT, omar), (ReportDecision.DO_NOT_REPORT, lena)]
    answers = await asyncio.gather(
        *(incidents.decide(made, decision, WHY, True, 0, by, MONDAY) for decision, by in both)
    )
    assert sorted(answers) == [False, True]
    assert (await Incident.get()).decision is both[answers.index(True)][0]
    with pytest.raises(Refused, match="Someone else has changed this incident"):
        await casework.close(made, 0, omar, MONDAY)
    closes = await asyncio.gather(*(casework.close(made, 1, omar, MONDAY) for _ in range(3)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in closes) == ["NoneType", "Refused", "Refused"]
    before = await Incident.all().values()
    with pytest.raises(Refused, match="is closed"):
        await incidents.decide(made, ReportDecision.REPORT, "Other", True, 2, omar, MONDAY)
    assert await Incident.all().values() == before


async def test_leads_are_reminded_once_24_hours_before_the_end_of_what_is_open(
    event: Event, lena: Staff, marcus: Staff
) -> None:
    left, closed = await an_incident(event, lena), await an_incident(event, lena, happened=ELSE_HAPPENED)
    await casework.close(await decided(closed, lena), 1, lena, MONDAY)
    await Message.all().delete()
    assert await casework.remind(Incident, REMINDED_AT - timedelta(minutes=1)) == 0
    assert sum(await asyncio.gather(*(casework.remind(Incident, REMINDED_AT) for _ in range(5)))) == 1
    await reminders.turn(REMINDED_AT + timedelta(hours=5))
    assert await queued() == [("incident_alert", lead.id) for lead in (lena, marcus)]
    assert (await audit_of(left))[-1] == ("reminded the leads of an incident", "system", REMINDED_AT)


async def test_leads_are_reminded_at_once_when_the_72_hours_are_over_and_nobody_has_decided(
    event: Event, lena: Staff, marcus: Staff
) -> None:
    left = await an_incident(event, lena)
    noted = await decided(await an_incident(event, lena, happened=ELSE_HAPPENED), lena)
    await Message.all().delete()
    over, week, minute = MONDAY + timedelta(hours=72), timedelta(days=7), timedelta(minutes=1)
    moments = [REMINDED_AT, over - minute, over, over + minute, over + week]
    assert [await casework.remind(Incident, moment) for moment in moments] == [2, 0, 1, 0, 0]
    assert len(await queued()) == 2 * 3
    assert [len(await audit_of(incident)) - 1 for incident in (left, noted)] == [2, 2]


@pytest.mark.parametrize("hours", [50, 72, 500])
async def test_what_is_opened_in_its_last_day_or_later_is_told_once(event: Event, lena: Staff, hours: int) -> None:
    await an_incident(event, lena, aware_at=MONDAY - timedelta(hours=hours))
    assert await casework.remind(Incident, MONDAY) == 0
    assert len(await queued()) == 1
    assert await overdue.remind(MONDAY + timedelta(days=7)) == 1, "the control: nobody has decided by then"


async def test_it_is_gone_twelve_months_after_it_was_closed(event: Event, omar: Staff) -> None:
    closed, left = await an_incident(event, omar), await an_incident(event, omar, happened=ELSE_HAPPENED)
    await casework.close(await decided(closed, omar), 1, omar, MONDAY)
    await deleting.turn(MONDAY + timedelta(days=365) - timedelta(minutes=1), clock.real())
    assert await Incident.all().count() == 2
    await deleting.turn(MONDAY + timedelta(days=365), clock.real())
    assert await Incident.all() == [left]
    assert (await audit_of(closed))[-1][:2] == ("deleted an incident that was closed", "system")


async def emails() -> list[str]:
    """Of those that wait, as they would be sent now: subject and text."""
    found = [await written(WRITERS[message.template], message) for message in await Message.all().order_by("id")]
    sent = [email for email in found if email]
    for email in sent:
        assert_it_reads_well(email)
    return [folded(f"{email['Subject']} {text_of(email)}") for email in sent]


@SQLITE
async def test_leads_read_what_kind_it_is_until_when_and_who_else_is_told(
    event: Event, lena: Staff, marcus: Staff
) -> None:
    made = await an_incident(event, lena)
    said, _ = await emails()
    assert said.startswith(f"{HEADINGS[0]}: incident {made.id} ")
    assert "something went to the wrong person. The hosts have known about it since Monday 8 April 2019, 09:00." in said
    assert "you have 72 hours from then: until Thursday 11 April 2019, 09:00." in said
    assert "Nobody has decided yet whether to report it." in said
    assert (
        "We sent this email to: Lena Lead, Safer Places Marcus Lead, Three Rivers District Council This email" in said
    )
    assert not [secret for secret in (HAPPENED, "Ada", "train") if secret in said]
    await decided(made, lena)
    await casework.remind(Incident, REMINDED_AT)
    said = (await emails())[-1]
    assert said.startswith(HEADINGS[1])
    assert "The decision is noted: do not report it to the ICO." in said
    assert WHY not in said
    assert "That time is over" not in said
    await casework.close(await Incident.get(), 1, lena, MONDAY)
    assert await emails() == [], "what is closed is told no more"


@SQLITE
async def test_leads_read_that_the_time_is_over_and_what_to_do_now(event: Event, lena: Staff) -> None:
    made = await an_incident(event, lena)
    await casework.remind(Incident, made.deadline)
    said = (await emails())[-1]
    assert said.startswith(f"{HEADINGS[2]}: incident {made.id} ")
    assert "If you have to report it, report it now, and give the reasons for the delay." in said
    await decided(made, lena)
    assert "That time is over" not in (await emails())[-1]


@SQLITE
async def test_a_host_of_whom_nobody_leads_is_named(event: Event, lena: Staff) -> None:
    await an_incident(event, lena)
    assert await hosts_of(event) == (["Lena Lead, Safer Places"], ["Three Rivers District Council"])
    [said] = await emails()
    assert "Nobody at Three Rivers District Council is a lead of this event here: tell them by telephone." in said
