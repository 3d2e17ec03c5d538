"""A guest hands their place over to a colleague: asked here, answered there, taken back until an organiser has decided.

Rules: SG-07, DP-16. Nobody else is told who hands it over, unless the guest chooses that: anybody can be behind an
address that was mistyped. Until an
organiser has approved the colleague (`deciding/taking_over.py`), place and ticket are the guest's.
"""

from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event, event_with
from events.ground import clock, data_keys, limits, live, tokens, wording
from events.ground.database import after_commit, find_row, find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox, quiet_hours
from registrations.asking import confirming, held_back
from registrations.booking.rechecking import MAY_CHANGE
from registrations.deciding import taking_over
from registrations.deciding.taking_over import NOT_HANDED_OVER, PLACE_KEPT
from registrations.people import objection
from registrations.people import person as people
from registrations.people.hand_over import LINK_LASTS, MOST, SEALED_AS, HandOver, end, open_of
from registrations.people.person import Person, address_tag
from registrations.people.registration import (
    OrganisationKind,
    Registration,
    State,
    held_as_read,
    held_in_order,
    of_address,
)
from registrations.tickets import gathered, own_changes

ASK, ASKED = "hand_over", "handing_over"  # the emails to the colleague, and to the guest
TOO_OFTEN = "You have asked 3 colleagues in the last hour, so nothing was sent. Wait an hour, then try again."
NO_MORE = (
    f"You have asked {MOST} colleagues, so we ask no more of them for this place. Nothing was sent. If somebody else is"
    " to have it, contact the organisers."
)
ASKED_ALREADY = "You have asked a colleague already, so nothing was sent. Take that back first, then ask another."
COMES_ALONG = "You come along with a guest, so your place cannot be handed over. Nothing was done."
HAS_COME = "You have come in with this ticket, so the place cannot be handed over any more."
HAS_ONE = (
    "This address has a request of its own at this event that has been decided, or an offer, so nothing was changed."
    " Our newest email to this address says how it stands. If you still want this place, contact the organisers."
)
TAKES_ANOTHER = (
    "You have asked to take over another place at this event, so nothing was changed. Wait for that decision, or"
    " contact the organisers."
)
GIVES_WAY = {State.CONFIRMED, State.WAITING}  # a request of their own that becomes the one for this place
HOLD = "UPDATE registration SET state = state WHERE id = ? AND state IN ('approved', 'rechecking') RETURNING id"
LET_LAPSE = "UPDATE hand_over SET address_sealed = NULL WHERE registration_id = ? AND receiver_id IS NULL RETURNING id"
MAKE = """INSERT INTO hand_over (registration_id, public_id, address_sealed, says_who, asked_at)
    VALUES (?, ?, ?, ?, ?) RETURNING id"""
REFUSE = "UPDATE hand_over SET address_sealed = NULL WHERE id = ? AND address_sealed IS NOT NULL RETURNING id"
TAKE_UP = """UPDATE hand_over SET address_sealed = NULL, receiver_id = ?
    WHERE id = ? AND address_sealed IS NOT NULL RETURNING id"""


async def ask(
    registration: Registration, address: str, network: str, at: datetime, real: datetime, *, says_who: bool = False
) -> None:
    """Asks whoever reads this address, in its normal form, by day alone; and tells the guest. `says_who`: the email to
    that address names them.

    The same statements whether we know the address or not. Raises Refused if the row is no longer as it was read, or
    too many were asked for this booking.
    """
    await _refuse_another(registration, at)  # first, so that a second press uses up no try
    if not await limits.count(limits.HAND_OVERS, str(registration.id), real):
        raise Refused(TOO_OFTEN, 429, limits.HAND_OVERS.seconds)
    turn = await held_back.due(await event_with(registration.event_id), network, address, at, real)
    due = max(turn, real + wait) if (wait := quiet_hours.wait(at)) else turn
    await _ask(registration, address, says_who, at, due)


