"""The desk's page of what cannot be right at a door: who may settle it, and what is on the page."""

import re
from datetime import timedelta

import pytest
from tortoise.exceptions import DoesNotExist

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin, conflicts, quarantine
from registrations.checkin.conflict import Conflict, Outcome
from registrations.codes import lead_card
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import lead_cards
from registrations.phones.door import Device, Door, DoorPass, PassRole
from tests.at_the_door import a_phone_at, a_scan, a_ticket
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, an_event, someone
from tests.registrations.checkin.revoking import LATER, let_in, revoked


@pytest.fixture(autouse=True)
def half_past_nine() -> None:
    clock.move_to(LATER)


async def test_omar_sees_loud_ones_first_and_settles_one(
    database: Database, event: Event, door: Door, sid: Device, ada: Person, bo: Person, omar: Staff
) -> None:
    twice, dead = await a_ticket(ada, event), await a_ticket(bo, event)
    kim = await a_phone_at(door, "Main door 2")
    await vetting.withdraw(await Registration.get(id=dead.registration_id), omar, THE_DAY)
    await let_in(dead, sid, 10)
    await let_in(twice, sid, 20, tap="id_seen", initials="SD")
    await let_in(twice, kim, 5, unsure=30.0)
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/conflicts")
        assert heading(page) == "Conflicts"
        told = words(page.text)
        assert told.index("the ticket was no longer good: Main door, " + dead.reference) < told.index("Let in twice")
        assert "09:10 Main door 1 (SD), without network, ID seen keeps the admission" in told
        assert "09:25 Main door 2, without network, give or take 30 seconds" in told
        assert "Ada" not in page.text
        conflict = await Conflict.get(ticket_id=twice.id)
        path = f"/desk/{event.slug}/conflicts/{conflict.id}"
        assert (await desk.post(path, data={"outcome": "undone at the door"})).status_code == 422
        await desk.post(path, data={"outcome": "same person twice"})
        assert (await desk.post(path, data={"outcome": "clock"})).status_code == 409
        assert "Same person twice, 09:30." in words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    conflict = await Conflict.get(id=conflict.id)
    assert (conflict.settled_by, conflict.outcome) == (f"staff:{omar.id}", Outcome.SAME_PERSON)
    [entry] = await AuditEntry.filter(action=Action.CONFLICT_SETTLED)
    assert (entry.subject, entry.details) == (f"conflict:{conflict.id}", {"outcome": "same person twice"})
    assert await conflicts.counted(event.id) == (1, 1)


async def test_a_viewer_and_another_events_organiser_settle_nothing(
    database: Database, event: Event, sid: Device, ada: Person, vic: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await let_in(ticket, sid, 20)
    await let_in(ticket, sid, 5)
    conflict, other = await Conflict.get(), await an_event()
    async with browsing(database, vic) as desk:
        assert (await desk.get(f"/desk/{event.slug}/conflicts")).status_code == 403
        path = f"/desk/{event.slug}/conflicts/{conflict.id}"
        assert (await desk.post(path, data={"outcome": "clock"})).status_code == 403
    with pytest.raises(DoesNotExist):
        await conflicts.settle(other, conflict.id, Outcome.CLOCK, vic, LATER)
    assert (await Conflict.get()).settled_at is None


async def test_what_waits_is_accepted_once_and_then_there_is_nothing_to_discard(
    database: Database, event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    await let_in(await a_ticket(ada, event), sid, 20)
    gone = await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 5)
    [waits] = await quarantine.waiting(event.id)
    path, data = f"/desk/{event.slug}/phones/{sid.id}/scans", {"newest": str(waits.newest)}
    async with browsing(database, omar) as desk:
        answers = [(await desk.post(f"{path}/{act}", data=data)).status_code for act in ("accept", "discard")]
    assert (answers, await quarantine.waiting(event.id)) == ([303, 409], [])


async def test_only_who_may_settle_conflicts_is_led_to_them(
    database: Database, event: Event, sid: Device, omar: Staff, vic: Staff
) -> None:
    """To a viewer the board says as much, and promises no page that would turn them away."""
    gone = await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 2)
    await checkin.settle([a_scan(b"x" * 16)._replace(offline=True, tap="lead")], await a_phone_at(
        await Door.get(id=sid.door_id), "Main door 2"), LATER)  # fmt: skip
    link = f'href="/desk/{event.slug}/conflicts"'
    for staff, links in ((omar, 4), (vic, 0)):  # in the menu and the folded one, at the conflict, at the quarantine
        async with browsing(database, staff) as desk:
            page = await desk.get(f"/desk/{event.slug}/board")
        assert ("1 open conflict" in words(page.text), page.text.count(link)) == (True, links)


async def test_a_conflict_says_whose_card_a_lead_held_to_the_phone(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    sid, device = await a_phone_at(door), await a_phone_at(door, "Lead phone", PassRole.DOOR_LEAD)
    lead = await DoorPass.get(id=device.id)
    secret = lead_card.parse(await lead_cards.make(lead, omar, THE_DAY, clock.real()))
    assert secret is not None
    good = lead_card.derive(secret, event.salt).proof
    for card in (good, b"0123456789abcdef", b""):
        stranger = a_scan(b"0123456789abcdef")._replace(offline=True, shown="not_on_phone", tap="lead", card=card)
        await checkin.settle([stranger], sid, THE_DAY + timedelta(minutes=5))
    async with browsing(database, omar) as desk:
        page = words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    said = re.findall(r"lead\u2019s override( by card: Lead phone| by card: a card that is none| by a tap)", page)
    assert sorted(said) == [" by a tap", " by card: Lead phone", " by card: a card that is none"]
