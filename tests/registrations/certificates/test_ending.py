"""An organiser ends a certificate and renews it, of somebody who came alone.

Rules: EV-09.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.certificates import ending
from registrations.checkin import checkin
from registrations.phones.door import Device
from tests.at_the_door import scan_of, undo_of
from tests.people import Person
from tests.professional import with_ticket
from tests.registrations.certificates.giving import NEXT_DAY, NINE, o_clock, passes, release, takes, whose


async def test_nobody_renews_one_of_somebody_whose_entry_was_undone(
    event: Event, sid: Device, omar: Staff, ada: Person
) -> None:
    person, ticket = await with_ticket(ada, event)
    scan = await scan_of(ticket)
    await checkin.settle([scan], sid, NINE)
    await release(event, omar)
    await takes(person, event)
    await ending.end(person, event, omar, NEXT_DAY)
    await checkin.settle([undo_of(scan)], sid, NINE)
    with pytest.raises(Refused, match="Nobody has scanned this person in"):
        await ending.renew(person, event, omar, NEXT_DAY)
    assert await whose() == []
    await passes(ticket, sid, o_clock(10))
    await ending.renew(person, event, omar, NEXT_DAY)
    assert await whose() == [person.id]
