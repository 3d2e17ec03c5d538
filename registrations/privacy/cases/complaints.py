"""Complaints about data protection: taken from anybody, acknowledged at once, and answered with an outcome.

`at` is the event's time, `real` the machine's.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import keys, limits
from events.ground.database import query, run_tx
from events.ground.limiting import tallying
from events.ground.limiting.tallying import Tally
from events.ground.refusal import TooMany
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.asking.held_back import AHEAD, mailbox
from registrations.codes import ticket_code

from . import casework
from . import complaint as sealed_for
from .case import said_in
from .complaint import Complaint, Outcome

RECEIVED = "complaint_received"  # the template for whoever complains


class Written(NamedTuple):
    """What somebody tells us; the address in its normal form."""

    name: str
    email: str
    account: str


async def make(
    event: Event, written: Written, network: str, at: datetime, real: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
) -> None:  # fmt: skip
    """Keeps it, queues the acknowledgement and tells the leads. The same words sent twice are one complaint.

    Leads are told of the first of a network at once, and of all others together at the end of the hour. Raises Refused
    when one network sends very many. An acknowledgement over the limits waits; the complaint never does.
    """
    if not await limits.count(limits.COMPLAINTS_FROM_NETWORK, network, real):
        raise TooMany
    await _make(event, written, network, at, real, draw)


@run_tx
async def _make(
    event: Event, written: Written, network: str, at: datetime, real: datetime, draw: Callable[[], str]
) -> None:
    made = await _kept(event, written, at, draw)
    if made is None:
        return
    await audit.record(Action.COMPLAINT_RECEIVED, made, by=None, at=at)
    to_mailbox, to_all = (limits.ACKNOWLEDGEMENTS_TO_MAILBOX, mailbox(written.email)), (limits.ACKNOWLEDGEMENTS, "")
    told, first = (limits.COMPLAINTS_TOLD, str(event.id)), (limits.COMPLAINTS_TOLD_FIRST, network)

    def decided(tally: Tally) -> tuple[timedelta, bool]:
        wait = max(tally.book(*to_mailbox, real, AHEAD), tally.book(*to_all, real, AHEAD))
        return wait, tally.has_room(*told, real) and tally.count(*first, real) and tally.count(*told, real)

    wait, is_told_alone = await tallying.together([to_mailbox, to_all, told, first], decided)
    due = real + wait if wait else EPOCH
    await outbox.put(RECEIVED, made.id, cause="received", at=at, event_id=event.id, due=due)
    if is_told_alone:  # the first of each network, so that no flood hides what somebody else says
        await casework.tell_leads(made, casework.OPENED, at)
    else:
        hour = int(real.timestamp()) // 3600 + 1
        await casework.tell_together(made, f"came {hour}", at, datetime.fromtimestamp(hour * 3600, UTC))


INSERT = """INSERT INTO complaint (event_id, reference, name_sealed, email_sealed, account_sealed, same_as, received_at,
    reminded, version) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT DO NOTHING RETURNING id"""


async def _kept(event: Event, written: Written, at: datetime, draw: Callable[[], str]) -> Complaint | None:
    """None when the same is open already. A reference that is taken is drawn anew."""
    hashes = keys.keyed_hashes(sealed_for.SAME_AS, said_in(*written) or "")
    while not await Complaint.filter(event_id=event.id, same_as__in=hashes, closed_at=None).exists():
        if rows := await query(INSERT, [event.id, *_sealed(written, f"C-{draw()}"), hashes[0], at]):
            return await Complaint.get(id=rows[0]["id"])
    return None


def _sealed(written: Written, reference: str) -> list[str | bytes]:
    purposes = (sealed_for.NAME, sealed_for.EMAIL, sealed_for.ACCOUNT)
    return [reference, *(keys.seal(purpose, text, reference) for purpose, text in zip(purposes, written, strict=True))]


@run_tx
async def acknowledge(complaint: Complaint, by: Actor, at: datetime) -> None:
    """Somebody has acknowledged it by other means than our email. Saying so twice does no harm."""
    open_still = Complaint.filter(id=complaint.id, closed_at=None, acknowledged_at=None)
    if await open_still.update(acknowledged_at=at):
        await audit.record(Action.COMPLAINT_ACKNOWLEDGED, complaint, by=by, at=at)


@run_tx
async def confirm(complaint: Complaint, by: Actor, at: datetime) -> None:
    """Whoever reads its address has shown that they sent it: from now on it is in a copy of what is held about them.
    Saying so twice does no harm, nor does it matter whether it is closed."""
    if await Complaint.filter(id=complaint.id, confirmed_at=None).update(confirmed_at=at):
        await audit.record(Action.COMPLAINT_CONFIRMED, complaint, by=by, at=at)


@run_tx
async def close_unconfirmed(
    event: Event, seen: Mapping[int, int], outcome: Outcome, finding: str, by: Actor, at: datetime
) -> int:
    """Notes one outcome for several that nobody has shown to be theirs, as in a flood, and closes them. `seen`: their
    versions on the page, by id. How many: whichever somebody has confirmed, changed or closed since stays as it is, and
    so does one with an outcome of its own."""
    closed = list[Complaint]()
    theirs = Complaint.filter(id__in=list(seen), event_id=event.id, confirmed_at=None, outcome=None)
    for complaint in await theirs.order_by("id"):
        noted = keys.seal(sealed_for.FINDING, finding, complaint.reference)
        as_seen = Complaint.filter(id=complaint.id, closed_at=None, confirmed_at=None, version=seen[complaint.id])
        done = {"outcome": outcome, "finding_sealed": noted, "closed_at": at, "version": seen[complaint.id] + 1}
        closed += [complaint] if await as_seen.update(**done) else []
    for complaint in closed:
        await audit.record(Action.COMPLAINT_OUTCOME, complaint, by=by, at=at, outcome=outcome.value)
        await audit.record(Action.COMPLAINT_CLOSED, complaint, by=by, at=at)
    return len(closed)


@run_tx
async def note_outcome(
    complaint: Complaint, outcome: Outcome, finding: str, seen: int, by: Actor, at: datetime
) -> bool:
    """Notes or replaces the outcome. `seen`: the version on the page; False if somebody else has changed it since.

    Raises Refused when it is closed.
    """
    finding_sealed = keys.seal(sealed_for.FINDING, finding, complaint.reference)
    if not await casework.change(complaint, seen, outcome=outcome, finding_sealed=finding_sealed):
        return False
    await audit.record(Action.COMPLAINT_OUTCOME, complaint, by=by, at=at, outcome=outcome.value)
    return True
