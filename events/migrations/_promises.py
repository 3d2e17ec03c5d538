"""What the database promises of events, staff, emails and the audit log, whichever code runs."""

from ._building import Together, emptied, index, refusal, refused, refused_unless, unique

UNIQUE = [
    # Tries of a subject in a slot are counted in one row, however many come at the same moment.
    unique("one_attempt_slot", "attempt (subject, slot)"),
    # An address of the public pages leads to one event.
    unique("one_event_slug", "event (slug)"),
    # What organisers are told of a domain at an event is said by one row.
    unique("one_domain_an_event", "known_organisation (event_id, domain, suffix)"),
    # An entry of the processor register that is sent twice is one.
    unique("one_processor_a_service", "processor (event_id, service, name)"),
    # Who sees the programme of an event is said by one row.
    unique("one_programme_an_event", "programme (event_id)"),
    # A host has one logo at an event, whoever puts it there at once.
    unique("one_logo_a_host", "host_logo (event_id, host)"),
    # Whoever signs in with an email address is one person.
    unique("one_account_an_address", "staff (email_tag)"),
    # A link with this id in it is one person's.
    unique("one_staff_public_id", "staff (public_id)"),
    # A person is one thing at an event: lead, organiser or viewer.
    unique("one_role_an_event", "role (staff_id, event_id)"),
    # A cookie opens one session.
    unique("one_session_token", "session (token_hash)"),
    # A recovery code is in one row, so that using it up once uses it up.
    unique("one_recovery_code", "recovery_code (staff_id, code_hash)"),
    # A passkey belongs to one account.
    unique("one_passkey_a_credential", "passkey (credential_hash)"),
    # A key that comes to seal is begun with once, and ended with once.
    unique("one_use_a_key", "key_use (event_id, fingerprint)"),
    # An act that is done twice sends one email.
    unique("one_message_a_cause", "message (template, subject_id, cause)"),
    # A copy of an entry, with its mark, is no second entry.
    unique("one_entry_a_mark", "audit_entry (mark)"),
    # Two processes that seal at the same moment make one chain.
    unique("one_seal_a_sequence", "audit_seal (sequence)"),
    # An entry is in the chain once.
    unique("one_seal_an_entry", "audit_seal (entry_id)"),
]
INDEXES = [  # they keep look-ups short, and promise nothing
    index("programme_item_event", "programme_item (event_id)"),
    index("programme_item_slot", "programme_item (slot_id)"),
    index("slot_event", "slot (event_id)"),
    index("message_due", "message (state, next_try_at)"),
    index("message_turn", "message (bulk, id) WHERE state = 'queued'"),
    index("message_subject", "message (template, subject_id)"),
    index("session_staff", "session (staff_id)"),
    index("passkey_staff", "passkey (staff_id)"),
    index("role_event", "role (event_id)"),
    index("message_event", "message (event_id, state, id)"),
    index("message_delayed", "message (done_at) WHERE reply_status <> ''"),
    index("message_last", "message (queued_at) WHERE address_sealed IS NOT NULL"),
    index("audit_entry_event", "audit_entry (event_id, id)"),
    index("audit_entry_action", "audit_entry (event_id, action, id)"),
    index("audit_entry_actor", "audit_entry (event_id, actor, id)"),
    index("audit_entry_subject", "audit_entry (subject, id)"),
    index("attempt_ends", "attempt (ends_at)"),
]
ENTRY_OVER = (
    "EXISTS (SELECT 1 FROM audit_seal s JOIN audit_boundary b ON s.sequence <= b.sequence WHERE s.entry_id = OLD.id)"
)
SEAL_OVER = "EXISTS (SELECT 1 FROM audit_boundary b WHERE OLD.sequence <= b.sequence)"
TRIGGERS = [
    refusal,
    # What the audit log says was done stays as it was written, until the boundary says that its time is over.
    refused("audit_entry_no_update", "UPDATE ON audit_entry"),
    refused_unless("audit_entry_no_delete", "DELETE ON audit_entry", ENTRY_OVER),
    # So does the chain that proves it.
    refused("audit_seal_no_update", "UPDATE ON audit_seal"),
    refused_unless("audit_seal_no_delete", "DELETE ON audit_seal", SEAL_OVER),
]
CHANGES = [
    # That an address takes no email is said of that address, and of no other that comes in its place.
    emptied("staff", "undeliverable", by="email_tag"),
]
PROMISES = Together(*UNIQUE, *INDEXES, *TRIGGERS, *CHANGES)
