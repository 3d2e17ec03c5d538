"""A copy holds everything of one person, from every table there is, and nothing of anybody else.

Rules: DP-08.
"""

import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import query
from events.ground.personal import declared
from events.mail.outbox import Message
from registrations.people import objection
from registrations.people.erased import ErasedAddress
from registrations.people.invitation import Invitation
from registrations.people.person import address_tags
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.rights.copy_of_data import Copy, Section
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_request import RightsRequest
from registrations.tickets.ticket import Ticket
from tests.people import THE_DAY, Person, someone
from tests.registrations.booking.telling_needs import ALLERGY, WORDS
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA
from tests.registrations.privacy.rights.lived import BEFORE, NOTED, ada_has_lived, two_hundred_others
from tests.tables import models

EXCUSED = {
    "attempt": "counts under keyed hashes, which name nobody and are gone within hours",
    "audit_seal": "marks of the audit log's chain",
    "audit_boundary": "where the audit log was cut when its oldest entries were deleted",
    "audit_reach": "the newest mark of the audit log's chain",
    "event": "of nobody",
    "key_use": "of nobody: which key was in use",
    "announcement": "what organisers wrote to many: it stands in the emails that people have",
    "bulk_act": "of nobody: what was done with how many people",
    "saved_filter": "of nobody: which part of a list organisers look at",
    "closing_tick": "of people who work for the hosts: what they ticked after the event",
    "closing_report": "numbers of people, those under five hidden",
    "lesson": "of nobody: what organisers would do better, who are asked to name nobody",
    "mailing": "of nobody: which emails went to many, and why",
    "host_logo": "a picture of a host, which everybody sees",
    "programme": "of nobody: who sees it",
    "slot": "of nobody: times of workshops",
    "programme_item": "what the programme says, which they can read",
    "certificate_terms": "of nobody: what all certificates say",
    "certificate_number": "of nobody: that a number is valid, which their certificate has",
    "allocation": "of nobody: how places in workshops were given out",
    "processor": "of organisations that work for the hosts",
    "attendance": "numbers of people",
    "key_copy": "of people who lead the event",
    "deletion": "numbers of what went by itself",
    "known_organisation": "of organisations",
    "staff": "of people who work for the hosts: they see their own account",
    **dict.fromkeys(("role", "session", "recovery_code", "passkey"), "the same"),
    "door": "of nobody",
    "door_pass": "phones of the hosts",
    "paper_sheet": "which tickets stood on a sheet, by numbers: who was ticked is in a section of its own",
    "people_import": "a list that organisers have uploaded, sealed, for an hour: nobody on it has a request by it",
    "kind_words": "of nobody: what words for kinds of organisation mean",
    "export": "files that somebody of the hosts took away: which, and what for",
    "export_part": "such a file, sealed, for an hour: what stands in it is in sections of its own",
    "release_number": "numbers that organisers read out by telephone: who came in by one is in sections of their own",
    "roll_call": "of nobody: when roll calls began and ended",
    "roll_press": "of phones of the hosts: that a roll call was started or printed",
    "roll_key": "of nobody: the key of a list on marshals' phones",
    "feedback_box": "of nobody: how often each answer was given",
    "feedback_token": "of nobody: that a link lets an answer in",
    "feedback_link": "half of a link, for half a minute: the whole link stands in their email",
    "lead_card": "cards of the hosts' door leads",
    "incident": "notes of the hosts, which name people only where they must",
}  # tables that no copy has a section of, and why
NOT_SHOWN = {
    "registration.public_id": "half of a link, which works: whole links stand in their emails",
    "registration.address_tag": "a keyed hash of the address, which is shown",
    "link_answers.public_id": "half of a link",
    "rights_request.public_id": "half of a link",
    "address_change.public_id": "half of two links",
    "address_change.address_sealed": "typed by somebody who need not be them; once it is theirs, their request has it",
    "colleague.public_id": "half of a link of somebody else, or of one that their email has",
    "colleague.address_sealed": "of somebody else; or their own, which is shown",
    "former_address.address_tag": "a keyed hash of an address, which is shown",
    "hand_over.public_id": "half of a link",
    "objection.address_tag": "a keyed hash of the address, which is shown",
    "hand_over.address_sealed": "of a colleague of theirs; or their own, which is shown",
    "scan.initials": "of whoever held the phone",
    "draft.answers_sealed": "typed by somebody who need not be them",
    "complaint.finding_sealed": "a note of staff",
    "invitation.terms_sealed": "for an address: that one, which is shown; the name of a partner is a note of staff",
    "erased_address.tags": "a keyed hash of the address, which is shown",
    "message.address_sealed": "the address itself, once all else is erased",
    "rights_request.note_sealed": "a note of staff",
    "badge_print.text_hash": "a keyed hash of what stood on the badge, of which all is shown",
    "badge_print.printed_by": "somebody of the hosts by number",
    "workshop_place.given_by": "chance, themselves, or somebody of the hosts by number",
}  # personal columns of the tables that have a section, and why they are left out
SHOWN = {
    "registration.person_sealed", "registration.needs_sealed", "registration.choices_sealed", "registration.badge_type",
    "registration.undeliverable", "registration.comes_with_id", "link_answers.answers_sealed", "admission.admitted_at",
    "paper_tick.typed_at", "roll_tick.mark", "roll_tick.happened_at",
    "complaint.name_sealed", "complaint.email_sealed", "complaint.account_sealed", "rights_request.email_sealed",
    "rights_request.about_sealed", "former_address.move_sealed", "workshop_choice.first_workshop",
    "workshop_place.workshop", "lot.drawn", "badge_print.printed_at", "bulk_person.outcome", "reminder.what",
    "certificate.held_sealed", "certificate.issued_at", "certificate.taken_at", "certificate.ended_at",
}  # fmt: skip
Ids = Collection[int]


