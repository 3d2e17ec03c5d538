"""A form for one part of an event, and how two organisers who change the same part at a time do not undo each other."""

from collections.abc import Mapping
from typing import Any

from events.event import Event
from events.ground import keys
from events.web.forms import Form

LONGEST_QUOTED = 100  # characters
CHANGED_MEANWHILE = "Someone else has changed this since you opened the page{}. Save again to replace theirs with yours"


class PartForm(Form):
    """One part of an event: how it is filled, and what it says in the end. `read_by_all`: fields of public pages."""

    read_by_all: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Event) -> "PartForm":
        return cls(data={name: getattr(event, name) for name in cls.names()})

    @classmethod
    def names(cls) -> list[str]:
        return [field.name for field in cls()]

    def details(self, event: Event) -> dict[str, Any]:
        return {field.name: field.data or "" for field in self}

    @classmethod
    def stands(cls, event: Event) -> dict[str, str]:
        """Each field as it stands now, as text."""
        return {field.name: field.data or "" for field in cls.of(event)}

    def marks(self, event: Event) -> dict[str, str]:
        """A keyed mark of each field as it stands now. The page carries them, so that it is known what was seen."""
        stands = self.stands(event)
        return {field.name: _marks(event, field.label.text, stands[field.name])[0] for field in self}

    def check(self, event: Event, seen: Mapping[str, str]) -> bool:
        """Validates what was posted. `seen`: the marks of its page.

        What the organiser left as it was shown becomes what it is now. False if somebody else has changed what they
        changed too; saved once more, with the marks of now, theirs counts.
        """
        stands, marks, both = self.stands(event), self.marks(event), list[str]()
        for field in self:
            typed, mark, label = field.data or "", seen.get(field.name, marks[field.name]), field.label.text
            if mark in _marks(event, label, stands[field.name]) or typed == stands[field.name]:
                continue
            if mark in _marks(event, label, typed):
                field.data = stands[field.name]
            else:
                both.append(field.name)
        self.validate()
        for name in both:
            self[name].errors = [*self[name].errors, CHANGED_MEANWHILE.format(_now(self.of(event)[name].data))]
        return not both


def _marks(event: Event, label: str, text: str) -> list[str]:
    """By the label, since it names the host whose contact it is. Under each key of ours: a page may be older than the
    newest."""
    return keys.keyed_hashes("event as shown", f"{event.id}|{label}|{text}")


def _now(text: str | None) -> str:
    return f", to “{text.rstrip('.')}”" if text and len(text) <= LONGEST_QUOTED and "\n" not in text else ""
