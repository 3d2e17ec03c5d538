"""The mailer against a real relay that answers, refuses, hangs, drops, and speaks TLS or does not."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosmtplib import SMTPResponseException
from pydantic import SecretStr
from structlog.testing import capture_logs

from events.audit import audit
from events.audit.audit import Action, AuditEntry
from events.ground import clock, live
from events.ground.batching import batched
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail import emails, mailer, outbox, relay
from events.mail.emails import Email, Letter, Writer, each
from events.mail.outbox import Message, MessageState, in_words
from tests.conftest import SETTINGS
from tests.mail_reading import text_of
from tests.people import MONDAY
from tests.smtp_sink import DROP, HANG, Sink, self_signed, smtp_sink

FACTS = {
    "name": "Ada Ashdown",
    "title": "Conference for professionals",
    "day": "Monday 15 April 2019",
    "banner": ["Conference for professionals", "Hosted by Safer Places"],
    "contact": "",
    "contact_phone": "",
    "manage": "https://places.example.org/manage/x",
}


async def waiting_letter(message: Message) -> Email | None:
    return emails.write(message, to=f"guest{message.subject_id}@guests.example.org", facts=FACTS)


async def no_longer_true(message: Message) -> Email | None:
    return None


async def broken(message: Message) -> Email | None:
    raise LookupError("guest7@guests.example.org")


async def to_nowhere(message: Message) -> Email | None:
    return emails.write(message, to="guest at guests", facts=FACTS)


WRITERS: dict[str, Writer] = {"waiting": each(waiting_letter)}


def settings_for(sink: Sink, **others: object) -> Settings:
    return SETTINGS.model_copy(update={"smtp_port": sink.port} | others)


async def queue(*numbers: int, template: str = "waiting") -> None:
    for number in numbers:
        assert await outbox.put(template, number, cause="test", at=MONDAY)


async def states() -> dict[int, tuple[str, int | None]]:
    """State and reply code of each message, by what it is about."""
    return {
        message.subject_id: (str(message.state), message.reply_code) for message in await Message.all().order_by("id")
    }


async def words() -> list[str]:
    return [in_words(message) for message in await Message.all().order_by("id")]


async def send(sink: Sink, writers: Mapping[str, Writer] = WRITERS, **others: object) -> None:
    await mailer.send_due(writers, settings_for(sink, **others))


async def as_if_hours_had_passed(hours: int) -> None:
    """Puts every try so much further into the past."""
    for message in await Message.filter(state="queued"):
        ago = timedelta(hours=hours)
        message.next_try_at -= ago if message.next_try_at > outbox.EPOCH else timedelta()
        message.first_try_at = message.first_try_at - ago if message.first_try_at else None
        message.lease_until = message.lease_until - ago if message.lease_until else None
        await message.save()


@asynccontextmanager
async def running(
    sink: Sink, writers: Mapping[str, Writer] = WRITERS, **others: object
) -> AsyncIterator[asyncio.Event]:
    """The mailer's turn, as a server runs it."""
    stop = asyncio.Event()
    task = asyncio.create_task(mailer.run(writers, settings_for(sink, **others), stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await task


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")


async def test_many_mails_go_over_one_connection_each_to_one_person(database: Database) -> None:
    await queue(*range(30))
    async with smtp_sink() as sink:
        await send(sink)
        assert [email.recipients for email in sink.caught] == [(f"guest{n}@guests.example.org",) for n in range(30)]
        assert {(email.sender, email.connection) for email in sink.caught} == {("events@example.org", 1)}
    assert await states() == dict.fromkeys(range(30), ("sent", 250))
    assert await AuditEntry.filter(action="sent an email").count() == 30
    assert [entry.details for entry in await AuditEntry.all()] == [{"template": "waiting", "code": 250}] * 30


async def test_after_a_hundred_mails_it_connects_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "A_CONNECTION", 4)
    await queue(*range(10))
    async with smtp_sink() as sink:
        await send(sink)
        assert [email.connection for email in sink.caught] == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3]


async def test_a_mail_arrives_as_it_was_written(database: Database) -> None:
    await queue(3)
    async with smtp_sink() as sink:
        await send(sink)
        (caught,) = sink.caught
    message = await Message.get()
    written = await waiting_letter(message)
    assert written is not None
    assert caught.raw == written.raw
    assert "Dear Ada Ashdown," in text_of(caught.mail)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["450 4.2.1 later", "451 4.3.0 later", "421 4.3.2 going down"])
