"""A wish that we write to another address: it waits for whoever reads that one, and with a place for an organiser.

Until an organiser has approved it all goes to the address that was vetted, which can stop it. So nobody who gets hold
of a link takes a booking over unseen, and a mistyped address is told nothing. An organiser types it for somebody who
telephones or writes, also before a place was offered: then there is nothing to hold, and its Yes is enough.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.ground import clock, data_keys, tokens
from events.ground.database import among, find_row, find_rows, query, within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.ground.settings import current
from events.ground.tokens import Purpose

from .person import BASIS, UNCONFIRMED
from .registration import Registration, State

UNREAD = Period(
    UNCONFIRMED.time,
    "after it was typed, or with its request once it has said yes, unless it is approved, refused or stopped before",
)
LINK_LASTS = UNREAD.time
SEALED_AS = "new address"
ADDRESS = Personal(
    "another address that a guest wants us to write to, sealed, until it is vetted, stopped or refused",
    BASIS,
    str(UNREAD),
)
PUBLIC_ID = Personal(
    "the public half of the links with which the new address says yes to it, and the present one stops it",
    BASIS,
    "as `registration.public_id`, and then gone with its row",
)
WITHOUT_A_PLACE = {State.CONFIRMED, State.WAITING}  # where its Yes alone is enough, if an organiser typed it
ASKED_IN = {State.APPROVED, *WITHOUT_A_PLACE}  # an offer is answered first; so is a second look
# Of these requests one that has said yes waits until they are approved, whichever way they go meanwhile.
WAITS_IN = (State.RECHECKING, State.CONFIRMED, State.WAITING, State.OFFERED, State.NOT_OFFERED)
STOPPED_IN = tuple(state for state in WAITS_IN if state is not State.NOT_OFFERED)  # who has no booking to keep
EVENT_OF_CHANGE = "(SELECT r.event_id FROM registration r WHERE r.id = address_change.registration_id)"


class AddressChange(Model):
    id = fields.IntField(primary_key=True)
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="address_changes"
    )
    registration_id: int
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)
    address_sealed = personal(fields.BinaryField(null=True), ADDRESS)  # None once it is over
    asked_at = fields.DatetimeField()  # its links last from then on
    confirmed_at = fields.DatetimeField(null=True)  # the new address said yes: an organiser looks at it
    asked_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="address_changes", on_delete=OnDelete.RESTRICT, null=True
    )
    asked_by_id: int | None  # the organiser who typed it for somebody who telephoned or wrote; None: the guest did

    MADE = made(address_sealed=Sealed(SEALED_AS, "{public_id}", event=EVENT_OF_CHANGE))

    class Meta:
        app, table = "registrations", "address_change"

    @property
    def address(self) -> str:
        """In its normal form. Empty once it is over, or if it does not open."""
        sealed = self.address_sealed
        named = f"address_change:{self.id}"
        return (sealed and data_keys.opened_in(named, SEALED_AS, self.public_id, sealed)) or ""

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be said yes to, or stopped."""
        return bool(self.address) and (self.confirmed_at is not None or at < self.asked_at + LINK_LASTS)

    @property
    def typed_words(self) -> str:
        """When an organiser typed it: 09:00 on Monday 8 April 2019. Nothing if the guest did."""
        asked = f"{clock.time_words(self.asked_at)} on {clock.day_words(self.asked_at)}"
        return asked if self.asked_by_id else ""

    def asks_in(self, state: State) -> bool:
        """Whether its Yes does something as long as the request is in this state."""
        return state in ASKED_IN

    def can_be_stopped_in(self, state: State) -> bool:
        """Whether the present address can stop it as long as the request is in this state."""
        return state in STOPPED_IN if self.confirmed_at else self.asks_in(state)

    @property
    def only_typed(self) -> bool:
        """Whether nothing has changed by it yet, and nobody had a link: an organiser typed it for somebody without a
        place. The request has to be loaded."""
        by_organiser = self.confirmed_at is None and self.asked_by_id is not None
        return by_organiser and self.registration.state in WITHOUT_A_PLACE

    def link(self, purpose: Purpose) -> str:
        """The address of its page, complete, for an email."""
        return f"{current().base_url}/{purpose.value}/{tokens.make(purpose, self.public_id, 0)}"


Moving = Mapping[int, AddressChange]  # by the ids of the requests
OPEN = "registration_id = ? AND address_sealed IS NOT NULL"


END = "UPDATE address_change SET address_sealed = NULL WHERE id = ? AND address_sealed IS NOT NULL RETURNING id"
END_ALL = "UPDATE address_change SET address_sealed = NULL WHERE registration_id = ? RETURNING id"


async def last_of(registration: Registration) -> int:
    """The number of the last that was asked for, whatever became of it; 0 if none was."""
    found = await query("SELECT max(id) AS last FROM address_change WHERE registration_id = ?", [registration.id])
    return int(found[0]["last"] or 0)


async def open_of(registration: Registration, at: datetime) -> AddressChange | None:
    """There is one at most: a newer one ends those before it."""
    found = await find_row(AddressChange, OPEN, [registration.id])
    return found if found is not None and found.is_open(at) else None


CONFIRMED = "SELECT * FROM address_change WHERE {wanted} AND address_sealed IS NOT NULL AND confirmed_at IS NOT NULL"


async def confirmed_of(ids: Collection[int]) -> dict[int, AddressChange]:
    """Of these requests the new addresses that have said yes and wait for an approval, by the ids of the requests."""
    wanted, values = among("registration_id", "int", ids)
    found = await find_rows(AddressChange, CONFIRMED.format(wanted=wanted), values) if ids else []
    return {change.registration_id: change for change in found}


OF_EVENT = """SELECT c.* FROM address_change c JOIN registration r ON r.id = c.registration_id
    WHERE r.event_id = ? AND c.address_sealed IS NOT NULL AND c.confirmed_at IS NOT NULL"""


async def moving_at(event_id: int) -> dict[int, AddressChange]:
    """The same of an event, of whichever requests."""
    return {change.registration_id: change for change in await find_rows(AddressChange, OF_EVENT, [event_id])}


async def moving_of(registrations: Sequence[Registration]) -> dict[int, AddressChange]:
    """The same of these requests, as far as they may still be approved."""
    return await confirmed_of([request.id for request in registrations if request.state in WAITS_IN])


@within_tx
async def end(change: AddressChange) -> bool:
    """False if it is over, which an erasure or another act may have seen to in this moment."""
    return bool(await query(END, [change.id]))


@within_tx
async def end_all(registration: Registration) -> None:
    """Nothing that waits for a new address of this booking goes on. Hold the row."""
    await query(END_ALL, [registration.id])
