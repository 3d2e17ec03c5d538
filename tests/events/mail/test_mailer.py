"""The mailer: what it sends, drops and gives up, how it wakes and stops, and what it tells."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import pytest
import structlog
from aiosmtplib import SMTPResponseException
from structlog.testing import capture_logs
from tortoise.exceptions import OperationalError

from events.audit.audit import AuditEntry
from events.ground import clock
from events.ground.database import Database
from events.mail import emails, mailer, outbox, relay
from events.mail.emails import Email
from events.mail.outbox import Message, MessageState
from tests.events.mail.mailing import (
    FACTS,
    WRITERS,
    as_if_hours_had_passed,
    in_plain_words,
    queue,
    running,
    send,
    settings_for,
    states,
    waiting_email,
)
from tests.mail_reading import text_of
from tests.people import MONDAY
from tests.smtp_sink import DROP, HANG, smtp_sink
from tests.waiting import WITHIN


async def no_longer_true(message: Message) -> Email | None:
    return None


async def broken(message: Message) -> Email | None:
    raise LookupError("guest7@guests.example.org")


async def to_nowhere(message: Message) -> Email | None:
    return emails.write(message, to="guest at guests", facts=FACTS)


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")


async def test_many_emails_go_over_one_connection_each_to_one_person(database: Database) -> None:
    await queue(*range(30))
    async with smtp_sink() as sink:
        await send(sink)
        assert [email.recipients for email in sink.caught] == [(f"guest{n}@guests.example.org",) for n in range(30)]
        assert {(email.sender, email.connection) for email in sink.caught} == {("events@example.org", 1)}
    assert await states() == dict.fromkeys(range(30), ("sent", 250))
    assert await AuditEntry.filter(action="sent an email").count() == 30
    assert [entry.details for entry in await AuditEntry.all()] == [{"template": "waiting", "code": 250}] * 30


async def test_after_a_hundred_emails_it_connects_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "A_CONNECTION", 4)
    await queue(*range(10))
    async with smtp_sink() as sink:
        await send(sink)
        assert [email.connection for email in sink.caught] == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3]


async def test_an_email_arrives_as_it_was_written(database: Database) -> None:
    await queue(3)
    async with smtp_sink() as sink:
        await send(sink)
        (caught,) = sink.caught
    message = await Message.get()
    written = await waiting_email(message)
    assert written is not None
    assert caught.raw == written.raw
    assert "Dear Ada Ashdown," in text_of(caught.email)


async def test_what_is_no_longer_true_is_dropped_without_asking_the_relay(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": no_longer_true})
        assert sink.connections == 0
    assert await states() == {1: ("dropped", None)}
    assert await AuditEntry.filter(action="dropped an email that was no longer true").count() == 1


async def test_an_email_that_cannot_be_written_stops_no_other(database: Database) -> None:
    await queue(1, template="broken")
    await queue(2, template="of which nobody knows")
    await queue(3)
    async with smtp_sink() as sink:
        with capture_logs() as logs:
            await send(sink, WRITERS | {"broken": broken})
        assert sink.recipients == ["guest3@guests.example.org"]
        assert await states() == {1: ("queued", None), 2: ("queued", None), 3: ("sent", 250)}
        assert [(log["event"], log["error"]) for log in logs] == [
            ("email not written", "LookupError"),
            ("email not written", "KeyError"),
        ]
        await as_if_hours_had_passed(73)
        await send(sink, {"broken": broken})
    assert (await in_plain_words())[:2] == [
        "We could not write this email: the fault is ours. Telephone this person"
    ] * 2


async def test_an_address_that_is_none_has_failed_at_once(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": to_nowhere})
        assert sink.connections == 0
    assert await states() == {1: ("failed", None)}
    assert await in_plain_words() == ["The address cannot be right. Telephone this person"]


@pytest.mark.parametrize(("away_for", "state"), [(2, "sent"), (3, "queued")])
async def test_an_email_that_is_out_is_marked_when_the_database_is_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, away_for: int, state: str
) -> None:
    """Else it would go out once more when its lease is over."""
    really, tries = outbox._mark_together, Counter[str]()

    async def away_at_first(sent: Sequence[tuple[Message, datetime]]) -> list[bool]:
        tries["mark"] += 1
        if tries["mark"] <= away_for:
            raise OperationalError("database is locked")
        return await really(sent)

    monkeypatch.setattr(outbox, "_mark_together", away_at_first)
    monkeypatch.setattr(mailer, "MARK_AGAIN", (0.0, 0.0))
    await queue(1)
    async with smtp_sink() as sink:
        with suppress(OperationalError):
            await send(sink)
        assert (len(sink.caught), (await Message.get()).state) == (1, state)


async def test_it_wakes_at_once_for_a_new_email(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    once, looked = mailer.Turn.once, asyncio.Event()

    async def notes(turn: mailer.Turn) -> None:
        await once(turn)
        looked.set()

    monkeypatch.setattr(mailer.Turn, "once", notes)
    monkeypatch.setattr(mailer, "EVERY", 10.0 * WITHIN)
    async with smtp_sink() as sink, running(sink), asyncio.timeout(WITHIN):
        await looked.wait()
        looked.clear()
        await queue(1)
        await sink.until(1)
        await looked.wait()
        await queue(2)
        await sink.until(2)
        assert [email.connection for email in sink.caught] == [1, 2], "no relay is kept waiting in between"


async def test_the_stop_finishes_the_email_in_hand_and_gives_the_others_back(database: Database) -> None:
    await queue(*range(10))
    async with smtp_sink() as sink:
        async with running(sink) as stop:
            await sink.until(3)
            stop.set()
        assert 3 <= len(sink.caught) <= 4
    untried = await Message.filter(state="queued", tries=0, lease_until=None, first_try_at=None).count()
    assert untried == 10 - len(sink.caught) == 10 - await Message.filter(state="sent").count()


async def test_the_stop_does_not_wait_for_a_relay_that_hangs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "FINISH", 0.2)
    await queue(*range(mailer.SIDE_BY_SIDE + 2))
    async with smtp_sink() as sink:
        sink.always_says("DATA", HANG)
        async with asyncio.timeout(WITHIN), running(sink) as stop:
            await sink.answered("DATA", mailer.SIDE_BY_SIDE)
            stop.set()
    rows = Counter((row.state, row.tries, row.lease_until is not None) for row in await Message.all())
    in_hand, others = ("queued", 1, True), ("queued", 0, False)
    assert rows == {in_hand: mailer.SIDE_BY_SIDE, others: 2}, "what is in hand may have arrived"


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_email(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "EVERY", 0.05)
    claim, times = outbox.claim, iter([True, True])

    async def away(real: object, limit: int = 20) -> list[Message]:
        if next(times, False):
            raise ConnectionError("guest1@guests.example.org")
        return await claim(clock.real(), limit)

    monkeypatch.setattr(outbox, "claim", away)
    await queue(1)
    with capture_logs() as logs:
        async with smtp_sink() as sink, running(sink), asyncio.timeout(WITHIN):
            await sink.until(1)
    assert logs == [{"event": "email turn failed", "error": "ConnectionError", "log_level": "error"}] * 2


async def test_no_log_line_holds_an_address_or_what_a_relay_said(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    await queue(*range(5))
    await queue(6, template="broken")
    async with smtp_sink() as sink:
        sink.says("RCPT", "550 5.1.1 <guest0@guests.example.org> no such user", "450 guest1@guests.example.org", DROP)
        await send(sink, WRITERS | {"broken": broken})
        assert len(sink.caught) == 2
    out = "".join(capfd.readouterr())
    assert out.count("email not taken") == 3
    assert [word for word in ("guest", "Ada", "no such user", "manage/") if word in out] == []


def test_every_message_state_that_ends_is_recorded() -> None:
    assert set(outbox.RECORDED) == set(MessageState) - {MessageState.QUEUED}


async def test_an_email_that_was_given_up_leaves_no_answer_for_the_next() -> None:
    """Its relay is still to say 250: over the same connection that would be taken for what the next one is told."""
    async with smtp_sink() as sink:
        line = relay.Relay(settings_for(sink))
        sink.says("DATA", HANG, "550 5.1.1 nobody here")
        first = asyncio.create_task(line.send(email_to("ada@guests.example.org")))
        await sink.answered("DATA", 1)
        first.cancel()
        [given_up] = await asyncio.gather(first, return_exceptions=True)
        assert isinstance(given_up, asyncio.CancelledError)
        async with asyncio.timeout(WITHIN):
            with pytest.raises(SMTPResponseException, match="nobody here"):
                await line.send(email_to("bo@guests.example.org"))
    assert sink.connections == 2


def email_to(address: str) -> Email:
    message = Message(id=1, template="waiting", subject_id=1, cause="x", queued_at=MONDAY)
    return emails.write(message, to=address, facts=FACTS)
