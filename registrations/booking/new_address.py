"""A guest has us write to another address: asked here, said yes to there, stopped from the address that we have.

The old address hears of it at once, and again when the new one has said yes. Until an organiser has approved it, all
goes to the old one (`deciding/new_addresses.py`). Nobody is told whether we know the new one.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.event import event_with
from events.ground import data_keys, limits, live, tokens, wording
from events.ground.database import after_commit, query, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.rotation.held_key import with_held_key
from registrations.asking import held_back
from registrations.people.address_change import SEALED_AS, AddressChange, end, end_all
from registrations.people.registration import Registration, State, of_address
from registrations.tickets import ticketing

from .address_emails import ADDRESS_ASKED, NEW_ADDRESS
from .changing import TOO_OFTEN
from .rechecking import MAY_CHANGE

ADDRESS = "address"
HAS_ONE = (
    "This address has a request of its own at this event, so nothing was changed. Withdraw that request first, with "
    "the link in our email to this address. Then open this page again."
)
HOLD_AS_SEEN = "UPDATE registration SET state = state WHERE id = ? AND state = ? AND version = ? RETURNING id"
MAKE = """INSERT INTO address_change (registration_id, public_id, address_sealed, asked_at) VALUES (?, ?, ?, ?)
    RETURNING id"""
REFUSE = """UPDATE address_change SET address_sealed = NULL
    WHERE id = ? AND address_sealed IS NOT NULL AND confirmed_at IS NULL RETURNING id"""
KEEP = """UPDATE registration SET state = 'approved', state_before = NULL, decided_at = ?, generation = generation + 1
    WHERE id = ? AND state = ? RETURNING id"""
SAY_YES = """UPDATE address_change SET confirmed_at = ?
    WHERE id = ? AND address_sealed IS NOT NULL AND confirmed_at IS NULL RETURNING id"""


async def ask(registration: Registration, address: str, network: str, at: datetime, real: datetime) -> None:
    """Asks whoever reads this address, in its normal form, and tells the one that we have. Ends what was asked before.

    The same statements whether we know the address or not. Raises Refused if the row is no longer as it was read.
    """
    if not await limits.count(limits.CHANGES_OF_BOOKING, str(registration.id), real):
        raise Refused(TOO_OFTEN, 429)
    due = await held_back.due(await event_with(registration.event_id), network, address, at, real)
    await _ask(registration, address, at, due)


@run_tx
async def _ask(registration: Registration, address: str, at: datetime, due: datetime) -> None:
    as_seen = [registration.id, registration.state, registration.version]
    if registration.state not in MAY_CHANGE or not await query(HOLD_AS_SEEN, as_seen):
        raise Refused(wording.MOVED_ON)
    event = await with_held_key(await event_with(registration.event_id))
    public_id = tokens.new_public_id()
    await end_all(registration)
    sealed = data_keys.seal(event.data_key, SEALED_AS, public_id, address)
    [made] = await query(MAKE, [registration.id, public_id, sealed, at])
    cause = f"asked {made['id']}"
    await outbox.put(NEW_ADDRESS, registration.id, cause=cause, at=at, event_id=event.id, due=due)
    await outbox.put(ADDRESS_ASKED, registration.id, cause=cause, at=at, event_id=event.id)
    await _note(Action.NEW_ADDRESS_ASKED, registration, at)


@run_tx
async def confirm(change: AddressChange, at: datetime) -> bool:
    """Whoever reads the new address says yes: the booking is looked at again, with the place held and without a ticket.

    False if it is over, was said yes to before, or the booking has moved on. Raises Refused if the address has a
    confirmed request of its own, which only its reader is told.
    """
    registration = change.registration
    if not change.is_open(at) or not await registration.become(State.RECHECKING, state_before=None, decided_at=None):
        return False
    if not await query(SAY_YES, [at, change.id]):
        raise Refused(wording.MOVED_ON)
    theirs = await of_address(await event_with(registration.event_id), change.address)
    if theirs is not None and theirs.state is not State.REQUESTED:
        raise Refused(HAS_ONE)
    cause = f"confirmed {change.id}"
    await outbox.put(ADDRESS_ASKED, registration.id, cause=cause, at=at, event_id=registration.event_id)
    await audit.record(Action.CHANGED_FOR_REVIEW, registration, by=None, at=at, what=ADDRESS)
    await ticketing.end(registration, at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


@run_tx
async def refuse(change: AddressChange, at: datetime) -> bool:
    """Whoever reads the new address did not ask for it: it is deleted. False if it is over, or was said yes to."""
    if not await query(REFUSE, [change.id]):
        return False
    await _note(Action.NEW_ADDRESS_REFUSED, change.registration, at)
    return True


async def keep(change: AddressChange, at: datetime) -> bool:
    """Stops it, until an organiser has decided: the booking is as it was. What somebody else may have is of no use to
    them any more: all links in earlier emails are old, and another ticket goes to the address that we have.

    False if it is over.
    """
    if await _keep(change, at):
        return True
    now = await AddressChange.get_or_none(id=change.id).select_related("registration")
    return now is not None and await _keep(now, at)  # the new address said yes in the same moment


@run_tx
async def _keep(change: AddressChange, at: datetime) -> bool:
    registration = change.registration
    looked_at = State.RECHECKING if change.confirmed_at else State.APPROVED
    if not change.is_open(at) or not await query(KEEP, [at, registration.id, looked_at]):
        return False
    if not await end(change):
        raise Refused(wording.MOVED_ON)
    await ticketing.end(registration, at)
    ticket = await ticketing.issue(registration, at, held=True)
    await outbox.put("ticket", ticket.id, cause="address kept", at=at, event_id=registration.event_id)
    await _note(Action.ADDRESS_KEPT, registration, at)
    return True


async def _note(action: Action, registration: Registration, at: datetime) -> None:
    await audit.record(action, registration, by=None, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
