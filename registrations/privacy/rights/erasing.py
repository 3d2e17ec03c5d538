"""Erases what is held about one address, at once and for good, where they ask for it.

Rules: DP-08. What stays names nobody: states, kinds and times to count by, scans, and the audit log's entries.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with, release_place
from events.ground import live, tokens
from events.ground.database import after_commit, find_rows, places, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import last_email, outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting, inviting
from registrations.asking.draft import Draft
from registrations.deciding import taking_over
from registrations.people import colleague, erased, former_address, objection, typed_addresses
from registrations.people.address_change import AddressChange
from registrations.people.former_address import FormerAddress
from registrations.people.hand_over import HandOver
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.objection import Objection
from registrations.people.person import address_tags
from registrations.people.registration import EMPTY, HOLDS_A_PLACE, LIVE, Registration, State
from registrations.privacy.cases import casework, whose
from registrations.tickets import request_emails, ticketing

from . import moved, noting
from .copies import COPY
from .reader import Reader, reader_of
from .rights_request import Outcome, Right, RightsRequest
from .rights_requests import RECEIVED

ERASED = "erased"  # the template of the last email, and its cause
STAYS = "erased, but for a complaint"  # its cause where one stays
COPY_FIRST = (
    "They also asked for a copy ({}), and that request is open. Afterwards there is nothing to copy: send the copy"
    " first, and wait until they have opened it, or close that request."
)
NOT_SHOWN = (
    "Nobody has shown yet that they read this address, so nothing was erased. Have them answer an email that you send"
    " there, or telephone them at the number that they gave us before. Note on the page of the request that it is"
    " theirs, then erase."
)
CANNOT_READ = "The address of this request cannot be read, so nothing was erased. Its page says what you can do."
CANNOT_READ_FORMER = (
    "An address that they had before cannot be read (former_address:{}), so nothing was erased. Our database is "
    "damaged: tell whoever runs this service."
)
MOVED = "Somebody's address has just changed, so nothing was erased. Look at the request again, then erase."
UNSENT = [MessageState.QUEUED, MessageState.FAILED]


async def erase(request: RightsRequest, by: Actor, at: datetime, real: datetime) -> None:
    """All that is held about the address of this request, and the address itself once the last email is out.

    Raises Refused when the request is closed, as long as nobody has shown that it is theirs, and while a copy is still
    to be sent.
    """
    await _erase(request, by, at)
    await noting.write_down(real)


class Theirs(NamedTuple):
    """What is erased together; the requests for a place as they stand, held until the transaction ends."""

    event: Event
    requests: Sequence[Registration]
    rights: Sequence[RightsRequest]
    drafts: Sequence[Draft]
    invitations: Sequence[Invitation]
    former: Sequence[FormerAddress]
    objections: Sequence[Objection] = ()

    @property
    def public_ids(self) -> list[str]:
        """By which each of them is known in a backup, whatever its address was then."""
        asked = [*(row.public_id for row in self.requests), *(row.public_id for row in self.rights)]
        asked += [*(row.public_id for row in self.invitations), *(draft.cookie_hash for draft in self.drafts)]
        return [*asked, *(row.address_tag for row in self.objections)]


@run_tx
async def _erase(request: RightsRequest, by: Actor, at: datetime) -> None:
    event, email = await event_with(request.event_id), await _read_now(request)
    before = await reader_of(event, email)
    rights = await _held_rights([row.id for row in await before.rights()])
    _may_be_erased(request, rights)
    ended = await typed_addresses.end_to(event, before.read)
    reader = await reader_of(event, email)
    theirs, stays = await _of_reader(reader, rights), await reader.complaints()
    if not before.moves == reader.moves == await former_address.moves_at(event.id):
        raise Refused(MOVED)
    await empty(theirs, Action.ERASED, by, at)
    await objection.note(event.id, email, at)
    await close(theirs.rights, request.id, by, at)
    await moved.forget(event, theirs.former)
    await last_email.put(ERASED, request.id, email, cause=STAYS if stays else ERASED, at=at, event_id=event.id)
    known = {erased.request_tags(id_)[0] for id_ in [*theirs.public_ids, *ended]}
    await erased.note_tags(event, known.union(address_tags(event, email)), at)


async def _read_now(request: RightsRequest) -> str:
    """The present address of whoever is to be erased."""
    if not request.email:
        raise Refused(CANNOT_READ if request.email is None else casework.OVER.format(request.NAME))
    if not (reader := await whose.reader_of(request)):
        raise Refused(whose.NOBODYS.format("erased"))
    return reader


async def _of_reader(reader: Reader, rights: Sequence[RightsRequest]) -> Theirs:
    """Call it when no change of address leads to them any more: one that was approved meanwhile has moved then."""
    event, moves = reader.event, reader.moves
    known = former_address.tags_of(event, reader.email, moves)
    requests = moves.requests_of(reader.email, await held_requests(event, known.keys()), known)
    if damaged := moves.damaged_of(requests):
        raise Refused(CANNOT_READ_FORMER.format(damaged[0].id))
    used = {request.invitation_id for request in requests}
    drafts = await drafting.of_address(event, reader.typed)
    invitations = await inviting.of_person(event, reader.read, used)
    former, objections = moves.of_reader(reader.email), await reader.objections()
    return Theirs(event, requests, rights, drafts, invitations, former, objections)


def _may_be_erased(request: RightsRequest, rights: Sequence[RightsRequest]) -> None:
    still_open = {row.id: row for row in rights if row.closed_at is None}
    if request.id not in still_open or request.kind is not Right.ERASURE:
        raise Refused(casework.OVER.format(request.NAME))
    if not still_open[request.id].is_confirmed:
        raise Refused(NOT_SHOWN)
    for other in still_open.values():
        if other.kind is Right.ACCESS:
            raise Refused(COPY_FIRST.format(other.reference))


HELD = "SELECT * FROM {table} WHERE {which} ORDER BY id FOR NO KEY UPDATE"


async def held_requests(event: Event, tags: Collection[str], public_ids: Collection[str] = ()) -> list[Registration]:
    """Those of an address with one of these tags, and these."""
    if not tags:
        return []
    of_either = f"address_tag IN ({places(len(tags))}) OR public_id IN ({places(len(public_ids)) or 'NULL'})"
    which = f"event_id = ? AND address_tag <> '' AND ({of_either})"
    held = HELD.format(table="registration", which=which)
    return await find_rows(Registration, held, [event.id, *tags, *public_ids])


async def _held_rights(ids: Sequence[int]) -> list[RightsRequest]:
    """In the order of their ids, so that two who erase the same address do not wait for each other."""
    held = HELD.format(table="rights_request", which=f"id IN ({places(len(ids))})")
    return await find_rows(RightsRequest, held, ids) if ids else []


@within_tx
async def empty(theirs: Theirs, action: Action, by: Actor, at: datetime) -> None:
    """Their tickets are held before the event, as whoever scans them does. The place is free for the next."""
    for message in await _unsent(theirs):
        await outbox.drop(message, at)
    ids = [request.id for request in theirs.requests]
    await LinkAnswers.filter(registration_id__in=ids).delete()
    await AddressChange.filter(registration_id__in=ids).delete()
    await colleague.forget(ids)
    for request in theirs.requests:
        ended = State.CANCELLED if request.state in LIVE else request.state
        nobody = EMPTY | dict.fromkeys(("address_tag", "public_id"), f"deleted {request.id}")  # no link has this one
        del nobody["comes_with_id"]  # until their place has ended it says whether that was counted
        await Registration.filter(id=request.id).update(state=ended, state_before=None, **nobody)
        await audit.record(action, request, by=by, at=at)
    kept = await _delete_invitations(theirs)
    await _end_hand_overs(theirs.requests, by, at)
    await _tell_the_door(theirs.requests, at)
    if kept:
        await release_place(theirs.event.id, kept)
    await Registration.filter(id__in=ids).update(comes_with_id=None)
    await Draft.filter(id__in=[draft.id for draft in theirs.drafts]).delete()
    await Objection.filter(id__in=[row.id for row in theirs.objections]).delete()
    after_commit(live.publish, f"event:{theirs.event.id}")


DELETE_INVITATIONS = "DELETE FROM invitation WHERE id IN ({ids}) RETURNING kept"


async def _delete_invitations(theirs: Theirs) -> int:
    """How many places they kept, which are free now. Held before the event, as by whoever uses one."""
    ids = [invitation.id for invitation in theirs.invitations]
    rows = await query(DELETE_INVITATIONS.format(ids=places(len(ids))), ids) if ids else []
    return sum(row["kept"] for row in rows)


async def _unsent(theirs: Theirs) -> list[Message]:
    """Emails that wait, or that somebody would have to telephone about."""
    found = [message for request in theirs.requests for message in await request_emails.about(request.id)]
    ids = [row.id for row in theirs.rights]
    found += await Message.filter(template__in=[RECEIVED, COPY], subject_id__in=ids)
    return [message for message in found if message.state in UNSENT]


@within_tx
async def _end_hand_overs(requests: Sequence[Registration], by: Actor, at: datetime) -> None:
    """Whoever is on the other side is told what they would be if it had been given up."""
    if requests:
        await taking_over.fall_away(*requests, by=by, at=at)
    await HandOver.filter(registration_id__in=[request.id for request in requests]).delete()


@within_tx
async def _tell_the_door(requests: Sequence[Registration], at: datetime) -> None:
    if not requests:
        return
    await ticketing.lock_tickets([request.id for request in requests])
    for request in requests:
        if request.state in HOLDS_A_PLACE:
            await ticketing.revoke(request, at)
    await ticketing.tell_devices(*requests)


@within_tx
async def close(rights: Sequence[RightsRequest], done: int, by: Actor, at: datetime) -> None:
    """Nobody can tell any more whose these were. Those that are open end; `done` is the id of the one that asked."""
    for row in rights:
        nobody = {"email_sealed": None, "about_sealed": None, "note_sealed": None, "same_as": "", "visit_hash": ""}
        ends = {} if row.closed_at else {"closed_at": at, "outcome": Outcome.DONE if row.id == done else Outcome.ENDED}
        own = {"public_id": tokens.new_public_id(), "version": row.version + 1}
        await RightsRequest.filter(id=row.id).update(**nobody, **ends, **own)
        if ends:
            await audit.record(Action.RIGHTS_CLOSED, row, by=by, at=at)
