"""The triggers of the database, compared with ours: a strange one could take entries out as they are written.

Ours do nothing but refuse, number the changes of a row, forget with an address what was noted of it, or delete with a
place, or with what somebody told us, what belongs to it. Who owns the database can hide a trigger while nobody looks;
that entries are gone shows all the same, by those that vouch for them (events/audit/audit.py).
"""

import re
from collections.abc import Sequence
from typing import Any

from events.ground.database import POSTGRES, SQLITE, dialect, query

NUMBERING = {POSTGRES: ["registration_numbered"], SQLITE: ["registration_inserted", "registration_updated"]}
OVER = {  # tables of which no row is changed, and which of them may go; rooms that have another add it
    "audit_entry": "EXISTS (SELECT 1 FROM audit_seal s JOIN audit_boundary b ON s.sequence <= b.sequence"
    " WHERE s.entry_id = OLD.id)",
    "audit_seal": "EXISTS (SELECT 1 FROM audit_boundary b WHERE OLD.sequence <= b.sequence)",
}
OTHERS = dict[str, dict[str, str]]({POSTGRES: {}, SQLITE: {}})  # by name what is told of those that rooms add
TAGGED = {"registration": "address_tag", "staff": "email_tag"}  # what changes with an address
REFUSES = "'rows of this table are never changed'"
ABORTS, RAISES = f"SELECT RAISE(ABORT, {REFUSES});", f"RAISE EXCEPTION {REFUSES};"
COUNTS = r"UPDATE (?P<owner>\w+) SET (?P<counter>\w+) = (?P=counter) \+ 1 WHERE id = NEW\.(?P=owner)_id;"
NUMBER = r"\(SELECT (?P=counter) FROM (?P=owner) WHERE id = NEW\.(?P=owner)_id\)"
NUMBERS = rf"{COUNTS} UPDATE \w+ SET version = {NUMBER} WHERE id = NEW\.id;"  # noqa: S608  # compared, not run
ON = r"CREATE TRIGGER \w+ (BEFORE|AFTER) [\w, ]+ ON \w+ "
WHENS = r"(WHEN NEW\.version = OLD\.version )?"
GIVES = r"NEW\.version := pg_current_xact_id\(\)::text::bigint; RETURN NEW;"
EACH = r"FOR EACH ROW EXECUTE FUNCTION \w+\(\) "
PATTERNS = {
    SQLITE: re.compile(rf"{ON}{WHENS}BEGIN ({re.escape(ABORTS)}|{NUMBERS}) END"),
    POSTGRES: re.compile(rf"{ON}{EACH}BEGIN ({re.escape(RAISES)}|{GIVES}) END"),
}
ALL_TRIGGERS = {
    SQLITE: "SELECT name, tbl_name AS place, sql AS said, 1 AS works FROM sqlite_master WHERE type = 'trigger'",
    POSTGRES: """SELECT t.tgname AS name, c.relname AS place, t.tgenabled = 'O' AS works,
        pg_get_triggerdef(t.oid, true) || ' ' || p.prosrc AS said
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
        UNION ALL SELECT rulename, tablename, true, 'a rule' FROM pg_rules WHERE schemaname = current_schema()""",
}


def ended_with(table: str, when: str, name: str, acts: Sequence[str]) -> None:
    """Makes known a trigger of a room, which its migration made by the `ended_with` of migrations/_building.py from the
    same words. If it is changed, or gone, that is strange."""
    does = " ".join(f"{act};" for act in acts)
    made = f"CREATE TRIGGER {name} AFTER UPDATE ON {table}"
    does_if = f"BEGIN IF {when} THEN {does} END IF; RETURN NEW; END"
    OTHERS[POSTGRES][name] = f"{made} FOR EACH ROW EXECUTE FUNCTION {name}() {does_if}"
    OTHERS[SQLITE][name] = f"{made} WHEN {when} BEGIN {does} END"


async def strange() -> list[str]:
    """A sentence for each trigger or rule that is not ours, and for each that the audit log, or whoever asks for what
    has changed, cannot do without and that is gone or off."""
    here = dialect()
    emptied = {_emptied(table): _empties(here, table, by) for table, by in TAGGED.items()}
    rows, guards = await query(ALL_TRIGGERS[here]), _guards(here) | emptied | OTHERS[here]
    foreign = [row for row in rows if not _is_ours(here, row, guards)]
    working = {row["name"] for row in rows if row["works"] and row not in foreign}
    said = [f"The trigger {row['name']} on {row['place']} is not one of Muster's." for row in foreign]
    ours = [*guards, *NUMBERING[here]]
    return sorted(said) + [f"The trigger {name} is gone or switched off." for name in ours if name not in working]


def _is_ours(here: str, row: dict[str, Any], guards: dict[str, str]) -> bool:
    """Those that must not be missing word for word, others by what they do."""
    said = " ".join(str(row["said"]).split())
    if row["name"] in guards:
        return said == guards[row["name"]]
    return PATTERNS[here].fullmatch(said) is not None


def _guards(here: str) -> dict[str, str]:
    """Of tables whose rows are not changed, by their names, as the database tells them."""
    say = {POSTGRES: _on_postgres, SQLITE: _on_sqlite}[here]
    found = {f"{table}_no_update": say(table, "UPDATE") for table in OVER}
    return found | {f"{table}_no_delete": say(table, "DELETE", over) for table, over in OVER.items()}


def _on_sqlite(table: str, act: str, over: str = "") -> str:
    when = f"WHEN NOT {over} " if over else ""
    return f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when}BEGIN {ABORTS} END"


def _on_postgres(table: str, act: str, over: str = "") -> str:
    name = f"{table}_no_{act.lower()}"
    function, does = (name, f"IF NOT {over} THEN {RAISES} END IF; RETURN OLD;") if over else ("insert_only", RAISES)
    trigger = f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
    return f"{trigger} BEGIN {does} END"


def _emptied(table: str) -> str:
    return f"{table}_undeliverable_emptied"


def _empties(here: str, table: str, by: str) -> str:
    made = f"CREATE TRIGGER {_emptied(table)}"
    if here == POSTGRES:
        when = f"WHEN (new.{by}::text <> old.{by}::text) EXECUTE FUNCTION {_emptied(table)}()"
        does = "BEGIN NEW.undeliverable := ''; RETURN NEW; END"
        return f"{made} BEFORE UPDATE OF {by} ON {table} FOR EACH ROW {when} {does}"
    does = f"BEGIN UPDATE {table} SET undeliverable = '' WHERE id = NEW.id; END"  # noqa: S608  # compared, not run
    return f"{made} AFTER UPDATE OF {by} ON {table} WHEN NEW.{by} <> OLD.{by} {does}"
