"""The box into which answers are put: how often each was given, never who gave it, in which order, or when.

There is no row for an answer. An event has one box, with two sealed values: numbers, under the instance key, and words,
under the event's data key, since they may name somebody. Nothing in it says which words came with which numbers.

Whoever looks at results again and again would see each answer come. So answers come into them five at a time, drawn by
chance from those that wait, of which five to nine are left: these come once feedback is closed. It is drawn for each
question by itself, so what is left is never only the newest, and fits nobody.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import clock, data_keys, keys
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from registrations.people.person import NAMED

from .questions import AFTER, BEFORE, TEXTS

NUMBERS, WORDS = "feedback.numbers", "feedback.words"  # sealed for
OPEN_FOR = timedelta(days=30)  # after the event's day
KEPT = Period(timedelta(days=365), "after the event")
BY_CHANCE = random.SystemRandom()
TOGETHER = 5  # answers that come into the results at a time, and fewer than which show nothing
NOON = 12
REMOVED = "removed"
CHANGE = "change"  # counts what one person said of before and after: "2>4"
BASIS = "public task (council), legitimate interests (charity); answering is optional"
NOTICE = "what you say in feedback after the event, if you give any: to do better next time; kept without your name"
NUMBERS_SEALED = Personal(
    "how often each answer was given after the event, sealed: of nobody, and kept as if it were of people", BASIS,
    str(KEPT),
)  # fmt: skip
WORDS_SEALED = Personal(
    "what people wrote after the event, apart from their other answers, sealed: it may name somebody", BASIS,
    str(NAMED), notice=NOTICE,
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """Of one person: the number of each answer they chose, what they wrote, and of which kind of organisation they are.
    All of it is optional."""

    scales: dict[str, int]
    texts: dict[str, str]
    kind: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.scales or self.texts)


@dataclass
class Part:
    """Answers that came into the results together, or will: how many, how often each, and what was written."""

    people: int = 0
    cells: Counter[str] = field(default_factory=Counter)  # "police|content|4": how often
    texts: dict[str, list[str]] = field(default_factory=dict)  # in alphabetical order

    def add(self, answer: Answer) -> None:
        self.people += 1
        said: dict[str, object] = dict(answer.scales)
        if BEFORE in said and AFTER in said:
            said[CHANGE] = f"{said[BEFORE]}>{said[AFTER]}"
        self.cells.update(f"{answer.kind}|{question}|{value}" for question, value in said.items())
        for question, text in answer.texts.items():
            self.texts[question] = sorted([*self.texts.get(question, []), text], key=str.casefold)

    def take_half(self) -> "Part":
        """Takes half of the answers to each question out, by chance, and returns them."""
        taken = Part(self.people // 2)
        for _, cells in groupby(sorted(self.cells.elements(), key=question_of), key=question_of):
            taken.cells.update(_half(list(cells)))
        taken.texts = {question: sorted(_half(texts), key=str.casefold) for question, texts in self.texts.items()}
        self.people -= taken.people
        self.cells -= taken.cells
        for question, texts in taken.texts.items():
            for text in texts:
                self.texts[question].remove(text)
        return taken

    def take_in(self, other: "Part") -> None:
        self.people += other.people
        self.cells += other.cells
        for question in TEXTS:
            texts = [*self.texts.get(question, []), *other.texts.get(question, [])]
            self.texts |= {question: sorted(texts, key=str.casefold)} if texts else {}

    def count(self, question: str, value: object, kind: str | None = None) -> int:
        """How often this answer was given, by those of one kind or, without one, by all."""
        end = f"|{question}|{value}"
        if kind is not None:
            return self.cells[f"{kind}{end}"]
        return sum(number for cell, number in self.cells.items() if cell.endswith(end))


def question_of(cell: str) -> str:
    return cell.split("|")[1]


def _half(found: list[str]) -> list[str]:
    return BY_CHANCE.sample(found, len(found) // 2)


@dataclass
class Contents:
    """What is in the results, and what waits to come into them. `removed`: how many of the texts that were shown, by
    question."""

    shown: Part = field(default_factory=Part)
    waiting: Part = field(default_factory=Part)
    removed: Counter[str] = field(default_factory=Counter)

    @property
    def parts(self) -> dict[str, Part]:
        return {"shown": self.shown, "waiting": self.waiting}

    @property
    def people(self) -> int:
        return sum(part.people for part in self.parts.values())

    def put(self, answer: Answer) -> None:
        self.waiting.add(answer)
        if self.waiting.people == 2 * TOGETHER:
            self.shown.take_in(self.waiting.take_half())

    def show_all(self) -> None:
        """Once nobody can answer any more: then five to nine come together, or all where there are fewer than ten."""
        self.shown.take_in(self.waiting)
        self.waiting = Part()

    @property
    def numbers(self) -> str:
        """Each value in the order of its name, so that no order says what came first."""
        said = {
            name: {"people": part.people, "cells": dict(sorted(part.cells.items()))}
            for name, part in self.parts.items()
        }
        return json.dumps(said, separators=(",", ":"))

    @property
    def words(self) -> str:
        said = {name: part.texts for name, part in self.parts.items()} | {REMOVED: self.removed}
        return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def contents_of(numbers: str, words: str) -> Contents:
    counted, said = json.loads(numbers), json.loads(words) if words else {}
    parts = {name: _part(part, said.get(name, {})) for name, part in counted.items()}
    return Contents(**parts, removed=Counter(said.get(REMOVED)))


def _part(counted: dict[str, Any], texts: dict[str, list[str]]) -> Part:
    return Part(counted["people"], Counter(counted["cells"]), texts)


class FeedbackBox(Model):
    """An event has one, from the moment at which its guests are asked."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="feedback_boxes", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    asked = fields.IntField()  # how many were sent a link
    asked_at = fields.DatetimeField()  # all of them at once
    is_closed = fields.BooleanField(default=False, db_default=False)  # for good: what is shown then never changes
    numbers_sealed = personal(fields.BinaryField(), NUMBERS_SEALED)
    words_sealed = personal(fields.BinaryField(null=True), WORDS_SEALED)

    MADE = made(
        numbers_sealed=Sealed(NUMBERS, "feedback|{event_id}"),
        words_sealed=Sealed(WORDS, "feedback|{event_id}", event="event_id"),
    )

    class Meta:
        app, table = "registrations", "feedback_box"

    @property
    def contents(self) -> Contents | None:
        """None where it cannot be read; then an error in our log names the row. Without words once these are
        deleted."""
        return opened(self.id, self.event_id, bytes(self.numbers_sealed), self.words_sealed)


