"""A new address that has said yes: once its booking is approved, all goes there, and every link in earlier emails is
old.

However it is approved: at once, or from the waiting list, alone or with others, or as its owner takes an offer."""

from dataclasses import replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import wording
from events.ground.database import find_row, find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people import erased, former_address, link_answers
from registrations.people.address_change import confirmed_of, end
from registrations.people.former_address import Move
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import UNREADABLE, address_tag
from registrations.people.registration import EMPTY, Registration, State
from registrations.tickets import gathered

from .decision import AlreadyDecided

HAS_ONE = (
    "Their new address has a request of its own by now, so nothing was decided. Telephone them: one of the two "
    "requests has to end first."
)
CHANGE = """UPDATE registration SET address_tag = ?, person_sealed = ?, generation = generation + 1,
    offer_n = offer_n + 1, state_before = NULL
    WHERE id = ? AND NOT EXISTS (SELECT 1 FROM registration other WHERE other.event_id = ?
        AND other.address_tag = ? AND other.state NOT IN ('cancelled', 'expired')) RETURNING id"""


class HasOne(Refused):
    def __init__(self) -> None:
        super().__init__(HAS_ONE)


@run_tx
async def take_effect(registration: Registration, by: Actor, at: datetime) -> None:
    """Once the move to approved is ours: it cannot be undone then. Nothing if nobody said yes to another address, or
    they kept theirs.

    Raises HasOne if the new one has a request of its own by now, and AlreadyDecided if it was erased or stopped in this
    moment.
    """
    change = (await confirmed_of([registration.id])).get(registration.id)
    if change is None:
        return
    if not await end(change):  # first: whoever erases that address ends it before they look for requests with it
        raise AlreadyDecided
    if not await put(registration, change.address, by, at):
        raise HasOne
    await audit.record(Action.ADDRESS_CHANGED, registration, by=by, at=at)


@within_tx
async def put(registration: Registration, address: str, by: Actor, at: datetime) -> bool:
    """Gives a request, which is held, this address in place of its own. Every link in earlier emails is old then.

    What nobody confirmed under that address ends, and what waits to tell the old one of changes is not sent. False, and
    nothing is changed, if it has another live request.
    """
    event = await event_with(registration.event_id)
    tag = address_tag(event, address)
    await end_unconfirmed(event, tag, by, at)
    if not await _moved(registration, address, tag, by, at):
        return False
    await link_answers.end_all(registration, at)
    await gathered.drop(registration, at)
    return True


async def _moved(registration: Registration, address: str, tag: str, by: Actor, at: datetime) -> bool:
    held = await find_row(Registration, "id = ?", [registration.id])
    if held is None or held.person is UNREADABLE or not address:
        raise Refused(wording.DAMAGED)
    sealed = held.sealed(replace(held.person, email=address))
    await former_address.keep(held, Move(held.email, address), by.actor, at)
    try:
        return bool(await query(CHANGE, [tag, sealed, held.id, held.event_id, tag]))
    except IntegrityError:  # it has got one in this moment
        return False


UNCONFIRMED = "SELECT * FROM registration WHERE event_id = ? AND address_tag = ? AND state = 'requested'"


@within_tx
async def end_unconfirmed(event: Event, tag: str, by: Actor, at: datetime) -> None:
    """Anybody can have typed the address into the form: what nobody confirmed keeps nobody from a new address."""
    for asked in await find_rows(Registration, UNCONFIRMED, [event.id, tag]):
        if await asked.become(State.CANCELLED, decided_at=at, state_before=None, **EMPTY):
            await erased.note(asked, at)
            await LinkAnswers.filter(registration_id=asked.id).update(answers_sealed=None)
            await audit.record(Action.CANCELLED, asked, by=by, at=at)
