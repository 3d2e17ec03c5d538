"""An entry of the audit log is gone: commands do their work, show it and complain; the server starts and says so."""

import asyncio
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from events.audit import audit_seal
from events.audit.action import Action
from events.event import Event
from events.ground import settings
from events.ground.database import Database
from events.product import Product, lacking
from server import MODELS, main
from tests.conftest import SETTINGS
from tests.people import MONDAY, a_member_of_staff, an_event, recorded
from tests.waiting import until

GONE = audit_seal.TAKEN_OUT.format(1)
LINK = r"https://places\.example\.org/staff/{}/[a-z2-7]{{42}}"


async def acts_of_two(event: Event) -> None:
    lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", None, None)
    for by in (lena, lena, None):
        await recorded(Action.EVENT_CHANGED, event, by=by, at=MONDAY)
    await audit_seal.seal_all()


@pytest.fixture
def damaged(sqlite_template: Path, tmp_path: Path) -> Product:
    """Whoever has the database has taken entry 2 out, for which entry 3 vouches."""
    file = shutil.copyfile(sqlite_template, tmp_path / "muster.db")
    settings.choose(SETTINGS.model_copy(update={"database_url": f"sqlite://{file}", "trusted_proxy": "127.0.0.1"}))
    product = Product(Database(f"sqlite://{file}", MODELS))

    async def happened() -> None:
        await acts_of_two(await an_event())

    product.run(happened)
    with sqlite3.connect(file) as thief:
        thief.execute("DROP TRIGGER audit_entry_no_delete")
        thief.execute("DELETE FROM audit_entry WHERE id = 2")
    thief.close()
    return product


def types(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["staff", "add", "omar@hosts.example.org", "--name", "Omar Organiser"], LINK.format("join")),
        (["staff", "reset-link", "lena@hosts.example.org", "--codes"], LINK.format("join")),
        (["audit", "head"], "3-[0-9a-f]{20}"),
        (["organisations", "load"], "domains are in the list"),
    ],
)
def test_a_command_shows_what_it_did_and_then_complains(damaged: Product, words: list[str], printed: str) -> None:
    said = types(*words)
    assert re.search(printed, said.stdout)
    assert (said.exit_code, said.stderr) == (1, f"Error: {GONE}\n")


def test_verify_names_the_entry_that_is_gone(damaged: Product) -> None:
    said = types("audit", "verify")
    assert (said.exit_code, said.stdout.splitlines()) == (
        1,
        ["Entry 2 was removed (seal 2).", "The trigger audit_entry_no_delete is gone or switched off.", "2 faults."],
    )


def test_on_the_morning_of_the_event_the_server_starts(damaged: Product) -> None:
    assert lacking(damaged) == []


async def trouble() -> bool:
    return bool(audit_seal.trouble())


def test_a_server_that_starts_says_it_in_its_log_and_on_its_pages(
    damaged: Product, printed: pytest.CaptureFixture[str]
) -> None:
    async def begin() -> str:
        stop = asyncio.Event()
        sealing = asyncio.create_task(audit_seal.run(stop))
        await until(trouble)
        said = audit_seal.trouble()
        stop.set()
        await sealing
        return said

    assert asyncio.run(damaged.opened(begin)) == GONE
    assert f'"fault": "{GONE}"' in printed.readouterr().out
