"""Gathers what is held about one address at an event, and of nobody else: for the copy that they ask for.

Rules: DP-08. Of people who work for the hosts it says of which host they are, and nothing more.
"""

from collections.abc import Sequence
from datetime import datetime

from events.event import Event
from events.ground import wording
from events.ground.keeping import span
from events.ground.personal import declared_in
from events.mail import delivery
from registrations.asking import drafting, inviting
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.deciding.first_approval import FirstApproval
from registrations.people import hand_over, typed_addresses
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.erased import ErasedAddress
from registrations.people.former_address import FormerAddress
from registrations.people.hand_over import HandOver
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.objection import Objection
from registrations.people.person import UNCONFIRMED, Person, address_tags
from registrations.people.registration import Registration
from registrations.privacy.cases.complaint import Complaint

from . import gathered_acts, gathered_at_the_door, gathered_for_the_day, gathered_from_lists
from .copy_of_data import Copy, Row, Section
from .gathered_acts import Subjects
from .reader import Reader, reader_of
from .rights_request import RightsRequest

LABELS = {name: said.label for name, said in declared_in(Person).items()} | {"kind": "Kind of organisation"}
NOT_GIVEN = "Not provided"
THEIRS = "Confirmed to be yours"  # of each row that anybody may have sent with their address
NOT_SHOWN = "No, so we do not show what it says"
NOT_THEIRS: Row = {THEIRS: NOT_SHOWN}
NOT_CONFIRMED = (
    "Somebody asked for a place with your address, and nobody has said yes to it from our email to you. What they "
    "typed need not be yours, so we do not show it. If it is yours, open the link in that email and say yes, then ask "
    f"for a copy again. Otherwise say no there. Without a yes it is deleted {span(UNCONFIRMED.time)} after asking."
)
UNDER_WAY = (
    "Somebody typed your address while asking for a place, and has not sent it. We do not show what else they typed: "
    "it need not be yours."
)
COMPLAINED = (
    "Somebody sent a complaint with your address, and nobody has shown that it was you. What it says need not be "
    "yours, so we do not show it. If you sent it, reply to the email that acknowledged it, and say what it is about. "
    "Once the organisers have noted that it is yours, ask for a copy again. If you did not send it, tell them so."
)
TAKEN_DOWN = (
    "An organiser wrote down what somebody asked who gave your address, and nobody has shown that it was you. So we do "
    "not show what was said. If it was you, reply to the email that acknowledged it, and say what you asked for. Once "
    "the organisers have noted that it is yours, ask for a copy again. If it was not you, tell them so."
)


async def gather(event: Event, email: str, at: datetime) -> Copy:
    """The address in its normal form: what came under one that they had before they moved to it is theirs too. Each
    table that can hold something of somebody has a section of its own."""
    reader = await reader_of(event, email)
    requests, complaints, rights = await reader.requests(), await reader.complaints(), await reader.rights()
    links = await LinkAnswers.filter(registration_id__in=[request.id for request in requests]).order_by("id")
    at_the_door = await gathered_at_the_door.sections([request.id for request in requests])
    invitations = await _invitations(reader, requests)
    theirs = Subjects(event, requests, complaints, rights, invitations)
    sections = [
        _section("registration", "Requests for a place", [_request(request) for request in requests], NOT_CONFIRMED),
        _section("link_answers", "Answers behind links in our emails", [_link(link) for link in links], NOT_CONFIRMED),
        Section("address_change", "Other addresses that were asked for", await _new_addresses(reader, requests)),
        Section("colleague", "Colleagues who were named", await _colleagues(reader, requests)),
        Section("hand_over", "Places that are handed over", await _hand_overs(reader, requests)),
        Section("objection", "Emails that you said no to", [_objection(row) for row in await reader.objections()]),
        Section("former_address", "Addresses that you had before", _former(reader, requests)),
        Section("first_approval", "First of two approvals", await _first_approvals(requests)),
        Section("walk_in", "Places that were asked for at the door", await _walk_ins(requests)),
        *await gathered_for_the_day.workshops(event, requests),
        *await gathered_from_lists.sections(requests),
        Section("invitation", "Invitations", [_invitation(row) for row in invitations]),
        *at_the_door,
        await gathered_acts.emails(theirs),
        _section("complaint", "Complaints", [_complaint(row) for row in complaints], COMPLAINED),
        _section("rights_request", "Requests about your rights", [_rights(row) for row in rights], TAKEN_DOWN),
        await _drafts(reader),
        Section("erased_address", "Erasures before", await _erasures(event, email)),
        await gathered_acts.acts(theirs),
        gathered_for_the_day.consents(event, requests),
    ]
    return Copy(f"{event.title}, {event.day_words}", event.host_names, email, at, sections)


