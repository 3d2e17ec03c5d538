"""A guest's wish to hand their place over: it waits for the colleague who is to have it, and then for an organiser.

Until an organiser has approved the colleague, place and ticket are the guest's. The row has the colleague's address
until they answer, then the number of their request; once it is over it has neither.
"""

from collections.abc import Collection
from datetime import datetime

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.ground import data_keys, tokens
from events.ground.database import among, find_row, find_rows, places, query, within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.ground.settings import current
from events.ground.tokens import Purpose

from .person import BASIS, UNCONFIRMED
from .registration import Registration

UNREAD = Period(UNCONFIRMED.time, "after a guest gave it to us, or once it is answered or taken back")
LINK_LASTS = UNREAD.time
MOST = 5  # colleagues whom we ask for one booking, one after the other: each may be a stranger
SEALED_AS = "address to hand over to"
ADDRESS = Personal(
    "the address of a colleague to whom a guest wants to hand their place over, sealed, until they answer",
    BASIS,
    str(UNREAD),
)
PUBLIC_ID = Personal(
    "the public half of the link with which a colleague says whether they take over a place",
    BASIS,
    "as `registration.public_id` of the guest, and then gone with its row",
)
EVENT_OF_HAND_OVER = "(SELECT r.event_id FROM registration r WHERE r.id = hand_over.registration_id)"


class HandOver(Model):
    id = fields.IntField(primary_key=True)
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="hand_overs"
    )
    registration_id: int  # of the guest whose place it is
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)
    address_sealed = personal(fields.BinaryField(null=True), ADDRESS)  # None once they have answered, or it is over
    receiver: fields.ForeignKeyNullableRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="takes_over", on_delete=OnDelete.SET_NULL, null=True
    )
    receiver_id: int | None  # the colleague's own request, while an organiser is to decide on it
    says_who = fields.BooleanField(default=False)  # the guest chose that our email to the colleague names them
    asked_at = fields.DatetimeField()  # the link lasts from then on
    lapsed_at = fields.DatetimeField(null=True)  # when the guest was told that nobody had answered in time

    MADE = made(address_sealed=Sealed(SEALED_AS, "{public_id}", event=EVENT_OF_HAND_OVER))

    class Meta:
        app, table = "registrations", "hand_over"

    @property
    def address(self) -> str:
        """The colleague's, in its normal form. Empty once they have answered, or if it does not open."""
        sealed = self.address_sealed
        named = f"hand_over:{self.id}"
        return (sealed and data_keys.opened_in(named, SEALED_AS, self.public_id, sealed)) or ""

    def asks(self, at: datetime) -> bool:
        """Whether the colleague can still answer."""
        return bool(self.address) and at < self.asked_at + LINK_LASTS

    def has_lapsed(self, at: datetime) -> bool:
        """Whether the colleague did not answer in time; before the guest was told, too."""
        waits = self.address_sealed is not None and self.receiver_id is None
        return self.lapsed_at is not None or (waits and at >= self.asked_at + LINK_LASTS)

    def is_open(self, at: datetime) -> bool:
        """Whether it waits for the colleague or for an organiser."""
        return self.receiver_id is not None or self.asks(at)

    @property
    def link(self) -> str:
        """The address of the colleague's page, complete, for an email."""
        return f"{current().base_url}/{Purpose.TAKE_OVER.value}/{tokens.make(Purpose.TAKE_OVER, self.public_id, 0)}"


NOT_OVER = "(address_sealed IS NOT NULL OR receiver_id IS NOT NULL)"
OF_GUEST = f"registration_id = ? AND {NOT_OVER}"
OF_ANY = f"""SELECT * FROM hand_over WHERE {NOT_OVER} AND (registration_id IN ({{ids}}) OR receiver_id IN ({{ids}}))
    ORDER BY id"""  # noqa: S608  # ours
END = f"""UPDATE hand_over SET address_sealed = NULL, receiver_id = NULL
    WHERE id = ? AND coalesce(receiver_id, 0) = ? AND {NOT_OVER} RETURNING id"""  # noqa: S608


async def last_of(registration: Registration) -> int:
    """The number of the last that this guest asked for, whatever became of it; 0 if they asked for none."""
    found = await query("SELECT max(id) AS last FROM hand_over WHERE registration_id = ?", [registration.id])
    return int(found[0]["last"] or 0)


async def open_of(registration: Registration, at: datetime) -> HandOver | None:
    """By which this guest hands their place over. There is one at most."""
    found = await find_row(HandOver, OF_GUEST, [registration.id])
    return found if found is not None and found.is_open(at) else None


NEWEST = "registration_id = ? ORDER BY id DESC LIMIT 1"


async def has_lapsed(registration: Registration, at: datetime) -> bool:
    """Whether the colleague whom this guest asked last did not answer in time."""
    newest = await find_row(HandOver, NEWEST, [registration.id])
    return newest is not None and newest.has_lapsed(at)


async def with_any_of(ids: Collection[int]) -> list[HandOver]:
    """Those that are not over in which these requests hand over, or take over."""
    return await find_rows(HandOver, OF_ANY.format(ids=places(len(ids))), [*ids, *ids]) if ids else []


async def by_receiver(ids: Collection[int]) -> dict[int, HandOver]:
    """By which these requests take over a place, by their ids."""
    wanted, values = among("receiver_id", "int", ids)
    found = await find_rows(HandOver, f"SELECT * FROM hand_over WHERE {wanted}", values) if ids else []  # noqa: S608
    return {hand_over.receiver_id: hand_over for hand_over in found if hand_over.receiver_id}


@within_tx
async def end(hand_over: HandOver) -> bool:
    """False if it is over, or was answered since it was read. Hold the request of the guest, or of the colleague."""
    return bool(await query(END, [hand_over.id, hand_over.receiver_id or 0]))
