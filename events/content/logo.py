"""The logo of a host, as it is shown: a small PNG that was drawn anew here, and the words for who cannot see it."""

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground.database import find_row, find_rows

MARK_LENGTH = 32
OF_EVENT = "SELECT * FROM host_logo WHERE event_id = ? ORDER BY id"


class HostLogo(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="logos")
    event_id: int
    host = fields.CharField(max_length=200)  # its name, by which the event knows it
    alt = fields.CharField(max_length=200)
    picture = fields.BinaryField()
    mark = fields.CharField(max_length=MARK_LENGTH)  # a hash of the picture: another one has another address
    width = fields.IntField()
    height = fields.IntField()
    added_at = fields.DatetimeField()

    class Meta:
        app, table = "events", "host_logo"


async def logos_of(event: Event) -> list[HostLogo]:
    """Of its hosts, in the order in which they are named. One whose host is not named any more is shown nowhere."""
    rows: list[HostLogo] = await find_rows(HostLogo, OF_EVENT, [event.id])
    order = [host["name"] for host in event.hosts]
    return sorted((row for row in rows if row.host in order), key=lambda row: order.index(row.host))


async def logo_at(event: Event, mark: str) -> HostLogo | None:
    """Of this event alone."""
    return await find_row(HostLogo, "event_id = ? AND mark = ?", [event.id, mark])
