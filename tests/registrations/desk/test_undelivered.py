"""What the page of emails is made of: the emails of its own event alone, each in the list that it belongs to."""

from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.mail import mailer
from events.mail.outbox import EPOCH, Message, MessageState
from registrations.asking import held_back
from registrations.desk import undelivered
from registrations.people.registration import Registration
from tests.people import MONDAY, an_event, confirmed, recorded, someone


async def put(about: Registration, cause: str, minutes: int, **columns: Any) -> None:
    """An email queued so many minutes after the beginning of Monday."""
    at = MONDAY + timedelta(minutes=minutes)
    said: dict[str, Any] = {"template": "waiting", "queued_at": at, "next_try_at": EPOCH, **columns}
    await Message.create(subject_id=about.id, event_id=about.event_id, cause=cause, **said)


async def test_each_event_has_its_own_emails_each_where_it_belongs(event: Event) -> None:
    ours, theirs = await confirmed(someone(), event), await confirmed(someone(), await an_event(slug="other"))
    later = clock.real() + timedelta(hours=1)
    await Message.all().delete()
    for about in (ours, theirs):  # the number of a message says nothing of when it was queued
        await put(about, "put off until the morning", 9, next_try_at=later)
        await put(about, "at once", 5)
        await put(about, "delayed", 7, next_try_at=later, tries=2)
        await put(about, "failed", 1, state=MessageState.FAILED, done_at=MONDAY)
        await put(about, "has failed since", 2, state=MessageState.FAILED, done_at=MONDAY + timedelta(hours=1))
        await put(about, "on its way", 3, state=MessageState.SENT, done_at=MONDAY, reply_status="4.2.2")
        await put(about, "arrived", 0, state=MessageState.SENT, done_at=MONDAY)
        await recorded(Action.NOT_ASKED, about, by=None, at=MONDAY + timedelta(minutes=about.event_id))
    for of, about in ((event, ours), (await Event.get(slug="other"), theirs)):
        failed, waiting = await undelivered.failed(of.id), await undelivered.waiting(of.id, MONDAY)
        assert [trouble.message.cause for trouble in failed.shown] == ["has failed since", "failed"]
        assert (waiting.number, waiting.oldest) == (3, MONDAY + timedelta(minutes=5))
        assert [trouble.message.cause for trouble in waiting.delayed] == ["delayed"]
        assert [trouble.message.cause for trouble in waiting.on_their_way] == ["on its way"]
        troubles = [*failed.shown, *waiting.delayed, *waiting.on_their_way]
        assert {trouble.person and trouble.person.id for trouble in troubles} == {about.id}
        assert await undelivered.not_asked(of.id) == [MONDAY + timedelta(minutes=of.id)]


async def test_an_event_without_emails_has_no_oldest_one(event: Event) -> None:
    waiting = await undelivered.waiting(event.id, MONDAY)
    assert (waiting.number, waiting.oldest, waiting.delayed, waiting.on_their_way) == (0, None, [], [])
    assert await undelivered.not_asked(event.id) == []


async def test_one_line_says_why_emails_wait(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    about, real = await confirmed(someone(), event), clock.real()
    await Message.all().delete()
    assert await undelivered.why_they_wait(event.id, 0, real) == ""
    for n in range(3):
        await put(about, f"asked {n}", 5, next_try_at=real + timedelta(hours=1), template="confirm")
    await put(about, "for the morning", 5, next_try_at=real + timedelta(hours=1))
    await put(about, "delayed", 5, next_try_at=real + timedelta(hours=1), tries=2)
    await put(about, "at once", 5)
    await put(about, "in hand", 5, tries=1)
    held = await held_back.held(event, MONDAY, real)
    assert await undelivered.why_they_wait(event.id, held.emails, real) == (
        "2 go out now, one after the other; 3 wait for their turn, since many asked at once; 1 did not get through and"
        " is tried again; 1 goes out later: by day, or once a decision can no longer be undone."
    )
    monkeypatch.setattr(mailer, "trouble", lambda: "The relay is away.")
    why = await undelivered.why_they_wait(event.id, held.emails, real)
    assert why == "They wait until our email server takes emails again."
