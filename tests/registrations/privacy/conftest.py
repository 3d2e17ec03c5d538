"""Who is told beside Lena: a lead of the other host."""

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from tests.people import a_member_of_staff


@pytest.fixture
async def marcus(event: Event) -> Staff:
    host = "Three Rivers District Council"
    return await a_member_of_staff("Marcus Lead", "marcus@hosts.example.org", event, RoleName.LEAD, host)
