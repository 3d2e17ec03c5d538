"""An access lead, and a guest who needs two things."""

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from registrations.people.needs import Adjustment
from registrations.people.registration import Registration
from tests.people import Person, a_member_of_staff
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import tells_adjustments


@pytest.fixture
async def axel(event: Event) -> Staff:
    return await a_member_of_staff("Axel Access", "axel@hosts.example.org", event, RoleName.ACCESS)


@pytest.fixture
async def guest(event: Event, ada: Person) -> Registration:
    return await tells_adjustments((await with_ticket(ada, event))[0], Adjustment.HEARING_LOOP, Adjustment.BSL)
