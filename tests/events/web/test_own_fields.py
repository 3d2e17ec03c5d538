"""Forms have fields of their own, though these are copied: what one form is told, no other one hears."""

import gc
from collections.abc import Iterable
from typing import Any

import wtforms
from starlette.datastructures import FormData

from events.web.forms import Choice, FewDays, Form, Paragraphs, Several, Text, WorkEmail
from events.web.own_fields import Pattern

COLOURS = [("red", "Red"), ("blue", "Blue")]
POSTED = {"name": "Ada Ashdown", "email": "ada@wardens.example.org", "colour": "red", "several": "blue", "hidden": "x"}


class Asked(Form):
    name = Text("Name", missing="Enter a name", autocomplete="name")
    email = WorkEmail()
    more = Paragraphs("More", rows=3)
    colour = Choice("Colour", COLOURS, missing="Select a colour")
    several = Several("Several", COLOURS)
    days = FewDays("Days", most=9)
    hidden = wtforms.HiddenField()


class AsWTFormsMakesIt(Asked):
    class Meta:
        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
            return unbound_field.bind(form=form, **options)


def facts_of(form: Form) -> dict[str, Any]:
    """All that is known of each field, but for its form and what is the form's."""
    facts = {field.name: dict(vars(field)) for field in form}
    for known in facts.values():
        known |= {"label": str(known["label"]), "flags": vars(known["flags"])}
        del known["_form"], known["meta"]
    return facts


def checked(made: type[Form], **posted: str) -> Form:
    form = made(FormData(posted))
    form.validate()
    return form


def test_a_copied_field_is_as_wtforms_makes_it() -> None:
    for posted in ({}, POSTED, {"email": "none", "days": "12", "colour": "green"}):
        for _ in range(2):
            mine, stock = checked(Asked, **posted), checked(AsWTFormsMakesIt, **posted)
            assert facts_of(mine) == facts_of(stock)
            assert (mine.data, mine.errors) == (stock.data, stock.errors)
    assert [field.id for field in Asked(prefix="a")] == [field.id for field in AsWTFormsMakesIt(prefix="a")]


def test_each_form_has_fields_of_its_own() -> None:
    one, two = Asked(), Asked()
    assert [vars(field)["_form"] is form for form in (one, two) for field in form] == [True] * 14
    assert [field.meta is form.meta for form in (one, two) for field in form] == [True] * 14


def test_what_a_page_changes_on_a_form_stands_on_no_other() -> None:
    changed = checked(Asked, **POSTED | {"colour": "green"})
    name, colour = vars(changed["name"]), vars(changed["colour"])
    name["label"].text = "What Ada is called"
    name["shown"]["inputmode"] = "none"
    colour["choices"].append(("green", "Green, for Ada"))
    colour["errors"].append("Ada has no colour")
    assert facts_of(Asked()) == facts_of(AsWTFormsMakesIt())
    assert "Green, for Ada" in f"{facts_of(changed)}"  # the control


def reachable(things: Iterable[object]) -> str:
    """All texts that these hold, however deep, but for classes and modules."""
    seen, left, texts = set[int](), list(things), list[str]()
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ in ("module", "function"):
            continue
        seen.add(id(thing))
        texts += [thing] if isinstance(thing, str) else []
        left += gc.get_referents(thing)
    return "\n".join(texts)


def test_nothing_that_was_typed_stays_with_what_fields_are_copied_from() -> None:
    class First(Form):
        name = Text("Name", missing="Enter a name")
        email = WorkEmail()

    form = checked(First, **POSTED)
    patterns: list[Pattern] = [
        pattern for _, declared in First._unbound_fields or [] for pattern in vars(declared)["patterns"].values()
    ]
    assert len(patterns) == 2
    assert "Enter a name" in reachable(patterns)
    assert [typed for typed in ("Ada Ashdown", "ada@wardens.example.org") if typed in reachable(patterns)] == []
    assert "Ada Ashdown" in reachable([form])  # the control
