"""Counts how often something was tried, under a keyed hash. It slows people down, and never locks anybody out for
good.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from tortoise import fields
from tortoise.expressions import F
from tortoise.models import Model

from . import keys
from .database import among, given, query, within_tx
from .keyring.made import Left, made

T = TypeVar("T")


class Limit(NamedTuple):
    """So many tries in this time. `what` names what is tried, never a person."""

    what: str
    tries: int
    within: timedelta


CONFIRM_EMAILS = Limit("emails to one mailbox asked for by one network", 5, timedelta(hours=1))  # SE-04
EMAILS_TO_ONE_MAILBOX = Limit("emails to one mailbox asked for by whomever", 15, timedelta(hours=1))
EMAILS_TO_ALL_WHO_ASK = Limit("emails to whoever asks", 1000, timedelta(hours=1))  # the global limit of SE-04
EMAILS_FROM_NETWORK = Limit("emails to whoever one network asks for", 250, timedelta(hours=1))  # its share of those
ASKS_FROM_NETWORK = Limit("requests from one network", 600, timedelta(minutes=10))  # a whole force behind one address
SIGN_INS = Limit("sign-ins of one account from one network", 10, timedelta(minutes=15))
SIGN_INS_OF_ACCOUNT = Limit("sign-ins of one account", 30, timedelta(minutes=15))  # beyond it each waits, and goes on
SIGN_INS_FROM_NETWORK = Limit("sign-ins from one network", 60, timedelta(minutes=15))
STEP_UPS = Limit("step-ups of one session", 10, timedelta(minutes=15))
RESET_EMAILS = Limit("password emails to one account", 3, timedelta(hours=1))
TICKET_EMAILS = Limit("ticket emails to one ticket", 5, timedelta(hours=1))
CHANGES_OF_BOOKING = Limit("changes to one booking", 20, timedelta(hours=1))
COLLEAGUES_NAMED = Limit("colleagues named with one booking", 3, timedelta(hours=1))
HAND_OVERS = Limit("colleagues asked for one booking", 3, timedelta(hours=1))  # each of them may be a stranger
PAIRINGS = Limit("pairings from one network", 5, timedelta(minutes=10))
REFERENCES_A_MINUTE = Limit("wrong references on one phone", 5, timedelta(minutes=1))
REFERENCES_AN_HOUR = Limit("wrong references on one phone in an hour", 20, timedelta(hours=1))
NAMES_ON_PHONE = Limit("look-ups by name on one phone", 10, timedelta(minutes=5))
NAMES_A_DAY = Limit("look-ups by name on one phone in a day", 40, timedelta(days=1))
WALK_INS = Limit("walk-ins of one event", 20, timedelta(hours=1))
COMPLAINTS_FROM_NETWORK = Limit("complaints from one network", 20, timedelta(minutes=10))
ACKNOWLEDGEMENTS_TO_MAILBOX = Limit("acknowledgements to one mailbox", 3, timedelta(hours=1))
ACKNOWLEDGEMENTS = Limit("acknowledgements to whoever complains", 100, timedelta(hours=1))
COMPLAINTS_TOLD = Limit("complaints that the leads of one event are told of", 10, timedelta(hours=1))
LATE_SCANS = Limit("scans of one phone whose pass is over", 200, timedelta(hours=1))
PINS_OF_PHONE = Limit("wrong PINs on one phone", 5, timedelta(minutes=15))
PINS = Limit("wrong PINs of the leads of one event", 40, timedelta(hours=12))
REFERENCES_AT_EVENT = Limit("wrong references at one event", 60, timedelta(hours=1))


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
    through.

    The window slides: the slot before counts for the part of it that lies within the time. A rejected try is not
    counted: somebody who goes on trying in another's name uses up their tries now, but never those of later hours.
    """
    known, seconds, slot, into = _place(limit, subject, real)
    within = [seconds - into, seconds - 1, seconds, known, slot - 1, limit.tries]
    return bool(await query(ONE_MORE, [known, slot, _ends_at(slot, seconds), *within, *within]))


Counted = tuple[Limit, str]  # by which limit, and whose
Row = tuple[str, int]  # subject and slot


class Tally:
    """All tries of some subjects, by their hashes, and those that are added. Nobody else's can be added."""

    def __init__(self, hashes: Mapping[tuple[str, str], str], read: Mapping[Row, int]) -> None:
        self.hashes, self.read = hashes, read
        self.added = list[Row]()
        self.here = Counter(read)
        self.seconds = dict[Row, int]()  # of their slots

    def count(self, limit: Limit, subject: str, real: datetime) -> bool:
        """As the `count` of one limit."""
        seconds, slot, into = _moment(limit, real)
        known = self.hashes[limit.what, subject]
        here, before = self.here[known, slot], self.here[known, slot - 1]
        window = Window(known, slot, into, seconds, here, before)
        if window.here >= window.room(limit):
            return False
        self.added.append((known, slot))
        self.here[known, slot] += 1
        self.seconds[known, slot] = seconds
        return True

    def book(self, limit: Limit, subject: str, real: datetime, ahead: int) -> timedelta:
        """Counts this try at once, and returns how long it has to wait until it is within the limit, in whole windows.

        If all windows ahead are full too, it gets the last of them and counts for nobody.
        """
        for windows in range(ahead):
            if self.count(limit, subject, real + windows * limit.within):
                return windows * limit.within
        return ahead * limit.within


