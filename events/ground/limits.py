"""Counts how often something was tried, under a keyed hash. It slows people down, and never locks anybody out for
good.

A limit of one network counts an IPv6 network with those around it: one line has 256 or 65,536 of them to send from.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from tortoise import fields
from tortoise.expressions import F
from tortoise.models import Model

from . import keys, source
from .database import among, query, run_tx
from .keyring.made import Left, made


class Tried(StrEnum):
    """What anybody may try without an account. What is turned away is counted, whoever it was."""

    SIGN_IN = "sign-ins"
    RESET = "requests for a new password"
    ASK = "requests for a place"
    CODE = "invitation codes"
    CERTIFICATE = "certificate numbers"
    COMPLAINT = "complaints"
    PAIRING = "pairing codes"


class Limit(NamedTuple):
    """So many tries in this time. `what` names what is tried, never a person."""

    what: str
    tries: int
    within: timedelta
    by_network: bool = False  # the subject is a network, or begins with one and "|"
    tried: Tried | None = None  # where organisers see how many were turned away

    @property
    def seconds(self) -> int:
        """After so many nothing of what counts now does any more, but for those of the slot before."""
        return int(self.within.total_seconds())


CONFIRM_EMAILS = Limit(
    "emails to one mailbox asked for by one network", 5, timedelta(hours=1), by_network=True
)  # SE-04
EMAILS_TO_ONE_MAILBOX = Limit("emails to one mailbox asked for by whomever", 15, timedelta(hours=1))
EMAILS_FROM_NETWORK = Limit(
    "emails to whoever one network asks for", 250, timedelta(hours=1), by_network=True
)  # its share of those
ASKS_FROM_NETWORK = Limit(
    "requests from one network", 600, timedelta(minutes=10), by_network=True, tried=Tried.ASK
)  # a whole force behind one address
SIGN_INS = Limit(
    "sign-ins of one account from one network", 10, timedelta(minutes=15), by_network=True, tried=Tried.SIGN_IN
)
SIGN_INS_OF_ACCOUNT = Limit("sign-ins of one account", 30, timedelta(minutes=15))  # beyond it each waits, and goes on
SIGN_INS_FROM_NETWORK = Limit(
    "sign-ins from one network", 60, timedelta(minutes=15), by_network=True, tried=Tried.SIGN_IN
)
STEP_UPS = Limit("step-ups of one session", 10, timedelta(minutes=15))
RESET_EMAILS = Limit("password emails to one account from one network", 3, timedelta(hours=1), by_network=True)
RESET_EMAILS_OF_ACCOUNT = Limit("password emails to one account", 15, timedelta(hours=1))
TICKET_EMAILS = Limit("ticket emails to one ticket", 5, timedelta(hours=1))
CHANGES_OF_BOOKING = Limit("changes to one booking", 20, timedelta(hours=1))
COLLEAGUES_NAMED = Limit("colleagues named with one booking", 3, timedelta(hours=1))
HAND_OVERS = Limit("colleagues asked for one booking", 3, timedelta(hours=1))  # each of them may be a stranger
PAIRINGS = Limit("pairings from one network", 5, timedelta(minutes=10), by_network=True, tried=Tried.PAIRING)
REFERENCES_A_MINUTE = Limit("wrong references on one phone", 5, timedelta(minutes=1))
REFERENCES_AN_HOUR = Limit("wrong references on one phone in an hour", 20, timedelta(hours=1))
NAMES_ON_PHONE = Limit("look-ups by name on one phone", 10, timedelta(minutes=5))
NAMES_A_DAY = Limit("look-ups by name on one phone in a day", 40, timedelta(days=1))
WALK_INS = Limit("walk-ins of one event", 20, timedelta(hours=1))
COMPLAINTS_FROM_NETWORK = Limit(
    "complaints from one network", 20, timedelta(minutes=10), by_network=True, tried=Tried.COMPLAINT
)
ACKNOWLEDGEMENTS_TO_MAILBOX = Limit("acknowledgements to one mailbox", 3, timedelta(hours=1))
ACKNOWLEDGEMENTS = Limit("acknowledgements to whoever complains", 100, timedelta(hours=1))
COMPLAINTS_TOLD_FIRST = Limit("complaints of one network told at once", 1, timedelta(days=1), by_network=True)
COMPLAINTS_TOLD = Limit("complaints that the leads of one event are told of", 10, timedelta(hours=1))
LATE_SCANS = Limit("scans of one phone whose pass is over", 200, timedelta(hours=1))
PINS_OF_PHONE = Limit("wrong PINs on one phone", 5, timedelta(minutes=15))
PINS = Limit("wrong PINs of the leads of one event", 40, timedelta(hours=12))
REFERENCES_AT_EVENT = Limit("wrong references at one event", 60, timedelta(hours=1))
# Of all networks together: one row for an hour.
TURNED_AWAY = {tried: Limit(f"turned away: {tried}", 1_000_000, timedelta(hours=1)) for tried in Tried}
Counted = tuple[Limit, str]  # by which limit, and whose


def widened(limit: Limit, subject: str) -> list[Counted]:
    """The limit itself, and where it is one of networks those by which the networks around count."""
    network, bar, rest = subject.partition("|")
    wider = source.around(network) if limit.by_network else ()
    return [(limit, subject)] + [
        (limit._replace(tries=limit.tries * halves // 2), f"{around}{bar}{rest}") for around, halves in wider
    ]


class Attempt(Model):
    """Tries of one subject in one slot. The subject is a keyed hash. `forget` deletes the rows."""

    id = fields.IntField(primary_key=True)
    subject = fields.CharField(max_length=32)  # keyed hash of the limit's word and what is counted
    slot = fields.BigIntField()  # number of the slot since 1970
    tries = fields.IntField(default=0)
    ends_at = fields.DatetimeField()  # from then on it weighs nothing

    MADE = made(subject=Left("tries are counted anew"))

    class Meta:
        app, table = "events", "attempt"


class Window(NamedTuple):
    """Where a moment lies: in which slot, how far into it, and how many tries of the slot before still count."""

    subject: str
    slot: int
    into: int  # seconds
    seconds: int  # of a whole slot
    here: int
    before: int

    def room(self, limit: Limit) -> int:
        """How many tries this slot may hold by now."""
        weighs = -(-self.before * (self.seconds - self.into) // self.seconds)  # rounded up
        return limit.tries - weighs


WEIGHS = "(SELECT (tries * ? + ?) / ? FROM attempt WHERE subject = ? AND slot = ?)"  # rounded up, as in `room`
ONE_MORE = f"""INSERT INTO attempt (subject, slot, tries, ends_at)
    SELECT ?, ?, 1, ? WHERE coalesce({WEIGHS}, 0) < ?
    ON CONFLICT (subject, slot) DO UPDATE SET tries = attempt.tries + 1
    WHERE attempt.tries + coalesce({WEIGHS}, 0) < ? RETURNING tries"""


async def count(limit: Limit, subject: str, real: datetime) -> bool:
    """Counts one more try if it is within the limit, and says whether it was. Of many at once exactly the limit gets
    through. What is turned away is counted too, unless the caller's transaction is undone.

    The window slides: the slot before counts for the part of it that lies within the time. A rejected try is not
    counted: somebody who goes on trying in another's name uses up their tries now, but never those of later hours.
    """
    each = widened(limit, subject)
    is_within = await (_count_each(each, real) if len(each) > 1 else _count(limit, subject, real))
    if limit.tried and not is_within:
        await _count(TURNED_AWAY[limit.tried], "", real)
    return is_within


def in_order(counted: Iterable[Counted]) -> list[Counted]:
    """As their rows are ordered."""
    return sorted(counted, key=lambda own: hashed(*own))


@run_tx
async def _count_each(each: Sequence[Counted], real: datetime) -> bool:
    """All of them, or none. By the order of their rows, as `tallying` writes them: two who count at once wait for each
    other's rows in turn."""
    each = in_order(each)
    for place, counted in enumerate(each):
        if not await _count(*counted, real):
            await _give_back(each[:place], real)
            return False
    return True


