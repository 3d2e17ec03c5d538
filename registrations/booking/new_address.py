"""We write to another address: asked for here, said yes to there, stopped from the address that we have.

The old address hears of it at once, and again when the new one has said yes. Until an organiser has approved it, all
goes to the old one (`deciding/new_addresses.py`). No guest is told whether we know the new one. Without a place
too: the request waits in the queue, in its turn. Where an organiser typed it then (`corrected_address.py`), its Yes is
enough, and that address is vetted.
"""

from datetime import datetime
from typing import Any

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import event_with
from events.ground import data_keys, live, tokens, wording
from events.ground.database import after_commit, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import Message
from registrations.asking import held_back
from registrations.deciding import new_addresses, offers, taking_over, two_approvals
from registrations.deciding.offers import Itself
from registrations.people import objection
from registrations.people.address_change import (
    ASKED_IN,
    SEALED_AS,
    WITHOUT_A_PLACE,
    AddressChange,
    confirmed_of,
    end,
    end_all,
)
from registrations.people.checked import need_two
from registrations.people.often import count_change
from registrations.people.registration import Registration, State, held_as_read, of_address
from registrations.tickets import gathered, request_emails, ticketing

from .address_emails import ADDRESS_ASKED, NEW_ADDRESS

ADDRESS = "address"
HAS_ONE = (
    "This address has a request of its own at this event, so nothing was changed. Withdraw that request first, with "
    "the link in our email to this address. Then open this page again."
)
IS_LOOKED_AT = (
    "A person looks at the other address that you asked for, so nothing was sent. To ask for yet another one, keep "
    "your current address first: your request has a link for it."
)
NOT_YET = (
    "The address that we have is told first, and that email has not gone out yet. Nothing was changed. Open this page "
    "again in a few minutes."
)
MAKE = """INSERT INTO address_change (registration_id, public_id, address_sealed, asked_at, asked_by_id)
    VALUES (?, ?, ?, ?, ?) RETURNING id"""
REFUSE = """UPDATE address_change SET address_sealed = NULL
    WHERE id = ? AND address_sealed IS NOT NULL AND confirmed_at IS NULL RETURNING id"""
KEEP = """UPDATE registration SET state = 'approved', state_before = NULL, decided_at = ?, generation = generation + 1
    WHERE id = ? AND state = ? RETURNING id"""
TO_THE_QUEUE = """UPDATE registration SET state = 'confirmed', state_before = NULL, decided_at = NULL, confirmed_at = ?
    WHERE id = ? AND state = ? RETURNING id"""
SAY_YES_AND_END = """UPDATE address_change SET confirmed_at = ?, address_sealed = NULL
    WHERE id = ? AND address_sealed IS NOT NULL AND confirmed_at IS NULL RETURNING id"""
HOLD = "UPDATE registration SET state = state WHERE id = ? AND state = ? RETURNING id"
KEEP_WITHOUT_A_PLACE = "UPDATE registration SET generation = generation + 1 WHERE id = ? AND state = ? RETURNING id"
SENT_AGAIN = {State.CONFIRMED: "received", State.WAITING: "waiting", State.OFFERED: "offer"}
SAY_YES = """UPDATE address_change SET confirmed_at = ?
    WHERE id = ? AND address_sealed IS NOT NULL AND confirmed_at IS NULL RETURNING id"""


async def ask(registration: Registration, address: str, network: str, at: datetime, real: datetime) -> None:
    """Asks whoever reads this address, in its normal form, and tells the one that we have. Ends what was asked before.

    The same statements whether we know the address or not. Raises Refused if the row is no longer as it was read.
    """
    await count_change(registration, real)
    due = await held_back.due(await event_with(registration.event_id), network, address, at, real)
    await _ask(registration, address, at, due)


