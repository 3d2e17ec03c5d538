"""A case: a complaint, an incident or a rights request. It is open until somebody closes it, and deleted a year later.

Meanwhile the leads are reminded of it. What a kind of case says about itself here is all that `casework` needs of it.
"""

import json
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from tortoise import fields
from tortoise.expressions import Q
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.audit.action import Action
from events.event import Event
from events.ground import keys

KEPT = "12 months after it is closed"
WEEK = timedelta(days=7)


def said_in(*texts: str | None) -> str | None:
    """One text of these, by which it is known when they are sent twice. None if one of them cannot be read."""
    return None if None in texts else json.dumps(texts)


class Acts(NamedTuple):
    """What the audit log calls that which is done with each kind alike."""

    read: Action
    reminded: Action
    closed: Action
    deleted: Action


class Case(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", on_delete=OnDelete.RESTRICT)
    event_id: int
    reminded = fields.IntField(default=0)  # so many of its reminders the leads have been sent
    version = fields.IntField(default=0)  # grows with each change, so that none replaces another unseen
    closed_at = fields.DatetimeField(null=True)

    NAME: ClassVar[str]  # 'complaint': in sentences, in paths of the desk, and in the causes of its emails
    ALERT: ClassVar[str]  # the template of the email to the leads
    DIGEST: ClassVar[str] = ""  # the template of one email to the leads about many; "" where there are never many
    ACTS: ClassVar[Acts]
    COMPLETE: ClassVar[Q]  # what is true of a row that may be closed
    NOT_COMPLETE: ClassVar[str]  # the sentence for whoever closes another one

    class Meta:
        abstract = True

    def opened(self, sealed_for: str, sealed: bytes, row: str) -> str | None:
        """None if it was damaged: the rest of the case stands, and an error in our log names the row."""
        return keys.opened_in(f"{self._meta.db_table}:{self.id}", sealed_for, sealed, row)

    def reminders_due(self, at: datetime) -> int:
        """How many of its own reminders should have gone out by now. Once it is overdue, `overdue` reminds of it."""
        raise NotImplementedError

    def is_overdue(self, at: datetime) -> bool:
        raise NotImplementedError
