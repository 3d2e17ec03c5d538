"""How often a booking can be changed: whatever its guest asks for, and organisers correct of it, counts together."""

from datetime import datetime

from events.ground import limits
from events.ground.refusal import Refused

from .registration import Registration

TOO_OFTEN = "Your booking was changed very often in the last hour, so nothing was saved. Wait an hour, then try again."


async def count_change(registration: Registration, real: datetime, too_often: str = TOO_OFTEN) -> None:
    """Raises Refused, with this sentence, once it is too often."""
    if not await limits.count(limits.CHANGES_OF_BOOKING, str(registration.id), real):
        raise Refused(too_often, 429, limits.CHANGES_OF_BOOKING.seconds)
