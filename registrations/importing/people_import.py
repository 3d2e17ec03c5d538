"""A list that somebody has uploaded and not imported yet: sealed, for an hour at most. Its rows are nobody's request.

Rules: DP-16.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground import data_keys, keys
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from registrations.people.person import BASIS

SEALED_AS = "imported list"
LASTS = timedelta(hours=1)  # of the machine's clock
KEPT = Period(LASTS, "after it was uploaded, or once it is imported, but for rows that cannot be used")
LIST = Personal("a list of people that organisers have uploaded, sealed, until they import it", BASIS, str(KEPT))
UNUSABLE_AS = "rows of a list that cannot be used"
UNUSABLE = Personal("rows of a list that cannot be used, and why, sealed: for whoever imported it", BASIS,
                    str(KEPT))  # fmt: skip
ANSWERED_AS = "answers about a list"
ANSWERS = Personal("what organisers answered about such a list: an organisation for all, what words of it mean; sealed",
                   BASIS, str(KEPT))  # fmt: skip
Rows = Sequence[Sequence[str]]
Opened = tuple[list[str], list[list[str]]]  # its headings, and its rows


@dataclass(frozen=True)
class ListAnswers:
    """`organisation`: for everybody whose row has none. `kinds`: by a folded word for a kind of organisation ours."""

    organisation: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)


class PeopleImport(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="imports", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    public_id = fields.CharField(max_length=16)  # of its pages; the list is bound to it
    list_sealed = personal(fields.BinaryField(null=True), LIST)  # None once it is imported
    first_row = fields.IntField()  # in the file, the row below the headings
    chosen: Any = fields.JSONField(default=dict)  # which column says what, by our fields
    unusable_sealed = personal(fields.BinaryField(null=True), UNUSABLE)  # once it is imported
    answers_sealed = personal(fields.BinaryField(null=True), ANSWERS)
    begun_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="imports", on_delete=OnDelete.RESTRICT
    )
    begun_by_id: int
    begun_at = fields.DatetimeField()  # the machine's time
    done_at = fields.DatetimeField(null=True)
    taken = fields.IntField(default=0)  # so many of its people are dealt with: asked, known or left out
    invited = fields.IntField(default=0)
    known = fields.IntField(default=0)
    left_out = fields.IntField(default=0)

    MADE = made(
        list_sealed=Sealed(SEALED_AS, "{public_id}", event="event_id"),
        unusable_sealed=Sealed(UNUSABLE_AS, "{public_id}", event="event_id"),
        answers_sealed=Sealed(ANSWERED_AS, "{public_id}", event="event_id"),
    )

    class Meta:
        app, table = "registrations", "people_import"

    @property
    def kind_of_all(self) -> str:
        return str(self.chosen.get("of_all", ""))

    @property
    def mark(self) -> str:
        """Of the columns and answers as they are chosen now: a page that shows what they say brings it along."""
        told = json.dumps([self.chosen, asdict(self.answers)], sort_keys=True)
        return keys.keyed_hash("chosen columns", f"{self.id}|{told}")

    @property
    def answers(self) -> ListAnswers:
        """None yet where they were damaged, with an error in our log that names the row: they are asked for again."""
        if self.answers_sealed is None:
            return ListAnswers()
        named, kept = f"people_import:{self.id}", bytes(self.answers_sealed)
        text = data_keys.opened_in(named, ANSWERED_AS, self.public_id, kept)
        return ListAnswers(**json.loads(text)) if text else ListAnswers()

    @property
    def opened(self) -> Opened | None:
        """None once it is imported; and where it was damaged, with an error in our log that
        names the row."""
        return self._opened(SEALED_AS, self.list_sealed)

    @property
    def unusable(self) -> Opened | None:
        """The same of the rows that could not be used, once the others are imported."""
        return self._opened(UNUSABLE_AS, self.unusable_sealed)

    def _opened(self, purpose: str, kept: bytes | None) -> Opened | None:
        if kept is None:
            return None
        text = data_keys.opened_in(f"people_import:{self.id}", purpose, self.public_id, bytes(kept))
        if text is None:
            return None
        headings, *rows = json.loads(text)
        return headings, rows


def sealed(headings: Sequence[str], rows: Rows, event: Event, public_id: str) -> bytes:
    """For the row with this public id: in another one it does not open."""
    return _sealed(SEALED_AS, headings, rows, event, public_id)


def sealed_rest(headings: Sequence[str], rows: Rows, event: Event, public_id: str) -> bytes:
    """The same of rows that cannot be used."""
    return _sealed(UNUSABLE_AS, headings, rows, event, public_id)


def _sealed(purpose: str, headings: Sequence[str], rows: Rows, event: Event, public_id: str) -> bytes:
    text = json.dumps([list(headings), *map(list, rows)], ensure_ascii=False, separators=(",", ":"))
    return data_keys.seal(event.data_key, purpose, public_id, text)


def sealed_answers(answers: ListAnswers, event: Event, public_id: str) -> bytes:
    """For the row with this public id."""
    text = json.dumps(asdict(answers), ensure_ascii=False, separators=(",", ":"))
    return data_keys.seal(event.data_key, ANSWERED_AS, public_id, text)
