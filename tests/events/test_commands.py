"""The terminal's commands: the first account, links when no email can help, keys, and proving the audit log.

Rules: SE-17.
"""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result
from tortoise.exceptions import OperationalError

from events.accounts import password_links, sign_in
from events.accounts.staff import Role, Staff
from events.audit.action import Action
from events.audit.audit_seal import head, seal_all
from events.commands import NOT_SEEN, commands
from events.doctor import database_lines
from events.event import Event
from events.ground.clock import real
from events.ground.database import Database, query
from events.ground.outage import sentence_of
from events.ground.tokens import Purpose
from events.product import Product
from events.readiness import ask_each_table
from server import MODELS
from tests.events.audit.years import acts, forget
from tests.people import MONDAY, PASSWORD, a_member_of_staff, an_event, joined, recorded

T = TypeVar("T")


class Terminal:
    """A person at the machine's terminal, and what the database then holds."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.product = Product(Database(f"sqlite://{file}", MODELS))

    def types(self, *words: str) -> Result:
        group = {command.name: command for command in commands}[words[0]]
        return CliRunner().invoke(group, list(words[1:]), obj=self.product)

    def finds(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns, run against the database as it now is."""
        return self.product.run(work)


@pytest.fixture
def terminal(sqlite_template: Path, tmp_path: Path) -> Terminal:
    file = tmp_path / "muster.db"
    shutil.copyfile(sqlite_template, file)
    return Terminal(file)


def token_in(text: str, page: str) -> str:
    found = re.search(rf"https://places\.example\.org/staff/{page}/([a-z2-7]{{42}})", text)
    assert found, text
    return found[1]


ADD = ["staff", "add", "Lena@Hosts.example.org", "--name", "Lena Lead", "--host", "Safer Places"]


def test_the_first_account_is_made_at_the_terminal_and_has_no_password(terminal: Terminal) -> None:
    assert terminal.finds(Staff.all) == []
    terminal.finds(an_event)
    said = terminal.types(*ADD)
    assert said.exit_code == 0
    token = token_in(said.output, "join")

    async def made() -> tuple[str, str, str]:
        lena = await password_links.found(Purpose.STAFF_INVITE, token, real())
        assert lena is not None
        return lena.email, lena.password_hash, (await Role.get(staff=lena)).name.value

    assert terminal.finds(made) == ("lena@hosts.example.org", "", "lead")


def test_adding_someone_again_gives_the_role_and_makes_no_second_account(terminal: Terminal) -> None:
    first = terminal.finds(an_event).slug
    second = terminal.finds(an_event).slug
    assert "name one with --event" in terminal.types(*ADD).output
    assert terminal.types(*ADD, "--event", first).exit_code == 0
    assert terminal.types(*ADD, "--event", second, "--role", "viewer").exit_code == 0
    assert "no event with this short name" in terminal.types(*ADD, "--event", "elsewhere").output

    async def roles() -> list[str]:
        assert await Staff.all().count() == 1
        return [role.name.value for role in await Role.all().order_by("id")]

    assert terminal.finds(roles) == ["lead", "viewer"]


@pytest.mark.parametrize("has_joined", [True, False])
def test_a_disabled_account_gets_no_role_and_no_dead_link(terminal: Terminal, has_joined: bool) -> None:
    terminal.finds(an_event)
    second = terminal.finds(an_event).slug
    terminal.types(*ADD, "--event", second)
    terminal.finds(lambda: Staff.all().update(disabled_at=MONDAY, joined_at=MONDAY if has_joined else None))
    said = terminal.types(*ADD, "--event", second, "--role", "viewer")
    assert (said.exit_code, "is disabled, so nobody can sign in to it" in said.output) == (1, True)
    assert "/staff/join/" not in said.output
    assert terminal.finds(Role.get).name.value == "lead"


def test_a_host_that_is_none_of_the_event_is_refused_by_name(terminal: Terminal) -> None:
    terminal.finds(an_event)
    said = terminal.types("staff", "add", "omar@hosts.example.org", "--name", "Omar Organiser", "--host", "Safer Place")
    assert said.exit_code == 1
    assert "Safer Place is none of the event's hosts, which are: Safer Places;" in " ".join(said.output.split())
    assert terminal.finds(Staff.all) == []


def test_an_address_that_is_none_is_refused(terminal: Terminal) -> None:
    nameless = terminal.types("staff", "add", "lena@hosts.example.org")
    assert (nameless.exit_code, '--name "Ada Lovelace"' in nameless.output) == (2, True)
    said = terminal.types("staff", "add", "lena", "--name", "Lena Lead")
    assert (said.exit_code, "like name@example.com" in said.output) == (2, True)


def test_a_link_for_a_forgotten_password_and_for_lost_codes(terminal: Terminal) -> None:
    terminal.finds(an_event)
    terminal.types(*ADD)

    async def lena_joins() -> None:
        await joined(await Staff.get())
        assert await sign_in.begin_full_session(await Staff.get(), real())

    terminal.finds(lena_joins)
    token_in(terminal.types("staff", "reset-link", "lena@hosts.example.org").output, "reset")
    assert terminal.finds(Staff.get).totp_set_at is not None
    said = terminal.types("staff", "reset-link", "lena@hosts.example.org", "--codes")
    token_in(said.output, "reset")
    assert terminal.finds(Staff.get).totp_set_at is None
    unknown = terminal.types("staff", "reset-link", "nobody@hosts.example.org")
    assert (unknown.exit_code, "no account with this address" in unknown.output) == (1, True)
    assert PASSWORD not in said.output


