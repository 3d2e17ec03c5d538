"""What does not fit on a sheet of paper, on the pages of conflicts and walk-ins: nothing there speaks of phones."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin.conflict import Conflict, Outcome
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.deciding import vetting
from registrations.paper.sheet import Sheet
from registrations.people.registration import Registration
from registrations.phones.door import Device, Door
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, confirmed
from tests.registrations.checkin.revoking import let_in
from tests.registrations.desk.paper.walk_in_lines import path, typed
from tests.registrations.paper.typing import Begin

pytestmark = pytest.mark.usefixtures("in_the_evening")


async def test_a_tick_on_paper_that_cannot_be_right_has_words_of_its_own(
    database: Database, event: Event, door: Door, sid: Device, ada: Person, bo: Person, omar: Staff
) -> None:
    tickets = {person.name: await a_ticket(person, event) for person in (ada, bo)}
    begun = Begin(event, door, omar)
    sheet = await begun.sheet()
    for ticket in tickets.values():
        await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY)
    line = await begun.types(sheet, tickets[ada.name].reference)
    await let_in(tickets[bo.name], sid, 10)
    async with browsing(database, omar) as client:
        told = words((await client.get(desk(event, "conflicts"))).text)
        on_paper = f"Ticked on paper: the ticket was no longer good: Main door, {tickets[ada.name].reference}"
        by_phone = (
            f"Let in by a phone without network: the ticket was no longer good: Main door, {tickets[bo.name].reference}"
        )
        assert (on_paper in told, by_phone in told) == (True, True)
        assert told.count("Telephone the door lead now.") == 1, "of the phone alone"
        assert "They were let in on paper: ask who stood at the door." in told
        await begun.takes_back(sheet, line)
        settled = words((await client.get(desk(event, "conflicts"))).text)
        assert "Line taken back at the desk, 18:00." in settled
        assert "Undone at the door" not in settled


async def test_what_a_phone_undid_is_still_undone_at_the_door(
    database: Database, event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    """The control."""
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY)
    await let_in(ticket, sid, 10)
    await Conflict.all().update(settled_at=clock.now(), settled_by=sid.actor, outcome=Outcome.UNDONE)
    async with browsing(database, omar) as client:
        assert "Undone at the door, 18:00." in words((await client.get(desk(event, "conflicts"))).text)


async def test_a_walk_in_from_paper_is_compared_with_the_sheet_and_no_lead_is_telephoned(
    database: Database, event: Event, begun: Sheet, numbers: list[str], ada: Person, omar: Staff
) -> None:
    known = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        line = typed(numbers, email=ada.email, whose=f"same-{known.id}")
        assert (await client.post(path(event, begun.number, "walk-ins"), data=line)).status_code == 303
        said = words((await client.get(desk(event, "walk-ins", (await WalkIn.get()).id))).text)
    assert "what stands on the paper was not kept. Compare the name with the sheet." in said
    assert "Telephone the lead" not in said
