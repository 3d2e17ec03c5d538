"""A walk-in, for tests that do not talk about how it came about."""

from typing import Any

from events.ground import tokens
from registrations.checkin.walking_in.walk_in import Reason, Stage, WalkIn
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests.at_the_door import a_phone_at
from tests.people import THE_DAY, requested, someone


async def a_walk_in(asked: Registration, device: Device, stage: Stage = Stage.WAITING) -> WalkIn:
    return await WalkIn.create(
        public_id=tokens.new_public_id(), event_id=asked.event_id, registration_id=asked.id, is_new=True,
        door_pass_id=device.id, reason=Reason.PRESS, stage=stage, asked_at=THE_DAY,
    )  # fmt: skip


async def of_world(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path at the desk."""
    asked, stage = await requested(someone(), world.event), Stage.APPROVED if "vetted" in path else Stage.WAITING
    return {"id": str((await a_walk_in(asked, await a_phone_at(world.door), stage)).id)}
