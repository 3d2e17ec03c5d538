"""What organisers search for stands sealed in the address of the page, and is of one event."""

from events.event import Event
from registrations.desk import people_pages
from tests.people import an_event


async def test_a_search_opens_at_its_own_event_alone(event: Event) -> None:
    found = people_pages.sealed("Ada Ashdown", event)
    assert "Ada" not in found
    assert people_pages.opened(found, event) == "Ada Ashdown"
    assert people_pages.opened(found, await an_event()) == ""
    assert [people_pages.opened(odd, event) for odd in ("", "x", "Ada", found[:-4])] == [""] * 4
