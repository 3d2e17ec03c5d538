"""How far a roll call is, and those that were: numbers, and nobody's name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from events.accounts.staff import names_of
from events.ground.database import query
from registrations.phones.door import DoorPass, PassRole

from . import calling
from .roll_call import Mark, Press, RollCall, RollPress

OF_PHONE = """SELECT t.registration_id AS person, k.mark, k.happened_at, k.id,
    row_number() OVER (PARTITION BY t.registration_id, k.door_pass_id ORDER BY k.happened_at DESC, k.id DESC) AS newest
    FROM roll_tick k JOIN ticket t ON t.id = k.ticket_id WHERE k.roll_call_id = ? AND NOT k.after_end"""
OF_PERSON = """SELECT person, mark, row_number() OVER (PARTITION BY person ORDER BY happened_at DESC, id DESC) AS newest
    FROM of_phone WHERE newest = 1"""
SAID_OTHERWISE = "SELECT person FROM of_phone WHERE newest = 1 GROUP BY person HAVING count(DISTINCT mark) > 1"
MARKED = ", ".join(
    f"(SELECT count(*) FROM of_person WHERE newest = 1 AND mark = '{mark}') AS {name}"  # noqa: S608  # ours
    for mark, name in {Mark.SAFE: "safe", Mark.NOT_SEEN: "not_seen", Mark.LEFT: "gone"}.items()
)
COUNTS = f"""WITH of_phone AS ({OF_PHONE}), of_person AS ({OF_PERSON})
    SELECT {MARKED}, (SELECT count(*) FROM ({SAID_OTHERWISE}) told) AS disagreed,
    (SELECT count(*) FROM ({calling.INSIDE}) inside
     WHERE registration_id NOT IN (SELECT person FROM of_phone)) AS not_yet,
    (SELECT count(*) FROM roll_tick k WHERE k.roll_call_id = ? AND k.after_end) AS after_end"""  # noqa: S608


class Totals(NamedTuple):
    safe: int
    not_seen: int
    left: int  # the building, before the alarm
    not_yet: int  # inside now, as far as the server knows, and ticked by nobody
    disagreed: int  # of those who were ticked: phones say different things
    after_end: int  # ticks of phones whose pass had ended, which are kept and do not count


class Shown(NamedTuple):
    """A roll call as the desk shows it."""

    roll_call: RollCall
    over_at: datetime | None
    started_by: str  # a name, of a phone or of staff
    ended_by: str  # '' where it was over by itself
    totals: Totals
    prints: int


async def of(roll_call: RollCall) -> Totals:
    [row] = await query(COUNTS, [roll_call.id, roll_call.event_id, roll_call.id])
    return Totals(
        row["safe"], row["not_seen"], row["gone"], row["not_yet"], row["disagreed"], row["after_end"]
    )  # fmt: skip


async def shown(roll_calls: Iterable[RollCall], at: datetime) -> list[Shown]:
    """In this order."""
    listed = list(roll_calls)
    names = await _names(actor for roll_call in listed for actor in (roll_call.started_by, roll_call.ended_by))
    return [await _shown(roll_call, names, at) for roll_call in listed]


async def history(event_id: int, at: datetime) -> list[Shown]:
    """Every roll call of the event, the newest first."""
    return await shown(await RollCall.filter(event_id=event_id).order_by("-started_at", "-id"), at)


class Printed(NamedTuple):
    """A list that a marshal printed on their phone."""

    by: str  # the name of the phone
    at: datetime


async def printed(event_id: int) -> list[Printed]:
    """The newest first."""
    found = await RollPress.filter(event_id=event_id, what=Press.PRINT).order_by("-happened_at", "-id")
    names = await _names(press.pressed_by for press in found)
    return [Printed(names.get(press.pressed_by, ""), press.happened_at) for press in found]


async def marshals(event_id: int, real: datetime) -> int:
    """How many of their phones are paired, by the machine's time."""
    paired = DoorPass.filter(event_id=event_id, role=PassRole.MARSHAL, paired_at__not_isnull=True)
    return await paired.filter(revoked_at=None, expires_at__gt=real).count()


async def _shown(roll_call: RollCall, names: Mapping[str, str], at: datetime) -> Shown:
    return Shown(
        roll_call, roll_call.over_at(at), names.get(roll_call.started_by, ""), names.get(roll_call.ended_by, ""),
        await of(roll_call), await RollPress.filter(roll_call_id=roll_call.id, what=Press.PRINT).count(),
    )  # fmt: skip


async def _names(actors: Iterable[str]) -> dict[str, str]:
    """Of staff, and of phones."""
    known = set(actors) - {""}
    phones = [int(actor.removeprefix("pass:")) for actor in known if actor.startswith("pass:")]
    found = await DoorPass.filter(id__in=phones) if phones else []
    staff = await names_of(actor for actor in known if actor.startswith("staff:"))
    return {phone.actor: phone.name for phone in found} | staff
