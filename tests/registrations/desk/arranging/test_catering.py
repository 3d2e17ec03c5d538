"""The caterer counts by diet and by who has arrived, and reads an allergy with its name only where that was agreed.

Rules: EV-03, DP-05, SE-12.
"""

import pytest

from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import alias, own_needs
from registrations.checkin.checkin import settle
from registrations.desk.arranging.catering import Catering, Count, Line, catering
from registrations.desk.desk_counts import counts
from registrations.people.choices import Switch
from registrations.people.needs import Diet
from registrations.people.registration import Registration, State
from tests.at_the_door import a_phone_at, scan_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person, a_door, a_member_of_staff, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_adjustments, tells_diet


@pytest.fixture
async def kit(event: Event) -> Staff:
    return await a_member_of_staff("Kit Caterer", "kit@kitchen.example.org", event, RoleName.CATERER)


@pytest.fixture
async def told(event: Event, ada: Person, bo: Person, cleo: Person) -> None:
    """Ada eats two ways and lets the caterer know; Bo one way, and does not; Cleo says nothing, and has arrived with
    Ada."""
    hers, ticket = await with_ticket(ada, event)
    await tells_diet(hers, Diet.VEGAN, Diet.ALLERGY)
    await tells_adjustments(hers)
    await tells_diet((await with_ticket(bo, event))[0], Diet.VEGAN, words="")
    _, other = await with_ticket(cleo, event)
    await put_into(State.CONFIRMED, someone(), event)
    phone = await a_phone_at(await a_door(event))
    await settle([await scan_of(ticket), await scan_of(other)], phone, THE_DAY)


async def counted(event: Event, kit: Staff) -> Catering:
    return await catering(event, kit, MONDAY, clock.real())


async def test_guests_are_counted_by_diet_and_by_who_has_arrived(event: Event, told: None, kit: Staff) -> None:
    found = await counted(event, kit)
    assert [count for count in found.diets if count.guests] == [Count("Vegan", 2, 1), Count("Food allergy", 1, 1)]
    assert (found.all, found.several) == (Count("All guests", 3, 2), [Count("Vegan, Food allergy", 1, 1)])
    assert len(found.diets) == len(Diet)


async def test_as_many_guests_are_counted_as_at_the_top_of_the_desk(
    database: Database, event: Event, told: None, bo: Person, kit: Staff
) -> None:
    """A guest who changed organisation is looked at once more: no ticket, and counted in neither."""
    await put_into(State.OFFERED, someone(), event)
    counted_then = [(await counts(event.id)).approved, (await counted(event, kit)).all.guests]
    [his] = [guest.id for guest in await Registration.filter(state=State.APPROVED) if guest.full_name == bo.name]
    await Registration.filter(id=his).update(state=State.RECHECKING)
    found = await counted(event, kit)
    assert (counted_then, (await counts(event.id)).approved, found.all.guests, found.held) == ([3, 3], 2, 2, 1)
    assert [count for count in found.diets if count.guests] == [Count("Vegan", 1, 1), Count("Food allergy", 1, 1)]
    async with browsing(database, kit) as client:
        page = words((await client.get(f"/desk/{event.slug}/catering")).text)
    assert "1 more place is held while organisers look at a request again" in page


async def test_only_who_agreed_to_it_is_named_word_for_word(event: Event, told: None, kit: Staff) -> None:
    assert (await counted(event, kit)).lines == [Line("Ada Ashdown", "Vegan, Food allergy", ALLERGY, True)]


async def test_guests_are_named_as_on_their_badge(
    event: Event, ada: Person, bo: Person, kit: Staff, omar: Staff
) -> None:
    """By the first name alone, or by an alias, where that is what the badge says; else by the full name."""
    cleo = Person("Cleo Adams", "cleo@guests.example.org", "Example Trust", "charity", "Advocate", "Robin")
    hers, _, cleos = [await tells_diet((await with_ticket(person, event))[0]) for person in (ada, bo, cleo)]
    await own_needs.switch(hers, [Switch.FIRST_NAME], MONDAY, clock.real())
    await alias.note(cleos, True, omar, MONDAY)
    assert {line.name for line in (await counted(event, kit)).lines} == {"Ada", bo.name, "Robin"}


async def test_the_caterer_opens_this_and_reads_nothing_else(
    database: Database, event: Event, ada: Person, bo: Person, told: None, kit: Staff
) -> None:
    async with browsing(database, kit) as client:
        assert (await client.get("/desk")).headers["location"] == f"/desk/{event.slug}/catering"
        page = await client.get(f"/desk/{event.slug}/catering")
        others = [await client.get(f"/desk/{event.slug}/{what}") for what in ("people", "access", "board")]
    said = words(page.text)
    assert (heading(page), ada.name in said, ALLERGY in said) == ("Catering", True, True)
    assert [text for text in (bo.name, ada.email, ada.organisation, WORDS, "To decide") if text in said] == []
    assert [answer.status_code for answer in others] == [403] * 3


async def test_that_it_was_read_is_recorded_without_saying_whose_it_is(
    database: Database, event: Event, told: None, kit: Staff
) -> None:
    async with browsing(database, kit) as client:
        await client.get(f"/desk/{event.slug}/catering")
    entry = await AuditEntry.get(action=Action.NEEDS_READ)
    assert (entry.actor, entry.details) == (kit.actor, {"list": "diets", "number": 1})