@run_tx
async def _ask(registration: Registration, address: str, says_who: bool, at: datetime, due: datetime) -> None:
    if registration.state not in MAY_CHANGE or not await held_as_read(registration):
        raise Refused(wording.MOVED_ON)
    if registration.comes_with_id:
        raise Refused(COMES_ALONG)
    await _refuse_another(registration, at)
    await gathered.send_now(registration)
    event = await event_with(registration.event_id)
    await query(LET_LAPSE, [registration.id])
    public_id = tokens.new_public_id()
    sealed = data_keys.seal(event.data_key, SEALED_AS, public_id, address)
    [made] = await query(MAKE, [registration.id, public_id, sealed, says_who, at])
    cause = f"asked {made['id']}"
    await outbox.put(ASK, registration.id, cause=cause, at=at, event_id=event.id, due=due)
    await outbox.put(ASKED, registration.id, cause=cause, at=at, event_id=event.id)
    await _note(Action.HAND_OVER_ASKED, registration, at)


async def _refuse_another(registration: Registration, at: datetime) -> None:
    """Each that was asked before counts, whatever became of it."""
    if await open_of(registration, at) is not None:
        raise Refused(ASKED_ALREADY)
    if await HandOver.filter(registration_id=registration.id).count() >= MOST:
        raise Refused(NO_MORE)
    if await taking_over.has_come(registration.id):
        raise Refused(HAS_COME)


def answered_until(event: Event, asked_at: datetime) -> datetime:
    """Until when a colleague who was asked then can answer, as words say it: three days, or as long as organisers take
    changes."""
    return clock.within(own_changes.last_day(event) or event.day, asked_at + LINK_LASTS)


async def can_be_answered(hand_over: HandOver, at: datetime) -> bool:
    """Its link is young enough, the guest has the place and has not come in, and organisers still take changes."""
    giver = hand_over.registration
    has_place = giver.state in (State.APPROVED, State.RECHECKING) and not await taking_over.has_come(giver.id)
    return has_place and hand_over.asks(at) and own_changes.are_taken(await event_with(giver.event_id), at)


async def _is_unanswered(hand_over: HandOver, at: datetime) -> bool:
    """As it stands by now: once the guest's row is held nobody else says yes."""
    stands = await find_row(HandOver, "id = ? AND address_sealed IS NOT NULL", [hand_over.id])
    return stands is not None and await can_be_answered(hand_over, at)


async def has_own_request(hand_over: HandOver) -> bool:
    """Whether whoever reads the address has asked for a place themselves, and would take this one over with that."""
    asked = await of_address(await event_with(hand_over.registration.event_id), hand_over.address)
    return asked is not None and asked.state in GIVES_WAY


class Details(NamedTuple):
    """What the colleague tells us of themselves; the address is the one that we wrote to."""

    full_name: str
    badge_name: str
    organisation: str
    kind: OrganisationKind
    role: str
    phone: str


@run_tx
async def take_up(hand_over: HandOver, told: Details, at: datetime) -> bool:
    """Whoever reads the address wants the place: their own request waits for an organiser. False if it is over.

    One of theirs that is undecided, or on the waiting list, becomes that request, and keeps its time of asking. Raises
    Refused if the address has any other, which only its reader is told.
    """
    giver = hand_over.registration
    asked = await of_address(await event_with(giver.event_id), hand_over.address)
    held = await held_in_order([giver.id, asked.id if asked else giver.id])
    if not await query(HOLD, [giver.id]) or not await _is_unanswered(hand_over, at):
        return False
    event = await event_with(giver.event_id)
    receiver = await _requested(event, hand_over.address, told, at)
    if not await query(TAKE_UP, [receiver.id, hand_over.id]):
        raise Refused(wording.MOVED_ON)  # answered, or taken back, in this moment
    cause = f"taken up {hand_over.id}"
    await outbox.put("received", receiver.id, cause=cause, at=at, event_id=event.id)
    await outbox.put(ASKED, giver.id, cause=cause, at=at, event_id=event.id)
    if (was := held.get(receiver.id)) is not None and was.comes_with_id:
        await audit.record(Action.COMES_ALONE, receiver, by=None, at=at)
    await audit.record(Action.TAKES_OVER, receiver, by=None, at=at, of=audit.about(giver))
    after_commit(live.publish, f"event:{event.id}")
    return True


