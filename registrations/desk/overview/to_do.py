"""What organisers have to do now: each line counts something that is there, and leads to where it is done."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import May, Role, RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.wording import counted
from events.mail import mailer
from events.mail.bounces import bounce_turn
from registrations.checkin import conflicts
from registrations.deciding import approvers
from registrations.desk.desk_counts import Counts
from registrations.phones import alarm
from registrations.privacy.cases.casework import OPEN_OF_EVENT
from registrations.privacy.retention import report
from registrations.roll_call import calling

DUE = f"""SELECT (SELECT count(*) FROM door d WHERE d.event_id = e.id) AS doors,
    (SELECT count(*) FROM door_pass p WHERE p.event_id = e.id AND p.paired_at IS NOT NULL) AS phones,
    {OPEN_OF_EVENT} AS cases,
    (SELECT count(*) FROM paper_sheet s WHERE s.event_id = e.id AND s.kind <> 'access sheet'
        AND s.destroyed_at IS NULL AND s.destroy_by <= ?) AS to_destroy,
    (SELECT count(*) FROM paper_sheet s WHERE s.event_id = e.id AND s.begun_at IS NOT NULL AND s.finished_at IS NULL)
    AS to_type, (SELECT count(*) FROM closing_report c WHERE c.event_id = e.id AND c.day = e.day) AS reports
    FROM event e WHERE e.id = ?"""  # noqa: S608  # ours
TOLD = "SELECT count(*) AS guests FROM registration WHERE event_id = ? AND needs_sealed IS NOT NULL"
NOBODY_READS = {RoleName.ACCESS: "access lead", RoleName.CATERER: "caterer"}


class Due(NamedTuple):
    doors: int
    phones: int  # that were ever paired
    cases: int  # complaints, rights requests and incidents that nobody has closed
    to_destroy: int  # sheets with names whose time is over
    to_type: int  # sheets that somebody began to type up
    reports: int  # of this day of the event: one once its closing report is made


class Item(NamedTuple):
    words: str
    path: str  # below the event's desk
    is_loud: bool = False  # it cannot wait


async def due(event: Event, at: datetime) -> Due:
    [row] = await query(DUE, [clock.local(at).date(), event.id])
    return Due(**row)


async def items(
    event: Event, by: Staff, role: Role, roles: Collection[RoleName], counts: Counts, due: Due, at: datetime
) -> list[Item]:
    """The most urgent first. Nothing for whoever changes nothing. `roles`: those that are given."""
    if not role.may(May.ORGANISE):
        return []
    at_doors = await _at_doors(event, due, at)
    lead = role.may(May.LEAD)
    return [
        *_emails(counts),
        *at_doors,
        *_people(event, counts, at),
        *await _staff(event, roles, lead=lead),
        *_the_event(event, due, at, lead=lead),
        *await _data_protection(event, by, due, lead=lead),
    ]


def _emails(counts: Counts) -> list[Item]:
    found = []
    if mailer.trouble():
        found.append(Item("No emails are going out right now", "emails", is_loud=True))
    if bounce_turn.trouble():
        found.append(Item("Emails that come back cannot be read right now", "emails"))
    if counts.failed_emails:
        what = counted(counts.failed_emails, "email did not arrive", "emails did not arrive")
        found.append(Item(f"{what}: telephone these people", "emails#phone"))
    return found


async def _at_doors(event: Event, due: Due, at: datetime) -> list[Item]:
    """Nobody asks the doors before a phone was paired."""
    if not due.phones:
        return []
    found = list[Item]()
    if await calling.running(event.id, at) is not None:
        found.append(Item("A roll call is running", "roll-call", is_loud=True))
    raised = alarm.told_as_one(await alarm.recent(event.id, at - alarm.SHOWN_FOR))
    if alarms := sum(not told.seen_by for told in raised):
        words = counted(alarms, "alarm of a door", "alarms of doors")
        found.append(Item(f"{words} in the last hour", "board", is_loud=True))
    standing = await conflicts.counted(event.id)
    if standing.open:
        words = counted(standing.open, "conflict", "conflicts")
        found.append(Item(f"{words} at the doors to settle", "conflicts", is_loud=standing.loud > 0))
    return found


def _people(event: Event, counts: Counts, at: datetime) -> list[Item]:
    found = []
    if counts.walk_ins:
        words = counted(counts.walk_ins, "walk-in waits at a door", "walk-ins wait at a door")
        found.append(Item(words, "walk-ins", is_loud=True))
    if counts.to_decide and not event.is_over(at):
        found.append(Item(counted(counts.to_decide, "request to decide", "requests to decide"), "requests"))
    if counts.waiting and counts.places_left and not event.automatic_offers and not event.is_over(at):
        free = counted(counts.places_left, "place is free", "places are free")
        waiting = counted(counts.waiting, "person is", "people are")
        found.append(Item(f"{waiting} on the waiting list, and {free}", "waiting"))
    return found


async def _staff(event: Event, roles: Collection[RoleName], *, lead: bool) -> list[Item]:
    found = []
    if await approvers.too_few(event):
        path = "staff/invite" if lead else "event/approvals"
        found.append(Item("Two organisers have to approve, and fewer than two can", path, is_loud=True))
    lacking = " and no ".join(words for name, words in NOBODY_READS.items() if name not in roles)
    told = (await query(TOLD, [event.id]))[0]["guests"] if lacking else 0
    if told:
        guests = counted(told, "guest has", "guests have")
        found.append(
            Item(f"{guests} told us what they need or eat, and there is no {lacking}", "staff" if lead else "event")
        )
    return found


def _the_event(event: Event, due: Due, at: datetime, *, lead: bool) -> list[Item]:
    today, found = clock.local(at).date(), list[Item]()
    if event.waits_for_release(at):
        days = (event.day - today).days
        when = f"in {counted(days, 'day', 'days')}" if days else "today"
        found.append(
            Item(f"The event is {when}, and guests do not know the venue yet", "event/release" if lead else "event")
        )
    if due.phones and not event.doors_closed_at and (event.is_over(at) or (event.ends_at and at > event.ends_at)):
        found.append(Item("The event has ended, and the door is not closed", "doors/close"))
    if event.is_over(at) and not due.reports:
        found.append(Item("The event is over: see what is left to do", "after"))
    if due.to_type:
        found.append(Item(f"{counted(due.to_type, 'sheet', 'sheets')} of paper to finish typing up", "doors/paper"))
    if due.to_destroy:
        found.append(Item(f"{counted(due.to_destroy, 'list', 'lists')} with names on paper to destroy", "doors/paper"))
    return found


async def _data_protection(event: Event, by: Staff, due: Due, *, lead: bool) -> list[Item]:
    found = []
    if due.cases:
        words = counted(due.cases, "complaint, request or incident is", "complaints, requests or incidents are")
        found.append(Item(f"{words} open under data protection", "data-protection"))
    if lead and not event.data_key and await report.awaits_answer(event, by):
        found.append(Item("Say that you have destroyed your copies of the key", "data-protection/deletion"))
    return found
