"""What is said to a relay and what it answers, byte by byte: answers that come together, in pieces, or unasked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiosmtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from events.mail.emails import Email
from events.mail.relay import Relay
from tests.conftest import SETTINGS
from tests.waiting import WITHIN

EMAIL = Email("events@example.org", "ada@wardens.example.org", b"Subject: a\r\n\r\nwords\r\n.dot\r\n")
TEXT = b"Subject: a\r\n\r\nwords\r\n..dot\r\n.\r\n"
HANGS_UP = b"hangs up"
WELL = [b"250 sender\r\n250 recipient\r\n354 go on\r\n", b"250 taken\r\n"]


class Script:
    """Greets, offers PIPELINING, and then answers each time that something comes with the next piece, whose parts go
    out a moment apart. `heard`: what came, by connection, without the first line."""

    def __init__(self, *pieces: bytes) -> None:
        self.port, self.pieces, self.heard = 0, list(pieces), list[list[bytes]]()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = list[bytes]()
        self.heard.append(mine)
        writer.write(b"220 relay\r\n")
        await reader.readline()
        writer.write(b"250-relay\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        while came := await reader.read(100_000):
            mine.append(came)
            for part in (self.pieces.pop(0) if self.pieces else b"221 goodbye\r\n").split(b"|"):
                writer.close() if part == HANGS_UP else writer.write(part)
                await asyncio.sleep(0.02)
        writer.close()


@asynccontextmanager
async def a_relay(*pieces: bytes) -> AsyncIterator[tuple[Relay, Script]]:
    script = Script(*pieces)
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    relay = Relay(SETTINGS.model_copy(update={"smtp_port": script.port}))
    try:
        async with asyncio.timeout(WITHIN):
            yield relay, script
    finally:
        await relay.leave()
        server.close()


async def test_sender_and_recipient_go_together_and_the_text_after_all_three_answers() -> None:
    async with a_relay(*WELL, *WELL) as (relay, script):
        await relay.send(EMAIL)
        await relay.send(EMAIL)
    asked = b"MAIL FROM:<events@example.org>\r\nRCPT TO:<ada@wardens.example.org>\r\nDATA\r\n"
    assert script.heard == [[asked, TEXT, asked, TEXT, b"QUIT\r\n"]]


@pytest.mark.parametrize(
    "pieces",
    [
        [b"25|0 sender\r|\n250-reci|pient\r\n250 indeed\r\n|354 go on\r\n", b"2|50 taken\r\n"],
        [b"250 sender\r\n|250 recipient\r\n|354 go on\r\n", b"250-taken\r\n|250 thanks\r\n"],
    ],
)
async def test_answers_may_come_in_any_pieces(pieces: list[bytes]) -> None:
    async with a_relay(*pieces, *WELL) as (relay, script):
        await relay.send(EMAIL)
        await relay.send(EMAIL)
    assert len(script.heard) == 1
    assert script.heard[0].count(TEXT) == 2


@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        (b"450 4.2.1 later\r\n503 first MAIL\r\n503 first RCPT\r\n", SMTPSenderRefused),
        (b"250 sender\r\n550 5.1.1 nobody\r\n554 no valid recipients\r\n", SMTPRecipientsRefused),
        (b"250 sender\r\n250 recipient\r\n451 4.3.0 later\r\n", SMTPDataError),
    ],
)
async def test_the_text_stays_here_where_one_of_the_three_is_refused(answers: bytes, raised: type[Exception]) -> None:
    """And what is answered to the others is not taken for an answer to the next email."""
    async with a_relay(answers, b"221 goodbye\r\n", *WELL) as (relay, script):
        with pytest.raises(raised):
            await relay.send(EMAIL)
        await relay.send(EMAIL)
    first, second = script.heard
    assert (first[1:], second[1]) == ([b"QUIT\r\n"], TEXT)


async def test_a_relay_that_wants_the_text_though_it_refused_the_recipient_gets_none() -> None:
    """Nor a goodbye, which would be the text."""
    async with a_relay(b"250 sender\r\n550 5.1.1 nobody\r\n354 go on\r\n", *WELL) as (relay, script):
        with pytest.raises(SMTPRecipientsRefused):
            await relay.send(EMAIL)
        await relay.send(EMAIL)
    first, second = script.heard
    assert (first[1:], second[1]) == ([], TEXT)


@pytest.mark.parametrize("more", [b"250 and more\r\n", b"421 4.4.2 too slow\r\n"])
async def test_an_answer_that_nobody_asked_for_is_not_taken_for_that_to_the_next_email(more: bytes) -> None:
    async with a_relay(WELL[0], b"250 taken\r\n" + more, b"550 this is the answer\r\n", b"", *WELL) as (relay, script):
        await relay.send(EMAIL)
        with pytest.raises(SMTPSenderRefused):
            await relay.send(EMAIL)
    assert [TEXT in heard for heard in script.heard] == [True, False]


@pytest.mark.parametrize("nonsense", [b"hello\r\n", b"\r\n", b"2x0 fine\r\n", b"250-" + b"x" * 70_000])
async def test_what_is_no_smtp_ends_the_connection(nonsense: bytes) -> None:
    async with a_relay(nonsense, *WELL) as (relay, script):
        with pytest.raises(ConnectionError):
            await relay.send(EMAIL)
        await relay.send(EMAIL)
    assert [TEXT in heard for heard in script.heard] == [False, True]


async def test_the_reason_is_heard_where_the_relay_hangs_up_after_it() -> None:
    async with a_relay(b"421 4.3.2 going down\r\n|hangs up") as (relay, script):
        with pytest.raises(SMTPSenderRefused) as refused:
            await relay.send(EMAIL)
    assert refused.value.code == 421
    assert script.heard[0][0].startswith(b"MAIL")
