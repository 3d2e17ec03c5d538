"""The house rules: what may call what, who keeps which door to the outside, what routes, models and pages owe."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route
from tortoise import fields as orm_fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from server import MODELS, ROOT, all_routes

GROUND, NOUN, VERB, PAGES, SERVER = range(5)
HOUSE = {
    PAGES: {
        "events": """
            account_pages audit_pages commands doctor event_forms event_pages file_pages health_pages kept_pages
            pages staff_forms staff_pages tool_commands
        """,
        "registrations": """
            board_pages commands confirm_pages conflict_pages desk_forms desk_pages door_pages event_desk_pages
            mail_pages manage_pages organisations_pages people_pages person_pages phone_pages printed_pages
            register_pages rehearsal_pages requests_pages
        """,
    },
    VERB: {
        "events": """
            accounts auditing editing holders loading mailer notices password_links passwords proving readiness recovery
            signing_in staff_letters totp
        """,
        "registrations": """
            admitting alarm arrived attendance calendar_file checkin conflicts contact desk_counts
            drafting guest_list kept_apart letters looking_up mail_troubles managing pairing passing people_list
            person_history registering rehearsing retention signals
            ticket_email ticketing undoing vetting word
        """,
    },
    NOUN: {
        "events": """
            audit emails event known_organisation outbox signals staff
        """,
        "registrations": """
            conflict door draft misspelling registration rehearsal_people scan ticket
        """,
    },
    GROUND: {
        "events": """
            asyncpg_kept clock database forms gathering keys limits live logs mailbox middleware refusal serving
            settings sqlite_immediate tokens wording
        """,
        "registrations": """
            answer qr reckoning sealing shell ticket_code verdict
        """,
    },
}  # a new room is put on its storey here
STOREY = {"server": SERVER} | {
    f"{folder}.{room}": storey
    for storey, folders in HOUSE.items()
    for folder, rooms_there in folders.items()
    for room in rooms_there.split()
}
STAFFS_OWN = {"staff", "session", "recovery_code", "attempt", "audit_entry", "audit_seal", "audit_reach", "message"}


def rooms() -> Iterator[str]:
    for folder in ("events", "registrations"):
        for path in sorted((ROOT / folder).glob("*.py")):
            if path.stem != "__init__":
                yield f"{folder}.{path.stem}"
    yield "server"


def file_of(room: str) -> Path:
    return ROOT / f"{room.replace('.', '/')}.py"


def imports_of(room: str) -> set[str]:
    """The rooms of the house that this room imports, wherever in its file."""
    package = room.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file_of(room).read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = f"{package}.{node.module}".rstrip(".") if node.level and node.module else node.module or package
            base = package if node.level and not node.module else base
            found |= {base} | {f"{base}.{name.name}" for name in node.names}
    return found & set(rooms())


def test_the_table_of_rooms_lists_every_file() -> None:
    assert sorted(STOREY) == sorted(rooms()), "put each room on its storey in HOUSE"


@pytest.mark.parametrize("room", sorted(STOREY))
def test_imports_never_go_up_the_house(room: str) -> None:
    climbs = [other for other in imports_of(room) if STOREY[other] > STOREY[room]]
    assert climbs == [], f"{room} is on storey {STOREY[room]}: move what it needs down, or the caller up"


@pytest.mark.parametrize("storey", [NOUN, VERB, PAGES])
def test_no_rooms_of_one_storey_stand_on_each_other_in_a_ring(storey: int) -> None:
    above = {
        room: {one for one in imports_of(room) if STOREY[one] == storey} for room in STOREY if STOREY[room] == storey
    }
    while above:
        free = {room for room, below in above.items() if not below}
        assert free, f"these import each other in a ring: {sorted(above)}"
        above = {room: below - free for room, below in above.items() if room not in free}


def test_events_does_not_know_registrations() -> None:
    known = {other for room in STOREY if room.startswith("events.") for other in imports_of(room)}
    assert [room for room in known if room.startswith("registrations.")] == []


def sources() -> list[tuple[str, str]]:
    return [(str(file_of(room).relative_to(ROOT)), file_of(room).read_text()) for room in rooms()]


@pytest.mark.parametrize(
    ("what", "keepers"),
    [
        (r"\bos\.environ|\bgetenv", []),
        (r"BaseSettings\b", ["events/settings.py"]),
        (r"datetime\.now|\.today\(|\butcnow|\btime\.time\(", ["events/clock.py"]),
        (r"^\s*(import|from) (aio)?smtplib", ["events/mailer.py"]),
        (r"\bin_transaction\b", ["events/database.py"]),
    ],
)
def test_each_door_to_the_outside_has_one_keeper(what: str, keepers: list[str]) -> None:
    assert [path for path, text in sources() if re.search(what, text, re.M)] == keepers


def test_nothing_of_a_session_is_left_on_a_connection_of_the_pool() -> None:
    """Whoever gets it next would have it: events/asyncpg_kept.py gives it back as it is. `live` has one of its own."""
    left = re.compile(
        r"pg_(try_)?advisory_lock|\bSET (SESSION|search_path|ROLE)|set_config|\bLISTEN\b|add_listener|DECLARE "
    )
    found = [path for path, text in sources() if left.search(re.sub(r'""".*?"""', "", text, flags=re.S))]
    assert found == ["events/live.py"]


def test_only_pages_and_the_server_see_requests() -> None:
    strangers = [
        path
        for path, text in sources()
        if re.search(r"^from starlette\.(requests|responses)", text, re.M)
        and not path.endswith(("pages.py", "commands.py", "middleware.py"))
        and path != "server.py"
    ]
    assert strangers == []


def test_every_route_says_who_may_use_it() -> None:
    assert [route for route in all_routes() if not getattr(route, "who", None)] == []


def test_no_two_routes_answer_the_same_request() -> None:
    """The first would hide the second."""
    pages = [route for route in all_routes() if isinstance(route, Route)]
    said = [(route.path, method) for route in pages for method in sorted(route.methods or ())]
    assert [one for one in said if said.count(one) > 1] == []


def models() -> list[type[Model]]:
    import importlib

    found = []
    for names in MODELS.values():
        for name in names:
            module = importlib.import_module(name)
            found += [
                one
                for one in vars(module).values()
                if isinstance(one, type) and issubclass(one, Model) and one is not Model and one.__module__ == name
            ]
    return found


def test_every_model_but_the_staffs_own_reaches_an_event() -> None:
    by_name = {model.__name__: model for model in models()}

    def reaches(model: type[Model], seen: frozenset[str] = frozenset()) -> bool:
        if model.__name__ == "Event":
            return True
        keys = [f for f in model._meta.fields_map.values() if isinstance(f, ForeignKeyFieldInstance)]
        names = {str(key.model_name).rpartition(".")[2] for key in keys} - seen
        return any(reaches(by_name[name], seen | {model.__name__}) for name in names)

    lost = {model._meta.db_table for model in models() if not reaches(model)}
    assert lost - STAFFS_OWN == set()


PERSONAL = {
    "registration": {"full_name", "badge_name", "email", "organisation", "role", "phone", "search", "public_id"},
    "staff": {"email", "full_name", "host", "password_hash", "totp_sealed", "public_id"},
    "draft": {"answers_sealed"},
    "event": {"hosts", "contact_email", "contact_phone", "lead_phone", "venue_sealed"},
    "session": {"browser"},
    "scan": {"holder"},
}  # a new text column of a person belongs here and in docs/purposes.md, with its purpose, basis and time
NOT_PERSONAL = {
    "attempt": {"subject"},
    "audit_entry": {"actor", "action", "subject", "mark", "written_after", "details"},
    "audit_seal": {"mac"},
    "audit_reach": {"mac", "proof"},
    "message": {"template", "cause", "state", "reply_status"},
    "event": {"slug", "title", "key_fingerprint", "access_facts", "dpia_reference", "bring", "state", "salt", "facts"},
    "known_organisation": {"domain", "kind", "treatment"},
    "role": {"name"},
    "session": {"token_hash"},
    "recovery_code": {"code_hash"},
    "registration": {"kind", "state"},
    "draft": {"cookie_hash"},
    "ticket": {"proof_hash", "reference"},
    "door": {"name", "policy"},
    "door_pass": {"name", "role", "code_hash", "typed_hash", "token_hash", "pin_hash", "page", "page_before"},
    "admission": {"client_id"},
    "scan": {"client_id", "kind", "verdict", "undoes", "proof_mark", "shown", "word", "code", "answer"},
    "conflict": {"kind", "first_scan", "second_scan", "settled_by", "outcome"},
}


def test_every_text_column_is_known_to_be_personal_or_not() -> None:
    text = (orm_fields.CharField, orm_fields.TextField, orm_fields.BinaryField, orm_fields.JSONField)
    unknown = {
        f"{model._meta.db_table}.{name}"
        for model in models()
        for name, column in model._meta.fields_map.items()
        if isinstance(column, text)
        and name not in PERSONAL.get(model._meta.db_table, set()) | NOT_PERSONAL.get(model._meta.db_table, set())
    }
    assert unknown == set(), "say in docs/purposes.md why we keep it, then list it here"


def test_every_personal_column_stands_in_the_purposes_table() -> None:
    written = (ROOT / "docs" / "purposes.md").read_text()
    missing = {f"{table}.{column}" for table, columns in PERSONAL.items() for column in columns}
    assert {one for one in missing if f"`{one}`" not in written} == set()


def test_every_setting_is_documented() -> None:
    from events.settings import Settings

    written = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in Settings.model_fields if f"`MUSTER_{name.upper()}`" not in written] == []


@pytest.mark.parametrize("room", sorted(STOREY))
def test_functions_stay_short(room: str) -> None:
    tree = ast.parse(file_of(room).read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {one.name: (one.end_lineno or 0) - one.lineno + 1 for one in functions}
    assert {name: lines for name, lines in long.items() if lines > 40} == {}
    assert len(file_of(room).read_text().splitlines()) <= 320, "a room this large is two rooms"


def test_no_log_line_is_given_what_names_a_person() -> None:
    """Logging takes ids and codes: a call that hands over a name, address, token or path is found by its words."""
    personal = re.compile(
        r"log\.\w+\([^)]*\b(email|full_name|name|token|path|url|reference|phone|address|str\(error\))\s*[=)]"
    )
    assert personal.search('log.info("sent", email=to)'), "the search itself has to work"
    assert [path for path, text in sources() if personal.search(text)] == []


def test_templates_hold_nothing_inline() -> None:
    """The content policy forbids it; mails are written for mail programs and are let be."""
    inline = re.compile(r"\sstyle=|\son\w+=\"|<script(?![^>]*\ssrc=)|<style", re.I)
    assert inline.search('<p style="color: red">')
    pages = [
        path
        for path in (ROOT / "templates").rglob("*.html")
        if "emails" not in path.parts and "vendor" not in path.parts
    ]
    assert [str(path.relative_to(ROOT)) for path in pages if inline.search(path.read_text())] == []


def test_every_cited_rule_is_explained() -> None:
    explained = set(re.findall(r"^\| ([A-Z]{2}-\d\d) \|", (ROOT / "docs" / "rules.md").read_text(), re.M))
    texts = [path for pattern in ("*.py", "*.mjs", "*.html", "*.css", "*.txt") for path in ROOT.rglob(pattern)]
    ours = [path for path in texts if not {".venv", "vendor", "node_modules", "var"} & set(path.parts)]
    cited = {one for path in ours for one in re.findall(r"\b(?:GU|DP|SG|SE|EM|EV|DR)-\d\d\b", path.read_text())}
    assert len(cited) > 10
    assert cited - explained == set(), "add a line to docs/rules.md"
