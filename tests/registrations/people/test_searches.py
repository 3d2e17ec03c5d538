"""Who is searched for by words is looked for once, and never as they were before."""

from dataclasses import replace

from events.accounts.staff import Staff
from events.event import Event
from registrations.deciding import vetting
from registrations.people import directory
from registrations.people.registration import State
from registrations.people.searches import KEPT, Chosen
from tests.people import MONDAY, Person, confirmed, someone
from tests.registrations.people.searching import found


async def test_who_is_searched_for_within_a_state_is_counted_there(event: Event, omar: Staff) -> None:
    """The page says of how many, and looks for no more of them than it shows."""
    rows = [await confirmed(replace(someone(), organisation="Wardens"), event) for _ in range(3)]
    await vetting.cancel(rows[1], omar, MONDAY)
    people = await directory.of(event.id)
    there = [people.places(Chosen(state), ("wardens",)) for state in (None, State.CONFIRMED, State.CANCELLED)]
    assert [len(places) for places in there] == [len(list(places)) for places in there] == [3, 2, 1]


async def test_an_email_is_found_only_by_whoever_sees_emails(event: Event, ada: Person, bo: Person) -> None:
    asked, _ = await confirmed(ada, event), await confirmed(bo, event)
    assert await found(event, "ada@wardens") == [asked.id]
    assert await found(event, "ada@wardens", by_email=False) == []
    assert await found(event, "ashdown", "of", "westmoor", by_email=False) == [asked.id]


async def test_no_more_searches_are_kept_than_a_few(event: Event, ada: Person) -> None:
    asked = await confirmed(ada, event)
    people = await directory.of(event.id)
    for word in ("ashdown", *map(str, range(3 * KEPT)), "ashdown"):
        assert people.ids(people.places(Chosen(), (word,))) == ([asked.id] if word == "ashdown" else [])
    assert len(people._searches._found) == KEPT
