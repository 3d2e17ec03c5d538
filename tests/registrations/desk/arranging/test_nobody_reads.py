"""Organisers read at the desk that guests have told what nobody sees, and leads what to do; and not what it is.

Rules: EV-03, EV-04.
"""

import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from registrations.booking import own_needs
from registrations.desk.arranging.nobody_reads import nobody_reads
from registrations.people.consent import Subject
from registrations.people.registration import Registration
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import MONDAY, Person, a_member_of_staff, an_event, someone
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_adjustments, tells_diet, tells_everything

ACCESS = (
    "2 guests have told us what they need so that they can take part, and nobody reads it: there is no access lead."
)
CATERER = "A guest has told us what they eat, and nobody reads it: there is no caterer."


async def lacking(event: Event) -> list[tuple[str, int]]:
    return [(unread.role, unread.guests) for unread in await nobody_reads(event)]


@pytest.fixture
async def told(event: Event, ada: Person, bo: Person, cleo: Person) -> Registration:
    """Ada told all, Bo what he needs, Cleo nothing; somebody of another event all."""
    hers = await tells_everything((await with_ticket(ada, event))[0])
    await tells_adjustments((await with_ticket(bo, event))[0])
    await with_ticket(cleo, event)
    await tells_everything((await with_ticket(someone(), await an_event()))[0])
    return hers


async def test_who_is_missing_is_counted_as_long_as_nobody_has_the_role(event: Event, told: Registration) -> None:
    assert await lacking(event) == [("access lead", 2), ("caterer", 1)]
    axel = await a_member_of_staff("Axel Access", "axel@hosts.example.org", event, RoleName.ACCESS)
    assert await lacking(event) == [("caterer", 1)]
    await Staff.filter(id=axel.id).update(disabled_at=MONDAY)
    assert await lacking(event) == [("access lead", 2), ("caterer", 1)]


async def test_nothing_is_missing_where_nobody_has_told_anything(event: Event, ada: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    assert await lacking(event) == []
    await tells_diet(guest)
    assert await lacking(event) == [("caterer", 1)]
    await own_needs.withdraw(guest, Subject.DIET, MONDAY, clock.real())
    assert await lacking(event) == []


async def test_a_role_that_muster_did_not_give_reads_nothing(event: Event, told: Registration, vic: Staff) -> None:
    await query("UPDATE role SET name = 'access' WHERE staff_id = ?", [vic.id])
    assert await Role.filter(name=RoleName.ACCESS).count() == 1
    assert await lacking(event) == [("access lead", 2), ("caterer", 1)]


async def test_what_does_not_open_counts_for_both(event: Event, ada: Person) -> None:
    guest = await tells_diet((await with_ticket(ada, event))[0])
    await query("UPDATE registration SET needs_sealed = ? WHERE id = ?", [b"\x01" + bytes(60), guest.id])
    assert await lacking(event) == [("access lead", 1), ("caterer", 1)]


async def test_the_desk_says_so_to_organisers_and_to_leads_what_to_do(
    database: Database, event: Event, told: Registration, lena: Staff, omar: Staff, vic: Staff
) -> None:
    said = {}
    for staff in (lena, omar, vic):
        async with browsing(database, staff) as client:
            page = await client.get(desk(event, "event"))
            said[staff.full_name] = words(page.text)
            linked = f'href="{desk(event, "staff", "invite")}"' in page.text
        assert linked is (staff.id == lena.id), staff.full_name
    assert [text for text in (ACCESS, CATERER) if text not in said["Lena Lead"]] == []
    assert f"{ACCESS} Ask a lead to give somebody that role." in said["Omar Organiser"]
    assert "nobody reads it" not in said["Vic Viewer"]
    assert [text for text in (WORDS, ALLERGY, "hearing loop", "Vegan") if text in str(said)] == []


async def test_once_both_are_there_it_says_nothing(
    database: Database, event: Event, told: Registration, lena: Staff
) -> None:
    for role in (RoleName.ACCESS, RoleName.CATERER):
        await a_member_of_staff(f"Rae {role}", f"{role}@hosts.example.org", event, role)
    async with browsing(database, lena) as client:
        assert "nobody reads it" not in (await client.get(desk(event, "event"))).text
