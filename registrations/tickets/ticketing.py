"""Issues and ends tickets together with the place they stand for: every move into a place, and every move out of it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from tortoise.expressions import F

from events.event import Event, next_list_version, release_place, take_place, take_places_with_numbers
from events.ground import wording
from events.ground.database import among, find_rows, inserted, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes import ticket_code
from registrations.people import companions
from registrations.people.registration import Registration, State

from .ticket import Ticket, hash_of_proof, hash_of_reference, proof_of, seal_reference

COLUMNS = {
    "event_id": "int", "registration_id": "int", "n": "int", "proof_hash": "text", "issued_at": "timestamptz",
    "list_version": "int", "reference_hash": "text", "reference_sealed": "bytea",
}  # fmt: skip
INSERT = """INSERT INTO ticket {rows} ON CONFLICT (event_id, reference_hash) DO NOTHING RETURNING *"""
DRAWS = 8  # of 730 million references a second one is hardly ever drawn; eight times in a row, never


class EventFull(Refused):
    def __init__(self) -> None:
        super().__init__(wording.EVENT_FULL)


@run_tx
async def issue(
    registration: Registration,
    at: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
    *,
    held: bool = False,
    past_capacity: bool = False,
) -> Ticket:
    """Takes a place and makes the ticket for it, as `issue_all` does for several. `held`: they hold it already.
    `past_capacity`: they are in already, so also where no place is left."""
    holds = [registration.id] if held else ()
    [ticket] = await issue_all([registration], at, draw, held=holds, past_capacity=past_capacity)
    return ticket


@within_tx
async def issue_dead(registration: Registration, at: datetime, dead_since: datetime) -> Ticket:
    """A ticket that opens nothing and takes no place: by it somebody is counted who came in without one. It never
    lived: from when it is seen it has ended."""
    ticket = await issue(registration, at, held=True)
    ticket.revoked_at = dead_since
    await ticket.save(update_fields=["revoked_at"])
    return ticket


@within_tx
async def issue_all(
    registrations: Sequence[Registration],
    at: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
    *,
    held: Collection[int] = (),
    past_capacity: bool = False,
) -> list[Ticket]:
    """Takes places at their event and makes the tickets for them, in this order. Call it once the moves to approved
    are ours. Refused when there are not places for all whose place is counted. `held`: the ids of those who hold their
    place already.

    Taking the places locks the event's row until the end, so numbers and list versions commit in their order.
    """
    before = await lock_tickets([registration.id for registration in registrations])
    new = await companions.counted([registration.id for registration in registrations if registration.id not in held])
    number = len(registrations)
    held_already = number - new
    event = await take_places_with_numbers(registrations[0].event_id, number, held_already, past_capacity=past_capacity)
    if event is None:
        raise EventFull
    if before:  # what phones say of an older ticket changes with the person's state
        await Ticket.filter(id__in=before).update(list_version=event.list_version)
    numbered = dict(enumerate(registrations, start=event.next_n - len(registrations)))
    made = dict[int, Ticket]()
    for _ in range(DRAWS):
        rows, values = inserted(
            COLUMNS, [_row(event, numbered[n], n, at, draw()) for n in numbered.keys() - made.keys()]
        )
        made |= {ticket.n: ticket for ticket in await find_rows(Ticket, INSERT.format(rows=rows), values)}
        if len(made) == len(numbered):
            return [made[n] for n in numbered]
    raise RuntimeError("no free reference was drawn")


def _row(event: Event, registration: Registration, n: int, at: datetime, reference: str) -> list[object]:
    hidden = hash_of_reference(event, reference), seal_reference(event.id, n, reference)
    return [event.id, registration.id, n, hash_of_proof(proof_of(event, n)), at, event.list_version, *hidden]


@within_tx
async def take_place_for(registration: Registration) -> bool:
    """Without a ticket: for an offer, or while they are looked at again. False when none is left."""
    return not await companions.counted([registration.id]) or await take_place(registration.event_id)


@within_tx
async def free_places_of(*registrations: Registration) -> None:
    """Of people of one event, who held them without a ticket. Lock their tickets before, if they had any."""
    if freed := await companions.counted([registration.id for registration in registrations]):
        await release_place(registrations[0].event_id, freed)


@within_tx
async def hold(registration: Registration) -> Ticket | None:
    """Their ticket, which nobody takes from them before the transaction ends. None without one."""
    theirs = Registration.filter(id=registration.id, state=State.APPROVED)
    if not await theirs.update(state=State.APPROVED):  # locks the row
        return None
    return await Ticket.get_or_none(registration_id=registration.id, revoked_at=None)


@run_tx
async def revoke(registration: Registration, at: datetime) -> Ticket | None:
    """Releases the place, kills the ticket and makes all links in earlier emails old. Returns the dead ticket.

    Call it once the move out of approved (or offered, which has no ticket) is ours.
    """
    ticket = await take_back(registration, at)
    await Registration.filter(id=registration.id).update(generation=F("generation") + 1)
    return ticket


@run_tx
async def take_back(registration: Registration, at: datetime) -> Ticket | None:
    """As `revoke`, for a ticket that was not sent to anybody: links in earlier emails stay good."""
    return await _end_ticket(registration, at, frees=True)


@within_tx
async def end(registration: Registration, at: datetime) -> Ticket | None:
    """Kills the ticket of somebody who goes on holding the place, if they have one."""
    return await _end_ticket(registration, at, frees=False)


@within_tx
async def pass_on(registration: Registration, at: datetime) -> None:
    """Kills the ticket of somebody whose place a colleague has from now on: a door lead hears of a newer one."""
    ticket = await _end_ticket(registration, at, frees=False)
    if ticket is not None:
        await Ticket.filter(id=ticket.id).update(passed_on=True)


async def _end_ticket(registration: Registration, at: datetime, *, frees: bool) -> Ticket | None:
    tickets = await lock_tickets([registration.id])
    if frees:
        await free_places_of(registration)
    version = await next_list_version(registration.event_id)
    ticket = await Ticket.get_or_none(registration_id=registration.id, revoked_at=None)
    if ticket is not None:
        ticket.revoked_at, ticket.list_version = at, version
        await ticket.save(update_fields=["revoked_at", "list_version"])
    if len(tickets) > 1:
        await Ticket.filter(id__in=tickets).update(list_version=version)
    return ticket


@run_tx
async def tell_devices(*registrations: Registration, leave: Collection[Registration] = ()) -> None:
    """Sends phones the rows of people of one event with another name or standing: phones with their tickets, dead or
    alive. `leave`: those of them who leave a place that they held without a ticket.

    Call it last.
    """
    tickets = await lock_tickets([registration.id for registration in registrations])
    await free_places_of(*leave)
    if tickets:
        version = await next_list_version(registrations[0].event_id)
        await Ticket.filter(id__in=tickets).update(list_version=version)


async def lock_tickets(registration_ids: Sequence[int]) -> list[int]:
    """Locks all tickets of these people. A scan locks its ticket before it takes a list version; we do the same, or
    both would wait."""
    theirs, values = among("registration_id", "int", registration_ids)
    rows = await query(f"SELECT id FROM ticket WHERE {theirs} ORDER BY id FOR NO KEY UPDATE", values)  # noqa: S608
    return [row["id"] for row in rows]
