"""What stands beside phones at a door, for a day that is scripted: paper, a walk-in, a lead's card."""

from events.event import Event
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.phones.lead_card import LeadCard
from registrations.tickets.ticket import Ticket
from tests.people import THE_DAY
from tests.registrations.checkin.walking_in.made import a_walk_in


async def traces_beside_phones(event: Event, phone: Device, ticket: Ticket) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    sheet = await Sheet.create(
        event=event, number=1, kind=SheetKind.DOOR_LIST, lines=1, tickets=[77889911], printed_at=THE_DAY,
        printed_by="staff:1", destroy_by=event.day, door_pass_id=phone.id,
    )  # fmt: skip
    await Tick.create(sheet=sheet, ticket=ticket, client_id="trace-of-ticks", typed_at=THE_DAY, typed_by="staff:1")
    walk_in = await a_walk_in(await Registration.get(id=ticket.registration_id), phone)
    card = await LeadCard.create(
        event_id=event.id, door_pass_id=phone.id, list_id="0a" * 16, proof_hash="of-a-card" * 7, made_at=THE_DAY
    )
    traces = {"lead_cards": card.proof_hash.encode(), "walk_ins": walk_in.public_id.encode()}
    return traces | {"ticks": b"trace-of-ticks", "sheets": b"77889911"}
