"""Which workshops of a slot a guest wants, first and second; and until when they may say so.

The database deletes them with the guest's place. Rules: EV-01.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground.database import find_row, find_rows, query, within_tx
from events.ground.personal import Personal, personal
from events.programme.programme import Slot
from registrations.people import needs
from registrations.people.person import BASIS
from registrations.people.registration import Registration

KEPT = f"{needs.KEPT}; at once when their place ends"
NOTICE = "which workshops you choose, and which one you take part in"
WANTED = Personal("which workshops somebody wants to take part in, by numbers", BASIS, KEPT, notice=NOTICE)


class WorkshopChoice(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="workshop_choices")
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="workshop_choices"
    )
    registration_id: int
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField("events.Slot", related_name="choices")
    slot_id: int
    first_workshop: Any = personal(fields.ForeignKeyField("events.ProgrammeItem", related_name="first_choices"), WANTED)
    first_workshop_id: int
    second_workshop: Any = fields.ForeignKeyField(
        "events.ProgrammeItem", related_name="second_choices", on_delete=OnDelete.SET_NULL, null=True
    )
    second_workshop_id: int | None
    chosen_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "workshop_choice"


class Allocation(Model):
    """Whether the choice in a slot is closed, and how places were given out. Without a row it is open."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="allocations")
    event_id: int
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField("events.Slot", related_name="allocations")
    slot_id: int
    closed_at = fields.DatetimeField(null=True)
    seed = fields.CharField(max_length=64, default="")  # noted in the audit log before places are given out by it
    leftover = fields.BooleanField(default=False)  # whoever gets neither choice has a place that is left
    allocated_at = fields.DatetimeField(null=True)
    seats: Any = fields.JSONField(default=list)  # [[workshop, how many can take part], ...] as it was then

    class Meta:
        app, table = "registrations", "allocation"


OF_GUEST = "SELECT * FROM workshop_choice WHERE registration_id = ? ORDER BY slot_id"
OF_SLOTS = "SELECT * FROM allocation WHERE event_id = ?"
COUNT = """SELECT {which} AS workshop, count(*) AS number FROM workshop_choice
    WHERE event_id = ? AND {which} IS NOT NULL GROUP BY {which}"""


async def choices_of(registration_id: int) -> dict[int, WorkshopChoice]:
    """By slot."""
    rows = await find_rows(WorkshopChoice, OF_GUEST, [registration_id])
    return {row.slot_id: row for row in rows}


async def allocations_of(event_id: int) -> dict[int, Allocation]:
    """By slot, where there is one."""
    return {row.slot_id: row for row in await find_rows(Allocation, OF_SLOTS, [event_id])}


async def counted(event_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """By workshop: whose first choice it is, and whose second."""
    asked = [
        await query(COUNT.format(which=which), [event_id]) for which in ("first_workshop_id", "second_workshop_id")
    ]
    first, second = ({row["workshop"]: row["number"] for row in rows} for rows in asked)
    return first, second


@within_tx
async def hold_slot(slot_id: int, *, alone: bool = False) -> bool:
    """Nobody closes its choice or gives out its places before the transaction ends; `alone`: nor does anybody choose.
    Hold the guest's request before. False if the slot is gone."""
    return await find_row(Slot, f"id = ? {'FOR UPDATE' if alone else 'FOR SHARE'}", [slot_id]) is not None


async def allocation_of(slot_id: int) -> Allocation | None:
    return await find_row(Allocation, "slot_id = ?", [slot_id])


def is_closed(allocation: Allocation | None) -> bool:
    return allocation is not None and allocation.closed_at is not None


@within_tx
async def put(registration: Registration, slot_id: int, first: int, second: int | None, at: datetime) -> None:
    """In place of what they chose before."""
    wanted = {"first_workshop_id": first, "second_workshop_id": second, "chosen_at": at}
    await put_in_slot(WorkshopChoice, registration, slot_id, wanted)


@within_tx
async def put_in_slot(model: type[Model], registration: Registration, slot_id: int, said: Mapping[str, Any]) -> None:
    """The one row that somebody has of a slot, changed or new."""
    if not await model.filter(registration_id=registration.id, slot_id=slot_id).update(**said):
        whose = {"registration_id": registration.id, "slot_id": slot_id, "event_id": registration.event_id}
        await model.create(**(whose | dict(said)))
