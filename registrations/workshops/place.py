"""Who takes part in which workshop: one of each slot at most, and never more than it has room for.

The database keeps both, and deletes a place in a workshop with the guest's place. Rules: EV-01.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground.database import find_row, find_rows, query, within_tx
from events.ground.personal import Personal, personal
from events.programme.programme import Slot
from registrations.people.person import BASIS
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

from .choice import KEPT, put_in_slot

TAKES_PART = Personal("which workshop somebody takes part in, by numbers, and who gave them that place", BASIS, KEPT)
BY_CHANCE, BY_THEMSELVES = "drawn", "guest"


class WorkshopPlace(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="workshop_places")
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="workshop_places"
    )
    registration_id: int
    slot: fields.ForeignKeyRelation[Slot] = fields.ForeignKeyField("events.Slot", related_name="places")
    slot_id: int
    workshop: Any = personal(fields.ForeignKeyField("events.ProgrammeItem", related_name="places"), TAKES_PART)
    workshop_id: int
    given_by = personal(fields.CharField(max_length=40), TAKES_PART)  # drawn, guest, or staff:3
    given_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "workshop_place"


_GUESTS = ", ".join(repr(state.value) for state in sorted(KNOWS_OF_A_PLACE))
# Of a `workshop_place w` and a `registration r`: that it is theirs, or of the guest with whom they come along, unless
# they take part in another one then. As the door of a room lets them in.
TAKES_PART_BY = f"""(w.registration_id = r.id OR w.registration_id = r.comes_with_id AND r.state IN ({_GUESTS})
    AND NOT EXISTS (SELECT 1 FROM workshop_place o WHERE o.registration_id = r.id AND o.slot_id = w.slot_id))"""  # noqa: S608  # ours
# Conditions of a `registration r`.
IN_WORKSHOP = f"EXISTS (SELECT 1 FROM workshop_place w WHERE w.workshop_id = ? AND {TAKES_PART_BY})"  # noqa: S608  # ours
IN_NONE_OF_SLOT = f"""r.state IN ({_GUESTS}) AND EXISTS (SELECT 1 FROM allocation a
    WHERE a.slot_id = ? AND a.event_id = r.event_id AND a.allocated_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM workshop_place w WHERE w.slot_id = a.slot_id AND {TAKES_PART_BY}))"""  # noqa: S608  # ours
WHO_TAKE_PART = f"""SELECT DISTINCT r.id FROM workshop_place w JOIN registration r ON {TAKES_PART_BY}
    WHERE w.workshop_id IN ({{ids}}) ORDER BY r.id"""  # noqa: S608  # ours
ALONG = f"""SELECT r.id FROM registration r WHERE r.comes_with_id IN ({{ids}}) AND r.state IN ({_GUESTS})
    AND NOT EXISTS (SELECT 1 FROM workshop_place o WHERE o.registration_id = r.id AND o.slot_id = ?) ORDER BY r.id"""  # noqa: S608  # ours
OF_GUEST = "SELECT * FROM workshop_place WHERE registration_id = ? ORDER BY slot_id"
OF_EVENT = "SELECT workshop_id, count(*) AS number FROM workshop_place WHERE event_id = ? GROUP BY workshop_id"
OF_WORKSHOP = "SELECT count(*) AS number FROM workshop_place WHERE workshop_id = ?"


async def places_of(registration_id: int) -> dict[int, WorkshopPlace]:
    """By slot."""
    return {row.slot_id: row for row in await find_rows(WorkshopPlace, OF_GUEST, [registration_id])}


async def places_for(registration: Registration) -> dict[int, WorkshopPlace]:
    """The same, also by the guest with whom they come along, unless they take part in another one then."""
    of_guest = await places_of(registration.comes_with_id) if registration.comes_with_id else {}
    return of_guest | await places_of(registration.id)


async def who_take_part(ids: list[int]) -> list[int]:
    """In one of these workshops, by themselves or along with a guest: their requests."""
    rows = await query(WHO_TAKE_PART.format(ids=", ".join("?" * len(ids))), ids) if ids else []
    return [int(row["id"]) for row in rows]


async def who_come_along(ids: Sequence[int], slot_id: int) -> list[int]:
    """The requests of those who are in this slot where one of these guests is."""
    rows = await query(ALONG.format(ids=", ".join("?" * len(ids))), [*ids, slot_id]) if ids else []
    return [int(row["id"]) for row in rows]


async def place_in(registration_id: int, slot_id: int) -> WorkshopPlace | None:
    return await find_row(WorkshopPlace, "registration_id = ? AND slot_id = ?", [registration_id, slot_id])


async def taken_at(event_id: int) -> dict[int, int]:
    """How many places are taken, by workshop."""
    return {row["workshop_id"]: row["number"] for row in await query(OF_EVENT, [event_id])}


async def taken_in(workshop_id: int) -> int:
    [row] = await query(OF_WORKSHOP, [workshop_id])
    return int(row["number"])


@within_tx
async def put(registration: Registration, slot_id: int, workshop_id: int, by: str, at: datetime) -> None:
    """In place of the one that they had in this slot. Hold the workshop, and see that there is room."""
    await put_in_slot(
        WorkshopPlace, registration, slot_id, {"workshop_id": workshop_id, "given_by": by, "given_at": at}
    )
