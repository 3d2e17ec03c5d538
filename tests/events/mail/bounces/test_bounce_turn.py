"""The folder of a mailbox in which we look for what came back: read over TLS, marked, and never lost.

Rules: EM-12.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs
from tortoise.exceptions import OperationalError

from events.accounts.staff import Staff
from events.event import Event
from events.ground import live
from events.ground.database import Database, query
from events.ground.settings import Settings
from events.mail import mail_doctor
from events.mail.bounces import bounce_folder, bounce_turn, returned
from events.mail.bounces.report import MOST
from events.mail.outbox import Message
from registrations.deciding import vetting
from tests.conftest import SETTINGS
from tests.events.mail.bounces.returning import sample
from tests.imap_server import DROP, HANG, ImapServer, imap_server
from tests.people import MONDAY, Person, confirmed
from tests.smtp_sink import self_signed
from tests.waiting import WITHIN

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # test_returned has both
SEEN, FLAGGED = [r"\Seen"], [r"\Flagged", r"\Seen"]


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounce_turn, "_trouble", "")


@pytest.fixture
async def sent(event: Event, ada: Person, bo: Person, omar: Staff) -> list[Message]:
    for person in (ada, bo):
        await vetting.approve(await confirmed(person, event), omar, MONDAY)
    await query("UPDATE message SET state = 'sent', tries = 1, done_at = queued_at")
    return await Message.all().order_by("id")


@pytest.fixture
async def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ImapServer]:
    """Its certificate is trusted."""
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with imap_server(context, folder="Returned mail") as server:
        yield server


def chosen(mailbox: ImapServer, **others: object) -> Settings:
    ours: dict[str, object] = {
        "bounces_host": "127.0.0.1",
        "bounces_port": mailbox.port,
        "bounces_user": "bounces",
        "bounces_password": SecretStr("right"),
        "bounces_folder": "Returned mail",
    }
    return SETTINGS.model_copy(update=ours | others)


async def turn(mailbox: ImapServer, **others: object) -> None:
    async with asyncio.timeout(WITHIN):
        await bounce_turn.turn(chosen(mailbox, **others), asyncio.Event())


async def states() -> list[str]:
    return [message.state.value for message in await Message.all().order_by("id")]


async def test_what_nobody_has_seen_is_taken_in_and_marked(
    database: Database, sent: list[Message], mailbox: ImapServer
) -> None:
    mailbox.put(
        sample("exchange_unknown", sent[0].id),
        sample("not_out_of_office_exchange", sent[1].id),
        sample("unknown_words_of_a_mail_system", sent[1].id),
        b"To: bounces@example.org\n\nBuy now\n",
        sample("postfix_unknown", sent[1].id),
    )
    mailbox.messages[5].flags.add(r"\Seen")
    await turn(mailbox)
    assert (await states(), mailbox.flags) == (["failed", "sent"], [SEEN, SEEN, FLAGGED, SEEN, SEEN])
    assert bounce_turn.trouble() == ""
    mailbox.commands.clear()
    await turn(mailbox)
    assert (mailbox.commands["FETCH"], mailbox.commands["STORE"]) == (0, 0)
    assert mailbox.commands["LOGOUT"] == 1


async def test_of_a_huge_one_the_beginning_is_fetched(
    database: Database, sent: list[Message], mailbox: ImapServer
) -> None:
    mailbox.put(sample("postfix_unknown", sent[0].id) + b"x" * 3_000_000)
    await turn(mailbox)
    assert ((await states())[0], mailbox.most_fetched, mailbox.flags) == ("failed", MOST, [SEEN])


async def test_while_the_database_is_away_nothing_is_marked_and_nothing_lost(
    database: Database, sent: list[Message], mailbox: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.put(*(sample("postfix_unknown", message.id) for message in sent))

    async def away(*_: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(returned, "take", away)
        with pytest.raises(OperationalError):
            await turn(mailbox)
    assert (await states(), mailbox.flags) == (["sent", "sent"], [[], []])
    await turn(mailbox)
    assert (await states(), mailbox.flags) == (["failed", "failed"], [SEEN, SEEN])


@pytest.mark.parametrize("command", ["FETCH", "STORE", "SEARCH"])
@pytest.mark.parametrize("answer", [DROP, "NO not now", "BAD what"])
async def test_a_server_that_fails_half_way_is_asked_again(
    database: Database, sent: list[Message], mailbox: ImapServer, command: str, answer: str
) -> None:
    """What was taken in and not marked is taken in twice, and is one failure."""
    mailbox.put(*(sample("postfix_unknown", message.id) for message in sent))
    mailbox.says(command, answer)
    await turn(mailbox)
    assert bounce_turn.trouble() == bounce_folder.NO_ANSWER
    assert [] in mailbox.flags
    await turn(mailbox)
    assert (await states(), mailbox.flags) == (["failed", "failed"], [SEEN, SEEN])
    assert bounce_turn.trouble() == ""
    returned_entries = await query("SELECT * FROM audit_entry WHERE action = 'heard that an email did not arrive'")
    assert len(returned_entries) == 2


async def test_one_that_somebody_deletes_meanwhile_holds_up_no_other(
    database: Database, sent: list[Message], mailbox: ImapServer
) -> None:
    mailbox.put(*(sample("postfix_unknown", message.id) for message in sent))
    mailbox.says("FETCH", "OK gone")
    await turn(mailbox)
    assert (await states(), mailbox.flags) == (["sent", "failed"], [[], SEEN])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bounces_password": SecretStr("wrong")}, bounce_folder.NO_SIGN_IN),
        ({"bounces_password": SecretStr("wröng")}, bounce_folder.NO_SIGN_IN),
        ({"bounces_folder": "Nowhere"}, bounce_folder.NO_FOLDER),
        ({"bounces_port": 1}, bounce_folder.NO_ANSWER),
        ({"bounces_host": "localhost"}, bounce_folder.BAD_CERTIFICATE),
    ],
)
async def test_what_is_set_wrong_is_told_in_a_sentence(
    database: Database, mailbox: ImapServer, wrong: dict[str, object], sentence: str
) -> None:
    """Of localhost the certificate says nothing."""
    await turn(mailbox, **wrong)
    assert bounce_turn.trouble() == sentence
    assert await bounce_turn.probe(chosen(mailbox, **wrong)) == sentence
    assert await bounce_turn.probe(chosen(mailbox)) == ""


async def test_a_folder_that_may_not_be_changed_is_not_read(
    database: Database, sent: list[Message], mailbox: ImapServer
) -> None:
    """Else the same would be read for ever."""
    mailbox.put(sample("postfix_unknown", sent[0].id))
    mailbox.read_only = True
    await turn(mailbox)
    assert (bounce_turn.trouble(), (await states())[0]) == (bounce_folder.NO_FOLDER, "sent")


async def test_nobody_is_told_the_password_without_encryption(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that speaks plain IMAP hears nothing that it could understand."""
    heard: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK IMAP4rev1 ready\r\n")
        heard.append(await reader.read(1000))
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        mailbox = ImapServer("bounces", "right", "Returned mail")
        mailbox.port = server.sockets[0].getsockname()[1]
        await turn(mailbox)
    assert bounce_turn.trouble() in {bounce_folder.BAD_CERTIFICATE, bounce_folder.NO_ANSWER}
    assert heard
    assert not any(b"LOGIN" in said or b"right" in said for said in heard)


