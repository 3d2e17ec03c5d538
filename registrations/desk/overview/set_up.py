"""What has to be there before an event works: a list with its forms, which goes away once all of it is done."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from events import event_changes
from events.accounts.staff import Role, RoleName
from events.event import Event, EventState
from events.processor_register import missing
from registrations.deciding.approvers import ENOUGH, WHO_APPROVES


class Step(NamedTuple):
    words: str
    done: bool
    path: str  # of its form, below the event's desk
    by_lead: bool = False  # nobody else can do it


async def steps(event: Event, roles: Collection[RoleName], doors: int, at: datetime) -> list[Step]:
    """All of them, in the order in which they are done; none once all are done, or the event is over. `roles`: of
    whoever can sign in, each as often as it is given."""
    if event.is_over(at):
        return []
    approve = sum(name in WHO_APPROVES for name in roles)
    found = [
        *of_the_event(event),
        Step("Processor register: who else receives personal data", not await missing(event),
             "data-protection/processors", by_lead=True),
        Step("A second organiser, who can decide when you cannot", approve >= ENOUGH, "staff/invite", by_lead=True),
        Step("An access lead, who reads what guests need", RoleName.ACCESS in roles, "staff/invite", by_lead=True),
        Step("A caterer, who reads what guests eat", RoleName.CATERER in roles, "staff/invite", by_lead=True),
        Step("A door, where phones scan", doors > 0, "doors"),
        Step("Registration opened", event.state is not EventState.DRAFT, "event"),
    ]  # fmt: skip
    return found if any(not step.done for step in found) else []


def of_the_event(event: Event) -> list[Step]:
    """What stands in its own row. Guests turn to the contacts, and the notice is read before anybody asks (DP-02)."""
    reachable = bool(event.hosts) and all(host.get("email") or host.get("phone") for host in event.hosts)
    return [
        Step("Hours: no phone can be paired without them", event.starts_at is not None, "event/hours"),
        Step("Number of places", event.places > 0, "event/places"),
        Step("Venue, which is kept sealed", event.venue_sealed is not None, "event/venue"),
        Step("Email address and telephone number of the organisers",
             bool(event.contact_email and event.contact_phone), "event/contacts"),
        Step("An email address or telephone number of each host", reachable, "event/hosts"),
        Step("Privacy notice", not event_changes.notice_lacks(event), "event/privacy"),
        Step("Data protection impact assessment", bool(event.dpia_reference), "event/dpia"),
    ]  # fmt: skip


async def given_roles(event: Event) -> list[RoleName]:
    """Of accounts that are not disabled, each as often as it is given; also to whoever has not accepted yet."""
    return [role.name for role in await Role.filter(event_id=event.id, staff__disabled_at=None) if role.is_ours]