async def _count(limit: Limit, subject: str, real: datetime) -> bool:
    known, seconds, slot, into = _place(limit, subject, real)
    within = [seconds - into, seconds - 1, seconds, known, slot - 1, limit.tries]
    return bool(await query(ONE_MORE, [known, slot, ends_at(slot, seconds), *within, *within]))


async def give_back(limit: Limit, subject: str, real: datetime) -> None:
    """Takes the last try back where only wrong tries count. Count first, then look: looking first lets many in at
    once."""
    await _give_back(widened(limit, subject), real)


@run_tx
async def _give_back(taken: Iterable[Counted], real: datetime) -> None:
    for limit, subject in in_order(taken):
        known, _, slot, _ = _place(limit, subject, real)
        row = Attempt.filter(subject=known, slot=slot)
        await row.filter(tries__gt=0).update(tries=F("tries") - 1)
        await row.filter(tries=0).delete()  # or a line of IPv6 that is turned away leaves one for each of its networks


async def reset(limit: Limit, subject: str, real: datetime) -> None:
    """Forgets all tries, as if nobody had tried."""
    window = await _window(limit, subject, real)
    await Attempt.filter(subject=window.subject, slot__in=[window.slot, window.slot - 1]).delete()


async def left(limit: Limit, subject: str, real: datetime) -> int:
    """How many more tries are within the limit. Counts nothing."""
    each = [(within, await _window(within, whose, real)) for within, whose in widened(limit, subject)]
    return max(0, min(window.room(within) - window.here for within, window in each))


