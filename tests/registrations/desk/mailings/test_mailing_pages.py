"""The desk says what goes out next and to how many, shows what it says, switches it off, and stops what goes out.

Rules: EM-15, SG-01.
"""

from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.people.registration import State
from registrations.telling.mailing import BY_THE_CLOCK, KINDS
from tests.browser import browsing, heading, words
from tests.people import MONDAY, VENUE_CANARY
from tests.registrations.telling.telling import begun, in_state


async def looked_at(database: Database, event: Event, staff: Staff, path: str = "") -> httpx2.Response:
    async with browsing(database, staff) as client:
        return await client.get(f"/desk/{event.slug}/emails/to-many{path}")


async def test_each_kind_is_named_with_its_time_and_to_how_many(database: Database, event: Event, lena: Staff) -> None:
    for state in (State.APPROVED, State.APPROVED, State.WAITING):
        await in_state(state, event)
    said = words((await looked_at(database, event, lena)).text)
    assert "A week to go : read it 8 April 2019, 09:00 Seven days before 2 people" in said
    assert "When you change day, hours or a released address Always on 3 people" in said
    assert "Thank you for coming : read it 16 April 2019, 10:00 The day after Whoever came" in said
    clock.move_to(clock.at_venue(event.day + timedelta(days=1), 9, 0))
    said = words((await looked_at(database, event, lena)).text)
    assert ("Thank you for coming" in said, "A week to go" in said, "The address of the event" in said) == (
        True, False, False,
    )  # fmt: skip


@pytest.mark.parametrize("template", KINDS)
async def test_each_can_be_read_before_and_names_no_guest_nor_the_venue(
    database: Database, event: Event, lena: Staff, template: str
) -> None:
    guest = await in_state(State.APPROVED, event)
    page = await looked_at(database, event, lena, f"/{template}")
    picture = await looked_at(database, event, lena, f"/{template}/picture")
    for shown in (page, picture):
        assert (shown.status_code, "Dear Alex Example," in shown.text) == (200, True)
        assert (guest.full_name in shown.text, VENUE_CANARY in shown.text) == (False, False)
    assert "frame-ancestors 'self'" in picture.headers["content-security-policy"]
    assert await Message.all().count() == 0


async def test_what_has_begun_is_no_longer_ahead(database: Database, event: Event, lena: Staff) -> None:
    await in_state(State.APPROVED, event)
    await begun("week_before", event, MONDAY, clock.real())
    said = words((await looked_at(database, event, lena)).text)
    assert (said.count("A week to go"), "A week to go : read it" in said) == (2, False), (
        "once in its row, once for its button"
    )


async def test_what_does_not_exist_is_not_found(database: Database, event: Event, lena: Staff) -> None:
    for path in ("/ticket", "/ticket/picture"):
        assert (await looked_at(database, event, lena, path)).status_code == 404


@pytest.mark.parametrize("template", [kind.template for kind in BY_THE_CLOCK])
async def test_one_by_the_clock_is_switched_off_and_on_again(
    database: Database, event: Event, lena: Staff, template: str
) -> None:
    path = f"/desk/{event.slug}/emails/to-many"
    async with browsing(database, lena) as client:
        for wanted, off in (("off", [template]), ("off", [template]), ("on", [])):
            done = await client.post(f"{path}/{template}/switch", data={"switch": wanted})
            assert (done.status_code, done.headers["location"]) == (303, f"{path}?said={wanted}")
            assert (await Event.get(id=event.id)).emails_off == off
            assert ("Switched off" in (await client.get(path)).text) == bool(off)
    entries = await AuditEntry.filter(action=Action.EMAILS_SWITCHED).order_by("id")
    assert [entry.details for entry in entries] == [
        {"template": template, "switched": "off"}, {"template": template, "switched": "on"},
    ]  # fmt: skip


@pytest.mark.parametrize(("template", "wanted"), [("venue_released", "off"), ("event_changed", "off"), ("thanks", "")])
async def test_what_guests_must_know_is_not_switched_off(
    database: Database, event: Event, lena: Staff, template: str, wanted: str
) -> None:
    async with browsing(database, lena) as client:
        done = await client.post(f"/desk/{event.slug}/emails/to-many/{template}/switch", data={"switch": wanted})
    assert (done.status_code, (await Event.get(id=event.id)).emails_off) == (422, [])


async def test_what_goes_out_is_counted_and_stopped(database: Database, event: Event, lena: Staff) -> None:
    for _ in range(3):
        await in_state(State.APPROVED, event)
    mailing = await begun("week_before", event, MONDAY, clock.real())
    path = f"/desk/{event.slug}/emails/to-many"
    async with browsing(database, lena) as client:
        assert "To 3 people 0 3 0 0 Stop the rest" in words((await client.get(path)).text)
        done = await client.post(f"{path}/{mailing.id}/stop")
        assert (done.status_code, done.headers["location"]) == (303, f"{path}?said=stopped")
        said = words((await client.get(path)).text)
        assert ("To 3 people 0 0 0 3 Stopped" in said, "Stop the rest" in said) == (True, False)
        again = await client.post(f"{path}/{mailing.id}/stop")
    assert (heading(again), again.status_code) == (heading(again), 409)
