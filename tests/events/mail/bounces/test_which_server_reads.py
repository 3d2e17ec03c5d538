"""Of several servers one reads what came back: what is only counted would else be counted by each of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from events.ground import clock, live, presence
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail.bounces import bounce_turn, returned
from tests.conftest import SETTINGS
from tests.imap_server import ImapServer, imap_server
from tests.smtp_sink import self_signed
from tests.waiting import WITHIN, until

POSTGRES = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture
async def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ImapServer]:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(presence, "_first_try", None)
    monkeypatch.setattr(bounce_turn, "_trouble", "")
    async with imap_server(context, folder="INBOX") as server:
        server.put(b"To: bounces@example.org\n\nBuy now\n")
        yield server


@asynccontextmanager
async def running(chosen: Settings, database: Database) -> AsyncIterator[None]:
    """A server, as far as it looks into the folder."""
    stop, wake = asyncio.Event(), live.hub().wake("outbox")
    there = asyncio.create_task(presence.hold(database, stop))
    await asyncio.wait_for(wake.wait(), WITHIN)
    looking = asyncio.create_task(bounce_turn.run(chosen, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(there, looking), WITHIN)


@asynccontextmanager
async def beside_another(mark: int) -> AsyncIterator[None]:
    """One that was there before us has a smaller mark, or a larger one: chance decides, and all agree."""
    theirs = await live.own_connection()
    await theirs.execute("SELECT pg_advisory_lock($1, $2)", presence.LOCK_CLASS, mark)
    try:
        yield
    finally:
        await theirs.close()


@POSTGRES
@pytest.mark.parametrize(("mark", "reads"), [(0, False), (2**31 - 1, True)])
async def test_the_one_with_the_smallest_mark_reads_and_the_others_see_whether_they_could(
    database: Database, mailbox: ImapServer, mark: int, reads: bool
) -> None:
    chosen = SETTINGS.model_copy(
        update={"bounces_host": "127.0.0.1", "bounces_port": mailbox.port, "bounces_user": "bounces"}
        | {"bounces_password": SecretStr("right")}
    )

    async def has_looked() -> bool:
        return mailbox.commands["LOGOUT"] == 1

    async with beside_another(mark), running(chosen, database):
        await until(has_looked)
        assert (mailbox.commands["FETCH"] > 0, await returned.foreign_today(clock.real())) == (reads, int(reads))
    assert bounce_turn.trouble() == ""


@POSTGRES
async def test_once_the_other_is_gone_it_is_for_us(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_mark", 5)
    async with beside_another(5), beside_another(3):
        assert await presence.is_for_another()
    async with beside_another(5):
        assert not await presence.is_for_another()
    assert not await presence.is_for_another(), "where nobody is known, each does it"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_no_other(database: Database) -> None:
    assert not await presence.is_for_another()
