"""What organisers are asked of a session, a workshop, a slot, and of who sees the programme."""

from events.programme.changing import MOST_IN_A_WORKSHOP, Times
from events.programme.programme import Entry, ShownTo, Words, time_words
from events.web import forms
from events.web.forms import Choice, Form, Paragraphs, Text, TimeOfDay

TEXT_HINT = "Whoever sees the programme reads this. Name a speaker only if they agreed"
NOTE_HINT = (
    "What may distress somebody, in plain words, like: describes a case of stalking, with messages read aloud. It"
    " stands with the title, so that people can choose"
)
ROOM_HINT = "Only guests with a place see it, once the venue is released"
SHOWN_TO = [
    (ShownTo.NOBODY.value, "Nobody yet"),
    (ShownTo.GUESTS.value, "Guests with a place"),
    (ShownTo.EVERYBODY.value, "Everybody"),
]


class WordsForm(Form):
    title = Text("Title", missing="Enter the title", longest=150)
    text = Paragraphs("Text", longest=1000, hint=TEXT_HINT)
    content_note = Paragraphs("Content note", longest=300, rows=2, hint=NOTE_HINT)
    room = Text("Room", longest=100, hint=ROOM_HINT)

    @property
    def words(self) -> Words:
        said = (self.title.data, self.text.data, self.room.data, self.content_note.data)
        return Words(*(text or "" for text in said))


class TimesForm(Form):
    starts = TimeOfDay("Starts", missing="Enter when it starts", hint="In 24 hours, like 09:30")
    ends = TimeOfDay("Ends", missing="Enter when it ends", hint="Like 10:15")

    @property
    def times(self) -> Times:
        return Times(self.starts.minutes or 0, self.ends.minutes or 0)


class SessionForm(WordsForm, TimesForm):
    """A session for everybody."""


class WorkshopForm(WordsForm):
    capacity = forms.Whole(
        "How many people can take part?", missing="Enter how many people can take part, or 0 for any number", least=0,
        most=MOST_IN_A_WORKSHOP, hint="Enter 0 for any number",
    )  # fmt: skip


class ShownForm(Form):
    shown_to = Choice("Who sees the programme?", SHOWN_TO, missing="Select who sees the programme")


def typed_words(entry: Entry) -> dict[str, str]:
    """As a form shows them; nothing where they cannot be read."""
    words = entry.item.words or Words()
    return {"title": words.title, "text": words.text, "room": words.room, "content_note": words.content_note}


def typed_times(starts: int, ends: int) -> dict[str, str]:
    return {"starts": time_words(starts), "ends": time_words(ends)}
