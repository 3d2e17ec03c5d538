"""How an event stands: how long people wait for a decision, who they are by kind, and how its emails go."""

from collections import Counter
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from events.event import Event
from events.ground import limits
from events.ground.database import moment, places, query
from registrations.people.directory import Directory
from registrations.people.registration import TO_DECIDE, OrganisationKind, State
from registrations.tickets.request_emails import TEMPLATES

ASKED = set(State) - {State.REQUESTED, State.EXPIRED}  # whose address said yes: anybody can type one
LATELY, NEWEST = 200, 50  # decisions, emails: only so many of the newest are read, however many there are
# From the address's yes to the first decision; of those that still stand.
DECIDED = f"""SELECT confirmed_at, decided_at FROM registration WHERE event_id = ? AND state_before = 'confirmed'
    AND state IN ('approved', 'waiting', 'not_offered') ORDER BY decided_at DESC LIMIT {LATELY}"""  # noqa: S608  # ours
OLDEST = """SELECT id, coalesce(withdrawn_at, confirmed_at) AS since FROM registration
    WHERE event_id = ? AND state = 'confirmed' ORDER BY coalesce(withdrawn_at, confirmed_at) LIMIT 1"""
OURS = "m.event_id = e.id AND m.template IN ({templates})"
EMAILS = f"""SELECT (SELECT count(*) FROM message m WHERE {OURS} AND m.state = 'queued') AS queued,
    (SELECT min(m.queued_at) FROM message m WHERE {OURS} AND m.state = 'queued') AS oldest,
    (SELECT count(*) FROM message m WHERE {OURS} AND m.state = 'failed') AS failed,
    (SELECT count(*) FROM message m WHERE {OURS} AND m.state = 'failed' AND m.reply_code IS NULL
        AND m.reply_status NOT IN ('', 'unwritten')) AS came_back,
    (SELECT max(done_at) FROM (SELECT m.done_at FROM message m WHERE {OURS} AND m.state = 'sent'
        ORDER BY m.id DESC LIMIT {NEWEST}) newest) AS last_sent
    FROM event e WHERE e.id = ?"""  # noqa: S608  # ours


MANY = 20  # fewer in an hour are people who mistype


async def turned_away(real: datetime) -> list[str]:
    """Of what is tried far too often in this hour, on any event here: how many were turned away, and what. `real`: the
    machine's time."""
    found = await limits.turned_away(real)
    return [f"{number} {tried}" for tried, number in found.items() if number >= MANY]


class Waits(NamedTuple):
    """How long people wait for a decision. All None where nobody does, or did."""

    decided: int  # of so many, the newest
    median: timedelta | None
    longest: timedelta | None
    oldest: int | None  # the request that has waited for longest now
    since: datetime | None


class Emails(NamedTuple):
    """About requests. `failed` are those that nobody has telephoned about; of them some had left, and came back."""

    queued: int
    oldest: datetime | None  # of the queued
    failed: int
    came_back: int
    last_sent: datetime | None  # of the newest


class OfKind(NamedTuple):
    kind: OrganisationKind
    guests: int
    to_decide: int


async def waits(event: Event) -> Waits:
    rows = [(moment(row["confirmed_at"]), moment(row["decided_at"])) for row in await query(DECIDED, [event.id])]
    # Whose address moved afterwards said yes to the new one later than they were decided on.
    spans = [decided - confirmed for confirmed, decided in rows if confirmed and decided and decided >= confirmed]
    half = timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None
    oldest = await query(OLDEST, [event.id])
    since = moment(oldest[0]["since"]) if oldest else None
    return Waits(len(spans), half, max(spans, default=None), oldest[0]["id"] if oldest else None, since)


async def emails(event: Event) -> Emails:
    templates = sorted(TEMPLATES)
    sql = EMAILS.format(templates=places(len(templates)))
    [row] = await query(sql, [*templates * 5, event.id])
    return Emails(row["queued"], moment(row["oldest"]), row["failed"], row["came_back"], moment(row["last_sent"]))


def asked(people: Directory) -> Counter[date]:
    """How many asked on each day."""
    days = Counter[date]()
    for (state, _, day), number in people.counts.items():
        days[day] += number if state in ASKED else 0
    return +days


def kinds(people: Directory) -> list[OfKind]:
    """Those of whom there is anybody, most guests first."""
    guests, to_decide = Counter[OrganisationKind](), Counter[OrganisationKind]()
    for (state, kind, _), number in people.counts.items():
        guests[kind] += number if state is State.APPROVED else 0
        to_decide[kind] += number if state in TO_DECIDE else 0
    found = [OfKind(kind, guests[kind], to_decide[kind]) for kind in OrganisationKind]
    return sorted((of for of in found if of.guests or of.to_decide), key=lambda of: (-of.guests, -of.to_decide))


def span_words(span: timedelta) -> str:
    """20 minutes, 5 hours, 3 days: the unit in which it is at least two, if there is one."""
    minutes = max(0, int(span.total_seconds() // 60))
    number, unit = (minutes, "minute") if minutes < 120 else (minutes // 60, "hour")
    if minutes >= 48 * 60:
        number, unit = minutes // (24 * 60), "day"
    return f"{number} {unit}{'' if number == 1 else 's'}" if minutes else "less than a minute"
