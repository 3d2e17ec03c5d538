"""Whose organisation is checked, by the domain of the address; and whether two have to approve the others."""

from collections.abc import Iterable

from events.address_signals import KnownDomains
from events.event import Event
from events.ground.database import find_rows
from events.known_organisation import KnownOrganisation


async def domains_of(event: Event) -> KnownDomains:
    sql = "SELECT * FROM known_organisation WHERE event_id = ?"
    return KnownDomains(await find_rows(KnownOrganisation, sql, [event.id]))


async def need_two(event: Event, emails: Iterable[str]) -> set[str]:
    """Those of these addresses, in their normal form, that one organiser alone may not approve."""
    if not event.two_approvals:
        return set()
    domains = await domains_of(event)
    return {email for email in emails if domains.verified(email) is None}