async def test_a_certificate_that_nobody_trusts_ends_it(database: Database, tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with imap_server(context) as server:
        await turn(server)
        assert (bounce_turn.trouble(), server.commands) == (bounce_folder.BAD_CERTIFICATE, {})


async def test_the_stop_waits_for_no_server(database: Database, mailbox: ImapServer) -> None:
    stop = asyncio.Event()
    mailbox.says("SEARCH", HANG)
    with capture_logs() as logged:
        running = asyncio.create_task(bounce_turn.run(chosen(mailbox), stop))
        await mailbox.until("SEARCH")
        began = time.monotonic()
        stop.set()
        async with asyncio.timeout(WITHIN):
            await running
    assert time.monotonic() - began < bounce_folder.ANSWERS_WITHIN / 2
    assert logged == [], "a stop is no trouble"


async def test_trouble_is_logged_once_and_every_page_of_emails_hears_of_it(
    database: Database, mailbox: ImapServer
) -> None:
    with live.hub().waking("mail") as woken, capture_logs() as logged:
        for _ in range(2):
            await turn(mailbox, bounces_password=SecretStr("wrong"))
        assert [line["why"] for line in logged] == [bounce_folder.NO_SIGN_IN]
        assert woken.is_set()
        woken.clear()
        await turn(mailbox)
        assert woken.is_set()


async def test_a_server_that_hangs_is_given_up(
    database: Database, mailbox: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounce_folder, "ANSWERS_WITHIN", 0.3)
    mailbox.says("SELECT", HANG)
    await turn(mailbox)
    assert bounce_turn.trouble() == bounce_folder.NO_ANSWER


async def test_where_no_mailbox_is_set_nothing_is_looked_for(database: Database) -> None:
    async with asyncio.timeout(WITHIN):
        await bounce_turn.run(SETTINGS, asyncio.Event())


@pytest.mark.parametrize("name", ["", 'a"b', "a\\b", "Zurück", "a\r\nb"])
async def test_the_name_of_a_folder_can_hold_no_command(database: Database, name: str) -> None:
    with pytest.raises(ValidationError, match="the name of a folder"):
        Settings(bounces_folder=name)
    assert ssl.create_default_context().check_hostname


async def test_the_doctor_says_how_what_comes_back_is_read(database: Database, mailbox: ImapServer) -> None:
    lines = [
        await mail_doctor.bounces_line(SETTINGS),
        await mail_doctor.bounces_line(SETTINGS.model_copy(update={"bounces": "bounces@example.org"})),
        await mail_doctor.bounces_line(chosen(mailbox, bounces="bounces@example.org")),
        await mail_doctor.bounces_line(chosen(mailbox, bounces="bounces@example.org", bounces_folder="Nowhere")),
    ]
    assert [(line.fine, line.words) for line in lines] == [
        (False, mail_doctor.UNHEARD),
        (None, "come back to bounces+<mark>@example.org, for an email server that hands them to ./run bounce"),
        (True, "127.0.0.1 answers, and its folder can be read"),
        (False, bounce_folder.NO_FOLDER),
    ]
