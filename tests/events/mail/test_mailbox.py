"""The rehearsal's mailbox keeps what comes by SMTP, and finds it again."""

import asyncio
from collections import deque
from collections.abc import Iterator
from email.message import EmailMessage

import aiosmtplib
import pytest

from events.ground import clock
from events.mail.mailbox import KEPT, Email, Mailbox
from tests.people import MONDAY

PICTURE = b"\x89PNG\r\n\x1a\n and what follows"


def mail_to(address: str, subject: str, text: str) -> EmailMessage:
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = "events@example.org", address, subject
    email.set_content(text)
    email.add_alternative(f'<p>{text}</p><img src="cid:qr" alt="">', subtype="html")
    html = email.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(PICTURE, "image", "png", cid="<qr>")
    return email


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    opened = Mailbox(clock.now)
    opened.open()
    yield opened
    opened.close()


async def send(mailbox: Mailbox, *emails: EmailMessage) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port, start_tls=False) as client:
        for email in emails:
            await client.send_message(email)


async def test_an_email_is_kept_as_it_came_with_the_events_time(mailbox: Mailbox) -> None:
    await send(mailbox, mail_to("ada@wardens.example.org", "Your place on Monday · 15 April", "Dear Ada Nguyễn,"))
    [email] = mailbox.find("")
    assert (email.number, email.recipient) == (1, "ada@wardens.example.org")
    assert (email.subject, email.text.strip()) == ("Your place on Monday · 15 April", "Dear Ada Nguyễn,")
    assert "<p>Dear Ada Nguyễn,</p>" in email.html
    assert email.picture("qr") == ("image/png", PICTURE)
    assert email.picture("another") is None
    assert clock.day_words(email.came_at) == clock.day_words(MONDAY)
    assert (mailbox.email(1), mailbox.email(2)) == (email, None)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", [3, 2, 1]), ("bo@", [2]), ("BO@CONSTABULARY", [2]), ("confirm", [3, 1]), ("lantern", [3]),
        ("nobody", []),
    ],
)  # fmt: skip
async def test_it_is_found_by_words_of_address_subject_or_text_newest_first(
    mailbox: Mailbox, words: str, numbers: list[int]
) -> None:
    await send(
        mailbox,
        mail_to("ada@wardens.example.org", "Confirm your request", "Dear Ada,"),
        mail_to("bo@constabulary.example.org", "Your place", "Dear Bo,"),
        mail_to("cleo@council.example.org", "Confirm your request", "Dear Cleo of the Lantern,"),
    )
    assert [email.number for email in mailbox.find(words)] == numbers


async def test_it_listens_on_this_machine_only_and_not_once_it_is_closed(mailbox: Mailbox) -> None:
    server = mailbox._controller.server
    assert isinstance(server, asyncio.Server)
    assert [socket.getsockname()[0] for socket in server.sockets] == ["127.0.0.1"]
    other = Mailbox(clock.now)
    other.open()
    other.close()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(other, mail_to("ada@wardens.example.org", "Late", "Dear Ada,"))


async def test_it_keeps_the_newest_thousands_and_lets_the_oldest_go(mailbox: Mailbox) -> None:
    assert mailbox.emails.maxlen == KEPT == 2_000
    mailbox.emails = deque(maxlen=2)  # a smaller one
    await send(mailbox, *(mail_to("ada@wardens.example.org", f"Number {n}", "Dear Ada,") for n in range(3)))
    assert [email.subject for email in mailbox.find("")] == ["Number 2", "Number 1"]


async def test_an_email_that_comes_while_others_are_looked_through_disturbs_nobody(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(mailbox, *(mail_to(f"{name}@example.org", "Hello", "Words") for name in ("ada", "bo")))
    newer = mailbox.emails[0]

    def comes_meanwhile(self: Email) -> str:
        mailbox.emails.append(newer)
        return self.subject.casefold()

    monkeypatch.setattr(Email, "searched", property(comes_meanwhile))
    assert [email.recipient for email in mailbox.find("Hello")] == ["bo@example.org", "ada@example.org"]
