"""At the desk: that no email goes to an address any more, why, and how it starts again."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.mail import outbox
from events.mail.bounces import returned
from events.mail.outbox import Message, MessageState
from registrations.deciding import vetting
from registrations.people.registration import Registration
from tests.browser import browsing, words
from tests.events.mail.bounces.returning import sample
from tests.people import MONDAY, Person, confirmed

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
DEAD = "None are sent. The address does not exist. Telephone them."


@pytest.fixture
async def dead(event: Event, ada: Person) -> Registration:
    """Ada's request, whose address does not exist."""
    asked = await confirmed(ada, event)
    await query("UPDATE registration SET undeliverable = '5.1.1'")
    return asked


async def test_the_persons_page_says_why_no_email_is_sent_and_starts_them_again(
    database: Database, event: Event, dead: Registration, omar: Staff, vic: Staff
) -> None:
    path = f"/desk/{event.slug}/people/{dead.id}"
    async with browsing(database, vic) as client:
        page = (await client.get(path)).text
        assert (DEAD in words(page), "Send emails to this address again" in page) == (True, False)
        assert (await client.post(f"{path}/emails")).status_code == 403
    async with browsing(database, omar) as client:
        assert "Send emails to this address again" in (await client.get(path)).text
        for _ in range(2):
            done = await client.post(f"{path}/emails")
        page = words((await client.get(done.headers["location"])).text)
    assert ("Emails go to this address again." in page, DEAD in page) == (True, False)
    assert page.count("Let emails go to an address again") == 1, "its history"
    assert (await Registration.get()).undeliverable == ""


async def test_trying_one_email_again_starts_all(
    database: Database, event: Event, dead: Registration, omar: Staff
) -> None:
    await vetting.put_on_waiting_list(dead, omar, MONDAY)
    message = await Message.get()
    await outbox.done(message, MessageState.FAILED, MONDAY, outbox.Reply(None, "5.1.1"))
    async with browsing(database, omar) as client:
        page = words((await client.get(f"/desk/{event.slug}/emails")).text)
        assert "no other email is sent there either until you press Try again" in page
        done = await client.post(f"/desk/{event.slug}/emails/{message.id}/retry")
        assert "The email is in the queue again." in (await client.get(done.headers["location"])).text
    assert (await Registration.get()).undeliverable == ""


async def test_what_is_late_on_its_way_is_named_for_five_days(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await vetting.put_on_waiting_list(await confirmed(ada, event), omar, MONDAY)
    message = await Message.get()
    await outbox.mark_sent(message, MONDAY)
    async with browsing(database, omar) as client:
        assert "Delayed on their way" not in (await client.get(f"/desk/{event.slug}/emails")).text
        assert await outbox.delayed(message, "4.4.1", MONDAY)
        page = words((await client.get(f"/desk/{event.slug}/emails")).text)
        assert "Ada Ashdown Wardens of Westmoor Waiting list 8 April 2019, 09:00" in page
        assert "Their mail system could not be reached" in page
        history = words((await client.get(f"/desk/{event.slug}/people/{(await Registration.get()).id}")).text)
        assert "Delayed on its way. Their mail system could not be reached. It is tried again" in history
        await Message.all().update(done_at=MONDAY.replace(day=1))
        assert "Delayed on their way" not in (await client.get(f"/desk/{event.slug}/emails")).text


async def test_leads_see_whose_emails_come_back_and_start_them_again(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    await Staff.filter(id=omar.id).update(undeliverable="5.2.2")
    path = f"/desk/{event.slug}/staff"
    async with browsing(database, omar) as client:
        assert "An email to your address came back" in (await client.get("/staff/account")).text
    async with browsing(database, lena) as client:
        assert words((await client.get(path)).text).count("Emails to them come back") == 1
        page = words((await client.get(f"{path}/{omar.id}")).text)
        assert "None are sent. Their mailbox accepts no more email" in page
        done = await client.post(f"{path}/{omar.id}/emails")
        page = words((await client.get(done.headers["location"])).text)
    assert ("Emails go to this address again." in page, "Sent to this address" in page) == (True, True)
    assert (await Staff.get(id=omar.id)).undeliverable == ""


async def test_what_came_back_and_changed_nothing_is_counted(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await vetting.put_on_waiting_list(await confirmed(ada, event), omar, MONDAY)
    message = await Message.get()
    async with browsing(database, omar) as client:
        assert "What came back and changed nothing" not in (await client.get(f"/desk/{event.slug}/emails")).text
        for raw in (sample("postfix_unknown", 404), sample("unknown_words_of_a_mail_system", message.id)):
            await returned.take(raw, "", MONDAY, clock.real())
        page = words((await client.get(f"/desk/{event.slug}/emails")).text)
    assert "1 in the last 24 hours was about no email of ours." in page
    assert "1 in the last 24 hours could not be understood." in page
