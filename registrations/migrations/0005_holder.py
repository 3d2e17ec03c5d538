"""Scans are never changed, but for one thing: the initials of who held the phone are emptied when their time is up."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

ALL_ELSE = (
    "id, client_id, door_id, door_pass_id, ticket_id, kind, age, arrived_at, happened_at, verdict, undoes, proof_mark,"
    " length, answer, offline, shown, word, code, unsure, held, passed, inferred"
)
TRIGGERS = {"scan_no_update": (ALL_ELSE, ""), "scan_no_holder": ("holder", "NEW.holder <> ''")}


async def initials_may_be_emptied(apps: Any, editor: Any) -> None:
    client = editor.client
    postgres = client.capabilities.dialect == "postgres"
    await client.execute_query("DROP TRIGGER scan_no_update" + (" ON scan" if postgres else ""))
    for name, (columns, when) in TRIGGERS.items():
        if postgres:
            body = f"FOR EACH ROW {when and f'WHEN ({when})'} EXECUTE FUNCTION insert_only()"
        else:
            body = f"{when and f'WHEN {when}'} BEGIN SELECT RAISE(ABORT, 'rows of this table are never changed'); END"
        await client.execute_query(f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON scan {body}")


class Migration(migrations.Migration):
    dependencies = [("registrations", "0004_word")]
    operations = [ops.RunPython(initials_may_be_emptied)]
