"""A colleague whom a guest named, who might want a place too, or who comes along with the guest: they are asked, and
answer for themselves.

All that we have of them is their address, and only until they answer. The question ends with the guest's place, and
whenever the guest's links become old ones.
"""

from datetime import datetime

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import clock, data_keys, tokens
from events.ground.database import among, find_rows, query, within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.ground.settings import current
from events.ground.tokens import Purpose

from .person import BASIS, UNCONFIRMED
from .registration import KNOWS_OF_A_PLACE, Registration

MOST = 5  # of one booking, for as long as there is that booking
UNREAD = Period(UNCONFIRMED.time, "after it was typed, or once they answer or the guest's place ends")
LINK_LASTS = UNREAD.time
SEALED_AS = "address of a colleague"
ADDRESS = Personal(
    "the address of a colleague whom a guest named, sealed, until they say whether they want a place",
    BASIS,
    str(UNREAD),
)
PUBLIC_ID = Personal(
    "the public half of the link with which a colleague answers",
    BASIS,
    "as `registration.public_id` of the guest, and then gone with its row",
)
EVENT_OF_COLLEAGUE = "(SELECT r.event_id FROM registration r WHERE r.id = colleague.registration_id)"
HAS_A_PLACE = ", ".join(sorted(f"'{state.value}'" for state in KNOWS_OF_A_PLACE))
STANDS = f"""EXISTS (SELECT 1 FROM registration r WHERE r.id = colleague.registration_id
    AND r.generation = colleague.generation AND r.state IN ({HAS_A_PLACE}))"""  # noqa: S608  # ours


class Colleague(Model):
    id = fields.IntField(primary_key=True)
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="colleagues"
    )
    registration_id: int  # of the guest who named them
    n = fields.IntField()  # 1 for the first whom this guest named
    generation = fields.IntField()  # of the guest's links by then
    comes_along = fields.BooleanField(default=False)  # with the guest, to support them: see `companions`
    says_who = fields.BooleanField(default=False)  # the guest chose that our email names them
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)
    address_sealed = personal(fields.BinaryField(null=True), ADDRESS)  # None once it is over
    asked_at = fields.DatetimeField()  # its link lasts from then on
    request: fields.ForeignKeyNullableRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="named_by", on_delete=OnDelete.SET_NULL, null=True
    )
    request_id: int | None  # their own, which came of it, while both are kept

    MADE = made(address_sealed=Sealed(SEALED_AS, "{public_id}", event=EVENT_OF_COLLEAGUE))

    class Meta:
        app, table = "registrations", "colleague"

    @property
    def address(self) -> str:
        """In its normal form. Empty once it is over, or if it does not open."""
        sealed = self.address_sealed
        return (sealed and data_keys.opened_in(f"colleague:{self.id}", SEALED_AS, self.public_id, sealed)) or ""

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be answered. The guest's request has to be loaded."""
        guest = self.registration
        stands = guest.state in KNOWS_OF_A_PLACE and guest.generation == self.generation
        return stands and at < self.asked_at + LINK_LASTS and bool(self.address)

    @property
    def path(self) -> str:
        return f"/{Purpose.COLLEAGUE.value}/{tokens.make(Purpose.COLLEAGUE, self.public_id, 0)}"

    @property
    def link(self) -> str:
        """The address of its page, complete, for an email."""
        return current().base_url + self.path


def answered_until(event: Event, asked_at: datetime) -> datetime:
    """Until when somebody who was asked then can answer, as words say it: three days, or to the end of the event. Their
    address is kept for three days all the same."""
    return clock.within(event.day, asked_at + LINK_LASTS)


NAMED = "SELECT * FROM colleague WHERE registration_id = ? ORDER BY id"
CAME_BY = "SELECT * FROM colleague WHERE {wanted} ORDER BY id"
END = "UPDATE colleague SET address_sealed = NULL WHERE id = ? AND address_sealed IS NOT NULL"
SAY_NO, SAY_YES = f"{END} RETURNING id", f"{END} AND {STANDS} RETURNING id"
LED_TO = "UPDATE colleague SET request_id = ? WHERE id = ? RETURNING id"


async def named_by(registration: Registration) -> list[Colleague]:
    """All whom this guest has named so far, whatever came of it."""
    return await find_rows(Colleague, NAMED, [registration.id])


async def guests_who_named(ids: list[int]) -> dict[int, int]:
    """Which of these requests came of a guest's naming them, with the id of the guest's own request."""
    wanted, values = among("request_id", "int", ids)
    found = await find_rows(Colleague, CAME_BY.format(wanted=wanted), values) if ids else []
    return {named.request_id: named.registration_id for named in found if named.request_id}


@within_tx
async def say_yes(colleague: Colleague) -> bool:
    """Their address is proved, and not needed here any more. False if it is over, for whatever reason."""
    return bool(await query(SAY_YES, [colleague.id]))


@within_tx
async def say_no(colleague: Colleague) -> bool:
    """Deletes the address, also where the guest has no place any more. False if it is gone."""
    return bool(await query(SAY_NO, [colleague.id]))


@within_tx
async def led_to(colleague: Colleague, registration: Registration) -> None:
    """They want a place: this is their request."""
    await query(LED_TO, [registration.id, colleague.id])


@within_tx
async def forget(ids: list[int]) -> None:
    """Of people who are erased: whom they named, and who named them."""
    await Colleague.filter(registration_id__in=ids).delete()
    await Colleague.filter(request_id__in=ids).update(request_id=None)
