"""Complaints about data protection: taken from anybody, acknowledged at once, looked into, closed, and then deleted.

`at` is the event's time, `real` the machine's.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from events.accounts.lead_alerts import leads_of
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import keys, limits, wording
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.asking.held_back import AHEAD, mailbox
from registrations.codes import ticket_code

from . import complaint as sealed_for
from .complaint import Complaint, Outcome

RECEIVED, ALERT = "complaint_received", "complaint_alert"  # templates: for whoever complains, for the leads
KEPT_FOR = timedelta(days=365)  # after it is closed
BATCH = 200
NO_OUTCOME = "A complaint is closed with its outcome. Note the outcome first."
CHANGED = "Someone else has changed this complaint since you opened its page. Look at it again, then decide."
OVER = "This complaint is closed, so nothing about it can be changed any more."


class Written(NamedTuple):
    """What somebody tells us; the address in its normal form."""

    name: str
    email: str
    account: str


@run_tx
async def make(
    event: Event, written: Written, network: str, at: datetime, real: datetime,
    draw: Callable[[], str] = ticket_code.new_reference,
) -> None:  # fmt: skip
    """Keeps it, queues the acknowledgement and tells the leads. The same words sent twice are one complaint.

    Raises Refused when one network sends very many. An acknowledgement over the limits waits; the complaint never does.
    """
    if not await limits.count(limits.COMPLAINTS_FROM_NETWORK, network, real):
        raise Refused(wording.TOO_MANY_REQUESTS, 429)
    made = await _kept(event, written, at, draw)
    if made is None:
        return
    await audit.record(Action.COMPLAINT_RECEIVED, made, by=None, at=at)
    wait = max(
        await limits.book(limits.ACKNOWLEDGEMENTS_TO_MAILBOX, mailbox(written.email), real, AHEAD),
        await limits.book(limits.ACKNOWLEDGEMENTS, "", real, AHEAD),
    )
    due = real + wait if wait else EPOCH
    await outbox.put(RECEIVED, made.id, cause="received", at=at, event_id=event.id, due=due)
    if await limits.count(limits.COMPLAINTS_TOLD, str(event.id), real):  # else the desk's list alone shows it
        await _tell_leads(made, 0, at)


INSERT = """INSERT INTO complaint (event_id, reference, name_sealed, email_sealed, account_sealed, same_as, received_at,
    reminded, version) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT DO NOTHING RETURNING id"""


async def _kept(event: Event, written: Written, at: datetime, draw: Callable[[], str]) -> Complaint | None:
    """None when the same is open already. A reference that is taken is drawn anew."""
    same_as = keys.keyed_hash("complaint", json.dumps(written))
    while not (rows := await query(INSERT, [event.id, *_sealed(written, f"C-{draw()}"), same_as, at])):
        if await Complaint.filter(event_id=event.id, same_as=same_as, closed_at=None).exists():
            return None
    return await Complaint.get(id=rows[0]["id"])


def _sealed(written: Written, reference: str) -> list[str | bytes]:
    purposes = (sealed_for.NAME, sealed_for.EMAIL, sealed_for.ACCOUNT)
    return [reference, *(keys.seal(purpose, text, reference) for purpose, text in zip(purposes, written, strict=True))]


@within_tx
async def _tell_leads(complaint: Complaint, stage: int, at: datetime) -> None:
    """`stage`: 0 when it came in, then the number of the reminder. The leads of both hosts are told, each once."""
    for role in await leads_of(complaint.event_id):
        cause = f"complaint {complaint.id} {stage}"
        await outbox.put(ALERT, role.staff_id, cause=cause, at=at, event_id=complaint.event_id)


@run_tx
async def acknowledge(complaint: Complaint, by: Actor, at: datetime) -> None:
    """Somebody has acknowledged it by other means than our email. Saying so twice does no harm."""
    open_still = Complaint.filter(id=complaint.id, closed_at=None, acknowledged_at=None)
    if await open_still.update(acknowledged_at=at):
        await audit.record(Action.COMPLAINT_ACKNOWLEDGED, complaint, by=by, at=at)


@run_tx
async def note_outcome(
    complaint: Complaint, outcome: Outcome, finding: str, seen: int, by: Actor, at: datetime
) -> bool:
    """Notes or replaces the outcome. `seen`: the version on the page; False if somebody else has changed it since.

    Raises Refused when it is closed.
    """
    if await Complaint.filter(id=complaint.id, closed_at__not_isnull=True).exists():
        raise Refused(OVER)
    as_seen = Complaint.filter(id=complaint.id, closed_at=None, version=seen)
    noted = {"outcome": outcome, "finding_sealed": keys.seal(sealed_for.FINDING, finding, complaint.reference)}
    if not await as_seen.update(**noted, version=seen + 1):
        return False
    await audit.record(Action.COMPLAINT_OUTCOME, complaint, by=by, at=at, outcome=outcome.value)
    return True


@run_tx
async def close(complaint: Complaint, seen: int, by: Actor, at: datetime) -> None:
    """Raises Refused without an outcome, and when it is no longer as it was seen. Twelve months later it is deleted."""
    as_seen = Complaint.filter(id=complaint.id, closed_at=None, version=seen)
    if not await as_seen.filter(outcome__not_isnull=True).update(closed_at=at, version=seen + 1):
        raise Refused(NO_OUTCOME if await as_seen.filter(outcome=None).exists() else CHANGED)
    await audit.record(Action.COMPLAINT_CLOSED, complaint, by=by, at=at)


async def remind(at: datetime) -> int:
    """Reminds the leads of open complaints whose time it is; of the newest stage only, if the server was away."""
    waiting = await Complaint.filter(closed_at=None, reminded__lt=len(sealed_for.REMINDED_AFTER)).order_by("id")
    return sum([await _remind(complaint, complaint.reminders_due(at), at) for complaint in waiting])


@run_tx
async def _remind(complaint: Complaint, stage: int, at: datetime) -> bool:
    """Of several servers one reminds, and each stage comes once."""
    if not await Complaint.filter(id=complaint.id, closed_at=None, reminded__lt=stage).update(reminded=stage):
        return False
    await audit.record(Action.COMPLAINT_REMINDED, complaint, by=None, at=at)
    await _tell_leads(complaint, stage, at)
    return True


async def forget_closed(at: datetime) -> int:
    """Deletes what was closed twelve months ago."""
    due = Complaint.filter(closed_at__lte=at - KEPT_FOR).order_by("id").limit(BATCH)
    return sum([await _forget(complaint, at) for complaint in await due])


@run_tx
async def _forget(complaint: Complaint, at: datetime) -> bool:
    if not await Complaint.filter(id=complaint.id).delete():
        return False
    await audit.record(Action.COMPLAINT_DELETED, complaint, by=None, at=at)
    return True
