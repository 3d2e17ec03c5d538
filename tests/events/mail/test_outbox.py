"""The outbox: one email a cause, one claim a message, longer waits, and an end after 72 hours.

Rules: EM-12.
"""

from asyncio import gather
from datetime import datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import live, presence
from events.ground.database import Database, run_tx
from events.mail import outbox
from events.mail.delivery import in_words
from events.mail.outbox import NO_REPLY, UNWRITTEN, Message, MessageState, Reply
from tests.people import MONDAY, queued

NOW = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's clock, years from the event's


async def put(number: int = 1, cause: str = "asked", event_id: int | None = None) -> Message:
    assert await outbox.put("confirm", number, cause=cause, at=MONDAY, event_id=event_id)
    return await Message.get(template="confirm", subject_id=number, cause=cause)


async def states() -> list[tuple[str, int]]:
    return [(message.state, message.tries) for message in await Message.all().order_by("id")]


async def acts() -> list[tuple[str, str, dict[str, object]]]:
    return [(entry.action, entry.subject, entry.details) for entry in await AuditEntry.all().order_by("id")]


async def test_a_cause_sends_once(database: Database) -> None:
    answers = await gather(*(outbox.put("confirm", 1, cause="asked", at=MONDAY) for _ in range(20)))
    assert sorted(answers) == [False] * 19 + [True]
    assert await outbox.put("confirm", 1, cause="asked again", at=MONDAY)
    assert await queued() == [("confirm", 1), ("confirm", 1)]


async def test_what_goes_to_many_waits_for_what_one_person_waits_for(database: Database) -> None:
    many = [outbox.Queued("confirm", number, "list 1", None, MONDAY, outbox.EPOCH, bulk=True) for number in (1, 2, 3)]
    assert await outbox.put_each(many)
    await put(4)
    await put(5)
    assert [message.subject_id for message in await outbox.claim(NOW, 3)] == [4, 5, 1]
    assert [message.subject_id for message in await outbox.claim(NOW, 3)] == [2, 3]


async def test_a_second_put_does_not_spoil_the_act_around_it(database: Database) -> None:
    """PostgreSQL gives a whole transaction up after one broken rule."""

    @run_tx
    async def act() -> None:
        assert await outbox.put("confirm", 1, cause="asked", at=MONDAY)
        assert not await outbox.put("confirm", 1, cause="asked", at=MONDAY)
        assert await outbox.put("confirm", 2, cause="asked", at=MONDAY)

    await act()
    assert await queued() == [("confirm", 1), ("confirm", 2)]


async def test_the_mailer_is_woken_after_the_commit_only(database: Database) -> None:
    wake = live.hub().wake("outbox")

    @run_tx
    async def act(fails: bool) -> None:
        await outbox.put("confirm", 1, cause=f"fails {fails}", at=MONDAY)
        assert not wake.is_set()
        if fails:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await act(True)
    assert not wake.is_set()
    await act(False)
    assert wake.is_set()


async def test_each_message_is_claimed_by_one(database: Database) -> None:
    for number in range(60):
        await put(number)
    claimed = await gather(*(outbox.claim(NOW, limit=7) for _ in range(12)))
    numbers = [message.subject_id for batch in claimed for message in batch]
    assert sorted(numbers) == list(range(60))
    assert [[m.id for m in batch] == sorted(m.id for m in batch) for batch in claimed] == [True] * 12
    assert await outbox.claim(NOW) == []


async def test_a_claim_ends_with_its_lease(database: Database) -> None:
    """A process that was killed holds nothing for longer."""
    message = await put()
    assert [message.tries for message in await outbox.claim(NOW)] == [1]
    assert await outbox.claim(NOW + outbox.LEASE - timedelta(seconds=1)) == []
    (again,) = await outbox.claim(NOW + outbox.LEASE + timedelta(seconds=1))
    assert (again.id, again.tries, again.first_try_at) == (message.id, 2, NOW)


