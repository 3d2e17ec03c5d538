"""Limits how often we write because somebody asked: by network and mailbox, by mailbox, by network, then all together.

Nothing over a limit is lost: the answers are kept at once, and their email goes out later. So nobody can use up another
person's emails by asking in their name, and no page tells whether somebody has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import keys, limits
from events.ground.database import advisory_lock, find_row, run_tx, within_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Row, Tally
from events.ground.limits import Counted, Limit
from events.mail.outbox import EPOCH
from registrations.people.registration import held_in_order, of_addresses

ASKING_LOCK = 8415_2020  # the number of PostgreSQL's advisory lock, beside MIGRATION_LOCK
AHEAD = 48  # windows: what would have to wait longer is put into the last of them
HOUR = limits.CONFIRM_EMAILS.within
ALERTS = Limit("alerts that emails are held back", 1, HOUR)
SHOWN_FOR = timedelta(hours=24)  # so long the desk shows that emails were held back


class Turn(NamedTuple):
    """When an email may go out: after this wait. `key` is None, or names the wait that it shares with others."""

    wait: timedelta
    key: str | None
    is_capped: bool  # it waits since far more is asked than people ask
    counted: Sequence[Row]


def mailbox(email: str) -> str:
    """The address without its +tag, which leads to the same person. For counting, never to tell people apart."""
    local, at, domain = email.partition("@")
    return local.partition("+")[0] + at + domain


def counted(network: str, email: str) -> list[Counted]:
    """By which limits, and whose, `turn_in` counts."""
    return [
        (limits.CONFIRM_EMAILS, _from_here(network, email)),
        (limits.EMAILS_TO_ONE_MAILBOX, mailbox(email)),
        (limits.EMAILS_FROM_NETWORK, network),
        (limits.EMAILS_TO_ALL_WHO_ASK, ""),
    ]


def turn_in(tally: Tally, network: str, email: str, real: datetime) -> Turn:
    """The turn of a new request. A network that asks too often for one mailbox has one email an hour waiting there,
    with its newest answers; all others get one each. Beyond its share a network waits in a queue of its own, so that it
    holds up nobody else. Who is capped by the limit on all emails is to be alerted of."""
    before = len(tally.added)
    if not tally.count(limits.CONFIRM_EMAILS, _from_here(network, email), real):
        slot = int(real.timestamp()) // int(HOUR.total_seconds())
        return Turn(HOUR, keys.keyed_hash("held back", f"{network}|{slot}"), is_capped=False, counted=())
    to_mailbox = tally.book(limits.EMAILS_TO_ONE_MAILBOX, mailbox(email), real, AHEAD)
    own = tally.book(limits.EMAILS_FROM_NETWORK, network, real, AHEAD) if network else timedelta()
    for_all = tally.book(limits.EMAILS_TO_ALL_WHO_ASK, "", real + own, AHEAD - own // HOUR)
    return Turn(max(to_mailbox, own + for_all), None, bool(for_all), tally.added[before:])


@within_tx
async def turn(event: Event, network: str, email: str, at: datetime, real: datetime) -> Turn:
    """As `turn_in`, of one email alone, with the alert."""
    turn = await tallying.together(counted(network, email), lambda tally: turn_in(tally, network, email, real))
    if turn.is_capped:
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


async def may_repeat(network: str, email: str, real: datetime) -> bool:
    """Whether an email may go out once more now. If not, it is not held: its content was sent before."""
    here = await limits.count(limits.CONFIRM_EMAILS, _from_here(network, email), real)
    to_mailbox = await limits.count(limits.EMAILS_TO_ONE_MAILBOX, mailbox(email), real)
    share = await limits.count(limits.EMAILS_FROM_NETWORK, network, real)
    return all([here, to_mailbox, share]) and await limits.count(limits.EMAILS_TO_ALL_WHO_ASK, "", real)


async def since(event: Event, at: datetime) -> datetime | None:
    """When the cap on all emails was last reached, for a day afterwards: the desk shows it."""
    held = [event.id, Action.EMAILS_HELD_BACK.value, at - SHOWN_FOR]
    newest = await find_row(AuditEntry, "event_id = ? AND action = ? AND at > ? ORDER BY id DESC LIMIT 1", held)
    return newest.at if newest else None


def _from_here(network: str, email: str) -> str:
    return f"{network}|{mailbox(email)}"


@within_tx
async def alert(event: Event, at: datetime, real: datetime) -> None:
    """Alerts organisers, once an hour, that far more is asked than people ask."""
    if await limits.count(ALERTS, str(event.id), real):
        most = limits.EMAILS_TO_ALL_WHO_ASK.tries
        await audit.record(Action.EMAILS_HELD_BACK, event, by=None, at=at, event_id=event.id, an_hour=most)
