"""Guests are asked once, each link lets one answer in, and after thirty days none.

Rules: EV-10, DP-07.
"""

from asyncio import gather
from datetime import timedelta

import pytest

from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.feedback import answering, asking
from registrations.feedback.box import FeedbackBox
from registrations.feedback.token import FeedbackLink, FeedbackToken
from registrations.people.registration import State
from registrations.privacy.retention import deleting
from registrations.telling import timed_emails
from tests.people import THE_DAY
from tests.registrations.feedback.guests import (
    CLOSED,
    LAST_MINUTE,
    NEXT_DAY,
    asked,
    contents,
    guests_who_came,
    many_asked,
    path_in_email_to,
    said,
)
from tests.registrations.telling.telling import in_state


async def test_whoever_came_is_asked_and_nobody_else(event: Event) -> None:
    came = await guests_who_came(event, 6)
    away = await in_state(State.APPROVED, event)
    await timed_emails.turn(NEXT_DAY, clock.real())
    clock.move_to(NEXT_DAY)
    links = [await path_in_email_to(id_) for id_ in came]
    assert (len(set(links)), "" in links) == (6, False)
    assert links == [await path_in_email_to(id_) for id_ in came], "a second try of an email has the same link"
    assert not await Message.filter(template="thanks", subject_id=away.id).exists()
    assert (await FeedbackBox.get()).asked == await FeedbackToken.all().count() == 6


async def test_fewer_than_five_are_thanked_and_not_asked(event: Event) -> None:
    """Nothing that they said could ever be shown."""
    came = await guests_who_came(event, 4)
    clock.move_to(NEXT_DAY)
    await timed_emails.turn(NEXT_DAY, clock.real())
    assert [await path_in_email_to(id_) for id_ in came] == ["", "", "", ""]
    assert await FeedbackBox.all().count() == 0


async def test_a_second_thanks_asks_nobody_a_second_time(event: Event) -> None:
    await asked(event, 5)
    await Event.filter(id=event.id).update(day=event.day + timedelta(days=7))
    await timed_emails.turn(NEXT_DAY + timedelta(days=7), clock.real())
    assert await Message.filter(template="thanks").count() == 10
    assert await FeedbackToken.all().count() == 5


async def test_which_link_an_email_has_is_forgotten_once_it_is_out(event: Event) -> None:
    await asked(event, 6)
    first, second, third, *rest = await Message.filter(template="thanks").order_by("id")
    await outbox.mark_sent(first, NEXT_DAY)
    await outbox.done(second, MessageState.FAILED, NEXT_DAY)
    await outbox.done(third, MessageState.DROPPED, NEXT_DAY)
    await timed_emails.turn(NEXT_DAY, clock.real())
    waiting = [link.registration_id for link in await FeedbackLink.all().order_by("registration_id")]
    assert waiting == [message.subject_id for message in rest]
    await Message.filter(id=second.id).update(state=MessageState.QUEUED)
    assert await path_in_email_to(second.subject_id) == "", "an email that is tried again later asks for nothing"


async def test_a_link_lets_one_answer_in(event: Event) -> None:
    first, second, *_ = await asked(event, 5)
    assert await answering.take(first, said(4), NEXT_DAY)
    assert not await answering.take(first, said(1), NEXT_DAY)
    assert await answering.asked_by(first) is None
    assert await answering.asked_by(second) == event
    found = await contents(event)
    assert (found.people, found.waiting.count("content", 4), found.waiting.count("content", 1)) == (1, 1, 0)


async def test_of_three_hundred_at_once_each_counts_once(event: Event) -> None:
    """Half of them press twice."""
    links = await many_asked(event, 200)
    pressed = [*links, *links[:100]]
    taken = await gather(*(answering.take(link, said(1 + n % 5, "police"), NEXT_DAY) for n, link in enumerate(pressed)))
    found = await contents(event)
    assert (sum(taken), found.people, found.shown.people) == (200, 200, 195)
    assert await FeedbackToken.all().count() == 0


async def test_an_answer_leaves_nothing_but_itself(event: Event) -> None:
    """No other row of any table says that there was one. The box and the token are the control."""
    link, *_ = await asked(event, 5)
    before = await everything()
    await answering.take(link, said(4, "police", "listen"), NEXT_DAY)
    after = await everything()
    assert {table for table in before if before[table] != after[table]} == {"feedback_box", "feedback_token"}
    assert len(after["feedback_box"]) == 1
    assert await AuditEntry.all().count() == len(before["audit_entry"])


async def everything() -> dict[str, list[str]]:
    from tests.tables import models

    tables = [model._meta.db_table for model in models()]
    return {table: sorted(map(str, await query(f"SELECT * FROM {table}"))) for table in tables}  # noqa: S608


async def test_until_the_last_minute_and_no_later(event: Event) -> None:
    first, second, *_ = await asked(event, 5)
    assert await answering.take(first, said(4), LAST_MINUTE)
    assert not await answering.take(second, said(4), CLOSED)
    assert await FeedbackToken.all().count() == 4, "nothing was spent"
    await asking.turn(LAST_MINUTE)
    assert not (await FeedbackBox.get()).is_closed
    await asking.turn(CLOSED)
    assert (await FeedbackBox.get()).is_closed
    assert await FeedbackToken.all().count() == await FeedbackLink.all().count() == 0
    assert (await contents(event)).shown.people == 1


async def test_what_is_closed_stays_closed_when_the_event_is_put_off(event: Event) -> None:
    """Else the answers that come then could be told from those that were shown."""
    await asked(event, 5)
    await asking.turn(CLOSED)
    await Event.filter(id=event.id).update(day=event.day + timedelta(days=60))
    await timed_emails.turn(NEXT_DAY + timedelta(days=60), clock.real())
    assert (await FeedbackBox.get()).is_closed
    assert await FeedbackToken.all().count() == 0


async def test_a_box_that_cannot_be_read_takes_nothing_and_spends_nothing(event: Event) -> None:
    link, *_ = await asked(event, 5)
    stands = (await FeedbackBox.get()).numbers_sealed
    await FeedbackBox.all().update(numbers_sealed=keys.seal("feedback.numbers", "{}", "feedback|0"))
    with pytest.raises(Refused, match="Your link still works"):
        await answering.take(link, said(4), NEXT_DAY)
    await FeedbackBox.all().update(numbers_sealed=stands)
    assert await answering.take(link, said(4), NEXT_DAY)


async def test_words_go_after_ninety_days_and_numbers_after_a_year(event: Event) -> None:
    links = await asked(event, 5)
    for link in links:
        await answering.take(link, said(4, "police", "listen"), NEXT_DAY)
    await deleting.turn(THE_DAY + timedelta(days=89), clock.real())
    assert (await contents(event)).waiting.texts == {"differently": ["listen"] * 5}
    await deleting.turn(THE_DAY + timedelta(days=91), clock.real())
    found = await contents(event)
    assert (found.waiting.texts, found.waiting.count("content", 4)) == ({}, 5)
    assert (await Event.get(id=event.id)).data_key == "", "the key goes as ever"
    await deleting.turn(THE_DAY + timedelta(days=364), clock.real())
    assert await FeedbackBox.all().count() == 1
    await deleting.turn(THE_DAY + timedelta(days=366), clock.real())
    assert await FeedbackBox.all().count() == 0