@run_tx
async def _ask(registration: Registration, address: str, at: datetime, due: datetime) -> None:
    if registration.state not in ASKED_IN or not await held_as_read(registration):
        raise Refused(wording.MOVED_ON)
    if await confirmed_of([registration.id]):  # without a place: nobody decides on another one than they have read
        raise Refused(IS_LOOKED_AT)
    await write_to_both(registration, address, None, at, due)
    await _note(Action.NEW_ADDRESS_ASKED, registration, at)


@within_tx
async def write_to_both(
    registration: Registration, address: str, by: Staff | None, at: datetime, due: datetime
) -> None:
    """Makes the change that waits, and queues the question and the warning. `by`: the organiser who typed it. Hold the
    row, as it was read."""
    event = await event_with(registration.event_id)
    public_id = tokens.new_public_id()
    await gathered.send_now(registration)
    await end_all(registration)
    sealed = data_keys.seal(event.data_key, SEALED_AS, public_id, address)
    [made] = await query(MAKE, [registration.id, public_id, sealed, at, by.id if by else None])
    cause = f"asked {made['id']}"
    await outbox.put(NEW_ADDRESS, registration.id, cause=cause, at=at, event_id=event.id, due=due)
    await outbox.put(ADDRESS_ASKED, registration.id, cause=cause, at=at, event_id=event.id)


async def confirm(change: AddressChange, at: datetime) -> bool:
    """Whoever reads the new address says yes: the booking is looked at again, with the place held and without a ticket.
    Of whoever has no place the request is to be decided, in its turn; where an organiser typed the address it is that
    of the new address at once.

    False if it is over, was said yes to before, or the booking has moved on. Raises Refused if the address has a
    confirmed request of its own, which only its reader is told.
    """
    state = change.registration.state
    if state in WITHOUT_A_PLACE:
        return await (_confirm_without_a_place if change.asked_by_id else _confirm_in_the_queue)(change, at)
    return await _confirm(change, at)


@run_tx
async def _confirm_without_a_place(change: AddressChange, at: datetime) -> bool:
    registration = change.registration
    if not change.is_open(at) or not await query(TO_THE_QUEUE, [at, registration.id, registration.state]):
        return False
    if await Message.filter(**_warning(change), tries=0).exists():  # it waits, or was dropped with the place
        raise Refused(NOT_YET)
    if not await query(SAY_YES_AND_END, [at, change.id]):
        raise Refused(wording.MOVED_ON)
    await request_emails.drop_all(registration, at)
    if not await new_addresses.put(registration, change.address, Itself(), at):
        raise Refused(HAS_ONE)
    cause = f"confirmed {change.id}"  # with a link that works: those before it are old
    await outbox.put("received", registration.id, cause=cause, at=at, event_id=registration.event_id)
    await _note(Action.ADDRESS_CHANGED, registration, at)
    return True


def _warning(change: AddressChange) -> dict[str, Any]:
    """The email that tells the present address of it before anything changes."""
    return {"template": ADDRESS_ASKED, "subject_id": change.registration_id, "cause": f"asked {change.id}"}


@run_tx
async def _confirm(change: AddressChange, at: datetime) -> bool:
    registration = change.registration
    if not change.is_open(at) or not await registration.become(State.RECHECKING, state_before=None, decided_at=None):
        return False
    await _wait_for_a_look(change, at, had_place=True)
    await ticketing.end(registration, at)
    return True


@run_tx
async def _confirm_in_the_queue(change: AddressChange, at: datetime) -> bool:
    """Nobody has looked at that address, so whoever was on the waiting list is to be decided again."""
    registration = change.registration
    if not change.is_open(at) or not await query(HOLD, [registration.id, registration.state]):
        return False
    if await AddressChange.filter(id=change.id, confirmed_at__isnull=False).exists():  # a second press
        return False
    await query(TO_THE_QUEUE, [at, registration.id, registration.state])
    await two_approvals.end(registration, at)  # it may be stopped, and then all is as before
    await _wait_for_a_look(change, at, had_place=False)
    return True


