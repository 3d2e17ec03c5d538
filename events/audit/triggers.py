"""The triggers of the database, compared with ours: a strange one could take entries out as they are written.

Ours do nothing but refuse. Who owns the database can hide a trigger while nobody looks; that entries are gone shows
all the same, by those that vouch for them (events/audit/audit.py).
"""

import re

from events.ground.database import is_postgres, query

OURS = [f"{table}_no_{act}" for table in ("audit_entry", "audit_seal") for act in ("update", "delete")]
REFUSES = "'rows of this table are never changed'"
SQLITE = re.compile(rf".* BEGIN SELECT RAISE\(ABORT, {REFUSES}\); END", re.S)
POSTGRES = re.compile(rf"\s*BEGIN RAISE EXCEPTION {REFUSES}; END\s*")
OF_SQLITE = "SELECT name, tbl_name AS place, sql AS body, 1 AS works FROM sqlite_master WHERE type = 'trigger'"
OF_POSTGRES = """SELECT t.tgname AS name, c.relname AS place, p.prosrc AS body, t.tgenabled = 'O' AS works
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    UNION ALL SELECT rulename, tablename, 'a rule', true FROM pg_rules WHERE schemaname = current_schema()"""


async def strange() -> list[str]:
    """A sentence for each trigger or rule that is not ours, and for each of the audit log's that is gone or off."""
    refuses = POSTGRES if is_postgres() else SQLITE
    rows = await query(OF_POSTGRES if is_postgres() else OF_SQLITE)
    foreign = [row for row in rows if not refuses.fullmatch(row["body"])]
    working = {row["name"] for row in rows if row["works"] and row not in foreign}
    said = [f"The trigger {row['name']} on {row['place']} is not one of Muster's." for row in foreign]
    return sorted(said) + [f"The trigger {name} is gone or switched off." for name in OURS if name not in working]