@within_tx
async def together(counted: Iterable[Counted], decide: Callable[[Tally], T]) -> T:
    """What `decide` says, which counts by these limits and subjects alone, and what it has counted is kept.

    If anybody else has counted meanwhile it is asked once more, so that of many at once exactly the limit gets through.
    Of transactions that count by several rows one has to come after the other, or two wait for each other.
    """
    hashes = {(limit.what, subject): _hashed(limit, subject) for limit, subject in counted}
    while True:
        tally = Tally(hashes, await _read(list(hashes.values())))
        decided = decide(tally)
        if await _kept(tally):
            return decided


READ = "SELECT subject, slot, tries FROM attempt WHERE {wanted}"


async def _read(subjects: list[str]) -> dict[Row, int]:
    wanted, values = among("subject", "text", subjects)
    rows = await query(READ.format(wanted=wanted), values) if subjects else []
    return {(row["subject"], row["slot"]): row["tries"] for row in rows}


TALLIED = {"subject": "text", "slot": "bigint", "more": "int", "ends_at": "timestamptz", "was": "int"}
KEEP_TALLY = """{given} INSERT INTO attempt (subject, slot, tries, ends_at)
    SELECT subject, slot, more, ends_at FROM given WHERE true ORDER BY subject, slot
    ON CONFLICT (subject, slot) DO UPDATE SET tries = attempt.tries + excluded.tries
    WHERE attempt.tries = (SELECT was FROM given WHERE given.subject = attempt.subject AND given.slot = attempt.slot)
    RETURNING subject, slot"""


async def _kept(tally: Tally) -> bool:
    """False if a row is not as it was read: then nothing is kept, and it stays as it is until the transaction ends."""
    more = dict(sorted(Counter(tally.added).items()))
    if not more:
        return True
    rows = [(*row, count, _ends_at(row[1], tally.seconds[row]), tally.read.get(row, 0)) for row, count in more.items()]
    sql, values = given(TALLIED, rows)
    kept = [(row["subject"], row["slot"]) for row in await query(KEEP_TALLY.format(given=sql), values)]
    if len(kept) == len(more):
        return True
    await _take_back({row: more[row] for row in kept})
    return False


TAKE_BACK = """{given} UPDATE attempt SET tries = attempt.tries - given.less FROM given
    WHERE attempt.subject = given.of AND attempt.slot = given.place RETURNING id"""


@within_tx
async def take_back(counted: Iterable[Row]) -> None:
    """Takes back what `together` has just counted."""
    await _take_back(Counter(counted))


async def _take_back(less: Mapping[Row, int]) -> None:
    if less:
        columns = {"of": "text", "place": "bigint", "less": "int"}
        sql, values = given(columns, [(*row, count) for row, count in less.items()])
        await query(TAKE_BACK.format(given=sql), values)


async def give_back(limit: Limit, subject: str, real: datetime) -> None:
    """Takes the last try back where only wrong tries count. Count first, then look: looking first lets many in at
    once."""
    window = await _window(limit, subject, real)
    await Attempt.filter(subject=window.subject, slot=window.slot, tries__gt=0).update(tries=F("tries") - 1)


async def reset(limit: Limit, subject: str, real: datetime) -> None:
    """Forgets all tries, as if nobody had tried."""
    window = await _window(limit, subject, real)
    await Attempt.filter(subject=window.subject, slot__in=[window.slot, window.slot - 1]).delete()


async def left(limit: Limit, subject: str, real: datetime) -> int:
    """How many more tries are within the limit. Counts nothing."""
    window = await _window(limit, subject, real)
    return max(0, window.room(limit) - window.here)


async def spent(limit: Limit, subject: str, real: datetime) -> bool:
    """Whether the limit is used up. Counts nothing."""
    window = await _window(limit, subject, real)
    return window.here >= window.room(limit)


async def wait(limit: Limit, subject: str, real: datetime) -> int:
    """Seconds until another try is within the limit, or 0. Counts nothing."""
    window = await _window(limit, subject, real)
    if window.here < window.room(limit):
        return 0
    if window.here < limit.tries:
        return _faded(window.before, limit.tries - window.here - 1, window.seconds) - window.into
    return window.seconds - window.into + _faded(window.here, limit.tries - 1, window.seconds)


async def forget(real: datetime) -> int:
    """Deletes rows that no longer count."""
    return await Attempt.filter(ends_at__lte=real).delete()


TRIES = "SELECT slot, tries FROM attempt WHERE subject = ? AND slot IN (?, ?)"


async def _window(limit: Limit, subject: str, real: datetime) -> Window:
    known, seconds, slot, into = _place(limit, subject, real)
    tries = {row["slot"]: row["tries"] for row in await query(TRIES, [known, slot, slot - 1])}
    return Window(known, slot, into, seconds, tries.get(slot, 0), tries.get(slot - 1, 0))


def _place(limit: Limit, subject: str, real: datetime) -> tuple[str, int, int, int]:
    """The hash of what is counted, and the moment."""
    return _hashed(limit, subject), *_moment(limit, real)


def _hashed(limit: Limit, subject: str) -> str:
    return keys.keyed_hash("limits", f"{limit.what}|{subject}")


def _moment(limit: Limit, real: datetime) -> tuple[int, int, int]:
    """The length of a slot, the slot, and how far into it this moment is."""
    seconds = int(limit.within.total_seconds())
    return seconds, *divmod(int(real.timestamp()), seconds)


def _ends_at(slot: int, seconds: int) -> datetime:
    """When the slot after this one is over."""
    return datetime.fromtimestamp((slot + 2) * seconds, UTC)


def _faded(tries: int, room: int, seconds: int) -> int:
    """How many seconds into the next slot these tries weigh no more than there is room for."""
    return seconds - room * seconds // tries