async def test_a_mail_put_off_is_tried_again_and_no_other_waits(database: Database, step: str, answer: str) -> None:
    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        sink.says(step, answer)
        await send(sink)
        assert sink.recipients == ["guest2@guests.example.org", "guest3@guests.example.org"]
        assert await states() == {1: ("queued", int(answer[:3])), 2: ("sent", 250), 3: ("sent", 250)}
        assert (await words())[0].startswith("Delayed. ")
        await send(sink)
        assert len(sink.caught) == 2, "its time has not come"
        await as_if_hours_had_passed(1)
        await send(sink)
        assert sink.recipients[2:] == ["guest1@guests.example.org"]
    assert mailer.trouble() == ""


async def test_a_mail_put_off_for_72_hours_has_failed(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        sink.refuses("guest1@guests.example.org", "450 4.2.2 mailbox full")
        await send(sink)
        await as_if_hours_had_passed(71)
        await send(sink)
        assert await states() == {1: ("queued", 450)}
        await as_if_hours_had_passed(5)
        await send(sink)
        assert await states() == {1: ("failed", 450)}
        assert await words() == ["Their mailbox accepts no more email. Telephone this person"]
        assert await AuditEntry.filter(action="could not send an email").count() == 1


@pytest.mark.parametrize(
    ("step", "answer", "said"),
    [
        ("RCPT", "550 5.1.1 <guest1@guests.example.org>: no such user", "The address does not exist"),
        ("RCPT", "550 no such user", "The address does not exist"),
        ("RCPT", "552 5.2.2 mailbox full", "Their mailbox accepts no more email"),
        ("RCPT", "554 5.7.1 not for us", "Their mail system refused our email"),
        ("DATA", "554 5.7.1 we do not like it", "Their mail system refused our email"),
    ],
)
async def test_a_mail_refused_for_good_has_failed_and_no_other_waits(
    database: Database, step: str, answer: str, said: str
) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        sink.says(step, answer)
        await send(sink)
        assert sink.recipients == ["guest2@guests.example.org"]
        await as_if_hours_had_passed(24)
        await send(sink)
        assert len(sink.caught) == 1, "we do not keep sending to a broken address"
    assert await states() == {1: ("failed", int(answer[:3])), 2: ("sent", 250)}
    assert await words() == [f"{said}. Telephone this person", "Sent"]
    assert mailer.trouble() == ""


async def test_what_is_no_longer_true_is_dropped_without_asking_the_relay(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": each(no_longer_true)})
        assert sink.connections == 0
    assert await states() == {1: ("dropped", None)}
    assert await AuditEntry.filter(action="dropped an email that was no longer true").count() == 1


async def test_a_letter_that_cannot_be_written_stops_no_other(database: Database) -> None:
    await queue(1, template="broken")
    await queue(2, template="of which nobody knows")
    await queue(3)
    async with smtp_sink() as sink:
        with capture_logs() as logs:
            await send(sink, WRITERS | {"broken": each(broken)})
        assert sink.recipients == ["guest3@guests.example.org"]
        assert await states() == {1: ("queued", None), 2: ("queued", None), 3: ("sent", 250)}
        assert [(log["event"], log["error"]) for log in logs] == [
            ("email not written", "LookupError"),
            ("email not written", "KeyError"),
        ]
        await as_if_hours_had_passed(73)
        await send(sink, {"broken": each(broken)})
    assert (await words())[:2] == ["We could not write this email: the fault is ours. Telephone this person"] * 2


async def test_an_address_that_is_none_has_failed_at_once(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": each(to_nowhere)})
        assert sink.connections == 0
    assert await states() == {1: ("failed", None)}
    assert await words() == ["The address cannot be right. Telephone this person"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_cuts_the_line_gets_the_mail_again(database: Database, step: str) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        sink.says(step, DROP)
        await send(sink)
        assert await states() == {1: ("queued", None), 2: ("sent", 250)}
        await as_if_hours_had_passed(1)
        await send(sink)
        assert sorted(sink.recipients) == ["guest1@guests.example.org", "guest2@guests.example.org"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_hangs_is_left_and_the_next_mail_gets_its_own_answer(
    database: Database, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ONE_EMAIL", 0.3)
    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        sink.says(step, HANG, "250 OK", "550 5.1.1 no")
        await send(sink)
        assert [email.connection for email in sink.caught] == [2]
    sent = ("failed", 550) if step != "MAIL" else ("queued", None)
    assert await states() == {1: ("queued", None), 2: ("sent", 250), 3: sent}


async def test_with_no_relay_at_all_mail_waits_untried_and_organisers_are_told(database: Database) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        pass
    await send(sink)
    assert mailer.trouble() == relay.NO_ANSWER
    assert [(message.state, message.tries, message.first_try_at) for message in await Message.all()] == [
        ("queued", 0, None)
    ] * 2
    async with smtp_sink() as sink:
        await send(sink)
        assert len(sink.caught) == 2
    assert mailer.trouble() == ""


async def test_screens_hear_of_trouble(database: Database) -> None:
    heard = live.hub().wake("mail")
    await queue(1)
    async with smtp_sink() as sink:
        pass
    await send(sink)
    assert heard.is_set()


async def test_without_starttls_nothing_is_sent(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, smtp_tls="starttls")
        assert sink.caught == []
        assert (await states(), mailer.trouble()) == ({1: ("queued", None)}, relay.NO_TLS)
        await send(sink, smtp_tls="none")
        assert [email.encrypted for email in sink.caught] == [False], "the relay itself was all right"


@pytest.mark.parametrize("how", ["starttls", "tls"])
async def test_a_certificate_has_to_be_trusted(
    database: Database, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = self_signed(tmp_path)
    await queue(1)
    async with smtp_sink(starttls=context) if how == "starttls" else smtp_sink(tls=context) as sink:
        await send(sink, smtp_tls=how)
        assert (sink.caught, mailer.trouble()) == ([], relay.BAD_CERTIFICATE)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        await send(sink, smtp_tls=how)
        assert [email.encrypted for email in sink.caught] == [True]
    assert (await states(), mailer.trouble()) == ({1: ("sent", 250)}, "")


async def test_a_certificate_of_another_host_is_not_trusted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = self_signed(tmp_path, "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    await queue(1)
    async with smtp_sink(starttls=context) as sink:
        await send(sink, smtp_tls="starttls")
        assert (sink.caught, mailer.trouble()) == ([], relay.BAD_CERTIFICATE)


async def test_it_signs_in_where_it_has_to(database: Database) -> None:
    await queue(1)
    async with smtp_sink(user=("events", "right")) as sink:
        await send(sink)
        assert (sink.caught, mailer.trouble()) == ([], relay.NO_SIGN_IN)
        await send(sink, smtp_user="events", smtp_password=SecretStr("wrong"))
        assert (sink.caught, mailer.trouble()) == ([], relay.NO_SIGN_IN)
        assert await states() == {1: ("queued", None)}
        await send(sink, smtp_user="events", smtp_password=SecretStr("right"))
        assert len(sink.caught) == 1
    assert mailer.trouble() == ""


async def test_a_relay_that_knows_no_sign_in_gets_no_mail(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, smtp_user="events", smtp_password=SecretStr("right"))
        assert (sink.caught, mailer.trouble()) == ([], relay.NO_SIGN_IN)


async def test_a_sender_that_is_refused_keeps_all_mail_back_untried(database: Database) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        sink.always_says("MAIL", "553 5.7.1 not yours")
        await send(sink)
        assert mailer.trouble() == relay.NOT_OUR_SENDER
        assert [(message.state, message.tries) for message in await Message.all()] == [("queued", 0)] * 2
        sink.is_well_again()
        await send(sink)
        assert len(sink.caught) == 2


async def test_a_relay_that_turns_us_away_keeps_all_mail_back(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        sink.always_says("EHLO", "554 5.7.1 go away")
        sink.always_says("HELO", "554 5.7.1 go away")
        await send(sink)
        assert (sink.caught, mailer.trouble()) == ([], relay.SENT_AWAY)
        assert await states() == {1: ("queued", None)}


async def test_it_wakes_at_once_for_a_new_mail(database: Database) -> None:
    async with smtp_sink() as sink, running(sink), asyncio.timeout(3):
        await asyncio.sleep(0.1)
        await queue(1)
        await sink.until(1)
        await asyncio.sleep(0.1)
        await queue(2)
        await sink.until(2)
        assert [email.connection for email in sink.caught] == [1, 2], "no relay is kept waiting in between"


async def test_the_stop_finishes_the_mail_in_hand_and_gives_the_others_back(database: Database) -> None:
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
        async with asyncio.timeout(10), running(sink) as stop:
            await sink.answered("DATA", mailer.SIDE_BY_SIDE)
            stop.set()
    rows = Counter((row.state, row.tries, row.lease_until is not None) for row in await Message.all())
    in_hand, others = ("queued", 1, True), ("queued", 0, False)
    assert rows == {in_hand: mailer.SIDE_BY_SIDE, others: 2}, "what is in hand may have arrived"


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_mail(
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
        async with smtp_sink() as sink, running(sink), asyncio.timeout(3):
            await sink.until(1)
    assert logs == [{"event": "email turn failed", "error": "ConnectionError", "log_level": "error"}] * 2


async def test_two_mailers_send_each_mail_once(database: Database) -> None:
    await queue(*range(60))
    async with smtp_sink() as sink:
        async with asyncio.timeout(10):
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
    """20 ms a command over one connection would be 10 mails a second."""
    await queue(*range(60))
    async with smtp_sink() as sink:
        sink.takes = 0.02
        async with asyncio.timeout(30), running(sink):
            await sink.until(60)
        assert sorted(sink.recipients) == sorted(f"guest{n}@guests.example.org" for n in range(60))
        by_connection = Counter(caught.connection for caught in sink.caught)
    assert len(by_connection) == mailer.SIDE_BY_SIDE
    assert min(by_connection.values()) >= 10
    assert sink.most_at_once == mailer.SIDE_BY_SIDE


async def test_what_an_email_says_is_read_anew_once_it_is_old(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read for several at once, it would else be as old as a slow relay makes it."""
    reads: list[list[int]] = []

    async def writer(messages: Sequence[Message]) -> Sequence[Letter]:
        reads.append([message.subject_id for message in messages])
        return await WRITERS["waiting"](messages)

    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": writer})
        monkeypatch.setattr(mailer, "FRESH", 1e-6)
        await queue(4, 5, 6)
        await send(sink, {"waiting": writer})
        assert [email.recipients[0][5] for email in sink.caught] == list("123456")
    assert reads == [[1, 2, 3], [4, 5, 6], [5, 6], [6]]


async def test_facts_that_cannot_be_read_keep_no_other_kind_of_email_back(database: Database) -> None:
    async def away(messages: Sequence[Message]) -> Sequence[Letter]:
        raise LookupError("guest1@guests.example.org")

    await queue(1, template="away")
    await queue(2)
    async with smtp_sink() as sink:
        await send(sink, WRITERS | {"away": away})
        assert sink.recipients == ["guest2@guests.example.org"]
    assert [row.reply_status for row in await Message.all().order_by("id")] == ["unwritten", ""]


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


async def test_what_was_taken_back_meanwhile_is_not_marked_and_not_recorded(database: Database) -> None:
    await queue(1)
    [message] = await outbox.claim(clock.real())
    await outbox.done(message, MessageState.DROPPED, MONDAY)
    await outbox.mark_sent(message, MONDAY)
    assert await states() == {1: ("dropped", None)}
    assert [entry.action for entry in await AuditEntry.all()] == [Action.EMAIL_DROPPED]


async def test_a_relay_that_takes_one_connection_only_gets_all_over_that_one(database: Database) -> None:
    await queue(*range(30))
    async with smtp_sink() as sink:
        sink.says("EHLO", "250 OK", *["421 4.7.0 too many connections"] * (mailer.SIDE_BY_SIDE - 1))
        async with asyncio.timeout(30), running(sink):
            await sink.until(30)
        assert len({caught.connection for caught in sink.caught}) == 1
    assert mailer.trouble() == ""


async def test_no_log_line_holds_an_address_or_what_a_relay_said(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    await queue(*range(5))
    await queue(6, template="broken")
    async with smtp_sink() as sink:
        sink.says("RCPT", "550 5.1.1 <guest0@guests.example.org> no such user", "450 guest1@guests.example.org", DROP)
        await send(sink, WRITERS | {"broken": each(broken)})
        assert len(sink.caught) == 2
    out = "".join(capfd.readouterr())
    assert out.count("email not taken") == 3
    assert [word for word in ("guest", "Ada", "no such user", "manage/") if word in out] == []


def test_a_timeout_never_outlives_a_lease() -> None:
    """The last mail of a batch may begin at half time."""
    assert timedelta(seconds=relay.ONE_EMAIL) < outbox.LEASE / 2


def test_every_message_state_that_ends_is_recorded() -> None:
    assert set(outbox.RECORDED) == set(MessageState) - {MessageState.QUEUED}


async def test_an_email_that_was_given_up_leaves_no_answer_for_the_next() -> None:
    """Its relay is still to say 250: over the same connection that would be taken for what the next one is told."""
    async with smtp_sink() as sink:
        line = relay.Relay(settings_for(sink))
        sink.says("DATA", HANG, "550 5.1.1 nobody here")
        first = asyncio.create_task(line.send(letter_to("ada@guests.example.org")))
        await sink.answered("DATA", 1)
        first.cancel()
        [given_up] = await asyncio.gather(first, return_exceptions=True)
        assert isinstance(given_up, asyncio.CancelledError)
        async with asyncio.timeout(10):
            with pytest.raises(SMTPResponseException, match="nobody here"):
                await line.send(letter_to("bo@guests.example.org"))
    assert sink.connections == 2


def letter_to(address: str) -> Email:
    message = Message(id=1, template="waiting", subject_id=1, cause="x", queued_at=MONDAY)
    return emails.write(message, to=address, facts=FACTS)
