"""A text that organisers type and that stands unsealed says so on its form, so that it names nobody.

Rules: SE-16.
"""

from typing import Any

from tortoise import fields

from events import event_forms
from registrations.desk.data_protection import processor_pages
from tests.tables import models

WARNED: dict[str, Any] = {  # whoever types it is told
    "event.access_facts": event_forms.AccessForm.access_facts,
    "event.dpia_reference": event_forms.DpiaForm.dpia_reference,
    "processor.contract": processor_pages.ProcessorForm.contract,
}
SAY = ("name nobody", "Anyone can read this", "no names")
PUBLIC = {  # on pages that anybody opens, or of the hosts
    "event.slug", "event.title", "event.hosts", "event.facts", "event.public_text",
    "event.contact_email", "host_logo.host", "host_logo.alt",
    "processor.name", "processor.does", "processor.receives", "processor.region", "processor.kept",
    "processor.smtp_host", "processor.log_kept", "known_organisation.domain",
}  # fmt: skip
OURS = {  # nobody types it: ids, codes, marks, keyed hashes
    "allocation.seats", "allocation.seed", "lot.drawn",
    "audit_entry.details", "audit_entry.subject", "audit_entry.vouches",
    "erased_address.tags", "event.emails_off", "message.cause", "announcement.ids", "mailing.cause", "mailing.chosen",
    "mailing.told_before", "scan.answer", "session.browser", "first_approval.seen",
    "certificate_terms.breaks", "paper_sheet.tickets", "saved_filter.query", "export.columns", "people_import.chosen",
    "closing_report.figures", "export.people", "export.filtered", "bulk_act.filtered", "reminder.cause",
}  # fmt: skip
SHORT = 60  # a name that somebody types has room for so much


def is_ours(name: str) -> bool:
    return name.endswith(("_hash", "_tag", "mac", "mark", "proof", "written_after"))


def test_each_text_that_stands_unsealed_is_public_ours_or_says_so_where_it_is_typed() -> None:
    text = (fields.CharField, fields.TextField, fields.JSONField)
    found = {
        f"{model._meta.db_table}.{name}"
        for model in models()
        for name, column in model._meta.fields_map.items()
        if isinstance(column, text) and (getattr(column, "max_length", None) or SHORT) >= SHORT
        if not is_ours(name) and type(column).__name__ != "CharEnumFieldInstance"
    }
    assert found == set(WARNED) | PUBLIC | OURS, "seal it, or say on its form that it is not, and list it here"
    assert "registration.person_sealed" not in found


def test_its_form_says_so() -> None:
    said = {name: str(field.kwargs.get("hint", "")) for name, field in WARNED.items()}
    assert [name for name, hint in said.items() if not any(words in hint for words in SAY)] == []