async def turned_away(real: datetime) -> dict[Tried, int]:
    """How many tries in the last hour were over the limit of their network."""
    seconds, slot, into = moment(TURNED_AWAY[Tried.ASK], real)
    known = {hashed(limit, ""): tried for tried, limit in TURNED_AWAY.items()}
    wanted, values = among("subject", "text", list(known))
    found = Counter[Tried]()
    for row in await query(SINCE.format(wanted=wanted), [*values, slot - 1]):
        found[known[row["subject"]]] += (
            row["tries"] if row["slot"] == slot else row["tries"] * (seconds - into) // seconds
        )
    return dict(found)


async def spent(limit: Limit, subject: str, real: datetime) -> bool:
    """Whether the limit is used up. Counts nothing."""
    return await left(limit, subject, real) == 0


async def wait(limit: Limit, subject: str, real: datetime) -> int:
    """Seconds until another try is within the limit, or 0. Counts nothing."""
    each = [(within, await _window(within, whose, real)) for within, whose in widened(limit, subject)]
    return max(_wait(within, window) for within, window in each)


def _wait(limit: Limit, window: Window) -> int:
    if window.here < window.room(limit):
        return 0
    if window.here < limit.tries:
        return _faded(window.before, limit.tries - window.here - 1, window.seconds) - window.into
    return window.seconds - window.into + _faded(window.here, limit.tries - 1, window.seconds)


async def forget(real: datetime) -> int:
    """Deletes rows that no longer count."""
    return await Attempt.filter(ends_at__lte=real).delete()


SINCE = "SELECT subject, slot, tries FROM attempt WHERE {wanted} AND slot >= ?"
TRIES = "SELECT slot, tries FROM attempt WHERE subject = ? AND slot IN (?, ?)"


async def _window(limit: Limit, subject: str, real: datetime) -> Window:
    known, seconds, slot, into = _place(limit, subject, real)
    tries = {row["slot"]: row["tries"] for row in await query(TRIES, [known, slot, slot - 1])}
    return Window(known, slot, into, seconds, tries.get(slot, 0), tries.get(slot - 1, 0))


def _place(limit: Limit, subject: str, real: datetime) -> tuple[str, int, int, int]:
    """The hash of what is counted, and the moment."""
    return hashed(limit, subject), *moment(limit, real)


def hashed(limit: Limit, subject: str) -> str:
    """As which somebody stands in the table."""
    return keys.keyed_hash("limits", f"{limit.what}|{subject}")


def moment(limit: Limit, real: datetime) -> tuple[int, int, int]:
    """The length of a slot, the slot, and how far into it this moment is."""
    return limit.seconds, *divmod(int(real.timestamp()), limit.seconds)


def ends_at(slot: int, seconds: int) -> datetime:
    """When the slot after this one is over."""
    return datetime.fromtimestamp((slot + 2) * seconds, UTC)


def _faded(tries: int, room: int, seconds: int) -> int:
    """How many seconds into the next slot these tries weigh no more than there is room for."""
    return seconds - room * seconds // tries