async def of_emails(ids: dict[str, Ids]) -> Ids:
    return [row.id for row in await Message.all() if _is_theirs(f"{row.template} {row.subject_id}", ids)]


def _is_theirs(named: str, ids: dict[str, Ids]) -> bool:
    template, _, number = named.partition(" ")
    tables = {"confirm": "link_answers", "ticket": "ticket", "complaint_received": "complaint"}
    of_rights = {"rights_received", "rights_copy"}
    table = "rights_request" if template in of_rights else tables.get(template, "registration")
    return not template.endswith("_alert") and int(number) in ids[table]


async def of_entries(ids: dict[str, Ids]) -> Ids:
    theirs = {f"{table}:{number}" for table, numbers in ids.items() for number in numbers}
    entries = await AuditEntry.all()
    return [
        row.id for row in entries if row.subject in theirs or set(row.details.get("ids", [])) & set(ids["registration"])
    ]


async def of_cases(model: type[Any], email: str) -> Ids:
    return [row.id for row in await model.all() if row.email == email]


async def of_erasures(email: str) -> Ids:
    tags = set(address_tags(await Event.get(), email))
    return [row.id for row in await ErasedAddress.all() if tags & set(row.tags.split())]


async def of_invitations(email: str, requests: list[Registration]) -> Ids:
    used = {request.invitation_id for request in requests}
    return [row.id for row in await Invitation.all() if row.id in used or (row.terms and row.terms.only_for == email)]


FOUND_BY: dict[str, Callable[[dict[str, Ids]], Awaitable[Ids]]] = {"message": of_emails, "audit_entry": of_entries}


def parents(model: type[Model]) -> set[str]:
    """The tables that its foreign keys name."""
    keys = [key for key in model._meta.fields_map.values() if isinstance(key, ForeignKeyFieldInstance)]
    return {key.related_model._meta.db_table for key in keys}


async def rows_of(email: str, requests: list[Registration]) -> dict[str, Ids]:
    """The ids of all rows of this person, by table: by their address, or by whatever leads to their requests."""
    ids: dict[str, Ids] = {
        "registration": [request.id for request in requests],
        "complaint": await of_cases(Complaint, email),
        "rights_request": await of_cases(RightsRequest, email),
        "draft": [1],  # the only one of hers
        "erased_address": await of_erasures(email),
        "invitation": await of_invitations(email, requests),
        "objection": [row.id for row in await objection.of((await Event.get()).id, email)],
    }
    tables = {model._meta.db_table: model for model in models()}
    while new := [name for name, model in tables.items() if name not in ids and parents(model) & set(ids)]:
        for name in new:
            ids[name] = await _led_to(tables[name], ids)
    for name, find in FOUND_BY.items():
        ids[name] = await find(ids)
    return ids


async def _led_to(model: type[Model], ids: dict[str, Ids]) -> Ids:
    table, found = model._meta.db_table, set[int]()
    for parent in parents(model) & set(ids):
        for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
            if row[f"{parent}_id"] in ids[parent]:
                found.add(row["id"])
    return found


def number_in(section: Section) -> int:
    """Of our rows. Lists on which they stood share one, which names all times."""
    if section.table != "audit_entry":
        return len(section.rows)
    lists = [str(row["When"]).count(":") for row in section.rows if row["What"] == "A list with your name on it"]
    return len(section.rows) - len(lists) + sum(lists)


def wrong(sections: list[Section], ids: dict[str, Ids]) -> dict[str, tuple[int, int]]:
    """Tables of which the copy has another number of rows than there are."""
    has = {section.table: number_in(section) for section in sections if section.table}
    tables = {model._meta.db_table for model in models()} - set(EXCUSED) | set(has)
    return {
        table: (has.get(table, 0), len(ids.get(table, ())))
        for table in tables
        if has.get(table, 0) != len(ids.get(table, ())) or table not in has
    }


@pytest.fixture
async def ada_lived(event: Event, ada: Person, lena: Staff, omar: Staff, sid: Device) -> Registration:
    return await ada_has_lived(event, ada, omar, sid)


async def of_ada(event: Event, ada: Person) -> tuple[Copy, dict[str, Ids]]:
    requests = [row for row in await Registration.all() if row.email == ada.email]
    return await gather(await Event.get(id=event.id), ada.email, THE_DAY), await rows_of(ada.email, requests)


