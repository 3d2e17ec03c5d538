"""An announcement goes to whoever takes part in one workshop, and to nobody else. Rules: EM-13, EV-01."""

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from events.programme import changing
from registrations.telling.announcement import Announcement
from registrations.workshops import joining
from tests.browser import browsing, words
from tests.people import MONDAY
from tests.registrations.desk.mailings.test_announcement_pages import TYPED, path, recipients, wrote
from tests.registrations.telling.telling import email_to
from tests.registrations.workshops.guests import a_guest, takes_part


async def test_it_goes_to_whoever_takes_part_in_that_workshop_alone(
    database: Database, event: Event, lena: Staff
) -> None:
    guest, _other = await a_guest(event), await a_guest(event)
    filled = await takes_part(guest, event, lena)
    async with browsing(database, lena) as client:
        asked = await client.get(path(event, "new"))
        assert "Safety planning, 10:00 to 11:00" in words(asked.text)
        refused = await client.post(path(event, "new"), data=TYPED)
        assert "Select a workshop, or all people" in words(refused.text), "nobody is written to by an oversight"
        made = await wrote(client, event, workshop=str(filled.first.id))
        page = words((await client.get(path(event, made.id))).text)
        assert "who take part in Safety planning : 1 person as of now" in page
        everybody = await wrote(client, event, workshop="all")
        assert "2 people as of now" in words((await client.get(path(event, everybody.id))).text)
        assert (await client.post(path(event, made.id, "send"), data={"seen": "0"})).status_code == 303
    assert await recipients() == [guest.id]


async def test_once_the_workshop_is_out_it_goes_to_nobody_rather_than_to_everybody(
    database: Database, event: Event, lena: Staff
) -> None:
    filled = await takes_part(await a_guest(event), event, lena)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, workshop=str(filled.first.id))
        for workshop in (filled.first, filled.second):
            workshop.event = event
            await changing.take_out(workshop, by=lena, at=MONDAY, real=clock.real())
        page = words((await client.get(path(event, made.id))).text)
        assert "who take part in a workshop that was taken out : 0 people as of now" in page
        changed = await client.post(path(event, made.id, "change"), data=TYPED | {"seen": "0"})
        assert changed.status_code == 303
        refused = await client.post(path(event, made.id, "send"), data={"seen": "1"})
    assert refused.status_code == 409
    assert (await Announcement.get()).workshop_id == filled.first.id
    assert await Message.filter(template="announcement").count() == 0


async def test_whoever_has_left_the_workshop_before_it_goes_out_is_told_nothing(
    database: Database, event: Event, lena: Staff
) -> None:
    """It waits for the morning, or behind others: it says what holds for those who take part."""
    stays, leaves = await a_guest(event), await a_guest(event)
    filled = await takes_part(stays, event, lena)
    await joining.join(leaves, filled.slot.id, filled.first.id, MONDAY, clock.real())
    async with browsing(database, lena) as client:
        made = await wrote(client, event, workshop=str(filled.first.id))
        assert (await client.post(path(event, made.id, "send"), data={"seen": "0"})).status_code == 303
    assert await recipients() == [stays.id, leaves.id]
    await joining.join(leaves, filled.slot.id, filled.second.id, MONDAY, clock.real())
    emails = [await email_to(person, "announcement") for person in (stays, leaves)]
    assert [email is not None for email in emails] == [True, False]


async def test_it_goes_to_whoever_is_in_none_at_that_time_alone(database: Database, event: Event, lena: Staff) -> None:
    guest, without = await a_guest(event), await a_guest(event)
    filled = await takes_part(guest, event, lena)
    async with browsing(database, lena) as client:
        assert "In none, 10:00 to 11:00" in words((await client.get(path(event, "new"))).text)
        made = await wrote(client, event, workshop=f"none-{filled.slot.id}")
        page = words((await client.get(path(event, made.id))).text)
        assert "who take part in no workshop 10:00 to 11:00 : 1 person as of now" in page
        changed = await client.get(path(event, made.id, "change"))
        assert f'value="none-{filled.slot.id}" checked' in changed.text
        assert (await client.post(path(event, made.id, "send"), data={"seen": "0"})).status_code == 303
    assert await recipients() == [without.id]
    assert await email_to(without, "announcement") is not None
    await joining.join(without, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await email_to(without, "announcement") is None, "they have one by now"


async def test_once_that_time_has_no_workshops_it_goes_to_nobody(database: Database, event: Event, lena: Staff) -> None:
    filled = await takes_part(await a_guest(event), event, lena)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, workshop=f"none-{filled.slot.id}")
        for workshop in (filled.first, filled.second):
            workshop.event = event
            await changing.take_out(workshop, by=lena, at=MONDAY, real=clock.real())
        await changing.take_out_slot(event, filled.slot.id, by=lena, at=MONDAY)
        page = words((await client.get(path(event, made.id))).text)
    assert "no workshop of a slot that was taken out : 0 people as of now" in page
