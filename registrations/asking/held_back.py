"""Limits how often we write because somebody asked: by network and mailbox, by mailbox, by network, then in lanes.

Nothing over a limit is lost: the answers are kept at once, and their email goes out later. So nobody can use up another
person's emails by asking in their name, and no page tells whether somebody has: pages say how late an email is by its
network and the lanes alone.

All emails of an hour share three lanes, by how much their network has asked for within it: nobody who asks for much can
fill the lane of those who ask for little. Only what is beyond all lanes of two days is turned away.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import keys, limits
from events.ground.database import advisory_lock, find_row, moment, places, query, run_tx, within_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Row, Tally
from events.ground.limits import Counted, Limit
from events.ground.refusal import Refused, TooMany
from events.ground.settings import current
from events.mail.outbox import EPOCH, Queued
from registrations.people.registration import held_in_order, of_addresses
from registrations.tickets.request_emails import TEMPLATES

ASKING_LOCK = 8415_2020  # the number of PostgreSQL's advisory lock, beside MIGRATION_LOCK
AHEAD = 48  # hours: what would have to wait longer than their links live is turned away
HOUR = limits.CONFIRM_EMAILS.within
LEAST, FOR_EACH_PLACE = 2000, 4  # emails an hour of one event; docs/settings.md says the same
UP_TO = (3, 50)  # emails of one network within an hour: of the first lane, of the second
LANES = (2, 1, 1)  # how many quarters of all emails each lane has; the emails of one may use those behind it too
GMAIL = ("gmail.com", "googlemail.com")  # one mailbox at both
STAFF = "staff "  # begins what counts as the network of an organiser, who is never turned away
ALERTS = Limit("alerts that emails are held back", 1, HOUR)
BY_NIGHT = {"hand_over", "colleague"}  # they wait for the morning too
SHOWN_FOR = timedelta(hours=24)  # so long the desk shows that emails were held back
FULL = "More is being asked than we can answer today, so nothing was kept or sent. Try again in an hour."


class Turn(NamedTuple):
    """When an email may go out: after this wait. `key` is None, or names the wait that it shares with others."""

    wait: timedelta
    key: str | None
    is_capped: bool  # it waits since far more is asked than people ask
    counted: Sequence[Row]
    late: timedelta  # what a page may say of the wait: nothing of it tells who else has written to this mailbox
    is_much: bool = False  # of a network in the last lane: it goes behind what others wait for
    is_first: bool = True  # False for a second press of the same button, which sends nothing

    def email(self, template: str, subject: int, why: str, event_id: int, at: datetime, real: datetime) -> Queued:
        """One that is sent once more: once a minute at most, and where it waits once an hour."""
        due = real + self.wait if self.wait else EPOCH
        minutes = int((real + self.wait).timestamp()) // 60
        cause = f"{why} late {minutes // 60}" if self.wait else f"{why} {minutes}"
        return Queued(template, subject, cause, event_id, at, due, self.is_much)


class Slot(NamedTuple):
    """Where the emails of a network have room next."""

    own: int  # hours until its own share has
    hours: int  # and the lanes too
    lanes: list[Counted]
    lane: int

    def take_share(self, tally: Tally, network: str, real: datetime) -> None:
        if network:
            tally.count(limits.EMAILS_FROM_NETWORK, network, real + self.own * HOUR)

    def take_lanes(self, tally: Tally, real: datetime) -> None:
        for lane in self.lanes:
            tally.count(*lane, real + self.hours * HOUR)


def mailbox(email: str) -> str:
    """The address without its +tag, which leads to the same person, and without dots where Gmail reads none. For
    counting, never to tell people apart."""
    local, at, domain = email.partition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '')}@{GMAIL[0]}" if domain in GMAIL else local + at + domain


def most_an_hour(event: Event) -> int:
    """How many emails of this event go out in an hour because somebody asked."""
    return min(current().emails_an_hour, max(LEAST, FOR_EACH_PLACE * event.places))


def _lanes(event: Event) -> list[list[Counted]]:
    """Of the event, and of all events together: by what each lane counts."""
    scopes = [("one event", most_an_hour(event), str(event.id)), ("all events", current().emails_an_hour, "")]
    return [
        [
            (Limit(f"emails of {of} in lane {lane}", max(1, most * quarters // 4), HOUR), subject)
            for lane, quarters in enumerate(LANES)
        ]
        for of, most, subject in scopes
    ]


def counted(event: Event, network: str, email: str) -> list[Counted]:
    """By which limits, and whose, `turn_in` counts."""
    return [
        (limits.CONFIRM_EMAILS, _from_here(network, email)),
        (limits.EMAILS_TO_ONE_MAILBOX, mailbox(email)),
        (limits.EMAILS_FROM_NETWORK, network),
        *(lane for lanes in _lanes(event) for lane in lanes),
    ]


def turn_in(tally: Tally, event: Event, network: str, email: str, real: datetime) -> Turn | Refused:
    """The turn of a new request. A network that asks too often for one mailbox has one email an hour waiting there,
    with its newest answers; all others get one each. Beyond its share a network waits in a queue of its own, so that it
    holds up nobody else. Who is capped by the lanes is to be alerted of."""
    slot, before = _slot(tally, event, network, real), len(tally.added)
    if isinstance(slot, Refused):
        return slot
    late = slot.hours * HOUR
    if not tally.count(limits.CONFIRM_EMAILS, _from_here(network, email), real):
        hour = int(real.timestamp()) // int(HOUR.total_seconds())
        key = keys.keyed_hash("held back", f"{network}|{hour}")
        return Turn(HOUR, key, is_capped=False, counted=(), late=late)
    to_mailbox = tally.book(limits.EMAILS_TO_ONE_MAILBOX, mailbox(email), real, AHEAD)
    slot.take_share(tally, network, real)
    slot.take_lanes(tally, real)
    is_much = slot.lane == len(UP_TO)
    return Turn(max(to_mailbox, late), None, slot.hours > slot.own, tally.added[before:], late, is_much)


def repeat_in(tally: Tally, event: Event, network: str, email: str, real: datetime) -> Turn | Refused:
    """The turn of an email that goes out once more. Too often for its mailbox, it waits for an hour and takes no lane,
    so that no number of them keeps first ones from going out. Its network's share it takes all the same, or that would
    tell afterwards whether somebody else has written to this mailbox."""
    slot, before = _slot(tally, event, network, real), len(tally.added)
    if isinstance(slot, Refused):
        return slot
    late = slot.hours * HOUR
    here, to_mailbox = (limits.CONFIRM_EMAILS, _from_here(network, email)), mailbox(email)
    if not tally.count(*here, real):
        return Turn(max(HOUR, late), None, is_capped=False, counted=(), late=late)
    slot.take_share(tally, network, real)
    if not tally.count(limits.EMAILS_TO_ONE_MAILBOX, to_mailbox, real):
        return Turn(max(HOUR, late), None, is_capped=False, counted=tally.added[before:], late=late)
    slot.take_lanes(tally, real)
    return Turn(late, None, slot.hours > slot.own, tally.added[before:], late, slot.lane == len(UP_TO))


def _slot(tally: Tally, event: Event, network: str, real: datetime) -> Slot | Refused:
    """Counts nothing."""
    lane, share = _lane(tally, network, real), limits.EMAILS_FROM_NETWORK
    own = next((n for n in range(AHEAD) if not network or tally.has_room(share, network, real + n * HOUR)), AHEAD)
    scopes = _lanes(event)
    for hours in range(own, AHEAD):
        at = real + hours * HOUR
        free = [[counts for counts in lanes[lane:] if tally.has_room(*counts, at)] for lanes in scopes]
        if all(free):
            return Slot(own, hours, [lanes[0] for lanes in free], lane)
    if network.startswith(STAFF):
        return Slot(own, AHEAD, [], lane)
    seconds = int(HOUR.total_seconds())
    return Refused(FULL, 503, seconds) if own < AHEAD else Refused(FULL, 429, seconds)


def _lane(tally: Tally, network: str, real: datetime) -> int:
    """By how much the network has asked for within the hour."""
    if not network or network.startswith(STAFF):
        return 0
    within = [limits.EMAILS_FROM_NETWORK._replace(tries=most) for most in UP_TO]
    return sum(not tally.has_room(limit, network, real) for limit in within)


@within_tx
async def turn(event: Event, network: str, email: str, at: datetime, real: datetime) -> Turn:
    """As `turn_in`, of one email alone, with the alert. Raises Refused where that says it."""
    turn = await tallying.together(
        counted(event, network, email), lambda tally: turn_in(tally, event, network, email, real)
    )
    if isinstance(turn, Refused):
        raise turn
    if turn.is_capped:
        await alert(event, at, real)
    return turn


async def repeat(event: Event, network: str, email: str, at: datetime, real: datetime) -> Turn:
    """The turn of an email that goes out once more, in a transaction of its own, as of `due`. Raises Refused, also
    where the network asks more often than a whole police force would."""
    turn = await _repeat(event, network, email, at, real)
    if isinstance(turn, Refused):
        raise turn
    return turn


@run_tx
async def _repeat(event: Event, network: str, email: str, at: datetime, real: datetime) -> Turn | Refused:
    """Whoever is refused is counted too."""

    def decide(tally: Tally) -> Turn | Refused:
        if not tally.count(limits.ASKS_FROM_NETWORK, network, real):
            return TooMany()
        return repeat_in(tally, event, network, email, real)

    await take_turn()
    counts = [(limits.ASKS_FROM_NETWORK, network), *counted(event, network, email)]
    turn = await tallying.together(counts, decide)
    if isinstance(turn, Turn) and turn.is_capped:
        await alert(event, at, real)
    return turn


@run_tx
async def due(event: Event, network: str, email: str, at: datetime, real: datetime) -> datetime:
    """The machine's time before which an email to an address that a guest typed is not sent: its turn, as of a request.

    In a transaction of its own, since others count by the same rows.
    """
    await take_turn()
    waits = (await turn(event, network, email, at, real)).wait
    return real + waits if waits else EPOCH


async def take_turn() -> None:
    """One transaction after the other, also of other processes: each counts by many networks, in the order in which
    people came, and two would hold what the other counts by next."""
    await advisory_lock(ASKING_LOCK)


@within_tx
async def hold_known(asked: Sequence[tuple[Event, str]]) -> None:
    """Holds the requests that there are of these addresses, in the order of their ids, as everybody holds several: they
    are asked for in the order in which people came. Nothing where there is one."""
    if len(asked) > 1:
        await held_in_order({known.id for known in await of_addresses(asked) if known})


class Held(NamedTuple):
    """What the desk shows of emails that wait for their turn."""

    since: datetime | None  # when the lanes were last full, for a day afterwards
    emails: int  # that wait now
    until: datetime | None  # when the last of them goes out


WAITING = """SELECT count(*) AS emails, max(next_try_at) AS until FROM message WHERE event_id = ? AND state = 'queued'
    AND next_try_at > ? AND tries = 0 AND template IN ({templates})
    AND (cause LIKE 'asked %' OR cause LIKE '% late %' OR cause LIKE 'by telephone %')"""


async def held(event: Event, at: datetime, real: datetime) -> Held:
    """`until` is in the event's time, as `since` is."""
    before = [event.id, Action.EMAILS_HELD_BACK.value, at - SHOWN_FOR]
    newest = await find_row(AuditEntry, "event_id = ? AND action = ? AND at > ? ORDER BY id DESC LIMIT 1", before)
    templates = sorted(TEMPLATES - BY_NIGHT)
    [row] = await query(WAITING.format(templates=places(len(templates))), [event.id, real, *templates])
    until = moment(row["until"])
    return Held(newest.at if newest else None, row["emails"], until + (at - real) if until else None)


def _from_here(network: str, email: str) -> str:
    return f"{network}|{mailbox(email)}"


@within_tx
async def alert(event: Event, at: datetime, real: datetime) -> None:
    """Alerts organisers, once an hour, that far more is asked than people ask."""
    if await limits.count(ALERTS, str(event.id), real):
        most = most_an_hour(event)
        await audit.record(Action.EMAILS_HELD_BACK, event, by=None, at=at, event_id=event.id, an_hour=most)
