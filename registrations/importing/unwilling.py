"""Who of a list is not written to: whoever said no to us, gave up their place, or had their data erased."""

from collections.abc import Sequence

from events.event import Event
from events.ground.database import among, query
from registrations.people import objection
from registrations.people.person import address_tags

GAVE_UP = "SELECT address_tag FROM registration WHERE event_id = ? AND {tags} AND state = 'cancelled'"


async def of(event: Event, addresses: Sequence[str]) -> set[str]:
    """Those of these addresses, in normal form, at this event."""
    return await objection.made_by(event.id, addresses) | await _who_gave_up(event, addresses)


async def _who_gave_up(event: Event, addresses: Sequence[str]) -> set[str]:
    whose = {tag: address for address in addresses for tag in address_tags(event, address)}
    if not whose:
        return set()
    tags, values = among("address_tag", "text", whose)
    return {whose[row["address_tag"]] for row in await query(GAVE_UP.format(tags=tags), [event.id, *values])}
