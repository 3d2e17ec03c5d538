"""What is declared of people is asked, shown where they check it and where it is decided on, and deleted.

Rules: DP-06.
"""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from tortoise import fields as orm_fields

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database, query
from events.ground.personal import Personal, declared, declared_in
from registrations.asking.question_forms import FORMS
from registrations.people import person as sealed_person
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration
from tests import documents
from tests.browser import browsing
from tests.people import THE_DAY, Person, confirmed, link_of
from tests.professional import answer_questions
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.privacy.retention.going import went
from tests.tables import models

TYPED = {
    "full_name": "Ada Canary",
    "badge_name": "Badge Canary",
    "email": "mail-canary@wardens.example.org",
    "organisation": "Organisation Canary",
    "role": "Role Canary",
    "phone": "01632 960 123",
}  # one answer for each column with a label; a column that is added is asked for here first
CANARY = Person(
    TYPED["full_name"],
    TYPED["email"],
    TYPED["organisation"],
    "charity",
    TYPED["role"],
    TYPED["badge_name"],
    TYPED["phone"],
)


def answers(columns: Mapping[str, Personal]) -> set[str]:
    return {name for name, said in columns.items() if said.label}


def not_asked(columns: Mapping[str, Personal]) -> set[str]:
    asked = {name for form in FORMS.values() for name, _ in form()._fields.items()}
    return answers(columns) - asked


def not_on(page: str, columns: Mapping[str, Personal]) -> set[str]:
    return {name for name in answers(columns) if TYPED.get(name, f"nobody typed {name}") not in page}


async def test_every_answer_is_asked_and_shown_to_whoever_gave_it_and_to_whoever_decides(
    database: Database, event: Event, omar: Staff
) -> None:
    columns = declared_in(sealed_person.Person)
    async with browsing(database) as client:
        await answer_questions(client, event, CANARY)
        check = (await client.get(f"/e/{event.slug}/ask/check")).text
        await client.post(f"/e/{event.slug}/ask/check")
        asked = await Registration.get()
        confirm = (await client.get(urlsplit((await link_of(asked)).link).path)).text
    async with browsing(database, omar) as desk:
        person = (await desk.get(f"/desk/{event.slug}/people/{asked.id}")).text
    assert not_asked(columns) == set(), "ask for it: registrations/asking/question_forms.py"
    assert not_on(check, columns) == set(), "show it: templates/asking/check.html"
    assert not_on(confirm, columns) == set(), "show it: templates/asking/confirm.html"
    assert not_on(person, columns) == set(), "show it: templates/desk/person.html"


def test_an_answer_declared_and_nowhere_else_is_missed_where_it_is_missing() -> None:
    planted = Personal("to test", "none", "never", "Job title", "a title")
    columns = declared_in(sealed_person.Person) | {"job_title": planted}
    everything_typed = " ".join(TYPED.values())
    assert (not_asked(columns), not_on(everything_typed, columns)) == ({"job_title"}, {"job_title"})


async def test_all_that_is_declared_is_emptied_and_no_column_keeps_it(event: Event, omar: Staff) -> None:
    row, invitation = await confirmed(CANARY, event), await an_invitation(event, omar)
    await query("UPDATE registration SET needs_sealed = ?, choices_sealed = ?", [b"told", b"chosen"])
    link = row.public_id
    await query(
        "UPDATE registration SET undeliverable = '5.1.1', comes_with_id = id, badge_type = 'host', invitation_id = ?"
        " WHERE id = ?",
        [invitation.id, row.id],
    )
    before = await query("SELECT * FROM registration")
    assert [name for name, value in TYPED.items() if getattr(row, name) != value] == [], "each was there"
    assert set(TYPED) == set(declared_in(sealed_person.Person))
    assert await went("not_offered", THE_DAY + timedelta(days=90)) == 1
    after = await query("SELECT * FROM registration WHERE id = ?", [row.id])
    same = {name for name in declared(Registration) if after[0][name] == before[0][name]}
    assert (same, after[0]["person_sealed"], after[0]["public_id"] == link) == (set(), None, False)
    assert (after[0]["needs_sealed"], after[0]["choices_sealed"]) == (None, None)
    assert (after[0]["invitation_id"], await Invitation.all().count()) == (None, 1), "nor who used which"