async def test_every_row_of_every_table_that_is_hers_is_in_it(
    event: Event, ada: Person, ada_lived: Registration
) -> None:
    copy, ids = await of_ada(event, ada)
    empty = {table for table in ids if not ids[table]}
    assert empty == set(), "she has lived through everything"
    assert wrong(copy.sections, ids) == {}, "give the table a section in gathering.py, or excuse it here"


async def test_a_table_without_a_section_and_a_row_that_is_left_out_are_missed(
    event: Event, ada: Person, ada_lived: Registration
) -> None:
    copy, ids = await of_ada(event, ada)
    for section in copy.sections:
        others = [other for other in copy.sections if other != section]
        shorter = section._replace(rows=section.rows[1:])
        if section.table:
            assert set(wrong(others, ids)) == {section.table}
            assert set(wrong([*others, shorter], ids)) == {section.table}


def test_every_personal_column_is_shown_or_left_out_for_a_reason() -> None:
    tables = [model for model in models() if model._meta.db_table not in EXCUSED]
    columns = {f"{model._meta.db_table}.{name}" for model in tables for name in declared(model)}
    assert columns == SHOWN | set(NOT_SHOWN), "show it in gathering.py, or say here why not"


async def test_what_she_told_us_and_what_was_done_can_be_read(
    event: Event, ada: Person, ada_lived: Registration
) -> None:
    copy, _ = await of_ada(event, ada)
    said = json.dumps(copy.as_json(), ensure_ascii=False)
    references = [ticket.reference for ticket in await Ticket.filter(registration_id=ada_lived.id)]
    wanted = [ada.name, ada.email, ada.organisation, ada.role, DONE_TO_ADA, *references, "Main door"]
    wanted += ["Organiser of Safer Places", "Looked at a person", "8 April 2019, 11:00, 11:05"]
    wanted += ["Link to confirm the address", "Sent", "COME IN", "A scan was taken back", "twice", "upheld", BEFORE]
    wanted += ["a copy of what we hold", "Cancelled"]
    wanted += [WORDS, ALLERGY, "Adjustment: A hearing loop", "asked", "Vegan, Food allergy", "Only my first name"]
    wanted += ["You agreed to", "to arrange what I need. The access lead will see it.", "caterer 1", "photos 1"]
    assert [text for text in wanted if text not in said] == []
    assert "Eve Else" not in said, "who types her address need not be her"


async def test_nothing_of_two_hundred_others_is_in_it_and_no_name_or_note_of_staff(
    event: Event, ada: Person, lena: Staff, omar: Staff, sid: Device
) -> None:
    people = await two_hundred_others(event, omar, sid)
    before = json.dumps((await gather(event, ada.email, THE_DAY)).as_json())
    assert before.count('"rows": [{') == 0, "nothing is held of her yet"
    lived = await ada_has_lived(event, ada, omar, sid)
    copy = await gather(await Event.get(id=event.id), ada.email, THE_DAY)
    said = json.dumps(copy.as_json(), ensure_ascii=False)
    others = await Registration.exclude(id=lived.id).exclude(state="cancelled")
    theirs = [text for person in people for text in (person.name, person.email, person.organisation)]
    theirs += [row.public_id for row in others] + [f"registration:{row.id}" for row in others]
    theirs += [ticket.reference for ticket in await Ticket.exclude(registration_id=lived.id)]
    theirs += [case.reference for case in await Complaint.all() if case.email != ada.email]
    theirs += [case.reference for case in await RightsRequest.all() if case.email != ada.email]
    assert len(theirs) > 1000
    assert [text for text in theirs if text in said] == []
    staff = ["Oona Odd", lena.full_name, omar.full_name, lena.email, omar.email, "Omar", "Lena", NOTED, "Main door 1"]
    assert [text for text in [*staff, lived.public_id] if text in said] == []
    [other] = [row for row in others if row.email == people[1].email]
    theirs_in_turn = json.dumps((await gather(event, people[1].email, THE_DAY)).as_json())
    assert (other.full_name in theirs_in_turn, ada.email in theirs_in_turn) == (True, False), "the control"


async def test_of_an_address_that_nobody_used_nothing_is_held(event: Event, omar: Staff, sid: Device) -> None:
    await two_hundred_others(event, omar, sid)
    copy = await gather(event, someone().email, THE_DAY)
    assert [section.title for section in copy.filled] == ["Consent"]
    assert len(copy.empty) == 29


async def test_what_was_damaged_stops_no_copy(event: Event, ada: Person, ada_lived: Registration) -> None:
    for table, column in {"complaint": "email", "registration": "person", "draft": "answers"}.items():
        await query(f"UPDATE {table} SET {column}_sealed = ?", [b"\x01damaged"])  # noqa: S608
    copy = await gather(await Event.get(id=event.id), ada.email, THE_DAY)
    rows = {section.table: len(section.rows) for section in copy.sections}
    assert (rows["registration"], rows["complaint"], rows["draft"]) == (2, 0, 0)
