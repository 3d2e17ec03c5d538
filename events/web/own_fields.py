"""Fields of a form, each copied from a pattern: WTForms would make them anew from their declaration for each form."""

from collections.abc import MutableMapping
from typing import Any

import wtforms
from wtforms.fields.core import Field, Label, UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta


class Pattern:
    """A field that was just made, without the form that it was made for: nothing was ever typed into it."""

    def __init__(self, field: Field) -> None:
        self.kind: type[Field] = type(field)
        self.facts = {name: fact for name, fact in vars(field).items() if name not in ("_form", "meta", "label")}
        self.label: tuple[str, str] = field.label.field_id, field.label.text
        self.may_change = [name for name, fact in self.facts.items() if isinstance(fact, list | dict)]

    def copied(self, form: BaseForm, meta: DefaultMeta) -> Field:
        """A field of this form alone, with a label and lists of its own, which a page may change."""
        field: Field = object.__new__(self.kind)
        held = field.__dict__
        held.update(self.facts, _form=form, meta=meta, label=Label(*self.label))
        for name in self.may_change:
            held[name] = held[name].copy()
        return field


class OwnFields(DefaultMeta):
    def bind_field(self, form: BaseForm, unbound_field: "UnboundField[Any]", options: MutableMapping[str, Any]) -> Any:
        """Names with a prefix are made up by pages, so there may be any number of those."""
        if options["prefix"]:
            return unbound_field.bind(form=form, **options)
        patterns: dict[str, Pattern] = vars(unbound_field).setdefault("patterns", {})
        if (name := options["name"]) not in patterns:
            patterns[name] = Pattern(unbound_field.bind(form=form, **options))
        return patterns[name].copied(form, self)


class FormOfCopies(wtforms.Form):
    Meta = OwnFields
