"""Whether guests have told what nobody reads, as long as nobody has the role that sees it. It says how many, not what.

Rules: EV-03, EV-04.
"""

from typing import NamedTuple

from events.accounts.staff import Role, RoleName
from events.event import Event
from registrations.people import needs
from registrations.people.needs import Needs

from .arranging import guests

WHAT = {RoleName.ACCESS: "what they need so that they can take part", RoleName.CATERER: "what they eat"}
LACKS = {RoleName.ACCESS: "access lead", RoleName.CATERER: "caterer"}


class Unread(NamedTuple):
    """By the role that is missing, how many guests told what it sees."""

    role: str  # in words
    what: str
    guests: int


async def nobody_reads(event: Event) -> list[Unread]:
    """Opens what guests told only where a role is missing."""
    given = {role.name for role in await Role.filter(event_id=event.id, staff__disabled_at=None) if role.is_ours}
    lacking = [name for name in LACKS if name not in given]
    told = [guest.needs for guest in await guests(event)] if lacking else []
    counted = [Unread(LACKS[name], WHAT[name], sum(_concerns(name, known) for known in told)) for name in lacking]
    return [unread for unread in counted if unread.guests]


def _concerns(role: RoleName, known: Needs) -> bool:
    """What cannot be read counts for both: whoever has the role is told so there."""
    if known is needs.UNREADABLE:
        return True
    return bool(known.diets or known.diet_words if role is RoleName.CATERER else known.adjustments)
