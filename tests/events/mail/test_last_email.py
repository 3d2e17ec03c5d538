"""The last email to an address that is being erased: its own row has the address sealed, until its turn is over.

Rules: DP-08, SE-16.
"""

from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from events.event import Event
from events.ground import clock, keys
from events.ground.database import query, run_tx
from events.mail import emails, last_email, outbox
from events.mail.emails import Email, each
from events.mail.outbox import NO_REPLY, Message, MessageState
from tests.events.mail.mailing import FACTS, send
from tests.people import MONDAY
from tests.smtp_sink import smtp_sink

HERS = "ada@wardens.example.org"


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
        await send(sink, {"waiting": each(to_the_last_address)})
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


async def test_a_failed_one_that_is_sent_again_goes_to_nobody(event: Event) -> None:
    hers = await waiting(event)
    await has_failed(hers)
    assert await outbox.retry(hers, None, MONDAY)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": each(to_the_last_address)})
    assert (sink.caught, (await Message.get()).state) == ([], MessageState.DROPPED)


async def test_a_damaged_one_is_told_by_its_row_and_sent_to_nobody(event: Event) -> None:
    hers = await waiting(event)
    sealed = bytes(hers.address_sealed or b"")
    await Message.filter(id=hers.id).update(address_sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with capture_logs() as said:
        assert last_email.address_of(await Message.get(id=hers.id)) is None
    assert said == [{"event": "an address cannot be opened", "row": f"message:{hers.id}", "log_level": "error"}]
