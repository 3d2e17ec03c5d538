"""Whether enough organisers can approve, where two have to: else nobody unchecked can get a place, and pages say so.

Rules: SG-03.
"""

from events.accounts.staff import RIGHTS, May, Role
from events.event import Event

ENOUGH = 2
WHO_APPROVES = [name for name, rights in RIGHTS.items() if May.ORGANISE in rights.may]


async def number(event: Event) -> int:
    """Of those who can sign in, and decide there. In a rehearsal nobody has to accept an invitation."""
    roles = Role.filter(event_id=event.id, name__in=WHO_APPROVES, staff__disabled_at=None)
    return await (roles if event.rehearsal else roles.filter(staff__joined_at__isnull=False)).count()


async def too_few(event: Event) -> bool:
    """For as long as two have to approve."""
    return event.two_approvals and await number(event) < ENOUGH
