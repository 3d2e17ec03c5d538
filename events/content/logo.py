"""The logo of a host, as it is shown: a small PNG that was drawn anew here, and the words for who cannot see it."""

from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground.database import find_row, query

MARK_LENGTH = 32
OF_EVENT = "SELECT id, host, alt, mark, width, height FROM host_logo WHERE event_id = ? ORDER BY id"


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


class Shown(NamedTuple):
    """A logo without its picture, which has an address of its own."""

    id: int
    host: str
    alt: str
    mark: str
    width: int
    height: int


async def logos_of(event: Event) -> list[Shown]:
    """Of its hosts, in the order in which they are named. One whose host is not named any more is shown nowhere."""
    shown = [Shown(**row) for row in await query(OF_EVENT, [event.id])]
    order = [host["name"] for host in event.hosts]
    return sorted((logo for logo in shown if logo.host in order), key=lambda logo: order.index(logo.host))


async def logo_at(event: Event, mark: str) -> HostLogo | None:
    """Of this event alone."""
    return await find_row(HostLogo, "event_id = ? AND mark = ?", [event.id, mark])
