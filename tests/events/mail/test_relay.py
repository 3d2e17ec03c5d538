"""What the mailer makes of its relay: put off, refused, cut off, silent, untrusted, or gone."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from events.audit.audit import AuditEntry
from events.ground import live
from events.ground.database import Database
from events.mail import mailer, outbox, relay
from events.mail.outbox import Message
from tests.events.mail.mailing import as_if_hours_had_passed, in_plain_words, queue, running, send, states
from tests.smtp_sink import DROP, HANG, Sink, self_signed, smtp_sink
from tests.waiting import WITHIN


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")


@pytest.fixture(autouse=True, params=[True, False], ids=["several at once", "one by one"])
def commands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many the relay takes before it answers."""
    monkeypatch.setattr(Sink, "takes_several", request.param)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["450 4.2.1 later", "451 4.3.0 later", "421 4.3.2 going down"])
async def test_an_email_put_off_is_tried_again_and_no_other_waits(database: Database, step: str, answer: str) -> None:
    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        sink.says(step, answer)
        await send(sink)
        assert sink.recipients == ["guest2@guests.example.org", "guest3@guests.example.org"]
        assert await states() == {1: ("queued", int(answer[:3])), 2: ("sent", 250), 3: ("sent", 250)}
        assert (await in_plain_words())[0].startswith("Delayed. ")
        await send(sink)
        assert len(sink.caught) == 2, "its time has not come"
        await as_if_hours_had_passed(1)
        await send(sink)
        assert sink.recipients[2:] == ["guest1@guests.example.org"]
    assert mailer.trouble() == ""


async def test_an_email_put_off_for_72_hours_has_failed(database: Database) -> None:
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
        assert await in_plain_words() == ["Their mailbox accepts no more email. Telephone this person"]
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
async def test_an_email_refused_for_good_has_failed_and_no_other_waits(
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
    assert await in_plain_words() == [f"{said}. Telephone this person", "Sent"]
    assert mailer.trouble() == ""


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_cuts_the_line_gets_the_email_again(database: Database, step: str) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        sink.says(step, DROP)
        await send(sink)
        assert await states() == {1: ("queued", None), 2: ("sent", 250)}
        await as_if_hours_had_passed(1)
        await send(sink)
        assert sorted(sink.recipients) == ["guest1@guests.example.org", "guest2@guests.example.org"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_hangs_is_left_and_the_next_email_gets_its_own_answer(
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


async def test_with_no_relay_at_all_email_waits_untried_and_organisers_are_told(database: Database) -> None:
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


async def test_a_relay_that_knows_no_sign_in_gets_no_email(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        await send(sink, smtp_user="events", smtp_password=SecretStr("right"))
        assert (sink.caught, mailer.trouble()) == ([], relay.NO_SIGN_IN)


async def test_a_sender_that_is_refused_keeps_all_email_back_untried(database: Database) -> None:
    await queue(1, 2)
    async with smtp_sink() as sink:
        sink.always_says("MAIL", "553 5.7.1 not yours")
        await send(sink)
        assert mailer.trouble() == relay.NOT_OUR_SENDER
        assert [(message.state, message.tries) for message in await Message.all()] == [("queued", 0)] * 2
        sink.is_well_again()
        await send(sink)
        assert len(sink.caught) == 2


async def test_a_relay_that_turns_us_away_keeps_all_email_back(database: Database) -> None:
    await queue(1)
    async with smtp_sink() as sink:
        sink.always_says("EHLO", "554 5.7.1 go away")
        sink.always_says("HELO", "554 5.7.1 go away")
        await send(sink)
        assert (sink.caught, mailer.trouble()) == ([], relay.SENT_AWAY)
        assert await states() == {1: ("queued", None)}


async def test_a_relay_that_takes_one_connection_only_gets_all_over_that_one(database: Database) -> None:
    await queue(*range(30))
    async with smtp_sink() as sink:
        sink.says("EHLO", "250 OK", *["421 4.7.0 too many connections"] * (mailer.SIDE_BY_SIDE - 1))
        async with asyncio.timeout(WITHIN), running(sink):
            await sink.until(30)
        assert len({caught.connection for caught in sink.caught}) == 1
    assert mailer.trouble() == ""


def test_a_timeout_never_outlives_a_lease() -> None:
    """The last email of a batch may begin at half time."""
    assert timedelta(seconds=relay.ONE_EMAIL) < outbox.LEASE / 2
