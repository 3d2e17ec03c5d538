"""The triggers of the database, compared with ours: a strange one could take entries out as they are written.

Ours do nothing but refuse, or number the changes of a row. Who owns the database can hide a trigger while nobody looks;
that entries are gone shows all the same, by those that vouch for them (events/audit/audit.py).
"""

import re

from events.ground.database import is_postgres, query

OURS = [f"{table}_no_{act}" for table in ("audit_entry", "audit_seal") for act in ("update", "delete")]
NUMBERING = {True: ["registration_numbered"], False: ["registration_inserted", "registration_updated"]}  # PostgreSQL?
REFUSES = "'rows of this table are never changed'"
COUNTS = r"UPDATE (?P<owner>\w+) SET (?P<counter>\w+) = (?P=counter) \+ 1 WHERE id = NEW\.(?P=owner)_id"
NUMBER = r"\(SELECT (?P=counter) FROM (?P=owner) WHERE id = NEW\.(?P=owner)_id\)"
NUMBERS = rf"{COUNTS}; UPDATE \w+ SET version = {NUMBER} WHERE id = NEW\.id"  # noqa: S608  # compared, not run
SQLITE = re.compile(rf".* BEGIN (SELECT RAISE\(ABORT, {REFUSES}\)|{NUMBERS}); END", re.S)
POSTGRES = re.compile(
    rf"\s*BEGIN (RAISE EXCEPTION {REFUSES}|NEW\.version := pg_current_xact_id\(\)::text::bigint; RETURN NEW); END\s*"
)
OF_SQLITE = "SELECT name, tbl_name AS place, sql AS body, 1 AS works FROM sqlite_master WHERE type = 'trigger'"
OF_POSTGRES = """SELECT t.tgname AS name, c.relname AS place, p.prosrc AS body, t.tgenabled = 'O' AS works
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    UNION ALL SELECT rulename, tablename, 'a rule', true FROM pg_rules WHERE schemaname = current_schema()"""


async def strange() -> list[str]:
    """A sentence for each trigger or rule that is not ours, and for each that the audit log, or whoever asks for what
    has changed, cannot do without and that is gone or off."""
    refuses = POSTGRES if is_postgres() else SQLITE
    rows = await query(OF_POSTGRES if is_postgres() else OF_SQLITE)
    foreign = [row for row in rows if not refuses.fullmatch(row["body"])]
    working = {row["name"] for row in rows if row["works"] and row not in foreign}
    said = [f"The trigger {row['name']} on {row['place']} is not one of Muster's." for row in foreign]
    ours = [*OURS, *NUMBERING[is_postgres()]]
    return sorted(said) + [f"The trigger {name} is gone or switched off." for name in ours if name not in working]
