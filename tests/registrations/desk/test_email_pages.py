"""An email that did not arrive names whom to telephone, in plain words; it is tried again or taken off the list."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState, Queued, Reply
from registrations.deciding import vetting
from registrations.desk import person_history, undelivered
from registrations.people.registration import Registration
from registrations.tickets.request_emails import TEMPLATES
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, recorded, someone

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def desk(event: Event, *parts: object) -> str:
    return "/".join(["/desk", event.slug, "emails", *(str(part) for part in parts)])


@pytest.fixture
async def failed(event: Event, ada: Person, omar: Staff) -> Message:
    """Ada's ticket: her address does not exist."""
    await vetting.approve(await confirmed(ada, event), omar, MONDAY)
    message = await Message.get()
    await outbox.done(message, MessageState.FAILED, MONDAY, Reply(550, "5.1.1"))
    return message


async def test_emails_count_whichever_room_is_imported_first(
    event: Event, failed: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes emails about requests says so when their room is imported, which may be after this one."""
    monkeypatch.setattr(undelivered, "TEMPLATES", {*TEMPLATES, "written later"})
    later = await Message.create(
        template="written later", subject_id=failed.subject_id, cause="", event_id=event.id, state=MessageState.FAILED,
        queued_at=MONDAY, done_at=MONDAY, next_try_at=MONDAY,
    )  # fmt: skip
    found = await undelivered.failed(event.id)
    assert [trouble.message.id for trouble in found.shown] == [later.id, failed.id]
    assert (await undelivered.waiting(event.id, MONDAY)).number == 0


async def test_the_list_says_whom_to_telephone_and_why(
    database: Database, event: Event, failed: Message, omar: Staff, vic: Staff
) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(desk(event))
    async with browsing(database, vic) as client:
        as_a_viewer = await client.get(desk(event))
    expected = "Ada Ashdown Wardens of Westmoor Not provided Ticket 8 April 2019, 09:00 The address does not exist"
    assert expected in words(page.text)
    assert "1 email failed" in words(page.text)
    assert "Try again" in page.text
    assert "Try again" not in as_a_viewer.text
    assert expected.replace(" Not provided", "") in words(as_a_viewer.text), "viewers see no telephone numbers"


async def test_of_many_the_newest_are_shown_and_others_follow_as_they_are_dealt_with(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undelivered, "A_PAGE", 2)
    people = [someone() for _ in range(3)]
    for person in people:
        await vetting.approve(await confirmed(person, event), omar, MONDAY)
    messages = await Message.all().order_by("id")
    for n, message in enumerate(messages):
        await outbox.done(message, MessageState.FAILED, MONDAY + timedelta(minutes=n), Reply(550, "5.1.1"))
    async with browsing(database, omar) as client:
        first = await client.get(desk(event))
        await client.post(desk(event, messages[-1].id, "telephoned"))
        then = await client.get(desk(event))
    more = "These are the newest 2. As you deal with them, older ones follow."
    shown = [([person.name in page.text for person in people], more in words(page.text)) for page in (first, then)]
    assert shown == [([False, True, True], True), ([True, True, False], False)]


async def test_omar_has_it_tried_again_once(database: Database, event: Event, failed: Message, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, failed.id, "retry"))
        assert "The email is in the queue again." in (await client.get(done.headers["location"])).text
        assert (await client.post(desk(event, failed.id, "retry"))).status_code == 409
    assert (await Message.get()).state is MessageState.QUEUED
    assert await AuditEntry.filter(action=Action.EMAIL_RETRIED, actor=omar.actor).count() == 1


@pytest.mark.parametrize("act", [vetting.withdraw, vetting.cancel])
async def test_nobody_is_telephoned_about_what_is_no_longer_true(
    database: Database, event: Event, failed: Message, omar: Staff, act: Callable[..., Awaitable[None]]
) -> None:
    """The ticket could not be delivered, and is one no more."""
    await act(await Registration.get(), omar, MONDAY)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event))
    assert "Nobody. No email has failed." in words(page.text)
    assert [row.state.value for row in await Message.filter(id=failed.id)] == ["dropped"]
    assert (Action.EMAIL_DROPPED.value, f"message:{failed.id}") in [
        (entry.action.value, entry.subject) for entry in await AuditEntry.all()
    ]


async def test_omar_has_telephoned(database: Database, event: Event, failed: Message, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, failed.id, "telephoned"))
        page = await client.get(done.headers["location"])
        assert "Nobody. No email has failed." in page.text
        assert (await client.post(desk(event, failed.id, "telephoned"))).status_code == 409
    entry = (await AuditEntry.all().order_by("-id"))[1]
    assert (entry.actor, entry.action, entry.details) == (
        omar.actor, "told somebody by telephone what an email could not", {"template": "ticket"}
    )  # fmt: skip
    asked = await Registration.get()
    told = [happening.what for happening in await person_history.history(asked, at_the_door=False)]
    assert "Email: Ticket. The address does not exist. They were told by telephone" in told


async def test_what_waits_is_counted_and_what_is_delayed_is_named(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    for person in (ada, bo):
        await vetting.put_on_waiting_list(await confirmed(person, event), omar, MONDAY)
    [message] = await outbox.claim(clock.real(), 1)
    await outbox.again(message, clock.real(), MONDAY, Reply(451, "4.7.1"))
    async with browsing(database, omar) as client:
        shown = words((await client.get(desk(event))).text)
    why = "1 goes out now; 1 did not get through and is tried again."
    assert f"2 emails, the oldest from 8 April 2019, 09:00. {why} These are delayed." in shown
    assert "Ada Ashdown Wardens of Westmoor Waiting list 8 April 2019, 09:00 Delayed." in shown
    assert "Bo Okafor" not in shown


async def test_an_email_to_staff_is_not_ours_to_touch(database: Database, event: Event, omar: Staff) -> None:
    await outbox.put("staff_invite", omar.id, cause="in a test", at=MONDAY, event_id=event.id)
    message = await Message.get()
    await outbox.done(message, MessageState.FAILED, MONDAY)
    async with browsing(database, omar) as client:
        assert (await client.post(desk(event, message.id, "retry"))).status_code == 404
        assert "Nobody. No email has failed" in (await client.get(desk(event))).text


async def test_organisers_see_that_emails_are_held_back(database: Database, event: Event, omar: Staff) -> None:
    pages = [desk(event), desk(event).replace("/emails", "/requests")]
    async with browsing(database, omar) as client:
        before = [(await client.get(page)).text for page in pages]
        await recorded(Action.EMAILS_HELD_BACK, event, by=None, at=MONDAY, event_id=event.id, an_hour=1000)
        after = [words((await client.get(page)).text) for page in pages]
    assert ["Far more places" in text for text in before] == [False, False]
    told = "Far more places were asked for than usual , last at 8 April 2019, 09:00."
    assert [told in text for text in after] == [True, True]
    assert ["No email waits any more. No request is lost." in text for text in after] == [True, True]


async def test_organisers_see_how_many_emails_wait_and_until_when(
    database: Database, event: Event, omar: Staff
) -> None:
    pages = [desk(event), desk(event).replace("/emails", "/requests"), desk(event).replace("/emails", "/overview")]
    told = [
        "Emails wait for their turn . 1 email waits and goes out by 8 April 2019, 10:00. No request is lost. Many",
        "Emails wait for their turn . 2 emails wait and go out by 8 April 2019, 11:00. No request is lost. Many",
    ]
    async with browsing(database, omar) as client:
        for n, sentence in enumerate(told, 1):
            due = clock.real() + timedelta(hours=n)
            email = Queued("confirm", n, f"asked {n}", event.id, MONDAY, due)
            await run_tx(outbox.put_each)([email])
            assert [sentence in words((await client.get(page)).text) for page in pages] == [True] * 3
        why = ["2 wait for their turn" in words((await client.get(page)).text) for page in pages]
    assert why == [True, False, True]


async def test_addresses_that_others_used_are_told_without_a_name(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await recorded(Action.NOT_ASKED, asked, by=None, at=MONDAY + timedelta(hours=2))
    await asked.delete()
    async with browsing(database, omar) as client:
        page = await client.get(desk(event))
    assert "1 person said that they had not asked for a place." in words(page.text)
    assert "8 April 2019, 11:00" in page.text
    assert "Ada" not in page.text
