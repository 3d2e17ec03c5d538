"""What the database promises whichever code runs: one account an address, one message a cause, a record nobody edits."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

from events.ground.database import make_insert_only

UNIQUE = {
    "one_attempt_slot": "attempt (subject, slot)",
    "one_event_slug": "event (slug)",
    "one_domain_an_event": "known_organisation (event_id, domain, suffix)",
    "one_account_an_address": "staff (email)",
    "one_staff_public_id": "staff (public_id)",
    "one_role_an_event": "role (staff_id, event_id)",
    "one_session_token": "session (token_hash)",
    "one_recovery_code": "recovery_code (staff_id, code_hash)",
    "one_message_a_cause": "message (template, subject_id, cause)",
    "one_entry_a_mark": "audit_entry (mark)",
    "one_seal_a_sequence": "audit_seal (sequence)",
    "one_seal_an_entry": "audit_seal (entry_id)",
}
INDEXES = {
    "message_due": "message (state, next_try_at)",
    "message_subject": "message (template, subject_id)",
    "session_staff": "session (staff_id)",
    "role_event": "role (event_id)",
    "audit_entry_event": "audit_entry (event_id, id)",
    "audit_entry_subject": "audit_entry (subject, id)",
    "attempt_ends": "attempt (ends_at)",
}


async def record_is_insert_only(apps: Any, editor: Any) -> None:
    for table in ("audit_entry", "audit_seal"):
        await make_insert_only(editor.client, table)


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [
        *(ops.RunSQL(f"CREATE UNIQUE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in UNIQUE.items()),
        *(ops.RunSQL(f"CREATE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in INDEXES.items()),
        ops.RunPython(record_is_insert_only),
    ]
