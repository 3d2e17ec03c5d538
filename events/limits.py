"""How often a thing was tried, counted under a keyed hash: slows, and never locks a person out for good."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from . import keys
from .database import connection, is_postgres


class Limit(NamedTuple):
    """So many tries in this time. Nobody's name stands in `what`; it is the word for what is tried."""

    what: str
    tries: int
    within: timedelta


CONFIRM_MAILS = Limit("mails to one address", 5, timedelta(hours=1))  # SE-04: the sixth is dropped unseen
ASKS_FROM_NETWORK = Limit("requests from one network", 600, timedelta(minutes=10))  # a whole force behind one address
SIGN_INS = Limit("sign-ins of one account", 10, timedelta(minutes=15))
SIGN_INS_FROM_NETWORK = Limit("sign-ins from one network", 60, timedelta(minutes=15))
STEP_UPS = Limit("step-ups of one session", 10, timedelta(minutes=15))
RESET_MAILS = Limit("password mails to one account", 3, timedelta(hours=1))
TICKET_MAILS = Limit("ticket mails to one ticket", 5, timedelta(hours=1))
PAIRINGS = Limit("pairings from one network", 5, timedelta(minutes=10))
REFERENCES_A_MINUTE = Limit("wrong references on one phone", 5, timedelta(minutes=1))
REFERENCES_AN_HOUR = Limit("wrong references on one phone in an hour", 20, timedelta(hours=1))


class Attempt(Model):
    """Tries of one subject in one slot. The subject stands as a keyed hash. Rows go with `forget`."""

    id = fields.IntField(primary_key=True)
    subject = fields.CharField(max_length=32)  # keyed hash of the limit's word and what is counted
    slot = fields.BigIntField()  # number of the slot since 1970
    tries = fields.IntField(default=0)
    ends_at = fields.DatetimeField()

    class Meta:
        app, table = "events", "attempt"


async def count(limit: Limit, subject: str, at: datetime) -> bool:
    """Counts one more try, and says whether it is still within the limit. Windows slide: the last one weighs in."""
    seconds = int(limit.within.total_seconds())
    slot, into = divmod(int(at.timestamp()), seconds)
    hashed = keys.keyed_hash("limits", f"{limit.what}|{subject}")
    here = await _one_more(hashed, slot, datetime.fromtimestamp((slot + 1) * seconds, UTC))
    before = await Attempt.get_or_none(subject=hashed, slot=slot - 1)
    return here + (before.tries if before else 0) * (1 - into / seconds) <= limit.tries


async def spent(limit: Limit, subject: str, at: datetime) -> bool:
    """Whether the limit is used up already; counts nothing."""
    seconds = int(limit.within.total_seconds())
    slot, into = divmod(int(at.timestamp()), seconds)
    hashed = keys.keyed_hash("limits", f"{limit.what}|{subject}")
    tries = {row.slot: row.tries for row in await Attempt.filter(subject=hashed, slot__in=[slot, slot - 1])}
    return tries.get(slot, 0) + tries.get(slot - 1, 0) * (1 - into / seconds) >= limit.tries


async def forget(at: datetime) -> int:
    """Deletes the rows of windows long over."""
    return await Attempt.filter(ends_at__lt=at - timedelta(hours=2)).delete()


async def _one_more(subject: str, slot: int, ends_at: datetime) -> int:
    ends = ends_at if is_postgres() else ends_at.isoformat(" ")
    marks = ["$1", "$2", "$3"] if is_postgres() else ["?", "?", "?"]
    rows = await connection().execute_query_dict(
        f"INSERT INTO attempt (subject, slot, tries, ends_at) VALUES ({marks[0]}, {marks[1]}, 1, {marks[2]})"  # noqa: S608
        " ON CONFLICT (subject, slot) DO UPDATE SET tries = attempt.tries + 1 RETURNING tries",
        [subject, slot, ends],
    )
    return int(rows[0]["tries"])
