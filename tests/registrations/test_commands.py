"""The list of known organisations is loaded from a terminal: whole, or not at all."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import keys
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from events.product import Product
from registrations.commands import organisations
from server import MODELS, main
from tests.people import an_event

LIST = "domain,kind,treatment\nwardens.example.org,charity,partner\n*.gov.uk,suffix,public-sector\n"


class Terminal:
    def __init__(self, template: Path, folder: Path) -> None:
        self.folder, self.file = folder, folder / "muster.db"
        shutil.copyfile(template, self.file)
        self.product = Product(Database(f"sqlite://{self.file}", MODELS))

    def loads(self, text: str, *more: str) -> Result:
        (self.folder / "list.csv").write_text(text)
        return CliRunner().invoke(organisations, ["load", str(self.folder / "list.csv"), *more], obj=self.product)


def test_a_list_is_loaded_and_loaded_again(sqlite_template: Path, tmp_path: Path) -> None:
    terminal = Terminal(sqlite_template, tmp_path)
    event: Event = terminal.product.run(lambda: an_event(slug="launch"))
    assert terminal.loads(LIST).output == "2 domains are in the list.\n"
    assert terminal.loads(LIST.replace("partner", "review")).exit_code == 0

    async def rows() -> list[tuple[str, bool, Treatment]]:
        known = await KnownOrganisation.filter(event_id=event.id).order_by("id")
        return [(organisation.domain, organisation.suffix, organisation.treatment) for organisation in known]

    assert terminal.product.run(rows) == [
        ("wardens.example.org", False, Treatment.REVIEW),
        ("gov.uk", True, Treatment.PUBLIC_SECTOR),
    ]
    assert terminal.product.run(lambda: AuditEntry.filter(action=Action.ORGANISATIONS_LOADED).count()) == 2


def test_the_keys_are_loaded_by_whoever_runs_a_command(sqlite_template: Path, tmp_path: Path) -> None:
    terminal = Terminal(sqlite_template, tmp_path)
    terminal.product.run(lambda: an_event(slug="launch"))
    keys.install(None)
    assert terminal.loads(LIST).output == "2 domains are in the list.\n"


def test_a_wrong_line_is_named_and_nothing_is_loaded(sqlite_template: Path, tmp_path: Path) -> None:
    terminal = Terminal(sqlite_template, tmp_path)
    terminal.product.run(an_event)
    wrong = terminal.loads(LIST + "uk,suffix,public-sector\n")
    assert wrong.output == "Error: Line 4: Enter a domain with a dot in it: all of .uk is not one body's\n"
    assert terminal.product.run(lambda: KnownOrganisation.all().count()) == 0


def test_without_an_event_or_with_two_it_says_what_to_do(sqlite_template: Path, tmp_path: Path) -> None:
    terminal = Terminal(sqlite_template, tmp_path)
    assert terminal.loads(LIST).output == "Error: There is no event yet: load one first.\n"
    terminal.product.run(lambda: an_event(slug="first"))
    terminal.product.run(lambda: an_event(slug="second"))
    assert terminal.loads(LIST).output == "Error: There are several events: name one with --event.\n"
    assert terminal.loads(LIST, "--event", "second").exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--at", "nonsense"], "no time like 2019-04-15T08:50"),
        (["--port", "99999"], "not in the range"),
        (["--port", "8650", "serve"], "--port comes after the command. Use"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_started(words: list[str], says: str) -> None:
    refused = CliRunner().invoke(main, words)
    assert (refused.exit_code, says in refused.output) == (2, True)
    assert "--port" in CliRunner().invoke(main, ["--help"]).output


def test_the_words_that_the_readme_and_ci_say_are_there() -> None:
    """A lost command is noticed here, not by the person who types it."""
    said = {
        "rehearse",
        "serve",
        "test",
        "fmt",
        "bench",
        "doctor",
        "key",
        "event",
        "organisations",
        "staff",
        "audit",
        "backup",
        "bounce",
        "restore",
        "sbom",
    }
    assert set(main.commands) == said
    for word in said:
        assert CliRunner().invoke(main, [word, "--help"]).exit_code == 0
