"""What must not stand in an event's history if it is to read true: each a question to its database, with what answers
it. Moments are compared as SQLite keeps them, in UTC.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import moment, query
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import Registration, State
from registrations.privacy.cases.complaint import Complaint
from registrations.rehearsal import rehearsal_stories
from registrations.rehearsal.rehearsal_people import BODIES

EXAMPLE = re.compile(r"(?:[a-z0-9-]+\.)*example\.(?:org|net|com)")  # reserved by RFC 2606
DRAMA = re.compile(r"07700 900 ?\d{3}|01632 960 ?\d{3}")  # what Ofcom keeps for drama
WORK, AWAKE = (range(8, 18), range(5)), (range(8, 22), range(7))  # hours and weekdays: of organisers, of everybody

ACTED_ON = """SELECT r.id FROM registration r WHERE r.confirmed_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM message m WHERE m.state = 'sent' AND m.done_at <= r.confirmed_at AND (
        (m.template = 'confirm' AND m.subject_id IN (SELECT id FROM link_answers WHERE registration_id = r.id))
        OR (m.template = 'colleague' AND m.subject_id IN (SELECT id FROM colleague WHERE request_id = r.id))
        OR (m.template = 'hand_over' AND EXISTS (SELECT 1 FROM audit_entry a
            WHERE a.action = 'asked to take over a place' AND a.subject = 'registration:' || r.id
            AND a.details LIKE '%"registration:' || m.subject_id || '"%'))))"""
LOST = """SELECT m.id FROM message m WHERE m.state = 'dropped' OR m.done_at < m.queued_at OR (m.state = 'failed'
    AND NOT EXISTS (SELECT 1 FROM link_answers l JOIN registration r ON r.id = l.registration_id
        WHERE l.id = m.subject_id AND m.template = 'confirm' AND r.state = 'requested' AND r.undeliverable <> ''))"""
NO_TICKET_SENT = """SELECT t.id FROM ticket t WHERE t.revoked_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message m
    WHERE m.template = 'ticket' AND m.subject_id = t.id AND m.state = 'sent' AND m.done_at <= t.revoked_at)"""
OUT_OF_ORDER = """SELECT id FROM registration WHERE confirmed_at < requested_at OR decided_at < confirmed_at
    OR (confirmed_at IS NULL AND state NOT IN ('requested', 'expired'))"""
NO_APPROVAL = """SELECT t.id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM audit_entry a
    WHERE a.action = 'approved' AND a.subject = 'registration:' || t.registration_id AND a.at = t.issued_at)"""
CHOSEN_BEFORE = """SELECT c.id FROM workshop_choice c WHERE NOT EXISTS (
    SELECT 1 FROM ticket t WHERE t.registration_id = c.registration_id AND t.issued_at <= c.chosen_at)"""
NOT_AS_IT_HAPPENED = "SELECT b.id FROM audit_entry a JOIN audit_entry b ON b.id > a.id AND b.at < a.at LIMIT 1"
HOLDING = """SELECT (SELECT count(*) FROM ticket t JOIN registration r ON r.id = t.registration_id
    WHERE t.issued_at <= a.at AND (t.revoked_at IS NULL OR t.revoked_at > a.at OR r.state = 'rechecking')) AS held
    FROM audit_entry a WHERE a.action = 'put on the waiting list'"""
COUNTED = """SELECT count(*) AS held FROM registration WHERE state IN ('approved', 'rechecking', 'offered')
    AND comes_with_id IS NULL"""
NOT_JOINED = """SELECT DISTINCT a.actor FROM audit_entry a WHERE a.actor LIKE 'staff:%' AND NOT EXISTS (
    SELECT 1 FROM staff s WHERE a.actor = 'staff:' || s.id AND s.joined_at <= a.at AND s.disabled_at IS NULL)"""


async def found_by(sql: str) -> list[str]:
    return [str(dict(row)) for row in await query(sql, [])]


async def at_odd_hours() -> list[str]:
    """Machines never sleep."""
    found = []
    for row in await query("SELECT at, actor, action FROM audit_entry WHERE action <> 'sent an email'", []):
        at = moment(row["at"])
        hours, days = WORK if row["actor"].startswith("staff:") else AWAKE
        there = clock.local(at) if at and row["actor"] != "system" else None
        if there and (there.hour not in hours or there.weekday() not in days):
            found.append(f"{there:%A %H:%M} {row['actor']} {row['action']}")
    return found


async def later_than(until: datetime) -> list[str]:
    rows = await query("SELECT id, at FROM audit_entry WHERE at > ?", [until + timedelta(minutes=1)])
    return [str(row["id"]) for row in rows]


async def waiting_beside_a_free_place() -> list[str]:
    places = (await Event.get()).places
    return [f"{row['held']} of {places}" for row in await query(HOLDING, []) if row["held"] != places]


async def miscounted() -> list[str]:
    event, [row] = await Event.get(), await query(COUNTED, [])
    return [] if event.taken == row["held"] else [f"{event.taken} taken, {row['held']} held"]


async def run_out(until: datetime) -> list[str]:
    """Links and offers of those who are still asked."""
    people = await Registration.filter(state__in=[State.REQUESTED, State.OFFERED])
    over = {
        person.id for person in people if person.state is State.REQUESTED and person.requested_at + LINK_LASTS < until
    }
    over |= {person.id for person in people if person.offered_until and person.offered_until < until}
    return [str(id_) for id_ in sorted(over)]


async def could_be_real() -> list[str]:
    people, event = await Registration.exclude(state=State.EXPIRED), await Event.get()
    complaints = await Complaint.all()
    emails = [
        event.contact_email,
        *(host["email"] for host in event.hosts),
        *(staff.email for staff in await Staff.all()),
    ]
    emails += [person.email for person in people] + [complaint.email for complaint in complaints]
    emails += [named.address for named in await Colleague.exclude(address_sealed=None)]
    emails += [handed.address for handed in await HandOver.exclude(address_sealed=None)]
    numbers = [event.contact_phone, event.lead_phone, *(host["phone"] for host in event.hosts)]
    numbers += [person.person.phone for person in people if person.person.phone]
    wrong = [email for email in emails if not EXAMPLE.fullmatch(email.partition("@")[2])]
    return wrong + [number for number in numbers if not DRAMA.fullmatch(number)]


async def address_of_somebody_else() -> list[str]:
    """An address says whose it is and where they work; of three people it does not, and that is their part."""
    domains = {body.name: body.domain for body in BODIES}
    odd = {rehearsal_stories.LOOKALIKE.email, rehearsal_stories.MISSPELT.email}
    found = []
    for person in await Registration.exclude(state=State.EXPIRED):
        name = unicodedata.normalize("NFKD", person.full_name.lower()).encode("ascii", "ignore").decode()
        local, _, domain = person.email.partition("@")
        elsewhere = domain not in (domains[person.organisation], rehearsal_stories.AT_HOME) and person.email not in odd
        if local != name.replace("'", "").replace(" ", ".") or elsewhere:
            found.append(f"{person.full_name}, {person.organisation}: {person.email}")
    return found


Question = Callable[[datetime], Awaitable[list[str]]]


def _asks(sql: str) -> Question:
    return lambda until: found_by(sql)


CONTRADICTIONS: dict[str, Question] = {
    "somebody confirmed what no email had asked": _asks(ACTED_ON),
    "an email was lost, and nobody shows it": _asks(LOST),
    "a place ended before its ticket was sent": _asks(NO_TICKET_SENT),
    "a decision came before the request": _asks(OUT_OF_ORDER),
    "a ticket has no approval": _asks(NO_APPROVAL),
    "somebody chose a workshop before they had a place": _asks(CHOSEN_BEFORE),
    "the audit log goes back in time": _asks(NOT_AS_IT_HAPPENED),
    "somebody acted who had not joined": _asks(NOT_JOINED),
    "somebody acted in their sleep": lambda until: at_odd_hours(),
    "something happens that is still to come": later_than,
    "somebody waits beside a free place": lambda until: waiting_beside_a_free_place(),
    "the places are counted wrong": lambda until: miscounted(),
    "a link or an offer has run out": run_out,
    "an address or number could be somebody's": lambda until: could_be_real(),
    "an address is somebody else's": lambda until: address_of_somebody_else(),
}
