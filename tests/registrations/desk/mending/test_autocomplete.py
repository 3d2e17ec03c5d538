"""What somebody types of somebody else: their browser fills in nothing of its own, and the words fit."""

from typing import Any

import pytest

from events.web.forms import Form, FullName, Phone, WorkEmail
from registrations.booking.colleagues.naming_pages import COLLEAGUE, COMPANION, FORMS
from registrations.desk.data_protection.rights_pages import CorrectForm, TakeForm
from registrations.desk.desk_forms import GuestDetailsForm, NameForm
from registrations.desk.mending.adding_pages import AddForm
from registrations.desk.mending.address_pages import AddressForm
from registrations.desk.paper.typing_forms import WalkInLineForm

OF_OTHERS = [WalkInLineForm, AddForm, AddressForm, NameForm, GuestDetailsForm, TakeForm, CorrectForm]
THEIRS = {"full_name", "badge_name", "email", "organisation", "role", "phone"}


@pytest.mark.parametrize("form", OF_OTHERS)
def test_staff_who_type_somebody_elses_are_offered_nothing_of_their_own(form: Any) -> None:
    shown = {field.name: field.shown.get("autocomplete") for field in form() if field.name in THEIRS}
    assert shown
    assert set(shown.values()) == {"off"}, shown


def test_whoever_types_their_own_is_offered_it() -> None:
    """The control."""

    class OwnForm(Form):
        full_name, email, phone = FullName(), WorkEmail(), Phone()

    fields: Any = OwnForm()
    assert [field.shown["autocomplete"] for field in fields] == ["name", "email", "tel"]


def test_whoever_assists_somebody_needs_no_work_address() -> None:
    forms: list[Any] = [FORMS[part]() for part in (COLLEAGUE, COMPANION)]
    assert [(form.email.label.text, form.email.missing) for form in forms] == [
        ("Their work email address", "Enter their work email address"),
        ("Their email address", "Enter their email address"),
    ]