async def test_a_clock_that_is_set_back_makes_no_email_wait_for_it(database: Database) -> None:
    await put()
    (message,) = await outbox.claim(NOW)
    await outbox.again(message, MONDAY, NOW, Reply(450))
    assert await outbox.claim(NOW + timedelta(seconds=59)) == [], "a minute, as it should be"
    assert await outbox.claim(NOW - outbox.CLOCKS_APART) == [], "another machine's clock may be slow"
    (again,) = await outbox.claim(NOW - timedelta(hours=2))
    assert (again.id, again.tries) == (message.id, 2)


async def test_only_what_the_gone_have_claimed_is_taken_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, mark in enumerate((7, 8, 0)):
        await put(number)
        monkeypatch.setattr(presence, "_mark", mark)
        await outbox.claim(NOW)

    async def gone(marks: list[int]) -> list[int]:
        assert sorted(marks) == [7, 8]
        return [8]

    monkeypatch.setattr(presence, "gone", gone)
    assert await outbox.end_dead_leases() == 1
    assert [message.subject_id for message in await outbox.claim(NOW)] == [1]


async def test_what_another_has_taken_meanwhile_is_not_given_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put()
    monkeypatch.setattr(presence, "_mark", 7)
    batch = await outbox.claim(NOW)
    assert [outbox.is_lost(message) for message in batch] == [False]
    await Message.all().update(leased_by=8)
    monkeypatch.setattr(presence, "_mark", 0)
    assert [outbox.is_lost(message) for message in batch] == [True]
    await outbox.put_back(batch)
    assert await outbox.claim(NOW) == []


async def test_what_is_done_is_recorded_once_without_names(event: Event) -> None:
    message = await put(event_id=event.id)
    await outbox.done(message, MessageState.SENT, MONDAY, Reply(250))
    await outbox.done(message, MessageState.FAILED, MONDAY, Reply(550, "5.1.1"))  # a slower mailer comes late
    kept = await Message.get(id=message.id)
    assert (kept.state, kept.done_at, kept.reply_code, kept.lease_until) == ("sent", MONDAY, 250, None)
    assert await acts() == [(Action.EMAIL_SENT, f"message:{message.id}", {"template": "confirm", "code": 250})]
    assert [entry.event_id for entry in await AuditEntry.all()] == [event.id]
    assert await outbox.claim(NOW) == []


async def test_the_screens_of_the_event_hear_of_it(event: Event) -> None:
    mail, desk = live.hub().wake("mail"), live.hub().wake(f"event:{event.id}")
    await outbox.done(await put(event_id=event.id), MessageState.SENT, MONDAY)
    assert (mail.is_set(), desk.is_set()) == (True, True)


