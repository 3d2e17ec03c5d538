"""The words of the project: rules that are cited and explained, the glossary, and nothing named that is not there."""

import re
from pathlib import Path

import click

from server import ROOT, main


def test_every_setting_is_documented() -> None:
    from events.ground.settings import Settings

    written = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in Settings.model_fields if f"`MUSTER_{name.upper()}`" not in written] == []


RULE = re.compile(r"^\| ([A-Z]{2}-\d\d) \| (.+) \|$", re.M)


def cited_in(path: Path) -> set[str]:
    """The numbers of rules in a file; a test of the door carries its case in its name."""
    text = path.read_text()
    cases = {f"DR-{number}" for number in re.findall(r"\btest_dr(\d\d)(?!\d)", text)}
    return cases | set(re.findall(r"\b(?:GU|DP|SG|SE|EM|EV|DR)-\d\d\b", text))


def test_every_cited_rule_is_explained_and_every_explained_rule_is_kept_somewhere() -> None:
    rules = dict(RULE.findall((ROOT / "docs" / "rules.md").read_text()))
    texts = [path for pattern in ("*.py", "*.mjs", "*.html", "*.css", "*.txt") for path in ROOT.rglob(pattern)]
    ours = [path for path in texts if not {".venv", "vendor", "node_modules", "var"} & set(path.parts)]
    cited = {number for path in ours for number in cited_in(path)}
    assert len(cited) > 50
    assert cited - set(rules) == set(), "add a line to docs/rules.md"
    keepers = {number: re.findall(r"`([\w./-]+)`", said.rpartition("|")[2]) for number, said in rules.items()}
    lost = {
        number: where
        for number, where in keepers.items()
        if not where or any(number not in cited_in(ROOT / path) for path in where if (ROOT / path).exists())
    }
    assert lost == {}, "name the file that keeps the rule and cites its number, or take the rule out"
    assert [path for where in keepers.values() for path in where if not (ROOT / path).exists()] == []


ANOTHER_WORD = re.compile(r"\b(e-mails?|mails?|mailed|mailing|letters?|rosters?|lead['\u2019]s word)\b", re.I)


def words_of(path: Path) -> str:
    """What people read: templates without what they compute, pages without what they link to."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|`[^`]*`", " ", path.read_text(), flags=re.S)
    return re.sub(r"<[^>]*>|\]\([^)]*\)|letters and numbers|small letters", " ", text)


def test_pages_and_docs_use_the_words_of_the_glossary() -> None:
    docs = [path for path in (ROOT / "docs").glob("*.md") if path.name != "architecture.md"]
    pages = [path for path in (ROOT / "templates").rglob("*.*") if path.suffix in (".html", ".txt")]
    found = {path.relative_to(ROOT).as_posix(): ANOTHER_WORD.findall(words_of(path)) for path in [*docs, *pages]}
    found["CHANGELOG.md"] = ANOTHER_WORD.findall(words_of(ROOT / "CHANGELOG.md"))
    assert len(found) > 120
    assert {path: wrong for path, wrong in found.items() if wrong} == {}, "say email, guest list, override"
    assert ANOTHER_WORD.findall("A Letter, two mails and an e-mail; the roster; a mailbox, an email") == [
        "Letter", "mails", "e-mail", "roster",
    ]  # fmt: skip


TRANSLATED = re.compile(
    r"\b(whoever|whom|thereby|of which|such as do|that of|in its place|in place of|by itself|from there on|for good)\b",
    re.I,
)


def test_emails_are_written_as_people_say_them_aloud() -> None:
    emails = [path for path in (ROOT / "templates" / "emails").rglob("*.*") if path.suffix in (".html", ".txt")]
    found = {path.relative_to(ROOT).as_posix(): TRANSLATED.findall(words_of(path)) for path in emails}
    assert len(found) > 100
    assert {path: wrong for path, wrong in found.items() if wrong} == {}, "say who, what and when, as to a colleague"
    assert TRANSLATED.findall("Whoever asked, of which we know, in place of one") == [
        "Whoever",
        "of which",
        "in place of",
    ]


NOT_THERE_YET = re.compile(
    r"paper list|take your request for a place by telephone|meet this person yourself", re.I
)  # whoever builds one of these takes it out here


def test_no_page_and_no_phone_names_what_is_not_there() -> None:
    shown = [path for place in ("templates", "registrations/door/scanner") for path in (ROOT / place).rglob("*.*")]
    texts = [path for path in shown if path.suffix in (".html", ".txt", ".mjs") and "vendor" not in path.parts]
    assert len(texts) > 100
    found = {path.relative_to(ROOT).as_posix(): NOT_THERE_YET.findall(path.read_text()) for path in texts}
    assert {path: names for path, names in found.items() if names} == {}
    assert NOT_THERE_YET.findall("Use the paper list. An email") == ["paper list"]


WORDS = r"(?:\./run|-m server|(?<=^    )muster) ((?:[a-z]+(?:-[a-z]+)*(?: |\b))+)"
MARKED = r"(?:`[^`\n]*?|^ {4}[^`\n\"]*?)"  # as code, or on a line of its own
COMMAND = re.compile(rf"{MARKED}{WORDS}|(server\.py [a-z]+)", re.M)


def not_a_command(words: list[str], within: click.Command = main) -> str:
    """The first word that is none, where a command is due; behind a command stand its own arguments."""
    if not words or not isinstance(within, click.Group):
        return ""
    found = within.commands.get(words[0])
    return not_a_command(words[1:], found) if found else words[0]


def named_wrongly(text: str) -> list[str]:
    found = [match.groups(default="") for match in COMMAND.finditer(text)]
    return [wrong for words, file in found if (wrong := file or not_a_command(words.split()))]


def test_each_command_that_a_message_or_a_page_names_is_there() -> None:
    written = ("*.md", "docs/*.md", "deploy/*", "Containerfile", "*.py", "*/**/*.py", "templates/**/*.html")
    texts = {path for pattern in written for path in ROOT.glob(pattern)} - set((ROOT / "tests").rglob("*"))
    texts = {path for path in texts if not {".venv", "vendor", "node_modules"} & set(path.parts)}
    found = {path.relative_to(ROOT).as_posix(): named_wrongly(path.read_text()) for path in texts}
    assert sum(len(COMMAND.findall(path.read_text())) for path in texts) > 60
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    planted = "`./run key make`, `server.py key new`, `./run fly`; `./run key new`\n    muster docter"
    assert named_wrongly(planted) == ["make", "server.py key", "fly", "docter"]


def test_readme_shows_each_folder_and_no_other() -> None:
    layout = (ROOT / "README.md").read_text().partition("## How it is laid out")[2]
    for package in ("events", "registrations"):
        part = re.search(rf"^    {package}/ (.*?)^    \S", layout, re.M | re.S)
        assert part is not None
        listed = {name for name in re.findall(r"([\w/]+)/", part[1]) if "/" not in name}
        there = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert listed == there - {"migrations"}
