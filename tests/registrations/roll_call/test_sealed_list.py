"""Who came in while the list was being made stands on it.

Rules: SG-15.
"""

import base64

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.phones.door import Door
from registrations.roll_call import list_keys, sealed_list
from tests.people import THE_DAY
from tests.registrations.roll_call.marshals import ADA, BO, Listed, came_in

pytestmark = pytest.mark.usefixtures("the_day")


async def test_whose_ticket_was_given_out_while_the_list_is_made_stands_on_it(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await came_in(event, door, ADA)
    key = await list_keys.made_if_need_be(event.id, omar, THE_DAY)
    asked = await Event.get(id=event.id)
    await sealed_list.made(asked, key, "", THE_DAY)
    await came_in(event, door, BO)  # a walk-in, a moment after the phone asked
    made = await sealed_list.made(asked, key, base64.urlsafe_b64encode(event.salt).decode().rstrip("="), THE_DAY)
    rows = Listed(made, key.key_id, 0).opened(event, key.key)["rows"]
    assert [row[0] for row in rows] == ["Brandt", "Lovelace-Example"]
