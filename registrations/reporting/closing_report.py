"""The report of an event for its hosts, as it was when it was made: numbers alone, those under five hidden.

What is hidden stands nowhere in the row. So it outlives everybody whom it counts, and says the same a year later.
"""

from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event


class ClosingReport(Model):
    """The database keeps one for a day of the event: a second one, a day later, would tell who came between."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="closing_reports", on_delete=OnDelete.CASCADE
    )
    event_id: int
    day = fields.DateField()  # of the event: one that is put off has another report
    figures: Any = fields.JSONField()  # as `figures.figures` returns them
    made_at = fields.DatetimeField()
    made_by = fields.CharField(max_length=40)  # 'staff:3', or 'system'

    class Meta:
        app, table = "registrations", "closing_report"
