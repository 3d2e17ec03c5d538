"""Addresses that somebody typed for another person to answer: where a guest wants to be written to, a colleague whom a
guest names, and one who is to take over a place. Each is sealed in its row until it is answered or over.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from tortoise.models import Model

from events.event import Event
from events.ground.database import find_joined, within_tx

from .address_change import AddressChange
from .colleague import Colleague
from .hand_over import HandOver
from .registration import Registration

Typed = TypeVar("Typed", AddressChange, Colleague, HandOver)
OneOfThem = TypeVar("OneOfThem", bound=AddressChange | Colleague | HandOver)
KINDS: tuple[type[AddressChange | Colleague | HandOver], ...] = (AddressChange, Colleague, HandOver)
IsTheirs = Callable[[str, datetime], bool]  # an address, and when it was typed


BY_PUBLIC_ID = """FROM {table} typed JOIN registration ON registration.id = typed.registration_id
    JOIN event ON event.id = registration.event_id WHERE typed.public_id = ?"""


async def of_link(kind: type[OneOfThem], public_id: str) -> OneOfThem | None:
    """The one whose link has this public id, also if it is over; with the guest's request and the event."""
    joined: dict[str, type[Model]] = {"typed": kind, "registration": Registration, "event": Event}
    found = await find_joined(joined, BY_PUBLIC_ID.format(table=kind._meta.db_table), [public_id])
    if not found:
        return None
    row: OneOfThem = found["typed"]
    row.registration, row.registration.event = found["registration"], found["event"]
    return row


async def to(kind: type[Typed], event: Event, is_theirs: IsTheirs) -> list[Typed]:
    """Those that wait at an address that was somebody's when it was typed, by whomever. Each of the event is opened."""
    waiting = await kind.filter(registration__event_id=event.id, address_sealed__isnull=False).order_by("id")
    return [row for row in waiting if _is_to(row, is_theirs)]


@within_tx
async def end_to(event: Event, is_theirs: IsTheirs, public_ids: Collection[str] = ()) -> list[str]:
    """Nothing goes on waiting at an address of theirs, nor does any that has one of these public ids. The public ids of
    those that ended."""
    ended = list[str]()
    for kind in KINDS:
        waiting = await kind.filter(registration__event_id=event.id, address_sealed__isnull=False).order_by("id")
        theirs = [row for row in waiting if row.public_id in public_ids or _is_to(row, is_theirs)]
        await kind.filter(id__in=[row.id for row in theirs]).update(address_sealed=None)
        ended += [row.public_id for row in theirs]
    return ended


def _is_to(row: AddressChange | Colleague | HandOver, is_theirs: IsTheirs) -> bool:
    address = row.address
    return bool(address) and is_theirs(address, row.asked_at)
