"""Whoever lost our email types in an address, and its owner gets the email of where the request stands.

Rules: SE-01.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import EPOCH, Message, MessageState
from registrations.asking import confirming, held_back, lost_links
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import State
from registrations.tickets.request_emails import WRITERS
from tests.browser import browsing, heading, words
from tests.events.mail.mailing import send
from tests.people import MONDAY, Person, audit_of, link_of, queued, requested
from tests.professional import put_into
from tests.smtp_sink import smtp_sink

NETWORK = "192.0.2.1"
EXPECTED = {
    State.REQUESTED: "confirm",
    State.CONFIRMED: "received",
    State.WAITING: "received",
    State.APPROVED: "have_place",
    State.OFFERED: "offer",
    State.RECHECKING: "received",
    State.NOT_OFFERED: "not_offered",
}


async def asks(database: Database, event: Event, email: str) -> str:
    """The heading of the page after."""
    async with browsing(database) as client:
        sent = await client.post(f"/e/{event.slug}/lost-link", data={"email": email})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/e/{event.slug}/lost-link/sent")
        return heading(await client.get(sent.headers["location"]))


@pytest.mark.parametrize("state", EXPECTED)
@pytest.mark.parametrize("event_is", [EventState.OPEN, EventState.CLOSED])
async def test_the_email_of_each_state_goes_out_while_registration_is_open_and_after(
    database: Database, event: Event, ada: Person, state: State, event_is: EventState
) -> None:
    asked = await put_into(state, ada, event)
    await Event.filter(id=event.id).update(state=event_is)
    assert await asks(database, event, f" {ada.email.upper()} ") == "Check your email"
    subject = (await link_of(asked)).id if state is State.REQUESTED else asked.id
    assert await queued() == [(EXPECTED[state], subject)]
    assert [action for action, *_ in await audit_of(asked)][-1:] == [Action.LINK_ASKED]


async def test_nobody_is_written_to_at_an_address_without_a_request(
    database: Database, event: Event, ada: Person
) -> None:
    await put_into(State.CANCELLED, ada, event)
    assert await asks(database, event, "nobody@wardens.example.org") == await asks(database, event, ada.email)
    async with smtp_sink() as sink:
        await send(sink, WRITERS)
        dropped = {message.state for message in await Message.all()}  # two, where a minute ends between both
        assert (dropped, sink.caught) == ({MessageState.DROPPED}, [])
        await put_into(State.CONFIRMED, replace(ada, email="bo@wardens.example.org"), event)
        await asks(database, event, "bo@wardens.example.org")
        await send(sink, WRITERS)
        assert [email.recipients for email in sink.caught] == [("bo@wardens.example.org",)]


async def test_whoever_said_no_is_sent_nothing_more(database: Database, event: Event, ada: Person) -> None:
    link = await link_of(await requested(ada, event))
    await confirming.say_no(link, MONDAY)
    await asks(database, event, ada.email)
    assert await queued() == [("received", 0)], "which is about nobody"


async def test_an_unconfirmed_request_gets_three_days_more_before_they_are_over_and_nothing_after(
    event: Event, ada: Person
) -> None:
    asked, real = await requested(ada, event), clock.real()
    last_minute = MONDAY + LINK_LASTS - timedelta(minutes=1)
    await lost_links.send(event, ada.email, NETWORK, last_minute, real)
    assert (await LinkAnswers.get()).asked_at == last_minute
    await lost_links.send(event, ada.email, NETWORK, last_minute + LINK_LASTS, real + LINK_LASTS)
    assert await queued() == [("confirm", (await link_of(asked)).id), ("received", 0)]


async def test_a_second_press_in_the_same_minute_sends_nothing(database: Database, event: Event, ada: Person) -> None:
    await put_into(State.CONFIRMED, ada, event)
    for _ in range(2):
        await asks(database, event, ada.email)
    assert len(await queued()) == 1


async def test_all_that_come_after_the_fifth_in_an_hour_send_one_email_an_hour_later(event: Event, ada: Person) -> None:
    await put_into(State.CONFIRMED, ada, event)
    hour = clock.real().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    late = [
        await lost_links.send(event, ada.email, NETWORK, MONDAY, hour + timedelta(minutes=minute * 2))
        for minute in range(8)
    ]
    due = [message.next_try_at for message in await Message.all().order_by("id")]
    assert due == [EPOCH] * 5 + [hour + timedelta(hours=1, minutes=10)]
    assert late == [timedelta()] * 8, "the page would tell that others ask for this address"
    assert await AuditEntry.filter(action=Action.LINK_ASKED).count() == 5


async def test_in_a_flood_the_email_waits_and_the_page_says_until_when(
    database: Database, event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_into(State.CONFIRMED, ada, event)
    monkeypatch.setattr(held_back, "most_an_hour", lambda _: 4)
    for n in range(5):
        await lost_links.send(event, f"{n}@guests.example.org", f"198.51.100.{n}", MONDAY, clock.real())
    await Message.all().delete()
    async with browsing(database) as client:
        sent = await client.post(f"/e/{event.slug}/lost-link", data={"email": ada.email})
        page = words((await client.get(sent.headers["location"])).text)
    assert "Our email will be late." in page
    assert "we send ours by 11:00 on Monday 8 April 2019." in page
    [message] = await Message.all()
    assert timedelta(hours=1) < message.next_try_at - clock.real() <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Enter your work email address"), ("ada", "Enter an email address in")]
)
async def test_what_is_no_address_is_told_and_counts_for_nothing(
    database: Database, event: Event, typed: str, told: str
) -> None:
    async with browsing(database) as client:
        page = await client.post(f"/e/{event.slug}/lost-link", data={"email": typed})
    assert (page.status_code, told in words(page.text), await Message.all().count()) == (422, True, 0)


@pytest.mark.parametrize(("event_is", "days"), [(EventState.DRAFT, 0), (EventState.OPEN, 9), (EventState.OVER, 9)])
async def test_there_is_no_such_page_before_anybody_could_ask_nor_after_the_event(
    database: Database, event: Event, ada: Person, event_is: EventState, days: int
) -> None:
    await put_into(State.CONFIRMED, ada, event)
    await Event.filter(id=event.id).update(state=event_is)
    clock.move_to(MONDAY + timedelta(days=days))
    async with browsing(database) as client:
        answers = [
            await client.get(f"/e/{event.slug}/lost-link"),
            await client.post(f"/e/{event.slug}/lost-link", data={"email": ada.email}),
        ]
    assert [answer.headers.get("location") for answer in answers] == [f"/e/{event.slug}"] * 2
    assert await queued() == []


@pytest.mark.parametrize("event_is", [EventState.OPEN, EventState.CLOSED])
async def test_the_events_page_leads_there(database: Database, event: Event, event_is: EventState) -> None:
    await Event.filter(id=event.id).update(state=event_is)
    async with browsing(database) as client:
        assert f'href="/e/{event.slug}/lost-link"' in (await client.get(f"/e/{event.slug}")).text
        assert heading(await client.get(f"/e/{event.slug}/lost-link")) == "Get your link again"