async def test_the_waits_grow_to_four_hours_and_end_after_72(database: Database) -> None:
    await put()
    real, waits, state = NOW, [], MessageState.QUEUED
    while state is MessageState.QUEUED:
        (message,) = await outbox.claim(real)
        state = await outbox.again(message, MONDAY, real, Reply(450, "4.2.2"))
        kept = await Message.get(id=message.id)
        waits.append(int((kept.next_try_at - real).total_seconds() // 60))
        real = kept.next_try_at
    assert waits[:-1] == [1, 2, 4, 8, 16, 32, 64, 128, *[240] * 17]
    assert sum(waits[:-1]) >= 72 * 60
    assert await acts() == [(Action.EMAIL_FAILED, f"message:{message.id}", {"template": "confirm", "code": 450})]


async def test_a_message_given_back_is_as_if_never_tried(database: Database) -> None:
    """The relay was shut for four days: its first real try is the beginning of its 72 hours."""
    await put()
    batch = await outbox.claim(NOW)
    await outbox.put_back(batch)
    later = NOW + timedelta(days=4)
    (message,) = await outbox.claim(later)
    assert (message.tries, message.first_try_at) == (1, later)
    assert await outbox.again(message, MONDAY, later, Reply(450)) is MessageState.QUEUED


async def test_giving_back_forgets_no_earlier_try(database: Database) -> None:
    await put()
    (message,) = await outbox.claim(NOW)
    await outbox.again(message, MONDAY, NOW, Reply(450))
    later = NOW + timedelta(hours=1)
    await outbox.put_back(await outbox.claim(later))
    (message,) = await outbox.claim(later)
    assert (message.tries, message.first_try_at) == (2, NOW)


async def test_giving_back_leaves_alone_what_is_done(database: Database) -> None:
    message = await put()
    batch = await outbox.claim(NOW)
    await outbox.done(message, MessageState.SENT, MONDAY)
    await outbox.put_back(batch)
    assert await states() == [("sent", 1)]


async def test_putting_off_leaves_alone_what_has_come_back_meanwhile(database: Database) -> None:
    await put()
    [message] = await outbox.claim(NOW)
    await outbox.done(message, MessageState.FAILED, MONDAY, Reply(550, "5.1.1"))
    await outbox.again(message, MONDAY, NOW, Reply(450, "4.2.2"))
    kept = await Message.get()
    assert (kept.state, kept.reply_code, kept.reply_status, kept.put_off_at) == ("failed", 550, "5.1.1", None)


async def test_an_organiser_can_have_a_failed_email_sent_again(event: Event, omar: Staff) -> None:
    message = await put(event_id=event.id)
    assert not await outbox.retry(message, by=omar, at=MONDAY)
    await outbox.done(message, MessageState.FAILED, MONDAY, Reply(550))
    answers = await gather(*(outbox.retry(message, by=omar, at=MONDAY) for _ in range(5)))
    assert sorted(answers) == [False] * 4 + [True]
    assert [act for act, _, _ in await acts()] == [Action.EMAIL_FAILED, Action.EMAIL_RETRIED]
    assert [message.tries for message in await outbox.claim(NOW)] == [1]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(550, "5.1.1"), "The address does not exist"),
        (Reply(550, "5.1.10"), "The address does not exist"),
        (Reply(550, "5.4.1"), "The address does not exist"),
        (Reply(550), "The address does not exist"),
        (Reply(None, "5.1.3"), "The address cannot be right"),
        (Reply(552, "5.2.2"), "Their mailbox accepts no more email"),
        (Reply(552), "Their mailbox accepts no more email"),
        (Reply(452, "4.2.2"), "Their mailbox accepts no more email"),
        (Reply(550, "5.2.1"), "Their mailbox accepts no email"),
        (Reply(550, "5.7.1"), "Their mail system refused our email"),
        (Reply(554), "Their mail system refused our email"),
        (Reply(550, "5.3.0"), "Their mail system refused our email"),
        (Reply(450), "Their mail system asked us to wait"),
        (Reply(421, "4.4.1"), "Their mail system could not be reached"),
        (NO_REPLY, "Their mail system does not answer"),
        (UNWRITTEN, "We could not write this email: the fault is ours"),
    ],
)
def test_a_failure_is_told_in_plain_words(reply: Reply, words: str) -> None:
    message = Message(
        state=MessageState.FAILED, reply_code=reply.code, reply_status=reply.status, next_try_at=NOW, tries=1
    )
    assert in_words(message) == f"{words}. Telephone this person"
    message.state = MessageState.QUEUED
    assert in_words(message) == f"Delayed. {words}. We try again"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MessageState.QUEUED, "Waiting to be sent"),
        (MessageState.SENT, "Sent"),
        (MessageState.DROPPED, "Not sent, since it was no longer true"),
    ],
)
def test_the_other_ends_in_plain_words(state: MessageState, words: str) -> None:
    assert in_words(Message(state=state, next_try_at=outbox.EPOCH)) == words


async def test_a_message_is_taken_back_only_while_nobody_has_ever_claimed_it(database: Database) -> None:
    for subject in (1, 2):
        await outbox.put("waiting", subject, cause="test", at=NOW)
    seen = await Message.all().order_by("id")
    [claimed] = await outbox.claim(NOW, 1)
    assert [await outbox.take_back(message, NOW) for message in seen] == [False, True]
    await outbox.again(claimed, NOW, NOW)  # nobody knows whether it arrived
    assert not await outbox.take_back(claimed, NOW)
    assert [message.state for message in await Message.all().order_by("id")] == ["queued", "dropped"]
