"""An organiser types another address, as somebody asked. It says yes by itself before anything goes there.

A request that nobody confirmed has the new address at once: what was sent to the other one opens nothing any more, and
nothing more goes there, since it may be a stranger's. Of any other the address that we have is told, and can stop it.
Unlike a guest, an organiser is told whether the address has a request: they may read the people list.
"""

from dataclasses import replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event, event_with
from events.ground import live, wording
from events.ground.database import after_commit, query, run_tx
from events.ground.refusal import Refused
from registrations.asking import by_telephone, held_back
from registrations.asking.by_telephone import HasOne
from registrations.deciding import new_addresses
from registrations.deciding.correcting import hold_as_seen
from registrations.people import link_answers
from registrations.people.address_change import WITHOUT_A_PLACE, confirmed_of
from registrations.people.link_answers import LinkAnswers
from registrations.people.often import count_change
from registrations.people.person import address_tag
from registrations.people.registration import Registration, State, of_address

from . import new_address
from .rechecking import MAY_CHANGE

MAY_CORRECT = {State.REQUESTED, *WITHOUT_A_PLACE, *MAY_CHANGE}  # an offer is answered first; so is a second look
NOT_NOW = (
    "The address cannot be corrected as the request stands now: an offer has to be answered, or a change to be decided "
    "on first. Nothing was saved."
)
TOO_OFTEN = "Another address was typed for this person very often in the last hour, so nothing was saved. Wait an hour."
MOVE = "UPDATE registration SET address_tag = ?, person_sealed = ?, requested_at = ? WHERE id = ? RETURNING id"


async def correct(seen: Registration, address: str, by: Staff, at: datetime, real: datetime) -> None:
    """Asks whoever reads this address, in its normal form. Raises HasOne if that has a request, ChangedMeanwhile if the
    row is not as it was read, and Refused in a state in which it cannot be corrected."""
    event = await event_with(seen.event_id)
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    if seen.state not in MAY_CORRECT or seen.is_set_aside:
        raise Refused(NOT_NOW)
    await count_change(seen, real, TOO_OFTEN)
    if seen.state is State.REQUESTED:
        await _correct_unconfirmed(event, seen, address, by, at, real)
        return
    due = await held_back.due(event, f"staff {by.id}", address, at, real)
    await _ask(event, seen, address, by, at, due)


@run_tx
async def _ask(event: Event, seen: Registration, address: str, by: Staff, at: datetime, due: datetime) -> None:
    await hold_as_seen(seen)
    if await confirmed_of([seen.id]):  # or whoever has read that one would decide on the present one unseen
        raise Refused(NOT_NOW)
    theirs = await of_address(event, address)
    if theirs is not None and theirs.state is not State.REQUESTED:
        raise HasOne(theirs.id)
    await new_address.write_to_both(seen, address, by, at, due)
    await _note(seen, by, at)


async def _correct_unconfirmed(
    event: Event, seen: Registration, address: str, by: Staff, at: datetime, real: datetime
) -> None:
    try:
        await _move(event, seen, address, by, at, real)
    except IntegrityError:  # one_live_request, in this moment
        theirs = await of_address(event, address)
        raise HasOne(theirs.id) if theirs else Refused(wording.MOVED_ON_AT_DESK) from None


@run_tx
async def _move(event: Event, seen: Registration, address: str, by: Staff, at: datetime, real: datetime) -> None:
    """Its answers, as the desk shows them, wait behind one new link."""
    await held_back.take_turn()
    await hold_as_seen(seen)
    theirs = await of_address(event, address)
    if theirs is not None and not theirs.is_set_aside:
        raise HasOne(theirs.id)
    await new_addresses.end_unconfirmed(event, address_tag(event, address), by, at)  # nobody is told whose that was
    newest = await LinkAnswers.filter(registration_id=seen.id).exclude(answers_sealed=None).order_by("-id").first()
    told = {name: str(getattr(seen, name)) for name in link_answers.DETAILS}
    told |= {link_answers.INVITATION: newest.invitation if newest else ""}
    sealed = seen.sealed(replace(seen.person, email=address))
    await query(MOVE, [address_tag(event, address), sealed, at, seen.id])
    await link_answers.end_all(seen, at)
    link = await by_telephone.link_with(event, seen, told, by, at)
    await by_telephone.ask_them(event, link, address, by, at, real)
    await _note(seen, by, at)


async def _note(seen: Registration, by: Staff, at: datetime) -> None:
    await audit.record(Action.ADDRESS_TYPED, seen, by=by, at=at)
    after_commit(live.publish, f"event:{seen.event_id}")