def _section(table: str, title: str, rows: list[Row], not_theirs: str) -> Section:
    """`not_theirs` says why something is left out, and what to do, where a row is not confirmed to be theirs."""
    return Section(table, title, rows, not_theirs if any(row.get(THEIRS) == NOT_SHOWN for row in rows) else "")


def _request(request: Registration) -> Row:
    """What was typed before somebody said yes to it may be anybody's."""
    refused = delivery.meaning(request.undeliverable) if request.undeliverable else None
    known: Row = {
        "State": wording.STATES[request.state.value],
        "Asked": request.requested_at,
        "Why no email is sent to you": refused,
    }
    if request.confirmed_at is None:
        return NOT_THEIRS | known
    answers: Row = {LABELS[name]: getattr(request, name) or NOT_GIVEN for name in declared_in(Person)}
    return (
        answers
        | known
        | {
            "Kind of organisation": request.kind.value,
            "Badge type": request.badge_type.words,
            "State before": wording.STATES[request.state_before.value] if request.state_before else None,
            "Address confirmed": request.confirmed_at,
            "Decided or ended": request.decided_at,
            "You come along with another guest": "Yes" if request.comes_with_id else None,
            "Last asked for more before a decision": request.more_asked_at,
            "Approval withdrawn": request.withdrawn_at,
            "Place held for you until": request.offered_until,
            "That offer ran out": request.lapsed_at,
            "Your turn on the waiting list counts from": request.waits_from,
        }
        | gathered_for_the_day.told(request)
    )


def _link(link: LinkAnswers) -> Row:
    """With the yes to one link the answers of all are gone: the request has those that were confirmed."""
    when: Row = {"Asked": link.asked_at, "Set aside by a no": link.said_no_at, "Replaced": link.moved_at}
    how = "Entered by an organiser, from a list" if link.from_list else "Typed by an organiser, from a telephone call"
    when |= {how: link.taken_at} if link.taken_at else {}
    return NOT_THEIRS | when if link.answers_sealed else when


async def _new_addresses(reader: Reader, requests: Sequence[Registration]) -> list[Row]:
    """Of their own bookings, without the address, which need not be theirs; and of bookings of others that were to be
    written to at their address, without whose."""
    ids = [request.id for request in requests]
    changes = await AddressChange.filter(registration_id__in=ids).order_by("id")
    theirs = [_new_address(change) for change in changes]
    to_them = await typed_addresses.to(AddressChange, reader.event, reader.read)
    return theirs + [{"Asked to write to you for another booking": change.asked_at} for change in to_them]


def _former(reader: Reader, requests: Sequence[Registration]) -> list[Row]:
    """Each as it was until they moved; the next in the list, or their present one, is where they moved to."""
    rows = {row.id: row for row in [*reader.moves.of_reader(reader.email), *reader.moves.damaged_of(requests)]}
    return [_former_address(rows[id_]) for id_ in sorted(rows)]


def _former_address(row: FormerAddress) -> Row:
    return {
        "Address": row.move.before if row.move else "It cannot be read: our database is damaged",
        "Until": row.moved_at,
    }


async def _colleagues(reader: Reader, requests: Sequence[Registration]) -> list[Row]:
    """Whom they named, without the address and without what came of it; and that somebody named them, without who."""
    ids = [request.id for request in requests]
    named: list[Row] = [
        {"You named somebody who comes along" if row.comes_along else "You named a colleague": row.asked_at}
        for row in await Colleague.filter(registration_id__in=ids).order_by("id")
    ]
    by_others = await Colleague.filter(request_id__in=ids).order_by("id")
    by_others += await typed_addresses.to(Colleague, reader.event, reader.read)
    return named + [{"Somebody with a place named you": row.asked_at} for row in by_others]


