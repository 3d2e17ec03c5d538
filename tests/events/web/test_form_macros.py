"""Our macros for fields draw what the Design System's own macros draw, blanks between tags apart."""

from html.parser import HTMLParser

import pytest
from starlette.datastructures import FormData

from events.web.forms import Choice, Day, Form, FullName, Paragraphs, Phone, Several, Text, TimeOfDay, Whole, WorkEmail
from events.web.rendering import templates
from registrations.asking.question_forms import FORMS

OURS = '{% from "parts/form.html" import text, paragraphs, choice, several %}'
THEIRS = """
{% from "govuk_frontend_jinja/components/checkboxes/macro.html" import govukCheckboxes %}
{% from "govuk_frontend_jinja/components/input/macro.html" import govukInput %}
{% from "govuk_frontend_jinja/components/radios/macro.html" import govukRadios %}
{% from "govuk_frontend_jinja/components/textarea/macro.html" import govukTextarea %}
{% macro text(field, heading=false, width="") %}
{{ govukInput({
  "label": {"text": field.label.text, "isPageHeading": heading,
            "classes": "govuk-label--l" if heading else "govuk-label--s"},
  "hint": {"text": field.hint} if field.hint else none,
  "id": field.id, "name": field.name, "value": field.data or "",
  "classes": width, "type": field.shown.type or "text", "inputmode": field.shown.inputmode,
  "autocomplete": field.shown.autocomplete, "spellcheck": field.shown.spellcheck,
  "errorMessage": {"text": field.errors[0]} if field.errors else none
}) }}
{% endmacro %}
{% macro paragraphs(field) %}
{{ govukTextarea({
  "label": {"text": field.label.text, "classes": "govuk-label--s"},
  "hint": {"text": field.hint} if field.hint else none,
  "id": field.id, "name": field.name, "value": field.data or "", "rows": field.rows,
  "errorMessage": {"text": field.errors[0]} if field.errors else none
}) }}
{% endmacro %}
{% macro several(field) %}
{% set items = [] %}
{% for value, label in field.choices %}
{% set _ = items.append({"value": value, "text": label, "checked": value in (field.data or []),
                         "id": field.id if loop.first else field.id ~ "-" ~ loop.index}) %}
{% endfor %}
{{ govukCheckboxes({
  "idPrefix": field.id, "name": field.name, "items": items,
  "fieldset": {"legend": {"text": field.label.text, "classes": "govuk-fieldset__legend--s"}},
  "hint": {"text": field.hint} if field.hint else none,
  "errorMessage": {"text": field.errors[0]} if field.errors else none
}) }}
{% endmacro %}
{% macro choice(field, heading=false) %}
{% set items = [] %}
{% for value, label in field.choices %}
{% set _ = items.append({"value": value, "text": label, "checked": field.data == value,
                         "id": field.id if loop.first else field.id ~ "-" ~ loop.index}) %}
{% endfor %}
{{ govukRadios({
  "idPrefix": field.id, "name": field.name, "items": items,
  "fieldset": {"legend": {"text": field.label.text, "isPageHeading": heading,
                          "classes": "govuk-fieldset__legend--l" if heading else "govuk-fieldset__legend--s"}},
  "hint": {"text": field.hint} if field.hint else none,
  "errorMessage": {"text": field.errors[0]} if field.errors else none
}) }}
{% endmacro %}"""
CALLS = ["text(field)", "text(field, heading=true)", "text(field, width='govuk-input--width-5')",
         "paragraphs(field)", "choice(field)", "choice(field, heading=true)", "several(field)"]  # fmt: skip
ODD = "<b> & \"quoted\" 'too' {{ 1 }}"


class EveryKind(Form):
    plain = Text(ODD, missing=f"Enter {ODD}", hint=ODD)
    bare = Text("Bare")
    name = FullName()
    email = WorkEmail(hint="Use your work email")
    phone = Phone()
    number = Whole("Places", missing="Enter places", least=1, most=9)
    day = Day("Day", missing="Enter a day")
    time = TimeOfDay("Opens")
    checked = Text("Spelt", spellcheck=True)
    words = Paragraphs("What happened", missing="Enter what happened", hint="In a few words", rows=6)
    note = Paragraphs("Note")
    kind = Choice("Which?", [("a", "First"), (ODD, ODD), ("c", "Third")], missing=f"Select {ODD}", hint=ODD)
    yes = Choice("Yes?", [("yes", "Yes")], missing="Select yes")
    some = Several("Which of them?", [("a", "First"), (ODD, ODD)], missing=f"Select {ODD}", hint=ODD)
    agreed = Several("Agreed?", [("yes", ODD)])


POSTED = {
    "nothing": {},
    "all": {"plain": ODD, "bare": "b", "name": "N", "email": "a@b.example", "phone": "07700 900982", "number": "3",
            "day": "2019-04-15", "time": "09:30", "words": f"one\n{ODD}", "note": "n",
            "kind": ODD, "yes": "yes", "some": ODD, "agreed": "yes"},
    "wrong": {"plain": "x" * 200, "email": ODD, "phone": "1", "number": "x", "day": "x", "time": "x", "kind": "x"},
}  # fmt: skip


DRAWN_BY: dict[type, str] = {Several: "several", Choice: "choice", Paragraphs: "paragraphs"}


class Drawn(HTMLParser):
    """Tags with their attributes, in order, and texts without the blanks around them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        text = data if "\n" in data.strip() else data.strip()
        self.parts += [text] if text else []


def drawn(macros: str, call: str, field: object) -> list[object]:
    return Drawn(templates().from_string(f"{macros}{{{{ {call} }}}}").render(field=field)).parts


@pytest.mark.parametrize("form", [EveryKind, *FORMS.values()])
@pytest.mark.parametrize("answers", [*POSTED, "not sent"])
def test_each_field_is_drawn_as_the_design_system_draws_it(form: type[Form], answers: str) -> None:
    filled = form(FormData(POSTED[answers])) if answers in POSTED else form()
    if answers in POSTED:
        filled.validate()
    compared = 0
    for field in filled:
        kind = next((kind for drawn_by, kind in DRAWN_BY.items() if isinstance(field, drawn_by)), "text")
        for call in CALLS if hasattr(field, "hint") else ():
            if call.startswith(kind):
                assert drawn(OURS, call, field) == drawn(THEIRS, call, field)
                compared += 1
    assert compared > 0


def test_what_belongs_to_a_choice_stands_below_it_whatever_is_chosen() -> None:
    """The design system hides it by an attribute that no radio may have: aria-expanded."""
    field = EveryKind()["yes"]
    parts = drawn(OURS, "choice(field, below={'yes': '<b>b</b>' | safe})", field)
    below = parts[parts.index("Yes") :]
    assert below[:5] == ["Yes", "/label", "/div", ("div", [("class", "govuk-radios__conditional")]), ("b", [])]
    assert ("b", []) not in drawn(OURS, "choice(field)", field)
