"""Each switch holds wherever a badge, a door or a ticket shows the guest who has set it, and for nobody else.

Rules: SG-12, DP-13, DP-15.
"""

import pytest

from events.accounts.staff import RoleName
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.booking import own_needs
from registrations.checkin import reference_lookup
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from registrations.tickets.ticket_email import ticket_email
from tests.at_the_door import a_phone_at, scan_of
from tests.browser import browsing, words
from tests.mail_reading import html_of, text_of, written
from tests.people import MONDAY, THE_DAY, Person, a_door, a_member_of_staff
from tests.professional import path_to, with_ticket
from tests.registrations.checkin.settling import says
from tests.registrations.phones.list_reading import of_number, read_blob

SHOWN = [Switch.FIRST_NAME, Switch.NO_ORGANISATION, Switch.NO_LISTS]
ON = [*SHOWN, Switch.OTHER_ENTRANCE]  # whom the lead meets: tests/registrations/checkin/test_meeting_the_lead.py
CALL = "Before you come, telephone the organisers: 01632 960003. They tell you how to arrive."


@pytest.fixture
async def sid(event: Event) -> Device:
    clock.move_to(THE_DAY)
    return await a_phone_at(await a_door(event))


async def switched(person: Person, event: Event, *switches: Switch) -> tuple[Registration, Ticket]:
    asked, ticket = await with_ticket(person, event)
    await own_needs.switch(asked, switches, MONDAY, clock.real())
    return await Registration.get(id=asked.id), ticket


async def test_a_door_shows_the_first_name_for_the_badge_and_no_organisation(
    event: Event, ada: Person, bo: Person, sid: Device
) -> None:
    (_, hers), (_, his) = await switched(ada, event, *SHOWN), await switched(bo, event)
    answers = [await says(await scan_of(ticket), sid) for ticket in (hers, his)]
    shown = [(answer["name"], answer["badge_name"], answer["organisation"]) for answer in answers]
    assert shown == [("Ada Ashdown", "Ada", ""), (bo.name, bo.name, bo.organisation)]
    again = await says(await scan_of(hers), sid)
    assert (again["verdict"], again["name"], again["organisation"]) == ("already_in", "Ada Ashdown", "")


async def test_so_does_a_reference_that_is_typed(event: Event, ada: Person, sid: Device) -> None:
    _, ticket = await switched(ada, event, *SHOWN)
    found = (await reference_lookup.look_up(ticket.reference, sid, THE_DAY, clock.real()))["found"]
    assert (found["name"], found["badge_name"], found["organisation"]) == ("Ada Ashdown", "Ada", "")


async def test_so_does_the_list_that_a_phone_holds_once_it_is_changed(event: Event, ada: Person, sid: Device) -> None:
    asked, ticket = await with_ticket(ada, event)
    before = read_blob(await guest_list.since(sid, 0, THE_DAY))
    await own_needs.switch(asked, SHOWN, MONDAY, clock.real())
    after = read_blob(await guest_list.since(sid, 0, THE_DAY))
    rows = [await of_number(event, ticket.n, blob) or {} for blob in (before, after)]
    assert [(row["n"], row.get("b"), row["o"]) for row in rows] == [
        ("Ada Ashdown", None, ada.organisation), ("Ada Ashdown", "Ada", ""),
    ]  # fmt: skip
    assert after.version > before.version


@pytest.mark.parametrize("on", [True, False])
async def test_whoever_arrives_by_another_entrance_reads_whom_to_telephone_on_ticket_and_email(
    database: Database, event: Event, ada: Person, on: bool
) -> None:
    asked, ticket = await switched(ada, event, *(ON if on else []))
    message = Message(id=7, template="ticket", subject_id=ticket.id, cause="x", queued_at=MONDAY)
    email = await written(ticket_email, message)
    assert email is not None
    async with browsing(database) as client:
        page = words((await client.get(path_to(asked, Purpose.TICKET))).text)
        booking = words((await client.get(path_to(asked, Purpose.MANAGE))).text)
    assert [CALL in said for said in (text_of(email), words(html_of(email)), page)] == [on] * 3
    assert f"Name on the badge {'Ada' if on else 'Ada Ashdown'} Change" in booking


@pytest.mark.parametrize(
    ("role", "reads"),
    [(RoleName.LEAD, "Arrives by another entrance"), (RoleName.ORGANISER, "Speak to the lead."), (RoleName.VIEWER, "")],
)
async def test_the_desk_says_what_follows_and_only_the_lead_reads_which_entrance(
    database: Database, event: Event, ada: Person, role: RoleName, reads: str
) -> None:
    asked, _ = await switched(ada, event, *ON)
    async with browsing(database, await a_member_of_staff("Rae", "rae@hosts.example.org", event, role)) as desk:
        page = words((await desk.get(f"/desk/{event.slug}/people/{asked.id}")).text)
    assert "First name alone, as they chose: Ada Without organisation, as they chose" in page
    assert "Photographs No: they have not answered" in page
    assert "In none that other guests see" in page
    assert (reads or "Speak to the lead.") in page
    assert ("another entrance" in page) is (role is RoleName.LEAD)
