"""Erases what is held about one address, at once and for good: where they ask for it, and again after a restore.

Rules: DP-08. What stays names nobody: states, kinds and times to count by, scans, and the audit log's entries.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.backup.erased_list import Entry
from events.event import Event, event_with
from events.ground import data_keys, live, tokens
from events.ground.database import after_commit, find_rows, is_postgres, places, run_tx, within_tx
from events.ground.keys import KeyMissing
from events.ground.refusal import Refused
from events.mail import last_email, outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting, inviting
from registrations.asking.draft import Draft
from registrations.deciding import taking_over
from registrations.people import address_change, colleague, erased, former_address, hand_over
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.former_address import FormerAddress
from registrations.people.hand_over import HandOver
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import address_tags
from registrations.people.registration import EMPTY, HOLDS_A_PLACE, LIVE, Registration, State
from registrations.privacy.cases import casework, whose
from registrations.privacy.retention.deletion import Machine
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
CANNOT_READ = "The address of this request cannot be read, so nothing was erased. Our database may be damaged."
CANNOT_READ_FORMER = (
    "An address that they had before cannot be read (former_address:{}), so nothing was erased. Our database is "
    "damaged."
)
MOVED = "Somebody's address has just changed, so nothing was erased. Look at the request again, then erase."
UNSENT = [MessageState.QUEUED, MessageState.FAILED]


async def erase(request: RightsRequest, by: Actor, at: datetime, real: datetime) -> None:
    """All that is held about the address of this request, and the address itself once the last email is out.

    Raises Refused when the request is closed, and while a copy is still to be sent.
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

    @property
    def public_ids(self) -> list[str]:
        """By which each of them is known in a backup, whatever its address was then."""
        asked = [*(row.public_id for row in self.requests), *(row.public_id for row in self.rights)]
        return [*asked, *(row.public_id for row in self.invitations), *(draft.cookie_hash for draft in self.drafts)]


@run_tx
async def _erase(request: RightsRequest, by: Actor, at: datetime) -> None:
    event, email = await event_with(request.event_id), await _read_now(request)
    before = await reader_of(event, email)
    rights = await _held_rights([row.id for row in await before.rights()])
    _may_be_erased(request, rights)
    wishes, asked = await address_change.end_with(event, before.read), await colleague.end_with(event, before.read)
    offered = await hand_over.end_to(event, before.read)
    reader = await reader_of(event, email)
    theirs, stays = await _of_reader(reader, rights), await reader.complaints()
    if not before.moves == reader.moves == await former_address.moves_at(event.id):
        raise Refused(MOVED)
    await _empty(theirs, Action.ERASED, by, at)
    await _close(theirs.rights, request.id, by, at)
    await moved.forget(event, theirs.former)
    await last_email.put(ERASED, request.id, email, cause=STAYS if stays else ERASED, at=at, event_id=event.id)
    ended = [row.public_id for rows in (wishes, asked, offered) for row in rows]
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
    requests = moves.requests_of(reader.email, await _held_requests(event, known.keys()), known)
    if damaged := moves.damaged_of(requests):
        raise Refused(CANNOT_READ_FORMER.format(damaged[0].id))
    used = {request.invitation_id for request in requests}
    drafts = await drafting.of_address(event, reader.typed)
    invitations = await inviting.of_person(event, reader.read, used)
    return Theirs(event, requests, rights, drafts, invitations, moves.of_reader(reader.email))


def _may_be_erased(request: RightsRequest, rights: Sequence[RightsRequest]) -> None:
    still_open = {row.id: row for row in rights if row.closed_at is None}
    if request.id not in still_open or request.kind is not Right.ERASURE:
        raise Refused(casework.OVER.format(request.NAME))
    for other in still_open.values():
        if other.kind is Right.ACCESS:
            raise Refused(COPY_FIRST.format(other.reference))


HELD = "SELECT * FROM {table} WHERE {which} ORDER BY id {held}"


async def _held_requests(event: Event, tags: Collection[str], public_ids: Collection[str] = ()) -> list[Registration]:
    """Those of an address with one of these tags, and these."""
    if not tags:
        return []
    of_either = f"address_tag IN ({places(len(tags))}) OR public_id IN ({places(len(public_ids)) or 'NULL'})"
    held = _held("registration", f"event_id = ? AND address_tag <> '' AND ({of_either})")
    return await find_rows(Registration, held, [event.id, *tags, *public_ids])


async def _held_rights(ids: Sequence[int]) -> list[RightsRequest]:
    """In the order of their ids, so that two who erase the same address do not wait for each other."""
    return await find_rows(RightsRequest, _held("rights_request", f"id IN ({places(len(ids))})"), ids) if ids else []


def _held(table: str, which: str) -> str:
    return HELD.format(table=table, which=which, held="FOR NO KEY UPDATE" if is_postgres() else "")


