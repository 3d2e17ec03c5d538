"""Organisers correct what a person told us, as their form showed it: nothing newer is overwritten."""

from collections.abc import Mapping
from datetime import datetime

from events.audit.audit import Actor
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people.registration import Registration

from . import vetting

CHANGED_MEANWHILE = "This person has changed since you opened the page, so nothing was saved. Open the page again."
HOLD_AS_SEEN = "UPDATE registration SET state = state WHERE id = ? AND version = ? RETURNING id"


class ChangedMeanwhile(Refused):
    def __init__(self) -> None:
        super().__init__(CHANGED_MEANWHILE)


@run_tx
async def correct_as_seen(seen: Registration, mended: Mapping[str, str], what: str, by: Actor, at: datetime) -> None:
    """Corrects some fields of a person. `what`: their kind, for the entry. Raises ChangedMeanwhile if the row is not as
    it was read, whatever of it has changed."""
    await hold_as_seen(seen)
    await vetting.correct(seen, mended, by, at, what=what)


@within_tx
async def hold_as_seen(seen: Registration) -> None:
    """Any change of the row gives it another version, one that the guest made too."""
    if not await query(HOLD_AS_SEEN, [seen.id, seen.version]):
        raise ChangedMeanwhile