NOT_PERSONAL = {
    "programme": {"shown_to"},
    "allocation": {"seed", "seats"},
    "programme_item": {"public_id"},
    "attempt": {"subject"},
    "audit_entry": {"actor", "action", "subject", "mark", "written_after", "vouches", "source", "details"},
    "audit_seal": {"mac"},
    "audit_reach": {"mac", "proof"},
    "audit_boundary": {"mac", "proof"},
    "message": {"template", "cause", "state", "reply_status"},
    "event": {
        "slug",
        "title",
        "key_fingerprint",
        "data_key",
        "access_facts",
        "dpia_reference",
        "state",
        "salt",
        "facts",
        "public_text",
        "colour",
        "emails_off",
        "doors_closed_by",
    },
    "host_logo": {"host", "alt", "picture", "mark"},  # what the hosts show of themselves
    "closing_tick": {"item", "ticked_by"},
    "closing_report": {"figures", "made_by"},
    "lesson": {"public_id", "written_by"},
    "bulk_act": {"kind", "seen", "filtered"},  # values of closed lists
    "reminder": {"cause", "reminded_by"},
    "saved_filter": {"of", "name", "query", "saved_by"},  # its form asks to name nobody
    "announcement": {"public_id", "audience", "kind", "ids"},
    "invitation": {"public_id", "code_tag"},
    "former_address": {"public_id", "moved_by"},
    "feedback_token": {"token_hash"},  # of a link that is nobody's
    "mailing": {"template", "cause", "chosen", "told_before"},
    "known_organisation": {"domain", "kind", "treatment", "area"},
    "processor": {"service", "does", "receives", "region", "kept", "contract", "smtp_host", "log_kept"},
    "role": {"name", "proof"},
    "key_use": {"fingerprint", "proof"},
    "session": {"token_hash"},
    "recovery_code": {"code_hash", "key_fingerprint"},
    "registration": {"kind", "state", "state_before"},
    "first_approval": {"seen"},
    "walk_in": {"public_id", "reason", "stage"},
    "draft": {"cookie_hash"},
    "link_answers": {"held_for"},
    "ticket": {"proof_hash", "reference_hash", "reference_sealed"},
    "door": {"public_id", "policy", "comes_in"},
    "door_pass": {
        "public_id",
        "role",
        "code_hash",
        "typed_hash",
        "token_hash",
        "pin_hash",
        "page",
        "page_before",
        "written_off",
        "written_off_by",
    },
    "certificate": {"ended_by"},
    "certificate_number": {"number_hash"},  # of which event it is, and not whose
    "certificate_terms": {"breaks", "check_key_sealed", "released_by"},
    "lead_card": {"list_id", "proof_hash"},
    "release_number": {"number_hash"},
    "admission": {"client_id"},
    "paper_sheet": {"kind", "tickets", "printed_by", "destroyed_by", "ended_by", "begun_by", "finished_by"},
    "people_import": {"public_id", "chosen"},
    "export": {"public_id", "kind", "format", "columns", "people", "filtered"},
    "paper_tick": {"client_id", "typed_by", "undone_by"},
    "roll_key": {"public_id", "key_id", "key_sealed", "made_by", "ended_by"},  # a key names nobody
    "roll_call": {"public_id", "kind", "started_by", "ended_by"},
    "roll_press": {"client_id", "what", "pressed_by"},
    "roll_tick": {"client_id"},
    "scan": {"client_id", "kind", "verdict", "undoes", "proof_mark", "shown", "tap", "code", "answer", "source"},
    "complaint": {"reference", "same_as", "outcome"},
    "incident": {"public_id", "kind", "same_as", "decision", "decided_by"},
    "rights_request": {"reference", "kind", "same_as", "outcome", "visit_hash"},
    "deletion": {"kind"},
    "key_copy": {"answer"},
    "attendance": {"kind"},
    "conflict": {"kind", "first_scan", "second_scan", "settled_by", "outcome"},
}


def test_every_text_column_is_known_to_be_personal_or_not() -> None:
    text = (orm_fields.CharField, orm_fields.TextField, orm_fields.BinaryField, orm_fields.JSONField)
    unknown = {
        f"{model._meta.db_table}.{name}"
        for model in models()
        for name, column in model._meta.fields_map.items()
        if isinstance(column, text)
        and name not in declared(model)
        and name not in NOT_PERSONAL.get(model._meta.db_table, set())
    }
    assert unknown == set(), "declare it with `personal`, or list it here"
    columns = {model._meta.db_table: set(model._meta.fields_map) - set(declared(model)) for model in models()}
    gone = {table: names - columns.get(table, set()) for table, names in NOT_PERSONAL.items()}
    assert {table: names for table, names in gone.items() if names} == {}, "take out what is no column, or personal"


def test_the_page_of_purposes_says_what_columns_and_classes_declare() -> None:
    written = documents.PURPOSES.read_text(encoding="utf-8")
    assert written == documents.purposes(), "python -m tests.documents writes it anew"
