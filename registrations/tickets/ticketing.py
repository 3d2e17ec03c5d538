"""Issues and ends tickets together with the place they stand for: every move into a place, and every move out of it."""

from collections.abc import Callable
from datetime import datetime

from tortoise.expressions import F

from events.event import next_list_version, release_place, take_place_with_number
from events.ground import keys, wording
from events.ground.database import find_rows, is_postgres, query, run_tx
from events.ground.refusal import Refused
from registrations.codes import ticket_code
from registrations.people.registration import Registration

from .ticket import REFERENCE, Ticket, hash_of_proof, hash_of_reference, proof_of

INSERT = """INSERT INTO ticket (event_id, registration_id, n, proof_hash, issued_at, list_version,
    reference_hash, reference_sealed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id, reference_hash) DO NOTHING RETURNING *"""
DRAWS = 8  # of 730 million references a second one is hardly ever drawn; eight times in a row, never


class EventFull(Refused):
    def __init__(self) -> None:
        super().__init__(wording.EVENT_FULL)


@run_tx
async def issue(
    registration: Registration, at: datetime, draw: Callable[[], str] = ticket_code.new_reference
) -> Ticket:
    """Takes a place and makes the ticket for it. Call it once the move to approved is ours. Refused when full.

    Taking the place locks the event's row until the end, so numbers and list versions commit in their order.
    """
    before = await _lock_tickets(registration.id)
    event = await take_place_with_number(registration.event_id)
    if event is None:
        raise EventFull
    n, version = event.next_n - 1, event.list_version
    if before:  # what phones say of an older ticket changes with the person's state
        await Ticket.filter(id__in=before).update(list_version=version)
    values = [event.id, registration.id, n, hash_of_proof(proof_of(event, n)), at, version]
    for _ in range(DRAWS):
        reference = draw()
        hidden = hash_of_reference(event, reference), keys.seal(REFERENCE, reference)
        if made := await find_rows(Ticket, INSERT, [*values, *hidden]):
            return made[0]
    raise RuntimeError("no free reference was drawn")


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
    tickets = await _lock_tickets(registration.id)
    await release_place(registration.event_id)
    version = await next_list_version(registration.event_id)
    ticket = await Ticket.get_or_none(registration_id=registration.id, revoked_at=None)
    if ticket is not None:
        ticket.revoked_at, ticket.list_version = at, version
        await ticket.save(update_fields=["revoked_at", "list_version"])
    if len(tickets) > 1:
        await Ticket.filter(id__in=tickets).update(list_version=version)
    return ticket


@run_tx
async def tell_phones(registration: Registration) -> None:
    """Sends phones the row of a person with another name or standing: phones with their ticket, dead or alive.

    Call it last.
    """
    if tickets := await _lock_tickets(registration.id):
        version = await next_list_version(registration.event_id)
        await Ticket.filter(id__in=tickets).update(list_version=version)


async def _lock_tickets(registration_id: int) -> list[int]:
    """Locks all tickets of a person. A scan locks its ticket before it takes a list version; we do the same, or both
    would wait."""
    held = "FOR NO KEY UPDATE" if is_postgres() else ""
    rows = await query(f"SELECT id FROM ticket WHERE registration_id = ? ORDER BY id {held}", [registration_id])  # noqa: S608
    return [row["id"] for row in rows]
