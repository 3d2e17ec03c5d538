"""A phone tried what phones of its role do not do: a marshal's to scan, a steward's to read who is inside.

Rules: SE-09.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.ground.database import run_tx

from .door import Device, DoorPass


@run_tx
async def refuse(device: Device, at: datetime) -> None:
    """Its page shows no such button, so somebody tries something else: the audit log says which phone."""
    facts = {"door": device.door_id, "role": device.role.value}
    await audit.record(Action.ROLE_REFUSED, DoorPass(id=device.id), by=device, at=at, event_id=device.event_id, **facts)
