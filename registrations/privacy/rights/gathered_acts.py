"""The part of a copy that says what was done: emails to them, and what the audit log says of them and of who looked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from events.accounts.staff import Role, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.event import Event
from events.ground import clock, wording
from events.mail import delivery
from events.mail.outbox import Message, MessageState
from registrations.checkin.conflict import Conflict
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.complaints import RECEIVED as COMPLAINT_RECEIVED
from registrations.tickets import request_emails
from registrations.tickets.ticket import Ticket

from .copies import COPY
from .copy_of_data import Row, Section
from .rights_request import RightsRequest
from .rights_requests import RECEIVED

NAMES = {
    **wording.EMAIL_NAMES,
    **wording.THEIR_NEEDS,
    COMPLAINT_RECEIVED: "We have your complaint",
    RECEIVED: "We have your request about your data",
    COPY: "Link to a copy of your data",
}
BECAME = {
    MessageState.QUEUED: "Waiting to be sent",
    MessageState.SENT: "Sent",
    MessageState.DROPPED: "Not sent, since it was no longer true",
    MessageState.TELEPHONED: "Not delivered; you were told by telephone",
}
PARTS = 500  # entries that are read at once
LISTS = [Action.LISTED, Action.SEARCHED]
LOOKED = (
    "Each list at the desk with your name on it is counted, and each time that somebody opened your page. We name the "
    "host for whom somebody works, and not the person."
)


class Subjects(NamedTuple):
    """All that is theirs, by which emails and entries are found."""

    event: Event
    requests: Sequence[Registration]
    complaints: Sequence[Complaint]
    rights: Sequence[RightsRequest]
    invitations: Sequence[Invitation]


async def emails(theirs: Subjects) -> Section:
    rows = [_email(message) for message in await _messages(theirs)]
    return Section("message", "Emails to you", rows)


async def _messages(theirs: Subjects) -> list[Message]:
    found = [message for request in theirs.requests for message in await request_emails.about(request.id)]
    complaints, rights = ([row.id for row in rows] for rows in (theirs.complaints, theirs.rights))
    found += await Message.filter(template=COMPLAINT_RECEIVED, subject_id__in=complaints)
    found += await Message.filter(template__in=[RECEIVED, COPY], subject_id__in=rights)
    return sorted(found, key=lambda message: message.id)


def _email(message: Message) -> Row:
    failed = f"Not delivered. {delivery.reason(message)}" if message.state is MessageState.FAILED else ""
    return {
        "Email": NAMES.get(message.template, message.template),
        "Queued": message.queued_at,
        "What became of it": failed or BECAME[message.state],
        "When": message.done_at,
    }


async def acts(theirs: Subjects) -> Section:
    entries = await _entries_about(theirs)
    listed = await _entries_with(theirs)
    who = await _hosts_of(theirs.event, (entry.actor for entry in [*entries, *listed]))
    rows = [*(_act(entry, who[entry.actor]) for entry in entries), *_looks(listed, who)]
    return Section("audit_entry", "What was done, and who looked", rows, LOOKED if rows else "")


async def _entries_about(theirs: Subjects) -> list[AuditEntry]:
    ids = [request.id for request in theirs.requests]
    tickets = await Ticket.filter(registration_id__in=ids)
    conflicts = await Conflict.filter(ticket_id__in=[ticket.id for ticket in tickets])
    subjects: list[Any] = [
        *theirs.requests,
        *theirs.complaints,
        *theirs.rights,
        *theirs.invitations,
        *tickets,
        *conflicts,
    ]
    named = [about(row) for row in [*subjects, *await _messages(theirs)]]
    found = [
        entry
        for first in range(0, len(named), PARTS)
        for entry in await AuditEntry.filter(subject__in=named[first : first + PARTS])
    ]
    return sorted(found, key=lambda entry: entry.id)


async def _entries_with(theirs: Subjects) -> list[AuditEntry]:
    """Entries of lists and searches on which they stood."""
    ids, found, last = {request.id for request in theirs.requests}, list[AuditEntry](), 0
    lists = AuditEntry.filter(event_id=theirs.event.id, action__in=LISTS).order_by("id").limit(PARTS)
    while part := await lists.filter(id__gt=last):
        found += [entry for entry in part if ids & set(entry.details.get("ids", []))]
        last = part[-1].id
    return found


def _act(entry: AuditEntry, who: str) -> Row:
    what = entry.action.value
    return {"When": entry.at, "What": what[:1].upper() + what[1:], "Who": who}


def _looks(listed: Iterable[AuditEntry], who: dict[str, str]) -> list[Row]:
    """One row for each day and host, with all times: a desk that is busy opens many lists."""
    times: defaultdict[tuple[date, str], list[str]] = defaultdict(list)
    for entry in listed:
        times[clock.local(entry.at).date(), who[entry.actor]].append(clock.time_words(entry.at))
    return [
        {"When": f"{day.day} {day:%B %Y}, {', '.join(moments)}", "What": "A list with your name on it", "Who": host}
        for (day, host), moments in times.items()
    ]


async def _hosts_of(event: Event, actors: Iterable[str]) -> dict[str, str]:
    """Of each actor what may be said of it to somebody else."""
    wanted = set(actors)
    ids = [int(actor.partition(":")[2]) for actor in wanted if actor.startswith("staff:")]
    roles = {role.staff_id: role.name.value for role in await Role.filter(event_id=event.id, staff_id__in=ids)}
    staff = {member.actor: member for member in await Staff.filter(id__in=ids)}
    named = {actor: _host(member, roles.get(member.id, "")) for actor, member in staff.items()}
    return {actor: named.get(actor) or _other(actor) for actor in wanted}


def _host(member: Staff, role: str) -> str:
    return f"{role.capitalize() or 'Somebody'} of {member.host}" if member.host else "Somebody who works for the hosts"


def _other(actor: str) -> str:
    kinds = {"person": "You", "pass": "A phone at the door", "staff": "Somebody who works for the hosts"}
    kinds["invitation"] = "An invitation that you used"
    return kinds.get(actor.partition(":")[0], "The service")
