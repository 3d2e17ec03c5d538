"""What the database promises of requests, tickets and doors, whichever code runs."""

from events.migrations._building import (
    Together,
    emptied,
    ended_with,
    never_more,
    numbered,
    refused,
    refused_unless,
    unique,
)

from ._indexes import INDEXES

UNIQUE = [
    # An email address has one live request at an event: who asks twice takes no second place.
    unique("one_live_request", "registration (event_id, address_tag) WHERE state NOT IN ('cancelled', 'expired')"),
    # A link with this id in it is one person's.
    unique("one_registration_public_id", "registration (public_id)"),
    # A code is one invitation's.
    unique("one_invitation_a_code", "invitation (event_id, code_tag)"),
    # A link in an email that asks "did you ask?" has one person's answers behind it.
    unique("one_answers_a_link", "link_answers (public_id)"),
    # What one network asks too often for one address waits together: one email an hour.
    unique("one_held_back", "link_answers (registration_id, held_for)"),
    # A booking waits for one new address: a newer one ends those before it.
    unique("one_new_address", "address_change (registration_id) WHERE address_sealed IS NOT NULL"),
    # Its links are of one change.
    unique("one_address_change_public_id", "address_change (public_id)"),
    # Of those whom a guest names each has a number: a sixth at the same moment finds none left.
    unique("one_colleague_a_number", "colleague (registration_id, n)"),
    # A link with this id in it asks one colleague.
    unique("one_colleague_public_id", "colleague (public_id)"),
    # A guest hands their place to one colleague at a time,
    unique("one_hand_over", "hand_over (registration_id) WHERE address_sealed IS NOT NULL OR receiver_id IS NOT NULL"),
    # and a colleague takes over one place.
    unique("one_taking_over", "hand_over (receiver_id)"),
    # Its link is of one hand-over.
    unique("one_hand_over_public_id", "hand_over (public_id)"),
    # An address says no once, to whichever guests' emails.
    unique("one_objection_an_address", "objection (event_id, address_tag)"),
    # A request has one first approval that waits for a second.
    unique("one_first_approval", "first_approval (registration_id) WHERE ended_at IS NULL"),
    # Somebody who came without a place waits for one decision,
    unique("one_walk_in", "walk_in (registration_id) WHERE stage = 'waiting'"),
    # and their phone knows it by an id of its own.
    unique("one_walk_in_public_id", "walk_in (public_id)"),
    # A guest wants one workshop of a slot first,
    unique("one_choice_a_slot", "workshop_choice (registration_id, slot_id)"),
    # and organisers close the choice of a slot once.
    unique("one_allocation_a_slot", "allocation (slot_id)"),
    # A guest takes part in one workshop of a slot.
    unique("one_workshop_a_slot", "workshop_place (registration_id, slot_id)"),
    # Of one person each print of the badge has a number: two who print at once print one.
    unique("one_print_a_number", "badge_print (registration_id, n)"),
    # What stands on the certificates of an event is written once, whoever begins at the same moment.
    unique("one_terms_an_event", "certificate_terms (event_id)"),
    # A guest has one certificate, however many servers make them,
    unique("one_certificate_a_guest", "certificate (registration_id)"),
    # and its number is nobody else's.
    unique("one_certificate_a_number", "certificate_number (number_hash)"),
    # In a draw each lot is one guest's.
    unique("one_lot_a_guest", "lot (allocation_id, drawn)"),
    # An act on many people is about each of them once,
    unique("one_person_of_a_bulk_act", "bulk_person (bulk_id, registration_id)"),
    # and whoever is reminded by two organisers at the same moment is reminded once.
    unique("one_reminder_a_request", "reminder (registration_id)"),
    # A browser's cookie opens one draft.
    unique("one_draft_a_cookie", "draft (cookie_hash)"),
    # A request has one ticket that opens a door; those before it are revoked.
    unique("one_live_ticket", "ticket (registration_id) WHERE revoked_at IS NULL"),
    # A ticket code is derived from this number: nobody else has the same code.
    unique("one_number_a_ticket", "ticket (event_id, n)"),
    # A reference that is typed at the door is one ticket's.
    unique("one_reference_a_ticket", "ticket (event_id, reference_hash)"),
    # What a phone sends in place of the code is one ticket's.
    unique("one_proof_a_ticket", "ticket (proof_hash)"),
    # Two doors of an event cannot be mixed up by their name.
    unique("one_door_a_name", "door (event_id, name_tag) WHERE name_tag <> ''"),
    # A pairing link pairs one phone,
    unique("one_pairing_code", "door_pass (code_hash)"),
    # and so do the ten characters that are typed in its place.
    unique("one_typed_pairing_code", "door_pass (typed_hash)"),
    # A phone's token is one pass's.
    unique("one_phone_token", "door_pass (token_hash)"),
    # A PIN says which lead of the event typed it.
    unique("one_pin_an_event", "door_pass (event_id, pin_hash)"),
    # A lead has one card that counts: a new one replaces it.
    unique("one_card_a_lead", "lead_card (door_pass_id) WHERE ended_at IS NULL"),
    # What a phone sends in place of a card is one card's.
    unique("one_proof_a_card", "lead_card (proof_hash)"),
    # A scan that is sent again is not counted again.
    unique("one_scan_a_client_id", "scan (client_id)"),
    # A ticket is in once at all entrances together, and once in a room, whatever phones show it at the same moment.
    unique("one_admission", "admission (ticket_id, presence)"),
    # Two scans that cannot both be right are settled once.
    unique("one_conflict_a_pair", "conflict (first_scan, second_scan)"),
    # The number on a sheet of paper is one sheet's.
    unique("one_sheet_a_number", "paper_sheet (event_id, number)"),
    # A ticket that was ticked on a sheet is typed up once, whoever types the same sheet at the same moment.
    unique("one_tick_a_ticket", "paper_tick (sheet_id, ticket_id) WHERE undone_at IS NULL"),
    # So is a line, whoever stands on it,
    unique("one_tick_a_line", "paper_tick (sheet_id, line) WHERE undone_at IS NULL"),
    # and a release lets one walk-in in, of whichever sheet.
    unique("one_tick_a_release", "paper_tick (release_id) WHERE undone_at IS NULL"),
    # A number that is read out by telephone is one release's.
    unique("one_release_a_number", "release_number (event_id, number_hash)"),
    # The pages of an import are of one list.
    unique("one_import_public_id", "people_import (public_id)"),
    # What words for kinds of organisation mean is remembered once at an event.
    unique("one_memory_of_kinds", "kind_words (event_id)"),
    # A page of this address is one export's,
    unique("one_export_public_id", "export (public_id)"),
    # and each piece of its file is kept once, whoever makes it at the same moment.
    unique("one_export_part", "export_part (export_id, n)"),
    # At an event one roll call runs: two phones that start at the same moment start one.
    unique("one_roll_call", "roll_call (event_id) WHERE ended_at IS NULL"),
    # A phone means one roll call by an id.
    unique("one_roll_call_public_id", "roll_call (public_id)"),
    # What somebody pressed is told once, however often its phone sends it,
    unique("one_roll_press_a_client_id", "roll_press (client_id)"),
    # and so is a marshal's tick.
    unique("one_roll_tick_a_client_id", "roll_tick (client_id)"),
    # The list of people inside is sealed with one key: a new card replaces the one before.
    unique("one_roll_key", "roll_key (event_id) WHERE ended_at IS NULL"),
    # A complaint that is sent twice is one, as long as it is open.
    unique("one_open_complaint", "complaint (event_id, same_as) WHERE closed_at IS NULL"),
    # What people quote names one complaint.
    unique("one_complaint_a_reference", "complaint (reference)"),
    # A phone that is lost is one incident, whoever revokes it at the same moment.
    unique("one_incident_a_phone", "incident (door_pass_id)"),
    # An incident whose form is sent twice is one.
    unique("one_incident_as_written", "incident (event_id, same_as)"),
    # A rights request that is sent twice is one, as long as it is open.
    unique("one_open_rights_request", "rights_request (event_id, same_as) WHERE closed_at IS NULL"),
    # What people quote names one rights request.
    unique("one_rights_request_a_reference", "rights_request (reference)"),
    # A link with this id in it leads to one person's copy.
    unique("one_rights_request_public_id", "rights_request (public_id)"),
    # People are counted once for an event on a day, whoever deletes at the same moment.
    unique("one_count_of_people", "attendance (event_id, day, coalesce(door_id, 0), kind)"),
    # What is done of an event's closing is ticked once, whoever ticks at the same moment.
    unique("one_closing_tick", "closing_tick (event_id, day, item)"),
    # An event has one closing report: from two, made one after the other, one could tell whom the second counts.
    unique("one_closing_report", "closing_report (event_id, day)"),
    # A lead is asked once about copies of a key that was destroyed, whichever server asks.
    unique("one_question_a_lead", "key_copy (event_id, staff_id, day)"),
    # What went of a class is counted in one row of the event, or of none, whoever deletes at the same moment.
    unique("one_deletion_a_class", "deletion (kind, coalesce(event_id, 0))"),
    # Of an event there is one box for answers,
    unique("one_feedback_box", "feedback_box (event_id)"),
    # into which each link lets one answer,
    unique("one_feedback_token_a_link", "feedback_token (token_hash)"),
    # and each email has one link.
    unique("one_feedback_link_a_person", "feedback_link (registration_id)"),
    # What causes an email to many causes it once.
    unique("one_mailing_a_cause", "mailing (event_id, template, cause)"),
]
PEOPLE_COUNTED = (
    "EXISTS (SELECT 1 FROM door d JOIN event e ON e.id = d.event_id JOIN attendance a ON a.event_id = e.id"
    " AND a.day = e.day AND a.door_id IS NULL AND a.kind = '' WHERE d.id = OLD.door_id)"
)
OF_THAT_DAY = PEOPLE_COUNTED.replace(
    "WHERE d.id = OLD.door_id", "WHERE e.id = (SELECT r.event_id FROM roll_call r WHERE r.id = OLD.roll_call_id)"
)
TRIGGERS = [
    # What was scanned at a door stays as it was kept: nothing of it is changed,
    refused("scan_no_update", "UPDATE ON scan"),
    # or deleted before it is counted how many people came.
    refused_unless("scan_no_delete", "DELETE ON scan", PEOPLE_COUNTED),
    # What a marshal ticked stays as it was kept, too.
    refused("roll_tick_no_update", "UPDATE ON roll_tick"),
    refused_unless("roll_tick_no_delete", "DELETE ON roll_tick", OF_THAT_DAY),
]
HAS_NO_PLACE_NOW = (
    "OLD.state IN ('approved', 'rechecking') AND (NEW.state NOT IN ('approved', 'rechecking')"
    " OR NEW.person_sealed IS NULL)"
)
OF_WORKSHOPS = [
    "DELETE FROM workshop_choice WHERE registration_id = NEW.id",
    "DELETE FROM workshop_place WHERE registration_id = NEW.id",
    "UPDATE lot SET registration_id = NULL WHERE registration_id = NEW.id",
]
NEEDS_MOVED = "OLD.needs_sealed IS NOT NULL AND (NEW.needs_sealed IS NULL OR NEW.needs_sealed <> OLD.needs_sealed)"
FILES = "DELETE FROM export_part WHERE event_id = NEW.event_id"
OF_NEEDS = f"{FILES} AND export_id IN (SELECT id FROM export WHERE kind IN ('access', 'catering'))"  # noqa: S608
IN_ALL = "OLD.confirmed_at IS NOT NULL OR EXISTS (SELECT 1 FROM walk_in WHERE registration_id = OLD.id)"
OF_ALL = "export_id IN (SELECT id FROM export WHERE kind IN ('emails', 'people'))"
FILES_OF = f"{FILES} AND ({IN_ALL} OR {OF_ALL})"
IS_DELETED = "OLD.person_sealed IS NOT NULL AND NEW.person_sealed IS NULL"
CHANGES = [
    # Nobody takes a place in a workshop that has none left.
    never_more("workshop_place", "workshop_id", "programme_item", "capacity"),
    # Which workshops somebody wants, and takes part in, goes with their place, however it ends.
    ended_with("registration", HAS_NO_PLACE_NOW, "workshops_ended", OF_WORKSHOPS),
    # When whose badge was printed goes with what the person told us, whoever deletes it.
    ended_with("registration", IS_DELETED, "badges_ended", ["DELETE FROM badge_print WHERE registration_id = NEW.id"]),
    # So does their certificate; its number, which names nobody, stays valid.
    ended_with(
        "registration", IS_DELETED, "certificates_ended", ["DELETE FROM certificate WHERE registration_id = NEW.id"]
    ),
    # A file that waits to be fetched goes with what anybody told us who may stand in it,
    ended_with("registration", IS_DELETED, "exports_ended", [FILES_OF]),
    # and one about needs with any change of those, as a consent may have been withdrawn.
    ended_with("registration", NEEDS_MOVED, "needs_exports_ended", [OF_NEEDS]),
    # Whoever keeps people in memory finds each change of a request by its version.
    numbered("registration", "event", "people_version"),
    # That an address takes no email is said of that address, and of no other that comes in its place.
    emptied("registration", "undeliverable", by="address_tag"),
]
PROMISES = Together(*UNIQUE, *INDEXES, *TRIGGERS, *CHANGES)
