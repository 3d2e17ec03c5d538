"""Erases once more what was erased after a backup was made, in what is restored from it.

Rules: DP-08.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from events.audit.action import Action
from events.audit.audit import Machine
from events.backup.erased_list import Entry
from events.event import Event
from events.ground.database import run_tx
from events.ground.keys import KeyMissing
from registrations.asking import drafting, inviting
from registrations.asking.draft import Draft
from registrations.people import erased, former_address, typed_addresses
from registrations.people.invitation import Invitation
from registrations.people.objection import Objection
from registrations.people.person import address_tags
from registrations.people.registration import Registration

from . import moved, unopened
from .erasing import Theirs, close, empty, held_requests
from .rights_request import RightsRequest


async def erase_again(entries: Sequence[Entry], at: datetime) -> int:
    """Erases once more what was erased after a backup was made that has been restored now. What somebody asked after
    their erasure stays. How many requests for a place it were."""
    number = 0
    for event in await Event.all().order_by("id") if entries else []:
        known = await _known(event)
        await _end_what_does_not_open(event, entries)
        number += sum([await _erase_again(event, entry, known, at) for entry in entries])
    return number


_end_what_does_not_open = run_tx(unopened.end)


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
    for typed in typed_addresses.KINDS:
        ids += [row.public_id for row in await typed.filter(registration__event_id=event.id)]
    ids += [row.address_tag for row in await Objection.filter(event_id=event.id)]
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
    await typed_addresses.end_to(event, again.read, public_ids)
    held = await held_requests(event, tags, sorted(public_ids))
    theirs = await _of_entry(again, [row for row in held if row.requested_at <= entry.erased_at])
    await empty(theirs, Action.ERASED_AGAIN, Machine(), at)
    await close(theirs.rights, 0, Machine(), at)
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
    before = await Objection.filter(event_id=event.id, made_at__lte=again.entry.erased_at).order_by("id")
    objections = [row for row in before if row.address_tag in public_ids]
    return Theirs(event, requests, asked, list(drafts.values()), list(invitations.values()), former, objections)
