"""What the database promises whichever code runs: one live request an address, one live ticket a request, one admission."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

from events.ground.database import make_insert_only

PHONE_DIGITS = (  # as registrations/signals.py compares them
    "replace(replace(replace(replace(replace(replace(phone, '(0)', ''), ' ', ''), '-', ''), '(', ''), ')', ''), '+44', '0')"
)
UNIQUE = {
    "one_live_request": "registration (event_id, email) WHERE state NOT IN ('cancelled', 'expired')",
    "one_registration_public_id": "registration (public_id)",
    "one_draft_a_cookie": "draft (cookie_hash)",
    "one_live_ticket": "ticket (registration_id) WHERE revoked_at IS NULL",
    "one_number_a_ticket": "ticket (event_id, n)",
    "one_reference_a_ticket": "ticket (event_id, reference)",
    "one_proof_a_ticket": "ticket (proof_hash)",
    "one_door_a_name": "door (event_id, name)",
    "one_pairing_code": "door_pass (code_hash)",
    "one_typed_pairing_code": "door_pass (typed_hash)",
    "one_phone_token": "door_pass (token_hash)",
    "one_scan_a_client_id": "scan (client_id)",
    "one_admission": "admission (ticket_id, door_id)",
}
INDEXES = {
    "registration_state": "registration (event_id, state, requested_at)",
    "registration_asked": "registration (event_id, requested_at)",
    "registration_name": "registration (event_id, full_name)",
    "registration_search": "registration (event_id, search, state, kind)",  # read from end to end, and it is narrow
    "registration_same_name": "registration (event_id, lower(full_name))",
    "registration_same_organisation": "registration (event_id, lower(organisation))",
    "registration_same_phone": f"registration (event_id, {PHONE_DIGITS}) WHERE phone <> ''",
    "draft_expiry": "draft (expires_at)",
    "ticket_registration": "ticket (registration_id)",
    "door_pass_event": "door_pass (event_id)",
    "scan_ticket": "scan (ticket_id)",
    "scan_door": "scan (door_id, happened_at)",
    "scan_pass": "scan (door_pass_id, happened_at)",
    "scan_unknown": "scan (door_id, arrived_at) WHERE verdict = 'unknown'",
    "scan_refused": "scan (door_id) WHERE verdict = 'error'",
    "scan_apart": "scan (door_id) WHERE verdict = 'device_revoked'",
    "scan_undone": "scan (undoes)",
    "admission_door": "admission (door_id, admitted_at)",
}


async def scans_are_insert_only(apps: Any, editor: Any) -> None:
    await make_insert_only(editor.client, "scan")


class Migration(migrations.Migration):
    dependencies = [("registrations", "0001_initial")]
    operations = [
        *(ops.RunSQL(f"CREATE UNIQUE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in UNIQUE.items()),
        *(ops.RunSQL(f"CREATE INDEX {name} ON {on}", f"DROP INDEX {name}") for name, on in INDEXES.items()),
        ops.RunPython(scans_are_insert_only),
    ]
