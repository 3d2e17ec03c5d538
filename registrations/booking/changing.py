"""People change what they told us of themselves, at once. What it says now stands in no email and in no entry."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from events.audit import audit
from events.audit.action import Action
from events.ground import keys, live, wording
from events.ground.database import after_commit, find_row, query, run_tx
from events.ground.refusal import Refused
from registrations.people.often import count_change
from registrations.people.registration import MANAGED, Registration
from registrations.tickets import gathered, ticketing
from registrations.tickets.gathered import CHANGED


class Change(StrEnum):
    """What people may change without being vetted again, as it stands in the path of its page."""

    NAME = "name"
    BADGE_NAME = "badge-name"
    ROLE = "role"
    PHONE = "telephone"

    @property
    def field(self) -> str:
        """Its name in `Person`."""
        return FIELDS[self]


FIELDS = {
    Change.NAME: "full_name",
    Change.BADGE_NAME: "badge_name",
    Change.ROLE: "role",
    Change.PHONE: "phone",
}


def marks_of(registration: Registration, asked_before: int = 0) -> list[str]:
    """Of the booking as it stands: one goes along with a form, and tells whether that was drawn from something older.
    A form that is open stays good when a new key comes, of ours or of the event: neither changes what it shows.

    `asked_before`: the number of what a form asked for last that leaves the booking as it is, so that it is sent once.
    """
    row = registration
    shown = (row.id, row.state, row.kind, row.generation, row.confirmed_at, asked_before, row.person)
    return keys.keyed_hashes("booking as seen", "|".join(map(str, shown)))


async def change(registration: Registration, what: Change, value: str, at: datetime, real: datetime) -> None:
    """Raises Refused if the row is no longer as it was read, so that nobody overwrites what they have not seen; unless
    it says this already."""
    await count_change(registration, real)
    await _change(registration, what, value, at, real)


AS_SEEN = "UPDATE registration SET person_sealed = ? WHERE id = ? AND state = ? AND version = ? RETURNING id"


@run_tx
async def _change(registration: Registration, what: Change, value: str, at: datetime, real: datetime) -> None:
    """Any change of the row gives it another version, an organiser's correction too."""
    sealed = registration.sealed(replace(registration.person, **{what.field: value}))
    as_seen = [registration.id, registration.state, registration.version]
    if registration.state not in MANAGED or not await query(AS_SEEN, [sealed, *as_seen]):
        now = await find_row(Registration, "id = ?", [registration.id])
        if now is not None and now.state in MANAGED and getattr(now.person, what.field) == value:
            return  # a second press at the same moment
        raise Refused(wording.MOVED_ON)
    await gathered.put(CHANGED, registration, what.value, at, real)
    await audit.record(Action.CHANGED_BOOKING, registration, by=None, at=at, what=what.value)
    after_commit(live.publish, f"event:{registration.event_id}")
    await ticketing.tell_devices(registration)