@within_tx
async def _empty(theirs: Theirs, action: Action, by: Actor, at: datetime) -> None:
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
        await Registration.filter(id=request.id).update(state=ended, state_before=None, **nobody)
        await audit.record(action, request, by=by, at=at)
    await _end_hand_overs(theirs.requests, by, at)
    await _tell_the_door(theirs.requests, at)
    await Draft.filter(id__in=[draft.id for draft in theirs.drafts]).delete()
    await Invitation.filter(id__in=[invitation.id for invitation in theirs.invitations]).delete()
    after_commit(live.publish, f"event:{theirs.event.id}")


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
async def _close(rights: Sequence[RightsRequest], done: int, by: Actor, at: datetime) -> None:
    """Nobody can tell any more whose these were. Those that are open end; `done` is the id of the one that asked."""
    for row in rights:
        nobody = {"email_sealed": None, "about_sealed": None, "note_sealed": None, "same_as": "", "visit_hash": ""}
        ends = {} if row.closed_at else {"closed_at": at, "outcome": Outcome.DONE if row.id == done else Outcome.ENDED}
        own = {"public_id": tokens.new_public_id(), "version": row.version + 1}
        await RightsRequest.filter(id=row.id).update(**nobody, **ends, **own)
        if ends:
            await audit.record(Action.RIGHTS_CLOSED, row, by=by, at=at)


async def erase_again(entries: Sequence[Entry], at: datetime) -> int:
    """Erases once more what was erased after a backup was made that has been restored now. What somebody asked after
    their erasure stays. How many requests for a place it were."""
    number = 0
    for event in await Event.all().order_by("id") if entries else []:
        known = await _known(event)
        await _end_what_does_not_open(event)
        number += sum([await _erase_again(event, entry, known, at) for entry in entries])
    return number


@run_tx
async def _end_what_does_not_open(event: Event) -> None:
    """Where the event's data key is not here: of drafts and of wishes for another address nobody can say whose they
    are, and with the key they would be back. Whoever was not erased answers and asks once more."""
    if event.data_key and not data_keys.kept().has(event.data_key):
        await Draft.filter(event_id=event.id).delete()
        await AddressChange.filter(registration__event_id=event.id).update(address_sealed=None)


class Known(NamedTuple):
    """How what there is at an event can be noted."""

    tags: Mapping[str, frozenset[str]]  # by the tag of its address all of that address, also of keys that came since
    public_ids: Mapping[str, str]  # by its own tag: an address may be another than it was


async def _known(event: Event) -> Known:
    rows = await Registration.filter(event_id=event.id)
    ids = [row.public_id for row in rows]
    for kind in (RightsRequest, Invitation):
        ids += [row.public_id for row in await kind.filter(event_id=event.id)]
    ids += [draft.cookie_hash for draft in await Draft.filter(event_id=event.id)]
    for asked in (AddressChange, Colleague, HandOver):
        ids += [row.public_id for row in await asked.filter(registration__event_id=event.id)]
    own = {tag: id_ for id_ in ids for tag in erased.request_tags(id_)}
    with suppress(KeyMissing):
        return Known({row.address_tag: frozenset(address_tags(event, row.email)) for row in rows if row.email}, own)
    return Known({}, own)


class Again(NamedTuple):
    """Who is erased again: by tags of their address, as far as it came before their erasure, and by public ids."""

    event: Event
    entry: Entry
    tags: frozenset[str]
    public_ids: frozenset[str]

    def read(self, address: str, at: datetime) -> bool:
        """Whether what named this address at that moment of the event was there to be erased."""
        return at <= self.entry.erased_at and self._is_theirs(address)

    def typed(self, address: str, real: datetime) -> bool:
        """The same of a moment of the machine."""
        return real <= self.entry.noted_at and self._is_theirs(address)

    def _is_theirs(self, address: str) -> bool:
        """As far as the keys are here that tell."""
        with suppress(KeyMissing):
            return bool(address) and not self.tags.isdisjoint(address_tags(self.event, address))
        return False


@run_tx
async def _erase_again(event: Event, entry: Entry, known: Known, at: datetime) -> int:
    tags = entry.tags | {tag for tag, theirs in known.tags.items() if not theirs.isdisjoint(entry.tags)}
    public_ids = frozenset(known.public_ids[tag] for tag in entry.tags & known.public_ids.keys())
    again = Again(event, entry, tags, public_ids)
    await address_change.end_with(event, again.read, public_ids)
    await colleague.end_with(event, again.read, public_ids)
    await hand_over.end_to(event, again.read, public_ids)
    held = await _held_requests(event, tags, sorted(public_ids))
    theirs = await _of_entry(again, [row for row in held if row.requested_at <= entry.erased_at])
    await _empty(theirs, Action.ERASED_AGAIN, Machine(), at)
    await _close(theirs.rights, 0, Machine(), at)
    await moved.forget(event, theirs.former)
    return len(theirs.requests)


async def _of_entry(again: Again, requests: Sequence[Registration]) -> Theirs:
    """What came after the erasure is not theirs: it was asked anew, by whoever reads the address since."""
    event, public_ids = again.event, again.public_ids
    rights = await RightsRequest.filter(event_id=event.id).order_by("id")
    asked = [row for row in rights if row.public_id in public_ids or again.read(row.email or "", row.taken_at)]
    drafts = {row.id: row for row in await Draft.filter(event_id=event.id, cookie_hash__in=sorted(public_ids))}
    drafts |= {row.id: row for row in await drafting.of_address(event, again.typed)}
    used = {request.invitation_id for request in requests}
    invitations = {row.id: row for row in await inviting.of_person(event, again.read, used)}
    invitations |= {row.id: row for row in await inviting.all_of(event) if row.public_id in public_ids}
    ids = {request.id for request in requests}
    former = [row for row, move in (await former_address.moves_at(event.id)).rows if row.registration_id in ids]
    return Theirs(event, requests, asked, list(drafts.values()), list(invitations.values()), former)
