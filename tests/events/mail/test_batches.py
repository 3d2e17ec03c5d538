"""How a batch of emails is handed over: over several connections, read late, marked at once, given back in time."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import clock
from events.ground.batching import batched
from events.ground.database import Database
from events.mail import mailer, outbox, relay
from events.mail.outbox import Message, MessageState
from tests.events.mail.mailing import WRITERS, queue, running, send, settings_for, states
from tests.people import MONDAY
from tests.smtp_sink import smtp_sink
from tests.waiting import WITHIN


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")


async def test_two_mailers_send_each_email_once(database: Database) -> None:
    await queue(*range(60))
    async with smtp_sink() as sink:
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(send(sink), send(sink))
        assert sorted(sink.recipients) == sorted(f"guest{n}@guests.example.org" for n in range(60))


async def test_a_batch_is_given_back_before_its_lease_can_run_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else another mailer would take what is still in our hands."""
    monkeypatch.setattr(mailer, "LEASE", timedelta(0))
    await queue(1, 2)
    async with smtp_sink() as sink:
        stop = asyncio.Event()
        turn = mailer.Turn(WRITERS, [relay.Relay(settings_for(sink))], stop)
        claimed = await outbox.claim(clock.real())
        await turn._batch(deque(claimed), until=clock.real())
        assert sink.caught == []
    assert [(message.tries, message.lease_until) for message in await Message.all()] == [(0, None)] * 2


async def test_a_slow_relay_is_sent_several_at_once_and_each_to_one_person(database: Database) -> None:
    """20 ms a command over one connection would be 10 emails a second."""
    await queue(*range(60))
    async with smtp_sink() as sink:
        sink.takes = 0.02
        async with asyncio.timeout(WITHIN), running(sink):
            await sink.until(60)
        assert sorted(sink.recipients) == sorted(f"guest{n}@guests.example.org" for n in range(60))
        by_connection = Counter(caught.connection for caught in sink.caught)
    assert len(by_connection) == mailer.SIDE_BY_SIDE
    assert min(by_connection.values()) >= 10
    assert sink.most_at_once == mailer.SIDE_BY_SIDE


async def test_what_connections_hand_over_at_once_is_marked_in_one_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = list[int]()
    record_all = audit.record_all

    async def counting(acts: Sequence[audit.Act], **others: Any) -> list[AuditEntry]:
        sizes.append(len(acts))
        return await record_all(acts, **others)

    monkeypatch.setattr(audit, "record_all", counting)
    await queue(*range(5))
    claimed = await outbox.claim(clock.real())
    await asyncio.gather(*(outbox.mark_sent(message, MONDAY) for message in claimed))
    assert (sum(sizes), max(sizes) > 1) == (5, True)
    assert await states() == dict.fromkeys(range(5), ("sent", 250))
    assert [entry.details for entry in await AuditEntry.all()] == [{"template": "waiting", "code": 250}] * 5


async def test_nothing_is_handed_over_before_the_email_before_it_is_marked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a kill repeats one a connection at most."""
    unmarked, marked = list[int](), 0
    async with smtp_sink() as sink:

        async def slowly(sent: Sequence[tuple[Message, datetime]]) -> list[bool]:
            nonlocal marked
            with suppress(TimeoutError):  # the next would come at once
                await asyncio.wait_for(sink.until(marked + 2), 0.1)
            unmarked.append(len(sink.caught) - marked)
            marked += len(sent)
            return await outbox._mark(sent)

        monkeypatch.setattr(outbox, "_mark_together", batched(slowly, most=50))
        await queue(*range(6))
        await send(sink)
        assert unmarked == [1] * 6


@pytest.mark.parametrize("ended", [MessageState.FAILED, MessageState.SENT])
async def test_what_another_process_has_answered_for_is_not_marked_and_not_recorded(
    database: Database, ended: MessageState
) -> None:
    await queue(1)
    [message] = await outbox.claim(clock.real())
    await outbox.done(message, ended, MONDAY)
    await outbox.mark_sent(message, MONDAY)
    assert await states() == {1: (ended.value, None)}
    assert await AuditEntry.all().count() == 1


async def test_what_was_dropped_while_the_relay_took_it_is_out_all_the_same(database: Database) -> None:
    """A refusal that was reconsidered at that moment was read, and the desk said that it was not sent."""
    await queue(1)
    [message] = await outbox.claim(clock.real())
    await outbox.done(message, MessageState.DROPPED, MONDAY)
    await outbox.mark_sent(message, MONDAY)
    assert await states() == {1: ("sent", 250)}
    assert [entry.action for entry in await AuditEntry.all()] == [Action.EMAIL_DROPPED, Action.EMAIL_SENT]
