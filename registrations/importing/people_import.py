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
KEPT = Period(LASTS, "after it was uploaded, or at once when it is imported")
LIST = Personal("a list of people that organisers have uploaded, sealed, until they import it", BASIS, str(KEPT))
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
        if self.list_sealed is None:
            return None
        named, sealed = f"people_import:{self.id}", bytes(self.list_sealed)
        text = data_keys.opened_in(named, SEALED_AS, self.public_id, sealed)
        if text is None:
            return None
        headings, *rows = json.loads(text)
        return headings, rows


def sealed(headings: Sequence[str], rows: Rows, event: Event, public_id: str) -> bytes:
    """For the row with this public id: in another one it does not open."""
    text = json.dumps([list(headings), *map(list, rows)], ensure_ascii=False, separators=(",", ":"))
    return data_keys.seal(event.data_key, SEALED_AS, public_id, text)


def sealed_answers(answers: ListAnswers, event: Event, public_id: str) -> bytes:
    """For the row with this public id."""
    text = json.dumps(asdict(answers), ensure_ascii=False, separators=(",", ":"))
    return data_keys.seal(event.data_key, ANSWERED_AS, public_id, text)