ANEW = """INSERT INTO registration
    (event_id, public_id, generation, state, requested_at, confirmed_at, kind, badge_type, address_tag, person_sealed)
    VALUES (?, ?, 0, 'confirmed', ?, ?, ?, 'delegate', ?, ?)
    ON CONFLICT (event_id, address_tag) WHERE state NOT IN ('cancelled', 'expired') DO NOTHING RETURNING *"""
INTO_THIS = """UPDATE registration SET state = 'confirmed', state_before = NULL, decided_at = NULL, confirmed_at = ?,
    kind = ?, person_sealed = ?, comes_with_id = NULL WHERE id = ? AND state = ? AND person_sealed = ? RETURNING *"""
CONFIRM = """UPDATE registration SET state = 'confirmed', requested_at = ?, confirmed_at = ?, kind = ?,
    person_sealed = ? WHERE id = ? AND state = 'requested' AND person_sealed = ? RETURNING *"""


@within_tx
async def _requested(event: Event, address: str, told: Details, at: datetime) -> Registration:
    """Their request, confirmed. What somebody has asked for with this address, and nobody confirmed, becomes it:
    anybody can have typed that. So does one of their own, with what they tell us now."""
    person = Person(told.full_name, told.badge_name, address, told.organisation, told.role, told.phone)
    while True:
        stands = await of_address(event, address)
        if stands is None:
            public_id = tokens.new_public_id()
            tag, sealed = address_tag(event, address), people.seal(person, event, public_id)
            made = await find_rows(Registration, ANEW, [event.id, public_id, at, at, told.kind.value, tag, sealed])
        elif stands.state in GIVES_WAY:
            if await taking_over.takers([stands]):
                raise Refused(TAKES_ANOTHER)
            values = [at, told.kind.value, stands.sealed(person), stands.id, stands.state, stands.person_sealed]
            made = await find_rows(Registration, INTO_THIS, values)
        elif stands.state is not State.REQUESTED:
            raise Refused(HAS_ONE)
        else:
            values = [at, at, told.kind.value, stands.sealed(person), stands.id, stands.person_sealed]
            made = await find_rows(Registration, CONFIRM, values)
        if made:
            await confirming.empty_links([made[0].id])
            return made[0]


@run_tx
async def refuse(hand_over: HandOver, at: datetime) -> bool:
    """Whoever reads the address does not want the place: it is deleted, the guest told, and no guest makes us write
    there again. False if it is over, or was said yes to."""
    giver = hand_over.registration
    if not hand_over.asks(at) or not await query(REFUSE, [hand_over.id]):
        return False
    await objection.note(giver.event_id, hand_over.address, at)
    await taking_over.tell(PLACE_KEPT, giver.id, giver.event_id, at)
    await _note(Action.HAND_OVER_REFUSED, giver, at)
    return True


@run_tx
async def take_back(registration: Registration, at: datetime) -> bool:
    """The guest keeps the place after all. A colleague who has said yes is told, and their request stays as any other.
    False if nothing is handed over any more. Raises Refused if the booking has moved on."""
    if not await query(HOLD, [registration.id]):
        raise Refused(wording.MOVED_ON)
    hand_over = await open_of(registration, at)
    if hand_over is None or not await end(hand_over):
        return False
    if hand_over.receiver_id:
        await taking_over.tell(NOT_HANDED_OVER, hand_over.receiver_id, registration.event_id, at)
    await taking_over.tell(PLACE_KEPT, registration.id, registration.event_id, at)
    await _note(Action.HAND_OVER_TAKEN_BACK, registration, at)
    return True


async def _note(action: Action, registration: Registration, at: datetime) -> None:
    await audit.record(action, registration, by=None, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