def test_a_whole_record_is_said_to_be_whole_and_a_changed_one_named(terminal: Terminal) -> None:
    async def something_happens() -> None:
        event: Event = await an_event()
        for _ in range(3):
            await recorded(Action.EVENT_CHANGED, event, by=None, at=MONDAY)
        await seal_all()

    assert "Nothing is sealed yet." in terminal.types("audit", "head").output
    terminal.finds(something_happens)
    head = terminal.types("audit", "head").output.strip()
    assert re.fullmatch(r"3-[0-9a-f]{20}", head)
    whole = terminal.types("audit", "verify", "--head", head)
    assert (whole.exit_code, whole.output) == (0, f"The audit log is whole. Head: {head}\n")
    copied = terminal.types("audit", "verify", "--head", f" {head} ")
    assert (copied.exit_code, copied.output) == (0, whole.output), "with the blanks that came along"
    unnoted = terminal.types("audit", "verify")
    assert (unnoted.exit_code, unnoted.output) == (0, f"The audit log is whole. Head: {head}\n{NOT_SEEN}\n")
    with sqlite3.connect(terminal.file) as thief:
        thief.execute("DROP TRIGGER audit_entry_no_update")
        thief.execute("UPDATE audit_entry SET actor = 'staff:9' WHERE id = 2")
    thief.close()
    changed = terminal.types("audit", "verify")
    said = ["Entry 2 was changed (seal 2).", "The trigger audit_entry_no_update is gone or switched off.", "2 faults."]
    assert (changed.exit_code, changed.output.splitlines()) == (1, said)


def test_a_log_that_begins_at_a_boundary_says_so_and_which_heads_prove_nothing_now(terminal: Terminal) -> None:
    async def years_pass() -> list[str]:
        lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", None, None)
        heads = []
        for day in (0, 0, 370):
            await acts(lena, on=day, number=2)
            await seal_all()
            heads.append(str(await head()))
        await forget()
        await seal_all()
        return [*heads, str(await head())]

    before, at, after, newest = terminal.finds(years_pass)
    whole = "The audit log is whole from seal 5 on, since what was before it is deleted twelve months after it was done"
    lies = (
        f"The head noted earlier, {before}, lies before what is kept, which begins after seal 4: it can prove nothing"
    )
    said = {noted: terminal.types("audit", "verify", "--head", noted) for noted in (before, at, after)}
    assert {noted: answer.exit_code for noted, answer in said.items()} == dict.fromkeys(said, 0)
    assert {noted: answer.output.splitlines() for noted, answer in said.items()} == {
        before: [f"{lies} now.", f"{whole}. Head: {newest}"],
        at: [f"{whole}. Head: {newest}"],
        after: [f"{whole}. Head: {newest}"],
    }
    exported = terminal.types("audit", "export", "--after", "1")
    assert exported.stderr.startswith("Seals 2 to 4 are not there any more")
    assert [json.loads(line)["seal"] for line in exported.stdout.splitlines()] == [5, 6, 7]
    assert terminal.types("audit", "export", "--after", "4").stderr == ""


@pytest.mark.parametrize("typed", ["", "3", "3-", "nonsense", "3-0123456789abcdef012"])
def test_what_is_no_head_is_told_so_and_proves_nothing(terminal: Terminal, typed: str) -> None:
    said = terminal.types("audit", "verify", "--head", typed)
    assert (said.exit_code, "Enter a head as 'audit head' prints it" in said.output) == (2, True)


def test_the_log_is_exported_line_by_line_from_where_the_last_export_ended(terminal: Terminal) -> None:
    for n in range(3):
        terminal.types("staff", "add", f"lead{n}@hosts.example.org", "--name", f"Lead Number {n}", "--host", "Safer")
    terminal.finds(seal_all)
    lines = [json.loads(line) for line in terminal.types("audit", "export").output.splitlines()]
    assert [line["seal"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["action"] for line in lines} == {"added an account", "sent a password email"}
    assert "Lead Number" not in str(lines)
    head = terminal.types("audit", "head").output.strip()
    assert head == f"{lines[-1]['seal']}-{lines[-1]['mac'][:20]}"
    later = terminal.types("audit", "export", "--after", str(len(lines) - 1)).output.splitlines()
    assert [json.loads(line) for line in later] == lines[-1:]


ANOTHER = "The database was made by another version of Muster, which no migration leads from (no such column: "


@pytest.mark.parametrize(
    "words", ["audit verify", "staff add lena@safer.example.org --name Lena", "event load events/launch.toml"]
)
def test_a_database_of_an_unreleased_version_is_said_in_a_sentence(terminal: Terminal, words: str) -> None:
    with closing(sqlite3.connect(terminal.file)) as old:
        for table, column in (("staff", "email_tag"), ("audit_entry", "written_after"), ("event", "facts")):
            old.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO earlier")
    refused = terminal.types(*words.split())
    assert (refused.exit_code, refused.output.startswith(f"Error: {ANOTHER}")) == (1, True), refused.output
    [line] = asyncio.run(database_lines(terminal.product.database, keys_known=True))
    assert (line.fine, line.words.startswith(ANOTHER)) == (False, True)


async def test_only_a_table_or_column_that_is_not_there_is_taken_for_another_version(database: Database) -> None:
    found = list[str]()
    for statement in ("SELECT slug FROM events", "SELECT slugs FROM event", "SELEKT slug"):
        with pytest.raises(OperationalError) as error:
            await query(statement)
        found.append(sentence_of(error.value).partition(" (")[0])
    assert found == [ANOTHER.partition(" (")[0], ANOTHER.partition(" (")[0], ""]
    await ask_each_table()
