"""The last email to an address that is being erased: its own row has the address sealed, until its turn is over.

Rules: DP-08, SE-16.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from events.event import Event
from events.ground import clock, keys
from events.ground.database import query, run_tx
from events.mail import emails, last_email, mailer, outbox
from events.mail.emails import Email
from events.mail.outbox import LEASE, NO_REPLY, Message, MessageState
from tests.conftest import SETTINGS
from tests.events.mail.mailing import FACTS, send
from tests.people import MONDAY, audit_of
from tests.smtp_sink import smtp_sink

HERS = "ada@wardens.example.org"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def waiting(event: Event, number: int = 1, address: str = HERS) -> Message:
    await run_tx(last_email.put)("waiting", number, address, cause="erased", at=MONDAY, event_id=event.id)
    return await Message.get(subject_id=number)


async def to_the_last_address(message: Message) -> Email | None:
    address = last_email.address_of(message)
    if address is None:
        raise keys.CannotOpen
    return emails.write(message, to=address, facts=FACTS) if address else None


async def is_sent(message: Message) -> None:
    await outbox.mark_sent(message, MONDAY)


async def has_failed(message: Message) -> None:
    await outbox.done(message, MessageState.FAILED, MONDAY, NO_REPLY)


async def is_dropped(message: Message) -> None:
    await run_tx(outbox.drop)(message, MONDAY)


async def is_taken_back(message: Message) -> None:
    assert await outbox.take_back(message, MONDAY)


async def comes_back_before_it_is_marked(message: Message) -> None:
    await outbox.claim(clock.real())
    assert await run_tx(outbox.came_back)(message, "5.1.1", MONDAY)


ENDS = [is_sent, has_failed, is_dropped, is_taken_back, comes_back_before_it_is_marked]


async def test_the_address_is_sealed_and_opens_for_its_own_row_alone(event: Event) -> None:
    hers = await waiting(event)
    [row] = await query("SELECT * FROM message")
    assert HERS not in str(row)
    assert last_email.address_of(hers) == HERS
    other = await waiting(event, 2, "bo@wardens.example.org")
    await Message.filter(id=other.id).update(address_sealed=hers.address_sealed)
    assert last_email.address_of(await Message.get(id=other.id)) is None


async def test_it_goes_to_that_address_which_is_gone_then(event: Event) -> None:
    await waiting(event)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": to_the_last_address})
    assert [caught.recipients for caught in sink.caught] == [(HERS,)]
    assert (await Message.get()).address_sealed is None


@pytest.mark.parametrize("ends", ENDS)
async def test_however_it_ends_the_address_is_gone(event: Event, ends: Callable[[Message], Awaitable[None]]) -> None:
    hers, other = await waiting(event), await waiting(event, 2)
    await ends(hers)
    rows = await Message.all().order_by("id")
    assert [row.state is MessageState.QUEUED for row in rows] == [False, True]
    assert [last_email.address_of(row) for row in rows] == ["", HERS]
    assert other.address_sealed is not None


async def test_while_it_has_to_wait_the_address_stays(event: Event) -> None:
    hers = await waiting(event)
    [claimed] = await outbox.claim(clock.real())
    assert await outbox.again(claimed, MONDAY, clock.real()) is MessageState.QUEUED
    assert last_email.address_of(await Message.get(id=hers.id)) == HERS


async def row_of(message: Message) -> tuple[str, bool]:
    """As the database has it: its state, and whether it still holds an address."""
    [row] = await query("SELECT * FROM message WHERE id = ?", [message.id])
    return row["state"], row["address_sealed"] is not None


async def test_while_no_email_goes_out_at_all_the_address_is_gone_within_72_hours(event: Event) -> None:
    hers, later = await waiting(event), await waiting(event, 2)
    await Message.filter(id=later.id).update(queued_at=MONDAY + HOUR)
    await outbox.put("waiting", 3, cause="test", at=MONDAY)
    other = await Message.get(subject_id=3)
    async with smtp_sink() as sink:
        gone = sink.port  # nobody listens there any more
    for passed in (HOUR, 71 * HOUR + 49 * MINUTE):
        clock.move_to(MONDAY + passed)
        await mailer.send_due({"waiting": to_the_last_address}, SETTINGS.model_copy(update={"smtp_port": gone}))
        assert mailer.trouble()
        assert await row_of(hers) == ("queued", True)
    clock.move_to(MONDAY + 71 * HOUR + 50 * MINUTE)
    await mailer.send_due({"waiting": to_the_last_address}, SETTINGS.model_copy(update={"smtp_port": gone}))
    assert await row_of(hers) == ("failed", False)
    assert await row_of(later) == ("queued", True), "it is an hour younger"
    assert await row_of(other) == ("queued", False), "another email waits for the relay"
    assert [(act, by) for act, by, _ in await audit_of(hers)] == [("could not send an email", "system")]
    async with smtp_sink() as sink:
        await send(sink, {"waiting": to_the_last_address})
    assert [caught.recipients for caught in sink.caught] == [(HERS,)], "the younger one, and no more to hers"
    standing = await last_email.standing("waiting", [1, 2])
    assert {number: (found.words, found.failed) for number, found in standing.items()} == {
        1: ("It did not arrive. Their mail system does not answer", True), 2: ("Sent", False),
    }  # fmt: skip


async def test_one_that_is_on_its_way_is_left_to_whoever_sends_it_and_to_nobody_after_that(event: Event) -> None:
    hers, real = await waiting(event), clock.real()
    [claimed] = await outbox.claim(real)
    late = MONDAY + 72 * HOUR
    assert await last_email.give_up(late, real) == 0
    assert await row_of(hers) == ("queued", True)
    assert sum(await asyncio.gather(*(last_email.give_up(late, real + LEASE + MINUTE) for _ in range(4)))) == 1
    assert await row_of(hers) == ("failed", False)
    await outbox.mark_sent(claimed, late)
    assert len(await audit_of(hers)) == 1


async def test_a_failed_one_that_is_sent_again_goes_to_nobody(event: Event) -> None:
    hers = await waiting(event)
    await has_failed(hers)
    assert await outbox.retry(hers, None, MONDAY)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": to_the_last_address})
    assert (sink.caught, (await Message.get()).state) == ([], MessageState.DROPPED)


async def test_a_damaged_one_is_told_by_its_row_and_sent_to_nobody(event: Event) -> None:
    hers = await waiting(event)
    sealed = bytes(hers.address_sealed or b"")
    await Message.filter(id=hers.id).update(address_sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with capture_logs() as said:
        assert last_email.address_of(await Message.get(id=hers.id)) is None
    assert said == [{"event": "an address cannot be opened", "row": f"message:{hers.id}", "log_level": "error"}]
