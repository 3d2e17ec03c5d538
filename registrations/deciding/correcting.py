"""Organisers correct what a person told us, as their form showed it: nothing newer is overwritten."""

from collections.abc import Mapping
from datetime import datetime

from events.audit.audit import Actor, Detail
from events.ground.database import run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people.registration import Registration, held_as_read

from . import vetting

CHANGED_MEANWHILE = "This person has changed since you opened the page, so nothing was saved. Open the page again."


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__(CHANGED_MEANWHILE)


@run_tx
async def correct_as_seen(
    seen: Registration, mended: Mapping[str, str], by: Actor, at: datetime, **details: Detail
) -> None:
    """Corrects some fields of a person; `details` as `vetting.correct` has them. Raises ChangedMeanwhile if the row is
    not as it was read, whatever of it has changed."""
    await hold_as_seen(seen)
    await vetting.correct(seen, mended, by, at, **details)


@within_tx
async def hold_as_seen(seen: Registration) -> None:
    """Any change of the row gives it another version, one that the guest made too."""
    if not await held_as_read(seen):
        raise ChangedMeanwhile
