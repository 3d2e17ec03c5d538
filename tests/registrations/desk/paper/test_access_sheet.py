"""Marshals read on paper who asked for help to leave and agreed to that, by the name on the badge; nobody else does.

Rules: SG-15, DP-05, SE-09.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.ground.tokens import Purpose
from registrations.booking import own_needs
from registrations.paper import lines, printing
from registrations.paper.sheet import Sheet, SheetKind
from registrations.people.choices import Switch
from registrations.people.consent import NEWEST, Subject
from registrations.people.erased import ErasedAddress
from registrations.people.needs import Adjustment
from registrations.people.registration import Registration, State
from tests import pdf_reading
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, VENUE_CANARY, Person, a_member_of_staff, someone
from tests.professional import path_to, with_ticket
from tests.registrations.booking.test_change_pages import sent_with

pytestmark = pytest.mark.usefixtures("the_day")
CHAIR = "An evacuation chair from the second floor"
ACCESS = SheetKind.ACCESS


@pytest.fixture
async def ann(event: Event) -> Staff:
    return await a_member_of_staff("Ann Access", "ann@hosts.example.org", event, RoleName.ACCESS)


async def needs_help(
    person: Person, event: Event, *wanted: Adjustment, leaving: str | None = CHAIR, words: str = "Not for marshals"
) -> Registration:
    guest, _ = await with_ticket(person, event)
    needed = wanted or [Adjustment.EVACUATION]
    await own_needs.tell_adjustments(guest, needed, words, MONDAY, clock.real(), leaving)
    return await Registration.get(id=guest.id)


async def on_it(event: Event) -> list[tuple[str, str]]:
    return [(line.badge_name, line.need) for line in await lines.of_sheet(event, ACCESS)]


async def test_who_asked_for_help_and_agreed_stands_on_it_and_nobody_else(
    event: Event, ada: Person, bo: Person
) -> None:
    await needs_help(ada, event)
    guest = await needs_help(bo, event, leaving="")
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, clock.real())
    await needs_help(someone(), event, leaving=None)
    await needs_help(someone(), event, Adjustment.STEP_FREE)
    await with_ticket(someone(), event)
    withdrawn = await needs_help(someone(), event)
    assert await withdrawn.become(State.RECHECKING)
    assert await on_it(event) == [("Ada Ashdown", CHAIR), ("Bo", "Help to leave")]
    assert {line.ticket_id for line in await lines.of_sheet(event, ACCESS)} == {0}


async def test_it_goes_at_once_when_either_consent_is_withdrawn(event: Event, ada: Person, bo: Person) -> None:
    guest, other = await needs_help(ada, event), await needs_help(bo, event)
    await own_needs.tell_adjustments(guest, [Adjustment.EVACUATION], "", THE_DAY, clock.real())
    left = (await Registration.get(id=guest.id)).needs
    assert (left.leaving_words, Subject.MARSHALS in left.consents, len(left.adjustments)) == ("", False, 1)
    assert await ErasedAddress.all().count() == 1, "no backup brings it back"
    await own_needs.withdraw(other, Subject.ADJUSTMENTS, THE_DAY, clock.real())
    assert (await Registration.get(id=other.id)).needs_sealed is None
    assert await on_it(event) == []


async def test_what_cannot_be_read_stands_on_no_sheet(event: Event, ada: Person) -> None:
    guest = await needs_help(ada, event)
    assert len(await on_it(event)) == 1
    await query("UPDATE registration SET needs_sealed = ? WHERE id = ? RETURNING id", [b"damaged", guest.id])
    assert await on_it(event) == []


async def test_a_guest_agrees_that_marshals_know_by_a_box_of_its_own(
    database: Database, event: Event, ada: Person
) -> None:
    guest, _ = await with_ticket(ada, event)
    page = f"{path_to(guest, Purpose.MANAGE)}/needs/adjustments/which"
    clock.move_to(MONDAY)
    told = {"wanted": "evacuation", "words": "", "agree": NEWEST[Subject.ADJUSTMENTS]}
    agreed = {"leaving": CHAIR, "marshals": NEWEST[Subject.MARSHALS]}
    async with browsing(database) as client:
        fresh = await client.get(page)
        assert "I agree that the marshals at the event read on paper" in words(fresh.text)
        assert " checked" not in fresh.text
        without = await client.post(page, data=told | {"leaving": CHAIR})
        assert "Select that marshals may read this, or leave the box above empty" in without.text
        no_help = await client.post(page, data=told | agreed | {"wanted": "bsl"})
        assert "Select help to leave the building above, or clear this box" in no_help.text
        assert (without.status_code, no_help.status_code, await on_it(event)) == (422, 422, [])
        assert (await client.post(page, data=told | agreed)).status_code == 303
        assert await on_it(event) == [("Ada Ashdown", CHAIR)]
        told |= sent_with((await client.get(page)).text)
        assert (await client.post(page, data=told)).status_code == 422
        assert await on_it(event) == [("Ada Ashdown", CHAIR)], "no single press withdraws it"
        assert (await client.post(page, data=told | {"word": "withdraw"})).status_code == 303
    assert await on_it(event) == []


async def test_the_access_lead_alone_prints_it_and_no_entry_or_row_says_who_is_on_it(
    database: Database, event: Event, ada: Person, omar: Staff, ann: Staff
) -> None:
    await needs_help(ada, event)
    path = desk(event, "access", "sheets")
    async with browsing(database, omar) as client:
        await Session.all().update(stepped_up_at=clock.real())
        refused = await client.post(desk(event, "doors", "paper"), data={"kind": "access sheet", "as": "page"})
        assert (refused.status_code, (await client.get(path)).status_code) == (422, 403)
        assert (await client.post(path, data={"as": "page"})).status_code == 403
    assert await Sheet.all().count() == 0
    async with browsing(database, ann) as client:
        await Session.all().update(stepped_up_at=None)
        assert heading(await client.get(path)) == "Access sheet"
        assert (await client.post(path, data={"as": "page"})).headers["location"].startswith("/staff/step-up")
        await Session.all().update(stepped_up_at=clock.real())
        answers = [await client.post(path, data={"as": kind}) for kind in ("page", "pdf")]
        assert (await client.get(desk(event, "doors", "paper"))).status_code == 403
    for said in (words(answers[0].text), pdf_reading.words(answers[1].content)):
        assert f"1 Ada Ashdown {CHAIR}" in said
        assert "For marshals alone" in said
        assert "Destroy by 16 April 2019" in said
        for unseen in (VENUE_CANARY, "Not for marshals", ada.organisation, ada.email):
            assert unseen not in said
    assert [(sheet.tickets, sheet.lines) for sheet in await Sheet.all()] == [([], 1)] * 2
    entry = await AuditEntry.filter(action=Action.SHEET_PRINTED).order_by("id").first()
    assert entry is not None
    assert entry.details == {"kind": "access sheet", "sheet": 1, "lines": 1}


async def test_the_access_lead_notes_that_an_access_sheet_is_destroyed_and_no_other(
    database: Database, event: Event, omar: Staff, ann: Staff
) -> None:
    await printing.make(event, SheetKind.WALK_IN, omar, THE_DAY, clock.real())
    await printing.make(event, ACCESS, ann, THE_DAY, clock.real())
    clock.move_to(THE_DAY + timedelta(hours=9))
    async with browsing(database, ann) as client:
        assert (await client.post(desk(event, "access", "sheets", 1, "destroyed"))).status_code == 404
        done = await client.post(desk(event, "access", "sheets", 2, "destroyed"))
        listed = words((await client.get(done.headers["location"])).text)
    assert "2 Access sheet 15 April 2019, 09:00 Ann Access 0 Destroyed 15 April 2019, 18:00, Ann Access" in listed
    assert await Sheet.filter(destroyed_at=None).count() == 1