def _new_address(change: AddressChange) -> Row:
    how = "typed by an organiser, as somebody asked" if change.asked_by_id else "by a link to the booking"
    return {"Asked": change.asked_at, "How": how, "Said yes to": change.confirmed_at}


async def _hand_overs(reader: Reader, requests: Sequence[Registration]) -> list[Row]:
    """Of their own places, without the colleague; and of places of others that they were asked about, or want to take
    over, without whose."""
    ids = [request.id for request in requests]
    own = await HandOver.filter(registration_id__in=ids).order_by("id")
    theirs: list[Row] = [{"Asked a colleague to take over your place": row.asked_at} for row in own]
    for_them = await typed_addresses.to(HandOver, reader.event, reader.read)
    theirs += [{"Asked whether you take over a place": row.asked_at} for row in for_them]
    taking = await hand_over.by_receiver(ids)
    return theirs + [
        {"The place that you want to take over was offered to you": row.asked_at} for row in taking.values()
    ]


def _objection(row: Objection) -> Row:
    return {"No guest makes us write to you again, since": row.made_at}


async def _first_approvals(requests: Sequence[Registration]) -> list[Row]:
    found = await FirstApproval.filter(registration_id__in=[request.id for request in requests]).order_by("id")
    return [{"Given": first.given_at, "Seconded, taken back or overtaken": first.ended_at} for first in found]


async def _walk_ins(requests: Sequence[Registration]) -> list[Row]:
    found = await WalkIn.filter(registration_id__in=[request.id for request in requests]).order_by("id")
    return [
        {"Asked": row.asked_at, "Why": row.reason.value, "Decision": row.stage.value, "Decided": row.decided_at}
        for row in found
    ]


async def _invitations(reader: Reader, requests: Sequence[Registration]) -> list[Invitation]:
    """Those for their address alone, and those that they used."""
    used = {request.invitation_id for request in requests}
    theirs = used | {row.id for row in await inviting.of_person(reader.event, reader.read, used)}
    return [row for row in await inviting.all_of(reader.event) if row.id in theirs]


def _invitation(row: Invitation) -> Row:
    """Not its name at the desk, which is a note of staff."""
    alone = row.terms and "@" in row.terms.only_for
    return {
        "What for": "for your address alone" if alone else "one that you used",
        "Made": row.made_at,
        "Ended": row.ended_at,
    }


def _complaint(complaint: Complaint) -> Row:
    known: Row = {"Reference": complaint.reference, "Received": complaint.received_at}
    if not complaint.is_confirmed:
        return NOT_THEIRS | known
    return known | {
        THEIRS: complaint.confirmed_at,
        "Name": complaint.name,
        "Email": complaint.email,
        "What happened": complaint.account,
        "Acknowledged by other means": complaint.acknowledged_at,
        "Outcome": complaint.outcome.value if complaint.outcome else None,
        "Closed": complaint.closed_at,
    }


def _rights(request: RightsRequest) -> Row:
    said: Row = {"What was said": request.about} if request.is_confirmed else NOT_THEIRS
    return said | {
        "Reference": request.reference,
        "Asked for": request.kind.words,
        "How it came": "by the link to your booking" if request.by_link else "taken by an organiser",
        "Email": request.email,
        "Received": request.received_at,
        "To be answered by": request.due_at,
        "Link to a copy made": request.copy_sent_at,
        "Copy opened": request.copy_opened_at,
        "What became of it": request.outcome.value if request.outcome else None,
        "Closed": request.closed_at,
    }


async def _erasures(event: Event, email: str) -> list[Row]:
    """They asked anew since, and no note was made beside the backups yet."""
    tags = set(address_tags(event, email))
    found = await ErasedAddress.filter(event_id=event.id).order_by("id")
    return [{"Erased": row.erased_at} for row in found if tags & set(row.tags.split())]


async def _drafts(reader: Reader) -> Section:
    found = await drafting.of_address(reader.event, reader.typed)
    rows: list[Row] = [{"Deleted by itself": draft.expires_at} for draft in found]
    return Section("draft", "Answers that are being typed with your address", rows, UNDER_WAY if rows else "")