@within_tx
async def _wait_for_a_look(change: AddressChange, at: datetime, had_place: bool) -> None:
    """The new address has said yes, and the move of its request is ours."""
    registration = change.registration
    if not await query(SAY_YES, [at, change.id]):
        raise Refused(wording.MOVED_ON)
    theirs = await of_address(await event_with(registration.event_id), change.address)
    if theirs is not None and theirs.state is not State.REQUESTED:
        raise Refused(HAS_ONE)
    cause = f"confirmed {change.id}"
    await outbox.put(ADDRESS_ASKED, registration.id, cause=cause, at=at, event_id=registration.event_id)
    act = Action.CHANGED_FOR_REVIEW
    await audit.record(act, registration, by=None, at=at, what=ADDRESS, had_place=had_place)
    after_commit(live.publish, f"event:{registration.event_id}")


@run_tx
async def refuse(change: AddressChange, at: datetime) -> bool:
    """Whoever reads the new address did not ask for it: it is deleted, and no guest makes us write there again. False
    if it is over, or was said yes to."""
    if not await query(REFUSE, [change.id]):
        return False
    await objection.note(change.registration.event_id, change.address, at)
    await _note(Action.NEW_ADDRESS_REFUSED, change.registration, at)
    return True


async def keep(change: AddressChange, at: datetime) -> bool:
    """Stops it, until the booking is approved: it is as it was. What somebody else may have is of no use to them any
    more: all links in earlier emails are old. Another ticket goes to the address that we have, or without a place the
    last email once more.

    False if it is over.
    """
    if await _keep(change, at):
        return True
    now = await AddressChange.get_or_none(id=change.id).select_related("registration")
    return now is not None and await _keep(now, at)  # the new address said yes in the same moment


async def _keep(change: AddressChange, at: datetime) -> bool:
    state = change.registration.state
    if not change.is_open(at) or not change.can_be_stopped_in(state):
        return False
    if change.only_typed:
        return await _delete(change, at)
    return await (_keep_without_a_place if state in SENT_AGAIN else _keep_place)(change, at)


@run_tx
async def _delete(change: AddressChange, at: datetime) -> bool:
    """Nobody had a link of theirs: an organiser typed it. So there is nothing to make anew."""
    registration = change.registration
    if not await query(HOLD, [registration.id, registration.state]):
        return False
    if not await end(change):
        raise Refused(wording.MOVED_ON)
    await _note(Action.ADDRESS_KEPT, registration, at)
    return True


@run_tx
async def _keep_without_a_place(change: AddressChange, at: datetime) -> bool:
    """An offer that was made for the other address ends, where two have to approve the present one."""
    registration, state = change.registration, change.registration.state
    event = await event_with(registration.event_id)
    if state is State.OFFERED and await need_two(event, [registration.email]):
        state, kept = State.WAITING, await offers.end_by_address(registration)
    else:
        kept = bool(await query(KEEP_WITHOUT_A_PLACE, [registration.id, state]))
    if not kept:
        return False
    if not await end(change):
        raise Refused(wording.MOVED_ON)
    cause = f"address kept {change.id}"
    await outbox.put(SENT_AGAIN[state], registration.id, cause=cause, at=at, event_id=event.id)
    await _note(Action.ADDRESS_KEPT, registration, at)
    return True


@run_tx
async def _keep_place(change: AddressChange, at: datetime) -> bool:
    registration = change.registration
    if not await query(KEEP, [at, registration.id, registration.state]):
        return False
    if not await end(change):
        raise Refused(wording.MOVED_ON)
    await taking_over.fall_away(registration, by=None, at=at)  # somebody else may have asked for that, too
    await ticketing.end(registration, at)
    ticket = await ticketing.issue(registration, at, held=True)
    await outbox.put("ticket", ticket.id, cause="address kept", at=at, event_id=registration.event_id)
    await _note(Action.ADDRESS_KEPT, registration, at)
    return True


async def _note(action: Action, registration: Registration, at: datetime) -> None:
    await audit.record(action, registration, by=None, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
