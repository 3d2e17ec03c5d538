"""A room list has who is in one workshop, for whoever runs it, and is a sheet like all others. Rules: EV-01, EV-06."""

from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import own_needs
from registrations.desk.paper.sheet_pages import CHOOSE_WORKSHOP
from registrations.paper import printing
from registrations.paper.lines import ASK_LEAD
from registrations.paper.printing import OfWorkshop
from registrations.paper.sheet import Sheet, SheetKind
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from registrations.workshops import joining
from tests import pdf_reading
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, VENUE_CANARY, Person
from tests.registrations.desk.paper.walk_in_lines import path
from tests.registrations.workshops.guests import a_guest, takes_part

pytestmark = pytest.mark.usefixtures("the_day")


async def listed(event: Event, by: Staff, workshop_id: int) -> list[tuple[str, str]]:
    made = await printing.make(
        event, SheetKind.ROOM_LIST, by, THE_DAY, clock.real(), workshop=OfWorkshop(workshop_id, "Which and when")
    )
    return [(line.badge_name, line.organisation) for line in made.lines]


async def test_it_has_those_of_one_workshop_by_the_names_on_their_badges(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    guest, other, hidden = [await a_guest(event, person) for person in (ada, bo, cleo)]
    filled = await takes_part(guest, event, omar)
    await joining.join(hidden, filled.slot.id, filled.first.id, MONDAY, clock.real())
    await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    await own_needs.switch(
        await Registration.get(id=hidden.id), [Switch.FIRST_NAME, Switch.OTHER_ENTRANCE], MONDAY, clock.real()
    )
    assert await listed(event, omar, filled.first.id) == [("Ada Ashdown", ada.organisation), ("Cleo", ASK_LEAD)]
    assert await listed(event, omar, filled.second.id) == [("Bo Okafor", bo.organisation)]
    [first, _] = await Sheet.all().order_by("id")
    assert (first.number, first.lines, first.destroy_by) == (1, 2, event.day + timedelta(days=1))
    entry = await AuditEntry.filter(action=Action.SHEET_PRINTED).order_by("id").first()
    assert entry is not None
    assert (entry.details["kind"], entry.details["lines"]) == ("room list", 2)


async def test_whoever_comes_along_is_where_their_guest_is_unless_they_are_elsewhere(
    event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    guest, companion = await a_guest(event, ada), await a_guest(event, bo)
    filled = await takes_part(guest, event, omar)
    await Registration.filter(id=companion.id).update(comes_with_id=guest.id)
    assert [name for name, _ in await listed(event, omar, filled.first.id)] == ["Ada Ashdown", "Bo Okafor"]
    await joining.join(companion, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert [name for name, _ in await listed(event, omar, filled.first.id)] == ["Ada Ashdown"]


async def test_organisers_choose_the_workshop_and_print_a_page_or_a_pdf(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    asked = {"kind": "room list", "as": "page"}
    guest = await a_guest(event, ada)
    async with browsing(database, omar) as client:
        await Session.all().update(stepped_up_at=clock.real())
        assert "Room list" not in words((await client.get(path(event))).text), "before places are given out"
        filled = await takes_part(guest, event, omar)
        for wrong in ("", "x", "0", str(filled.opening.id)):
            refused = await client.post(path(event), data=asked | {"workshop": wrong})
            assert (refused.status_code, CHOOSE_WORKSHOP in words(refused.text)) == (422, True)
        assert await Sheet.all().count() == 0
        assert "Safety planning, 10:00 to 11:00" in words((await client.get(path(event))).text)
        sheet = await client.post(path(event), data=asked | {"workshop": str(filled.first.id)})
        await Event.filter(id=event.id).update(venue_released_at=MONDAY)
        pdf = await client.post(path(event), data=asked | {"workshop": str(filled.first.id), "as": "pdf"})
    assert heading(sheet) == "Room list, sheet 1"
    page, paper = words(sheet.text), pdf_reading.words(pdf.content)
    assert "Safety planning, 10:00 to 11:00. For whoever runs this workshop alone." in page
    assert "Safety planning, 10:00 to 11:00, Room of safety planning. For whoever runs" in paper
    for text in (page, paper):
        assert "1 Ada Ashdown Wardens of Westmoor" in text
        assert VENUE_CANARY not in text
