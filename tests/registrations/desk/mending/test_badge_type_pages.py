"""Organisers set somebody's badge type; the door hears it, phones without a network know it, and it is in the copy.

Rules: EV-02, DP-15.
"""

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.booking import own_needs
from registrations.codes.badge_type import BadgeType
from registrations.deciding import vetting
from registrations.paper import lines
from registrations.paper.sheet import SheetKind
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.privacy.rights.gathering import gather
from registrations.tickets import badge_types
from tests.at_the_desk import desk
from tests.at_the_door import scan_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person, confirmed, requested
from tests.professional import with_ticket
from tests.registrations.checkin.settling import says
from tests.registrations.phones.list_reading import of_number, read_blob


async def test_everybody_is_a_delegate_until_omar_says_otherwise(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    asked = await confirmed(ada, event)
    path = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert "Badge type Delegate" in words((await client.get(path)).text)
        page = await client.get(f"{path}/badge-type")
        assert (heading(page), 'value="delegate" checked' in page.text) == ("Ada Ashdown Badge type", True)
        assert "the colleague is a delegate until you set another type" in words(page.text)
        wrong = await client.post(f"{path}/badge-type", data={"badge_type": "king"})
        assert (wrong.status_code, "Select the badge type" in wrong.text) == (422, True)
        done = await client.post(f"{path}/badge-type", data={"badge_type": "speaker"})
        shown = words((await client.get(done.headers["location"])).text)
        again = await client.post(f"{path}/badge-type", data={"badge_type": "speaker"})
    assert ("The badge type is saved." in shown, "Badge type Speaker" in shown) == (True, True)
    assert ("Set the badge type: Speaker" in shown, again.status_code) == (True, 303)
    [entry] = await AuditEntry.filter(action=Action.BADGE_TYPE_SET)
    assert (entry.subject, entry.details, entry.actor) == (
        f"registration:{asked.id}", {"what": "Speaker"}, omar.actor,
    )  # fmt: skip


async def test_a_request_that_has_ended_keeps_its_own(event: Event, omar: Staff, ada: Person) -> None:
    asked = await requested(ada, event)
    await vetting.cancel(asked, omar, MONDAY)
    with pytest.raises(Refused):
        await badge_types.set_badge_type(asked, BadgeType.HOST, omar, MONDAY)
    assert (await Registration.get()).badge_type is BadgeType.DELEGATE


async def test_the_door_shows_it_with_a_network_and_without(
    event: Event, omar: Staff, ada: Person, sid: Device
) -> None:
    clock.move_to(THE_DAY)
    asked, ticket = await with_ticket(ada, event)
    had = read_blob(await guest_list.since(sid, 0, THE_DAY))
    assert (await of_number(event, ticket.n, had) or {})["t"] == "Delegate"
    assert await badge_types.set_badge_type(asked, BadgeType.SPEAKER, omar, THE_DAY)
    news = read_blob(await guest_list.since(sid, had.version, THE_DAY))
    assert (await of_number(event, ticket.n, news) or {})["t"] == "Speaker"
    answer = await says(await scan_of(ticket), sid)
    assert (answer["verdict"], answer["badge"]) == ("ok", "Speaker")


async def test_it_stands_in_the_copy_of_their_data(event: Event, omar: Staff, ada: Person) -> None:
    asked = await confirmed(ada, event)
    await badge_types.set_badge_type(asked, BadgeType.HELPER, omar, MONDAY)
    copy = await gather(event, ada.email, MONDAY)
    assert [row["Badge type"] for section in copy.sections for row in section.rows if "Badge type" in row] == ["Helper"]


async def test_printed_lists_name_it_beside_the_organisation_but_not_of_whom_the_lead_meets(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    guests = [(await with_ticket(person, event))[0] for person in (ada, bo, cleo)]
    for guest in guests[:2]:
        await badge_types.set_badge_type(guest, BadgeType.SPEAKER, omar, MONDAY)
    await own_needs.switch(await Registration.get(id=guests[1].id), [Switch.OTHER_ENTRANCE], MONDAY, clock.real())
    assert [line.organisation for line in await lines.of_sheet(event, SheetKind.DOOR_LIST)] == [
        f"{ada.organisation} (Speaker)", cleo.organisation, "Ask the lead",
    ]  # fmt: skip
    await own_needs.switch(await Registration.get(id=guests[0].id), [Switch.NO_ORGANISATION], MONDAY, clock.real())
    assert (await lines.of_sheet(event, SheetKind.DOOR_LIST))[0].organisation == "Speaker"
