"""What organisers set of the waiting list on the event's page, and that its page says how it stands.

Rules: EV-08.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from tests.at_the_desk import desk
from tests.browser import browsing, words


async def test_offers_are_on_until_an_organiser_switches_them_off(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        assert "Free places are offered automatically No limit for one" in words(
            (await client.get(desk(event, "event"))).text
        )
        said = {"automatic_offers": "no", "domain_cap": "3"}
        await client.post(desk(event, "event", "waiting-list"), data=said)
        page = words((await client.get(desk(event, "event"))).text)
        assert "Free places are not offered automatically Organisers give out each place" in page
        form = await client.get(desk(event, "event", "waiting-list"))
        assert 'value="no" checked' in form.text
    now = await Event.get(id=event.id)
    assert (now.automatic_offers, now.domain_cap) == (False, 3)


@pytest.mark.parametrize(
    ("typed", "number"), [("10%", 12), ("10 %", 12), ("12", 12), ("0%", 0), ("100%", 125), ("101%", None), ("x%", None)]
)
async def test_extra_places_are_a_number_or_a_percentage(
    database: Database, event: Event, omar: Staff, typed: str, number: int | None
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "event", "places"), data={"capacity": "125", "allowance": typed})
    assert answer.status_code == (422 if number is None else 303)
    assert (await Event.get(id=event.id)).allowance == (number or 0)
