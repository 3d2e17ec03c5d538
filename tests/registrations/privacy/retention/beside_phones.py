"""What stands beside phones at a door, for a day that is scripted: paper, a walk-in, a lead's card, a roll call,
and a certificate."""

from tortoise.models import Model

from events.event import Event
from registrations.certificates.certificate import Certificate
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.paper.release import Release
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.phones.lead_card import LeadCard
from registrations.roll_call import list_keys
from registrations.roll_call.list_key import ListKey
from registrations.roll_call.roll_call import Mark, Press, RollCall, RollKind, RollPress, RollTick
from registrations.tickets.ticket import Ticket
from tests.people import THE_DAY
from tests.registrations.checkin.walking_in.made import a_walk_in

BESIDE: dict[str, type[Model]] = {
    "ticks": Tick, "releases": Release, "sheets": Sheet, "walk_ins": WalkIn, "lead_cards": LeadCard,
    "roll_ticks": RollTick, "roll_presses": RollPress, "roll_calls": RollCall, "roll_keys": ListKey,
    "certificates": Certificate,
}  # fmt: skip  # by the code of their class


async def traces_beside_phones(event: Event, phone: Device, ticket: Ticket) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    sheet = await Sheet.create(
        event=event, number=1, kind=SheetKind.DOOR_LIST, lines=1, tickets=[77889911], printed_at=THE_DAY,
        printed_by="staff:1", destroy_by=event.day, door_pass_id=phone.id,
    )  # fmt: skip
    number = await Release.create(event=event, sheet=sheet, line=1, number_hash="of-a-release" * 2)
    await Tick.create(
        sheet=sheet, ticket=ticket, release=number, client_id="trace-of-ticks", typed_at=THE_DAY, typed_by="staff:1"
    )
    walk_in = await a_walk_in(await Registration.get(id=ticket.registration_id), phone)
    card = await LeadCard.create(
        event_id=event.id, door_pass_id=phone.id, list_id="0a" * 16, proof_hash="of-a-card" * 7, made_at=THE_DAY
    )
    traces = {"lead_cards": card.proof_hash.encode(), "walk_ins": walk_in.public_id.encode()}
    await Certificate.create(
        event=event, registration_id=ticket.registration_id, held_sealed=b"of-a-certificate", issued_at=THE_DAY
    )
    traces |= {"certificates": b"of-a-certificate"}
    traces |= {"ticks": b"trace-of-ticks", "sheets": b"77889911", "releases": b"of-a-release"}
    return traces | await _of_a_roll_call(event, phone, ticket)


async def _of_a_roll_call(event: Event, phone: Device, ticket: Ticket) -> dict[str, bytes]:
    traces = {"roll_calls": "trace-of-a-roll-call", "roll_presses": "trace-of-a-press", "roll_ticks": "trace-of-a-tick"}
    roll_call = await RollCall.create(
        event_id=event.id, public_id=traces["roll_calls"], kind=RollKind.REAL, started_at=THE_DAY, started_by="pass:1",
        people=1,
    )  # fmt: skip
    await RollPress.create(
        event_id=event.id, client_id=traces["roll_presses"], what=Press.START, roll_call=roll_call,
        pressed_by=phone.actor, happened_at=THE_DAY, arrived_at=THE_DAY,
    )  # fmt: skip
    await RollTick.create(
        roll_call=roll_call, client_id=traces["roll_ticks"], ticket=ticket, door_pass_id=phone.id, mark=Mark.SAFE,
        by_ticket=False, age=0.0, happened_at=THE_DAY, arrived_at=THE_DAY, after_end=False,
    )  # fmt: skip
    await list_keys.made_if_need_be(event.id, phone, THE_DAY)
    key = await ListKey.get(event_id=event.id)
    return {code: trace.encode() for code, trace in traces.items()} | {"roll_keys": bytes(key.key_sealed)}
