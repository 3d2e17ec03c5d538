"""The form of an announcement: who gets it, and what it says."""

from typing import Any

from wtforms.validators import StopValidation

from events.content.content_forms import MarkdownText
from events.web.forms import Choice, Form, Paragraphs, Several, Text
from registrations.people.registration import OrganisationKind
from registrations.telling import announcing
from registrations.telling.announcement import Announcement, Audience

ALL_KINDS = ALL_WORKSHOPS = "all"
UNGREETED = "ungreeted"
ASKED_ABOUT = [audience for audience in Audience if audience is not Audience.CHOSEN]  # that is chosen on a list


class Subject(Text):
    def check(self) -> None:
        if wrong := announcing.wrong_subject(self.data or ""):
            raise StopValidation(wrong)


class AnnouncementForm(Form):
    subject = Subject(
        "Subject", missing="Enter the subject", longest=100,
        hint="It shows on locked phones: say nothing of stalking or abuse in it",
    )  # fmt: skip
    greeting = Several("Greeting", [(UNGREETED, "Leave out “Dear [name],” at the top")])
    words = MarkdownText(
        "What you want to say",
        missing="Enter what you want to say",
        longest=5000,
        rows=10,
        hint="An empty line begins a paragraph, **two stars** make words bold, a line that begins with - is an item of"
        " a list, and [words](https://…) are a link. We add “Dear [name],” above your text, unless you leave it out,"
        " and below it a link to the ticket or the request, and how to reach you",
    )
    audience = Choice(
        "Who gets it?", [(audience.value, audience.value[:1].upper() + audience.value[1:]) for audience in ASKED_ABOUT],
        missing="Select who gets it",
    )  # fmt: skip
    kind = Choice(
        "Of which kind of organisation?",
        [(ALL_KINDS, "All kinds"), *((kind.value, kind.value.capitalize()) for kind in OrganisationKind)],
        missing="Select a kind of organisation, or all kinds",
    )
    workshop = Choice("Who takes part in which workshop?", [], missing="Select a workshop, or all people")
    references = Paragraphs(
        "Only these references (optional)",
        longest=2000,
        hint="One on each line, like HK7-4QD. Nobody else gets it then",
    )


class ListForm(AnnouncementForm):
    """To people who were fixed on a list: whom is no question any more."""

    audience = kind = workshop = references = None  # type: ignore[assignment]


def greets(form: AnnouncementForm) -> bool:
    return UNGREETED not in form.greeting.data


def text_of(found: Announcement) -> dict[str, Any]:
    """What the form shows of it."""
    greeting = [] if found.greets else [UNGREETED]
    return {"subject": found.subject or "", "words": found.words or "", "greeting": greeting}