def opened(id_: int, event_id: int, numbers: bytes, words: bytes | None) -> Contents | None:
    row, named = f"feedback|{event_id}", f"feedback_box:{id_}"
    counted = keys.opened_in(named, NUMBERS, numbers, row)
    said = data_keys.opened_in(named, WORDS, row, bytes(words)) if words else ""
    return None if counted is None or said is None else contents_of(counted, said)


def sealed_numbers(event_id: int, contents: Contents) -> bytes:
    return keys.seal(NUMBERS, contents.numbers, f"feedback|{event_id}")


def sealed_words(event_id: int, contents: Contents, before: bytes | None) -> bytes | None:
    """Under the key of what it replaces. Nothing where there is nothing: words that were deleted do not come back."""
    return data_keys.seal_as(bytes(before), WORDS, f"feedback|{event_id}", contents.words) if before else None


def empty_words(event: Event) -> bytes:
    """In a new row of the event."""
    return data_keys.seal(event.data_key, WORDS, f"feedback|{event.id}", Contents().words)


def last_day(event: Event) -> date:
    """On which feedback is taken."""
    return event.day + OPEN_FOR


def last_day_words(event: Event) -> str:
    """Wednesday 15 May 2019."""
    return clock.day_words(clock.at_venue(last_day(event), NOON, 0))
