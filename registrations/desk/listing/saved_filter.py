"""A filter of a list that an organiser keeps under a name: which part of the list, in which order and columns.

It holds nothing that was searched for, and names nobody.
"""

from enum import StrEnum
from urllib.parse import urlencode

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event

LONGEST_NAME = 40


class Listed(StrEnum):
    PEOPLE = "people"
    REQUESTS = "requests"


class SavedFilter(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="saved_filters", on_delete=OnDelete.CASCADE
    )
    event_id: int
    of = fields.CharEnumField(Listed, description="from the closed list", max_length=10)
    name = fields.CharField(max_length=LONGEST_NAME)
    query = fields.CharField(max_length=400)  # of the list's page: values of closed lists alone
    is_shared = fields.BooleanField(default=False)  # with all who organise the event; else it is its maker's own
    saved_by = fields.CharField(max_length=40)  # 'staff:3'
    saved_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "saved_filter"

    @property
    def path(self) -> str:
        """Below the event's desk."""
        return f"{self.of}?{self.query}" if self.query else str(self.of)


def as_query(values: dict[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value})
